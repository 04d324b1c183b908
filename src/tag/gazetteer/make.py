#!/usr/bin/env python3
"""Makes companies.jsonl, the built-in gazetteer, from curated lists and public facts.

    python3 src/tag/gazetteer/make.py --facts FOLDER --words /usr/share/dict/american-english

Reads
  curated/*.jsonl           written by hand; they win over everything else
  FOLDER/index-companies.jsonl, FOLDER/sp500-constituents.csv
                            members of the main stock indices of the world: names, tickers, country, industry
  FOLDER/legal-forms-iso20275/*.csv
                            legal forms of the world, to strip them from names
  FOLDER/sec-company-tickers.csv, FOLDER/us-listings.csv
                            companies listed in the United States: names, tickers, country, industry
  FOLDER/world-equities.csv companies listed at home elsewhere
  FOLDER/acquisitions-to-2014/Acquisitions.csv, FOLDER/acquisitions-to-2021.csv
                            since when a division has belonged to its company
  --words                   an English word list with proper names in it; Debian's wamerican has one

and writes companies.jsonl, a company a line, sorted by id. The format is described in README.md. The same input gives
the same bytes.

What is decided here and not by hand: which companies of the facts are ones that a curated list already has (same ticker
or same name), what their short names are (the legal form stripped), and which of those names are weak:

- a word of the dictionary, which also has first names, surnames and places;
- two or more words that are all generic in the names of companies ("National Energy"), or all proper names ("San Juan"),
  and of companies that are known from the lists of exchanges alone any two words of the dictionary;
- fewer than four characters;
- the name of two companies;
- of companies that are known from the lists of exchanges alone, a single word of fewer than eight letters, and any of
  a Japanese company: a surname or place as often. A word of the dictionary is no name of such a company at all.

A symbol is never a name.
"""

import argparse
import csv
import itertools
import json
import re
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent
LISTS = ["legal", "aliases", "weak", "tickers", "former", "people", "epithets", "domains", "veto", "cues", "divisions"]
ORDER = ["id", "name", "kind", "legal", "aliases", "weak", "tickers", "sector", "industry", "country", "former", "people",
         "epithets", "domains", "veto", "cues", "divisions"]
DIVISION_ORDER = ["id", "name", "kind", "aliases", "weak", "veto", "cues", "since", "until"]

# Exchange codes as the facts write them, and ours.
EXCHANGES = {"NYSE": "NYSE", "NASDAQ": "NASDAQ", "LON": "LSE", "EPA": "EPA", "AMS": "AMS", "BIT": "BIT", "BME": "BME",
             "TYO": "TYO", "HKG": "HKEX", "STO": "STO", "HEL": "HEL", "CPH": "CPH", "SWX": "SIX", "VTX": "SIX",
             "TSE": "TSX", "ASX": "ASX", "NSE": "NSE", "KRX": "KRX", "ETR": "XETRA", "WSE": "WSE", "VIE": "VIE",
             "EBR": "EBR", "ELI": "ELI", "OSL": "OSL"}
# Suffixes of ticker symbols.
SUFFIXES = {"L": "LSE", "PA": "EPA", "AS": "AMS", "DE": "XETRA", "MI": "BIT", "MC": "BME", "T": "TYO", "HK": "HKEX",
            "ST": "STO", "HE": "HEL", "CO": "CPH", "SW": "SIX", "TO": "TSX", "AX": "ASX", "NS": "NSE", "KS": "KRX",
            "BR": "EBR", "VI": "VIE", "LS": "ELI", "OL": "OSL"}
COUNTRIES = {"United States": "US", "United Kingdom": "GB", "UK": "GB", "Germany": "DE", "France": "FR", "Netherlands": "NL",
             "Italy": "IT", "Spain": "ES", "Japan": "JP", "Sweden": "SE", "Finland": "FI", "Denmark": "DK",
             "Switzerland": "CH", "Ireland": "IE", "Belgium": "BE", "Luxembourg": "LU", "Austria": "AT", "Norway": "NO",
             "Canada": "CA", "Australia": "AU", "China": "CN", "Hong Kong": "HK", "India": "IN", "South Korea": "KR",
             "Brazil": "BR", "Israel": "IL", "Bermuda": "BM", "Russia": "RU", "Poland": "PL", "Portugal": "PT",
             "Singapore": "SG", "Mexico": "MX", "Argentina": "AR", "Uruguay": "UY", "South Africa": "ZA", "Cyprus": "CY",
             "Taiwan": "TW", "Puerto Rico": "US"}
# Forms that the standard lists under longer names, and words that stand at the end of a legal name.
FORMS = """inc incorporated corp corporation co company cos companies ltd limited plc llc lp llp l.p. ag se sa nv n.v. s.a.
s.p.a. spa ab asa oyj oy a/s as kgaa gmbh kg bv b.v. sab cv s.a.b. de c.v. pcl bhd tbk pt kk k.k. holdings holding group the
(publ) s.e. trust""".split()
# Words that are left on when nothing else would be.
KEEP = {"group", "holdings", "holding", "company", "companies", "trust", "co"}


def fold(text):
    """Lower case without accents and punctuation: the form in which names are compared."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9&+]+", " ", text).strip()


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", fold(text).replace("&", " ").replace("+", " plus ")).strip("-")


class Stripper:
    """Takes legal forms off the end of a name."""

    def __init__(self, folder):
        forms = set(FORMS)
        for path in sorted((folder / "legal-forms-iso20275").glob("*.csv")):
            with open(path, encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    for column in ("Abbreviations Local language", "Abbreviations transliterated"):
                        for form in (row.get(column) or "").split(";"):
                            form = form.strip().lower()
                            # Longer ones are words of the language, shorter ones would eat initials.
                            if 2 <= len(form) <= 8 and " " not in form:
                                forms.add(form)
        self.forms = forms | {form.replace(".", "") for form in forms}

    def short(self, name):
        name = re.sub(r"\s*\([^)]*\)\s*$", "", name.strip()).replace("’", "'")
        words = re.sub(r",(?=\S)", ", ", name).split()
        if words and words[0].lower() == "the" and len(words) > 2:
            words = words[1:]
        while len(words) > 1:
            last = words[-1].strip(",").lower()
            if last in ("&", "and"):
                words = words[:-1]
                continue
            if last.rstrip(".") not in self.forms and last not in self.forms:
                break
            # "Southern Company" and "Trip.com Group": a single word would be left that says something else.
            if last in KEEP and len(words) == 2 and not name.endswith("."):
                break
            words = words[:-1]
        return " ".join(words).strip(" ,")


def read_curated():
    companies = {}
    for path in sorted((HERE / "curated").glob("*.jsonl")):
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            if not line.strip():
                continue
            try:
                company = json.loads(line)
                known = companies.setdefault(company["id"], company)
            except (ValueError, KeyError) as error:
                sys.exit(f"{path.name}:{number}: {error}")
            if known is not company:
                merge(known, company)
    return companies


def merge(known, other):
    """Adds what another line says of the same company. The first one's scalar fields stand."""
    for key, value in other.items():
        if key == "divisions":
            mine = known.setdefault("divisions", [])
            ids = {division["id"] for division in mine}
            names = {fold(name) for division in mine for name in [division["name"], *division.get("aliases", [])]}
            mine.extend(d for d in value if d["id"] not in ids and fold(d["name"]) not in names)
        elif key in LISTS:
            known[key] = known.get(key, []) + [item for item in value if item not in known.get(key, [])]
        else:
            known.setdefault(key, value)


def names_of(company):
    yield company["name"]
    yield from company.get("legal", [])
    yield from company.get("aliases", [])
    for former in company.get("former", []):
        yield former["name"]


def read_facts(folder):
    """Rows {name, tickers, country, sector, industry}, the S&P 500 first because it has sectors."""
    with open(folder / "sp500-constituents.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {"name": row["Security"], "symbol": row["Symbol"], "tickers": [], "country": "US",
                   "sector": row["GICS Sector"], "industry": row["GICS Sub-Industry"]}
    for line in open(folder / "index-companies.jsonl", encoding="utf-8"):
        row = json.loads(line)
        place = row.get("country") or ""
        symbol = row.get("symbol") or ""
        tickers = set()
        for listed in row.get("symbols", []):
            exchange, _, code = (listed.get("google") or "").partition(":")
            if code and exchange in EXCHANGES:
                tickers.add(f"{EXCHANGES[exchange]}:{code}")
        stem, _, suffix = symbol.rpartition(".")
        if stem and suffix in SUFFIXES:
            tickers.add(f"{SUFFIXES[suffix]}:{stem}")
        country = COUNTRIES.get(place) or ("US" if ", " in place else None)
        # London's order-book numbers (0QJM) are no tickers that anybody writes.
        tickers = sorted(t for t in tickers if not re.match(r"LSE:0\w{3}$", t))
        yield {"name": row["name"], "symbol": symbol, "tickers": tickers, "country": country}


# What stands behind the name in lists of shares.
SHARE = re.compile(r"\s*[,-]?\s*\b(Class [A-Z]|Common (Stock|Shares?|Units?)|Ordinary Shares?|American Depositary|Depositary|ADRs?|ADS|"
                   r"Sponsored|Subordinate|Limited (Voting|Partner)|Shares? of|Capital Stock|\(DE\)|\(REIT\)|New Common|Voting).*$", re.I)
# Securities and shells that are no companies.
NO_COMPANY = re.compile(r"\b(warrants?|rights?|units?|preferred|notes?|etf|etn|fund|funds|acquisition|blank checks|spac|bond|debentures?|"
                        r"certificates?|trust preferred|income trust|royalty trust|closed.end|index|tracker|beneficial|portfolio|municipal|"
                        r"grayscale|bitcoin|ethereum|proshares|ishares|vaneck|capital trust|depositary sh)\b|%", re.I)
# Exchanges of the world with the country whose companies they list, and the name of the exchange here.
HOME = {"JPX": ("Japan", "TYO"), "LSE": ("United Kingdom", "LSE"), "HKG": ("Hong Kong", "HKEX"), "ASX": ("Australia", "ASX"),
        "TOR": ("Canada", "TSX"), "PAR": ("France", "EPA"), "STO": ("Sweden", "STO"), "KSC": ("South Korea", "KRX"),
        "EBS": ("Switzerland", "SIX"), "GER": ("Germany", "XETRA"), "MIL": ("Italy", "BIT"), "MCE": ("Spain", "BME"),
        "AMS": ("Netherlands", "AMS"), "BRU": ("Belgium", "EBR"), "CPH": ("Denmark", "CPH"), "OSL": ("Norway", "OSL"),
        "HEL": ("Finland", "HEL"), "VIE": ("Austria", "VIE"), "LIS": ("Portugal", "ELI"),
        "JNB": ("South Africa", "JSE"), "MEX": ("Mexico", "BMV"), "SAO": ("Brazil", "B3"), "NSE": ("India", "NSE"),
        "TLV": ("Israel", "TASE"), "SES": ("Singapore", "SGX"), "NZE": ("New Zealand", "NZX")}
CODES = {"Greece": "GR", "New Zealand": "NZ", "Turkey": "TR"}
SMALL = {"OF": "of", "AND": "and", "THE": "the", "DE": "de", "FOR": "for", "IN": "in", "PLC": "plc"}


def readable(name):
    """A name in capitals in the case that readers use; any other as it is."""
    name = re.sub(r"\s*/[A-Z]{2,4}/?\s*$", "", name.strip())
    name = re.sub(r"\s*\\[A-Z]{2}\\?$", "", name)
    if not name.isupper():
        return name
    words = []
    for number, word in enumerate(name.split()):
        plain = word.strip(".,")
        if number and plain in SMALL:
            words.append(word.replace(plain, SMALL[plain]))
        elif len(plain) <= 4 and not re.search(r"[AEIOUY]", plain) and plain not in ("LTD", "CORP", "BROS"):
            words.append(word)
        elif plain in ("USA", "US", "UK", "AG", "SA", "NV", "SE", "AB", "II", "III", "IV", "AI", "IT", "EU", "LLC", "LP"):
            words.append(word)
        else:
            words.append("".join(part.capitalize() for part in re.split(r"([-'&./])", word)).replace("'S", "'s"))
    return " ".join(words)


def read_listings(folder):
    """Companies with shares in the United States: one row for each registrant, with its best symbol."""
    listings = {}
    with open(folder / "us-listings.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["name"].strip()
            if NO_COMPANY.search(SHARE.sub("", name)) or NO_COMPANY.search(row["industry"] or "") or "^" in row["symbol"]:
                continue
            listings[row["symbol"].replace("/", "-")] = row
    exchanges = {"NYSE": "NYSE", "Nasdaq": "NASDAQ", "CBOE": "CBOE"}
    seen = set()
    with open(folder / "sec-company-tickers.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed = listings.get(row["ticker"])
            if row["cik"] in seen or row["exchange"] not in exchanges or NO_COMPANY.search(row["name"]):
                continue
            if listed is None and re.search(r"\b(trust|partners|lp)\b", row["name"], re.I):
                continue
            seen.add(row["cik"])
            name = SHARE.sub("", listed["name"]).strip() if listed else readable(row["name"])
            country = (listed or {}).get("country") or ""
            yield {"name": readable(name), "other": readable(row["name"]), "symbol": row["ticker"],
                   "tickers": [f"{exchanges[row['exchange']]}:{row['ticker']}"],
                   "country": COUNTRIES.get(country) or CODES.get(country) or (None if country else "US"),
                   "sector": (listed or {}).get("sector") or None, "industry": (listed or {}).get("industry") or None,
                   "is_listing": True}


def read_world(folder):
    """Companies that are listed in their own country."""
    with open(folder / "world-equities.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            country, exchange = HOME.get(row["exchange"], (None, None))
            if row["country"] != country or not row["sector"] or not row["industry"] or NO_COMPANY.search(row["name"]):
                continue
            name = readable(row["name"])
            stem = row["symbol"].rpartition(".")[0]
            if not re.fullmatch(r"[A-Z0-9&-]{1,12}", stem) or len(name) < 4 or re.search(r"\d[.,]\d|\bORD\b", name):
                continue
            yield {"name": name, "symbol": "", "tickers": [f"{exchange}:{stem}"],
                   "country": COUNTRIES.get(country) or CODES.get(country), "sector": row["sector"],
                   "industry": row["industry"], "is_listing": True}


def read_acquisitions(folder):
    """(buyer, bought) → year, of whole companies."""
    years = {}
    with open(folder / "acquisitions-to-2014" / "Acquisitions.csv", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            year = (row.get("Year of acquisition announcement") or "").strip()
            if re.fullmatch(r"(19|20)\d\d", year):
                years[fold(row["Acquiring Company"]), fold(row["Acquired Company"])] = year
    with open(folder / "acquisitions-to-2021.csv", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            year = (row.get("Acquisition Year") or "").strip()
            if re.fullmatch(r"(19|20)\d\d", year):
                years.setdefault((fold(row["Parent Company"]), fold(row["Acquired Company"])), year)
    return years


def add_years(companies, years):
    """Years of purchase for divisions without one. What bears the owner's name was never bought."""
    for company in companies.values():
        names = {fold(name) for name in names_of(company)} | {company["id"].replace("-", " ")}
        for division in company.get("divisions", []):
            if division.get("since") or division.get("until") or division.get("kind") == "segment":
                continue
            called = [division["name"], *division.get("aliases", [])]
            found = [years[name, fold(other)] for name in names for other in called if (name, fold(other)) in years]
            if found:
                division["since"] = max(found)


def read_exchanges(folder):
    """Symbol → exchange of the companies that report to the SEC."""
    names = {"NYSE": "NYSE", "Nasdaq": "NASDAQ"}
    with open(folder / "sec-company-tickers.csv", encoding="utf-8", newline="") as file:
        return {row["ticker"]: names[row["exchange"]] for row in csv.DictReader(file) if row["exchange"] in names}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--facts", type=Path, required=True)
    options.add_argument("--words", type=Path, required=True)
    options.add_argument("--out", type=Path, default=HERE / "companies.jsonl")
    options = options.parse_args()
    words = {line.strip() for line in open(options.words, encoding="utf-8")}
    common = {word for word in words if word.islower()}
    capitalised = {word.lower() for word in words}
    stripper = Stripper(options.facts)
    exchanges = read_exchanges(options.facts)
    companies = read_curated()
    curated = set(companies)

    by_name, by_ticker = {}, {}
    listings = set()
    division_names = set()
    for company in companies.values():
        for name in names_of(company):
            by_name.setdefault(fold(name), company)
            by_name.setdefault(fold(stripper.short(name)), company)
        for ticker in company.get("tickers", []):
            by_ticker[ticker] = company
            by_ticker.setdefault(ticker.split(":")[-1] if ticker.startswith(("NYSE:", "NASDAQ:")) else ticker, company)
        for division in company.get("divisions", []):
            division_names.add(fold(division["name"]))

    for row in itertools.chain(read_facts(options.facts), read_listings(options.facts), read_world(options.facts)):
        name = re.sub(r"\s*\((corporation|company|class [abc]|retailer|bank|[a-z ]+)\)$", "", row["name"].strip(), flags=re.I)
        short = stripper.short(name)
        if len(fold(short)) < 2:
            continue
        symbol = row["symbol"]
        is_listing = row.get("is_listing", False)
        us_symbol = symbol if symbol and "." not in symbol and (row["country"] == "US" or is_listing) else None
        known = by_name.get(fold(name)) or by_name.get(fold(short))
        known = known or (by_name.get(fold(stripper.short(row["other"]))) if row.get("other") else None)
        known = known or next((by_ticker[t] for t in row["tickers"] if t in by_ticker), None)
        known = known or (by_ticker.get(us_symbol) if us_symbol else None)
        if known is None:
            if fold(short) in division_names:
                continue  # a curated list says whose it is
            identity = slug(short)
            if not identity or identity in companies:
                identity = slug(name)
            if not identity or identity in companies:
                continue
            known = companies[identity] = {"id": identity, "name": short, "kind": "listed"}
            if is_listing:
                listings.add(identity)
                # "Record plc": by the bare word nobody would mean so small a company.
                if fold(short) in common:
                    known["name"] = name
            by_name[fold(short)] = by_name[fold(name)] = known
        if name != known["name"] and name not in known.get("legal", []) and known["id"] not in curated:
            known.setdefault("legal", []).append(name)
        for key in ("sector", "industry", "country"):
            if row.get(key):
                known.setdefault(key, row[key])
        tickers = list(row["tickers"])
        if us_symbol in exchanges:
            tickers.append(f"{exchanges[us_symbol]}:{us_symbol}")
        for ticker in tickers:
            if ticker not in by_ticker and known.get("kind") != "outlet":
                known.setdefault("tickers", []).append(ticker)
                by_ticker[ticker] = known
        if us_symbol:
            by_ticker.setdefault(us_symbol, known)

    add_years(companies, read_acquisitions(options.facts))
    decide_weak(companies, curated, listings, common, capitalised)
    write(companies, options.out)
    divisions = sum(len(company.get("divisions", [])) for company in companies.values())
    print(f"{len(companies)} companies ({len(curated)} curated), {divisions} divisions, "
          f"{options.out.stat().st_size:,} bytes")


# Words that companies of all sorts have in their names.
GENERIC = set("""national american united first global general international capital financial finance bank bancorp group holdings
energy resources industries industrial technologies technology systems services partners community trust insurance health care
healthcare medical solutions digital data media communications networks network power water gold silver oil gas steel metals
mining development pacific atlantic western eastern northern southern central new city state home homes life science sciences
software security world universal standard premier advanced applied integrated modern smart green clean blue red north south
east west america europe asia china india japan canada australia british european asian chinese indian japanese canadian
australian texas california florida york london the of and & for real estate properties property land investment investments
investors asset management equity credit savings federal mutual growth income value assets infrastructure construction materials
products foods food brands consumer retail stores auto motors motor marine air airlines transport transportation logistics
shipping lines freight rail wireless mobile telecom cable interactive entertainment games gaming sports education learning
research bio biotech pharma pharmaceuticals pharmaceutical therapeutics biosciences diagnostics laboratories labs robotics
space aerospace defense electric electronics electrical semiconductor semiconductors micro chemical chemicals plastics paper
packaging wood agricultural farms farm fresh best one two three pro prime core key direct express central summit liberty
heritage pioneer frontier enterprise enterprises corporation company companies commercial business office equipment tools
machinery machine engineering environmental waste solar wind nuclear uranium lithium copper iron ore hotels resorts leisure
travel fashion luxury beauty personal pet pets family children women baby""".split())


def decide_weak(companies, curated, listings, common, capitalised):
    proper = capitalised - common
    holders = {}
    for company in companies.values():
        for name in {company["name"], *company.get("aliases", [])}:
            holders.setdefault(fold(name), set()).add(company["id"])
    for company in companies.values():
        weak = company.setdefault("weak", [])
        for name in [company["name"], *company.get("aliases", [])]:
            folded = fold(name)
            # Who wrote a list by hand has said which names of a company are words. The word list has proper names too,
            # so that it tells of the others more than it should: they are weak rather than wrong.
            parts = folded.split()
            is_word = len(parts) == 1 and folded in capitalised and company["id"] not in curated
            if company["id"] in listings:
                # A short word that is in no dictionary is a surname or a place as often.
                is_coined = len(folded) >= 8 or re.search(r"[a-z][A-Z]|\d", name)
                is_word |= len(parts) == 1 and (company.get("country") == "JP" or not is_coined)
                is_word |= all(part in GENERIC for part in parts) or all(part in proper for part in parts)
                is_word |= len(parts) == 2 and all(part in capitalised or part in GENERIC for part in parts)
                # "Suns" and "Leidos": the plural of a word is one too.
                is_word |= len(parts) == 1 and folded.endswith("s") and folded[:-1] in capitalised
            is_short = len(folded.replace(" ", "")) < 4 and not any(c.isdigit() for c in folded)
            # "1&1" and "Strategy&" are read as "1 and 1" and "strategy".
            is_short |= not re.search(r"[a-z]", folded) or folded.endswith("&")
            if (is_word or is_short or len(holders[folded]) > 1) and name not in weak:
                weak.append(name)
        # A share in something and a deal are no parts of a company.
        company["divisions"] = [
            division for division in company.get("divisions", [])
            if not re.search(r"\b(stake|buyout|deal|venture fund|investment|sponsorship)$", division["name"], re.I)
        ]
        for division in company["divisions"]:
            weak = division.setdefault("weak", [])
            for name in [division["name"], *division.get("aliases", [])]:
                folded = fold(name)
                is_word = " " not in folded and folded in common
                is_short = len(folded.replace(" ", "")) < 4 and not any(c.isdigit() for c in name)
                is_short |= not re.search(r"[a-z]", folded) or folded.endswith("&")
                if (is_word or is_short) and name not in weak:
                    weak.append(name)


def tidy(entry, order):
    return {key: entry[key] for key in order if entry.get(key) not in (None, "", [])}


def write(companies, path):
    with open(path, "w", encoding="utf-8") as out:
        for identity in sorted(companies):
            company = tidy(companies[identity], ORDER)
            if "divisions" in company:
                company["divisions"] = [tidy(division, DIVISION_ORDER) for division in company["divisions"]]
            out.write(json.dumps(company, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
