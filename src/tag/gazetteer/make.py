#!/usr/bin/env python3
"""Makes companies.jsonl, the built-in gazetteer, from curated lists and public facts.

    python3 src/tag/gazetteer/make.py --facts FOLDER --words /usr/share/dict/american-english

Reads
  curated/*.jsonl           written by hand; they win over everything else
  FOLDER/index-companies.jsonl, FOLDER/sp500-constituents.csv
                            members of the main stock indices of the world: names, tickers, country, industry
  FOLDER/legal-forms-iso20275/*.csv
                            legal forms of the world, to strip them from names
  FOLDER/sec-company-tickers.csv
                            the exchange of a symbol
  --words                   an English word list with proper names in it; Debian's wamerican has one

and writes companies.jsonl, a company a line, sorted by id. The format is described in README.md. The same input gives
the same bytes.

What is decided here and not by hand: which companies of the facts are ones that a curated list already has (same ticker
or same name), what their short names are (the legal form stripped), and which of those names are weak (a dictionary
word, shorter than four characters, or the name of two companies).
"""

import argparse
import csv
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
        words = name.split()
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

    for row in read_facts(options.facts):
        name = re.sub(r"\s*\((corporation|company|class [abc]|retailer|bank|[a-z ]+)\)$", "", row["name"].strip(), flags=re.I)
        short = stripper.short(name)
        if len(fold(short)) < 2:
            continue
        symbol = row["symbol"]
        us_symbol = symbol if symbol and "." not in symbol and row["country"] == "US" else None
        known = by_name.get(fold(name)) or by_name.get(fold(short))
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

    decide_weak(companies, curated, common, capitalised)
    write(companies, options.out)
    divisions = sum(len(company.get("divisions", [])) for company in companies.values())
    print(f"{len(companies)} companies ({len(curated)} curated), {divisions} divisions, "
          f"{options.out.stat().st_size:,} bytes")


def decide_weak(companies, curated, common, capitalised):
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
            is_word = " " not in folded and folded in capitalised and company["id"] not in curated
            is_short = len(folded.replace(" ", "")) < 4 and not any(c.isdigit() for c in folded)
            if (is_word or is_short or len(holders[folded]) > 1) and name not in weak:
                weak.append(name)
        for division in company.get("divisions", []):
            weak = division.setdefault("weak", [])
            for name in [division["name"], *division.get("aliases", [])]:
                folded = fold(name)
                is_word = " " not in folded and folded in common
                is_short = len(folded.replace(" ", "")) < 4 and not any(c.isdigit() for c in name)
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
