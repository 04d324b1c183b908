#!/usr/bin/env python3
"""Makes companies.jsonl, the built-in gazetteer, from curated lists and public facts.

    python3 src/tag/gazetteer/make.py --facts FOLDER --words /usr/share/dict/american-english

Reads
  curated/*.jsonl           companies, written by hand; they win over everything else
  curated/words.jsonl       no companies: names of places, nations and persons, as evidence against a name
  FOLDER/index-companies.jsonl, FOLDER/sp500-constituents.csv
                            members of the main stock indices of the world: names, tickers, country, industry
  FOLDER/sec-company-tickers.csv, FOLDER/us-listings.csv
                            companies that report to the SEC, by size, and what is listed in the United States
  FOLDER/world-equities.csv shares on the exchanges of the world
  FOLDER/acquisitions-to-2014/Acquisitions.csv, FOLDER/acquisitions-to-2021.csv
                            who bought whom in which year
  FOLDER/brands.jsonl       brands and who operates them
  FOLDER/legal-forms-iso20275/*.csv
                            legal forms of the world, to strip them from names
  --words                   an English word list with proper names in it; Debian's wamerican has one

and writes companies.jsonl, a company a line, sorted by id. The format is described in README.md. The same input gives
the same bytes.

What is decided here and not by hand
  - which companies of the facts a curated list already has: the same ticker, or the same name but for its legal form.
    Such a row adds its ticker and legal name to the entry. A row that has only the name in common, but another country
    or another registration, is another company: it is entered under its name with the legal form, or left out.
  - which rows are no companies that articles are about: funds, trusts, shells that look for a company to buy, and
    every security but ordinary shares.
  - how a name in capitals is written: as other names of the facts write its words.
  - which names are weak; see `Judge`.
"""

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).parent
WORDS_FILE = "words.jsonl"
FAMILIAR_FILE = "familiar.jsonl"
LISTS = ["legal", "aliases", "weak", "familiar", "tickers", "former", "people", "epithets", "domains", "veto", "cues", "divisions"]
ORDER = ["id", "name", "kind", "legal", "aliases", "weak", "familiar", "tickers", "sector", "industry", "country", "former", "people",
         "epithets", "domains", "veto", "cues", "divisions"]
DIVISION_ORDER = ["id", "name", "kind", "aliases", "weak", "familiar", "veto", "cues", "since", "until"]

# A weak name is familiar when it is meant in this share of the articles that leave it open or believe it (the lower bound of an
# interval of one standard deviation), and when something speaks against it in no more than this share of all.
FAMILIAR_SHARE = 0.28
UNFAMILIAR_SHARE = 0.6

# Exchange codes as the index members write them, and ours.
EXCHANGES = {"NYSE": "NYSE", "NASDAQ": "NASDAQ", "LON": "LSE", "EPA": "EPA", "AMS": "AMS", "BIT": "BIT", "BME": "BME",
             "TYO": "TYO", "HKG": "HKEX", "STO": "STO", "HEL": "HEL", "CPH": "CPH", "SWX": "SIX", "VTX": "SIX",
             "TSE": "TSX", "ASX": "ASX", "NSE": "NSE", "KRX": "KRX", "ETR": "XETRA", "WSE": "WSE", "VIE": "VIE",
             "EBR": "EBR", "ELI": "ELI", "OSL": "OSL"}
# Suffixes of ticker symbols.
SUFFIXES = {"L": "LSE", "PA": "EPA", "AS": "AMS", "DE": "XETRA", "MI": "BIT", "MC": "BME", "T": "TYO", "HK": "HKEX",
            "ST": "STO", "HE": "HEL", "CO": "CPH", "SW": "SIX", "TO": "TSX", "AX": "ASX", "NS": "NSE", "KS": "KRX",
            "BR": "EBR", "VI": "VIE", "LS": "ELI", "OL": "OSL"}
# Exchanges whose home companies are taken from the list of the world's shares: code there, ours, home countries, and
# how many at most. The numbers are those of a paper that covers the world from London or New York.
HOME = [("LSE", "LSE", ("GB", "IE", "JE", "GG", "IM"), 800), ("TOR", "TSX", ("CA",), 400), ("PAR", "EPA", ("FR",), 300),
        ("GER", "XETRA", ("DE",), 300), ("STO", "STO", ("SE",), 250), ("CPH", "CPH", ("DK",), 100), ("HEL", "HEL", ("FI",), 120),
        ("OSL", "OSL", ("NO",), 150), ("AMS", "AMS", ("NL",), 120), ("BRU", "EBR", ("BE",), 100), ("MIL", "BIT", ("IT",), 200),
        ("MCE", "BME", ("ES",), 120), ("EBS", "SIX", ("CH",), 200), ("VIE", "VIE", ("AT",), 60), ("LIS", "ELI", ("PT",), 40),
        ("ATH", "ATH", ("GR",), 50), ("NZE", "NZX", ("NZ",), 80), ("ASX", "ASX", ("AU",), 400), ("SES", "SGX", ("SG",), 150),
        ("HKG", "HKEX", ("HK", "CN"), 350), ("NSE", "NSE", ("IN",), 250), ("BSE", "BSE", ("IN",), 250),
        ("JPX", "TYO", ("JP",), 600), ("KSC", "KRX", ("KR",), 250), ("TAI", "TWSE", ("TW",), 200),
        ("SAO", "B3", ("BR",), 150), ("MEX", "BMV", ("MX",), 80), ("JNB", "JSE", ("ZA",), 150), ("TLV", "TASE", ("IL",), 150),
        ("IST", "BIST", ("TR",), 60), ("SAU", "TADAWUL", ("SA",), 60), ("JKT", "IDX", ("ID",), 80), ("KLS", "MYX", ("MY",), 80),
        ("SET", "SET", ("TH",), 60), ("SGO", "BCS", ("CL",), 40), ("MCX", "MOEX", ("RU",), 60), ("SHH", "SSE", ("CN",), 150)]
COUNTRIES = {"United States": "US", "United Kingdom": "GB", "UK": "GB", "Germany": "DE", "France": "FR", "Netherlands": "NL",
             "Italy": "IT", "Spain": "ES", "Japan": "JP", "Sweden": "SE", "Finland": "FI", "Denmark": "DK",
             "Switzerland": "CH", "Ireland": "IE", "Belgium": "BE", "Luxembourg": "LU", "Austria": "AT", "Norway": "NO",
             "Canada": "CA", "Australia": "AU", "China": "CN", "Hong Kong": "HK", "India": "IN", "South Korea": "KR",
             "Brazil": "BR", "Israel": "IL", "Bermuda": "BM", "Russia": "RU", "Poland": "PL", "Portugal": "PT",
             "Singapore": "SG", "Mexico": "MX", "Argentina": "AR", "Uruguay": "UY", "South Africa": "ZA", "Cyprus": "CY",
             "Taiwan": "TW", "Puerto Rico": "US", "Greece": "GR", "Thailand": "TH", "Indonesia": "ID", "Turkey": "TR",
             "Chile": "CL", "Egypt": "EG", "Saudi Arabia": "SA", "New Zealand": "NZ", "Malaysia": "MY", "Jersey": "JE",
             "Guernsey": "GG", "Isle of Man": "IM", "Cayman Islands": "KY", "Colombia": "CO", "Peru": "PE", "Panama": "PA",
             "Philippines": "PH", "Vietnam": "VN", "Macau": "MO", "Monaco": "MC", "Iceland": "IS", "Malta": "MT",
             "United Arab Emirates": "AE", "Kazakhstan": "KZ", "Costa Rica": "CR", "Bahamas": "BS", "Czech Republic": "CZ",
             "Hungary": "HU", "Estonia": "EE", "Latvia": "LV", "Lithuania": "LT", "Qatar": "QA", "Nigeria": "NG",
             "Kenya": "KE", "Morocco": "MA", "Ukraine": "UA", "Romania": "RO", "Gibraltar": "GI", "Mauritius": "MU"}
# Sectors of the American list in the words of the standard that the other lists use.
SECTORS = {"Finance": "Financials", "Health Care": "Health Care", "Technology": "Information Technology",
           "Consumer Discretionary": "Consumer Discretionary", "Industrials": "Industrials", "Real Estate": "Real Estate",
           "Energy": "Energy", "Utilities": "Utilities", "Basic Materials": "Materials", "Consumer Staples": "Consumer Staples",
           "Telecommunications": "Communication Services"}
# Forms that the standard lists under longer names, and words that stand at the end of a legal name.
FORMS = """inc incorporated corp corporation co company cos companies ltd limited plc llc lp llp l.p. ag se sa nv n.v. s.a.
s.p.a. spa ab asa oyj oy a/s as kgaa gmbh kg bv b.v. sab cv s.a.b. de c.v. pcl bhd tbk pt kk k.k. holdings holding group the
(publ) s.e. trust ltda aktiengesellschaft berhad""".split()
# Words that are left on when nothing else would be.
KEEP = {"group", "holdings", "holding", "company", "companies", "trust", "co"}
# How a newswire writes the form after a name.
SHORT_FORMS = {"incorporated": "Inc", "inc": "Inc", "corporation": "Corp", "corp": "Corp", "company": "Co", "co": "Co",
               "limited": "Ltd", "ltd": "Ltd", "plc": "plc", "llc": "LLC", "lp": "LP", "ag": "AG", "se": "SE", "sa": "SA",
               "nv": "NV", "spa": "SpA", "ab": "AB", "asa": "ASA", "oyj": "Oyj", "as": "AS", "bhd": "Bhd", "berhad": "Bhd",
               "tbk": "Tbk", "pcl": "PCL", "kgaa": "KGaA", "group": "Group", "holdings": "Holdings", "holding": "Holding",
               "trust": "Trust", "companies": "Companies", "sab": "SAB", "ltda": "Ltda", "gmbh": "GmbH"}
# Forms of several words, which would be stripped to a half.
LONG_FORMS = re.compile(r",?\s+(Public Company Limited|Public Limited Company|Soci[eé]t[eé] Anonyme|Sociedad An[oó]nima|"
                        r"Societas Europaea|S\. ?A\. ?B\. de C\. ?V\.|SAB de CV|S\. ?A\. de C\. ?V\.|T\.?A\.?S\.?|Co\.?,? ?Ltd\.?|Co,\. Ltd|Pty\.? Ltd\.?)$", re.I)

# What a line of the American list says after the company's name.
SECURITY = re.compile(r"""\s*(?:[-–,]\s*)?(?:\(The\)\s*)?\b(?:
    American\ [Dd]eposit[ao]ry|ADS\b(?!-)|ADSs\b|ADR\b|Sponsored|Depositary\ (?:Sh|Receipt|Interest)|(?:New\ )?Common\b|Ordinary\ Sh|
    Class\ [A-Z]\b|Series\ [A-Z]\b|Units?\b|Warrants?\b|Rights?\b|Preferred|Cumulative|Perpetual|Subordinate|Voting(?:\ Sh|$)|Trading\ under|
    Shares?\ of|Capital\ Stock|Registry|New\ York\ (?:Regist|Shares)|N\.Y\.|Limited\ Partner|each\ representing|Senior\ Notes|
    Beneficial|Non[- ]Voting|Registered\ Sh|Closed[- ]End|\d+(?:\.\d+)?%|\$).*$""", re.X | re.I)
# Securities that are no shares of a company.
NO_SHARE = re.compile(r"\b(Warrants?|Rights?|Preferred|Pref|Pfd|Notes?|Debentures?|Bonds?|Subordinated|Perpetual|Certificates?|"
                      r"Trust Units|Corporate Units|Tangible Equity)\b|%|\d/\d+th", re.I)
# Funds, trusts of goods and shells.
NO_COMPANY = re.compile(
    r"\bacquisitions?\b|\bmerger\b|\bblank check\b|\bspac\b|\bfunds?\b|\betf\b|\betn\b|\bexchange traded\b|\bishares\b|\bspdr\b|"
    r"\bproshares\b|\bgrayscale\b|\bbitcoin (trust|etf)\b|\bether(eum)? trust\b|\broyalty trust\b|\bterm trust\b|"
    r"\bmunicipal\b|\bmuni\b|\bincome (trust|opportunit|securities|shares)|\bopportunit(y|ies) trust\b|\bdividend\b|"
    r"\bpremium\b.*\btrust\b|\bgold trust\b|\bsilver trust\b|\bcommodity\b|\bhigh yield\b|\bdebt strateg|\bfloating rate\b|"
    r"\bequity trust\b|\bcredit trust\b|\bindex\b|\bportfolio\b|\binvestment trust\b|\bsplit corp\b|\bnuveen\b|\bcalamos\b|"
    r"\bgabelli\b|\beaton vance\b|\bpimco\b|\bbdc\b|\baktier\b|\bfundo\b|\bfii\b|\bsicav\b|\bucits\b|\bclosed[- ]end\b|"
    r"\bcapital corp\.? [ivx]+$|\bpartners [ivx]+$|\bvct\b|\bdrn\b|\bbdr\b|\bsparinvest\b|\bjyske invest\b|\btrust (series|preferred)|"
    r"\bterm preferred\b|\b(corp|inc|ltd|co)\.? [ivx]{2,}$|\bqqq\b|\bincome generator\b|\b(polkadot|solana|dogecoin|xrp|litecoin|chainlink)\b|\bparticipation investors\b|"
    r"\bstrats\b|\bstructured products\b|\babs corp\b|\bleverage shares\b|\btrust for\b|\badr\d|\b(ii|iii|iv|vi{1,3})$", re.I)
# What is bought and is no company.
NO_PURCHASE = re.compile(r"\b(assets?|division|business(es)?|units?|patents?|stake|team|from|of|services|platform|and)\b|[\[\]–:;]|"
                         r"-Data Centers|Corp-|\btechnology from\b", re.I)
FUND_INDUSTRIES = {"Blank Checks", "Trusts Except Educational Religious and Charitable"}

# Industries of companies whose holdings are companies of their own.
INVESTORS = {"Asset Management", "Asset Management & Custody Banks", "Private Equity", "Private Equity & Venture Capital", "Alternative Asset Management",
             "Investment Management", "Venture Capital"}

# So many words of the dictionary stand in so many names of companies that a name made of them alone says nothing
# ("Global Industrial", "United Community"). A member of an index or a large company is known well enough that only the
# most frequent ones count.
GENERIC_WORDS = 3000
GENERIC_WORDS_OF_LARGE = 120
# Companies that report to the SEC come by size; these many are large.
LARGE = 1500
# Three words in a row are rarer than two, so that only these count.
GENERIC_WORDS_OF_LONG = 600
# A name of one word that is in no list must be this long: shorter ones are surnames and acronyms of somewhere.
SHORTEST_SINGLE = 5
# What makes a place of any word before it ("Black Hills", "James River").
LANDSCAPE = set("""hills hill river valley creek lake lakes island islands bay mountain mountains canyon springs ridge falls forest
county coast heights rapids plains prairie sea ocean street avenue square bridge harbor harbour rock peak glacier desert""".split())
# "La Rosa", "Santa Rosa": the end of a surname, or a town.
PARTICLES = set("la el los las del de di da san santa saint st le les von van".split())
# Words inside a name that are no evidence for anything.
SMALL_WORDS = set("of and the for in on at by to & de la le du des del di da y e und et van von der den a an".split())


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

    def is_form(self, word):
        word = word.strip(",").lower()
        return word.rstrip(".") in self.forms or word in self.forms

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
            if not self.is_form(last):
                break
            # "Southern Company" and "Trip.com Group": a single word would be left that says something else.
            if last in KEEP and len(words) == 2 and not name.endswith("."):
                break
            words = words[:-1]
        return " ".join(words).strip(" ,")

    def core(self, name):
        """The folded name without any form, the form in which companies of the facts are compared."""
        name = LONG_FORMS.sub("", re.sub(r"\s*\([^)]*\)", "", name))
        words = name.replace(",", " ").split()
        if len(words) > 1 and words[0].lower() in ("the", "pt"):
            words = words[1:]
        while len(words) > 1 and (self.is_form(words[-1]) or words[-1].lower() in ("&", "and")):
            words = words[:-1]
        return fold(" ".join(words)).replace("&", "and")


def strip_as_the_matcher(name):
    """A legal name as the tagger strips it: what is left becomes a name there."""
    forms = set("inc incorporated corp corporation co company companies ltd limited llc lp llp plc ag sa se nv bv gmbh kgaa kg "
                "spa ab asa as oyj holdings holding group kk pty bhd aktiengesellschaft oy sas srl sab cv publ the".split())
    rest = re.sub(r"[^\w+!]+$", "", name)
    while True:
        match = re.match(r"(.*)[ ,]([^ ,]*)$", rest)
        if not match:
            return rest
        before = re.sub(r"[^\w+!]+$", "", match[1])
        if not before or re.sub(r"[\W_]", "", match[2]).lower() not in forms:
            return rest
        rest = before


class Caser:
    """Writes names in capitals as readers write them."""

    def __init__(self, names, words):
        spellings = defaultdict(Counter)
        for name in names:
            if sum(c.islower() for c in name) < 3:
                continue
            # A word in capitals beside small forms ("MAEDA ROAD Co., Ltd.") is no evidence.
            parts = re.findall(r"[^\W\d_][\w'’.&-]*", name)
            if sum(part.isupper() and len(part) > 3 for part in parts) > 1:
                continue
            for part in parts:
                part = part.strip(".,")
                if part and part.lower() not in SMALL_WORDS:
                    spellings[part.lower()][part] += 1
        self.spellings = {word: min(counts.items(), key=lambda item: (-item[1], item[0]))[0]
                          for word, counts in spellings.items()}
        self.words = words

    def word(self, word, first):
        bare = word.strip(".,()")
        low = bare.lower()
        if not first and low in SMALL_WORDS and low != "a" and bare != "&":
            return word.lower()
        if low in self.spellings:
            spelt = self.spellings[low]
            spelt = spelt[:1].upper() + spelt[1:] if spelt.islower() else spelt
            return word.replace(bare, spelt)
        if re.fullmatch(r"[IVX]{2,4}", bare) or "&" in bare or any(c.isdigit() for c in bare):
            return word
        vowels = sum(c in "aeiouy" for c in low)
        if len(bare) <= 5 and not vowels or len(bare) <= 3 and low not in self.words:
            return word
        if low.startswith("mc") and len(low) > 4:
            return word.replace(bare, "Mc" + bare[2:].capitalize())
        return word.replace(bare, "-".join(part.capitalize() for part in bare.split("-")))

    def name(self, name, stripper):
        words = name.split()
        core = [word for word in words if not stripper.is_form(word)]
        letters = "".join(core)
        if not any(c.isalpha() for c in letters) or any(c.islower() for c in letters):
            return name
        # One short word in capitals is how an acronym is written.
        if len(core) == 1 and len(re.sub(r"\W", "", core[0])) <= 5 and core[0].lower() not in self.words \
                and core[0].strip(".,").lower() not in self.spellings:
            known = set(core)
        else:
            known = set()
        return " ".join(word if word in known else SHORT_FORMS.get(word.strip(".,").lower(), None) or self.word(word, n == 0)
                        if stripper.is_form(word) and n else (word if word in known else self.word(word, n == 0))
                        for n, word in enumerate(words))


class Judge:
    """Decides by evidence which names are weak.

    A name of one word is weak when it is in the word list (which has the names of persons and places, too), in the lists of
    curated/words.jsonl, or short; outside the main indices it is no name at all then (see `drop_bare_words`). A name of
    several words is weak when every word of it is one of the words that most often
    stand in the names of companies, or a place, a nation or a direction; when it is a place; and when it is a first
    name and a surname. Every name is weak that running text has mostly without capitals ("ordinary" in the lists).
    What somebody wrote by hand of a company is exempt from the rest; of a division it is not where the name is a single
    word that is in the dictionary or names persons or places, or two of the most frequent words of companies' names.
    """

    def __init__(self, words, facts_names):
        self.words = {word.lower() for word in words}
        self.common = {word for word in words if word.islower()}
        self.lists = {"place": set(), "nation": set(), "given": set(), "surname": set(), "ordinary": set()}
        for line in open(HERE / "curated" / WORDS_FILE, encoding="utf-8"):
            row = json.loads(line)
            self.lists[row["words"]].update(fold(word) for word in row["list"])
        # In how many names a word stands; names with the same beginning are one group of companies.
        holders = defaultdict(set)
        for name in facts_names:
            parts = fold(name).split()
            for part in parts:
                if part in self.common:
                    holders[part].add(" ".join(parts[:2]))
        ranked = sorted(holders, key=lambda word: (-len(holders[word]), word))
        other = self.lists["nation"] | {part for place in self.lists["place"] for part in place.split()} | SMALL_WORDS
        self.generic = set(ranked[:GENERIC_WORDS]) | other
        self.generic_in_long = set(ranked[:GENERIC_WORDS_OF_LONG]) | other
        self.most_generic = set(ranked[:GENERIC_WORDS_OF_LARGE]) | other

    def is_generic(self, word, generic):
        # A letter or number, and the plural of a word, distinguish nothing.
        return word in generic or len(word) < 2 or word.isdigit() or word.endswith("s") and word[:-1] in generic

    def is_word(self, name):
        """Whether a name is a single word of the dictionary, a name of a person or place, or an acronym of everybody's."""
        parts = fold(name).split()
        # "Alexander's".
        word = parts[0] if len(parts) == 1 or len(parts) == 2 and parts[1] == "s" else None
        return self.is_ordinary(name) or word is not None and (
            word in self.words or any(word in words for words in self.lists.values())
            or len(word) < 4 and not any(c.isdigit() for c in word))

    def is_weak(self, name, is_large=False, is_member=False):
        folded = fold(name)
        parts = folded.split()
        letters = folded.replace(" ", "")
        if len(letters) < 4 and not any(c.isdigit() for c in letters) or not parts:
            return True
        if self.is_ordinary(name) or len(parts) == 2 and parts[1] == "s" and not is_member and self.is_word(name):
            return True
        if len(parts) == 1:
            if self.is_word(name):
                return True
            # What has a capital inside is written so by nobody else.
            shaped = re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}", name) is not None
            return not (shaped or is_member) and len(folded) < SHORTEST_SINGLE
        if folded in self.lists["place"]:
            return True
        if is_member:
            return False
        if len(parts) == 2 and (parts[0] in self.lists["given"] and parts[1] not in self.common
                                or parts[1] in LANDSCAPE and parts[0] in self.words or parts[0] in PARTICLES):
            return True
        count = sum(part not in SMALL_WORDS for part in parts)
        generic = self.most_generic if is_large else self.generic_in_long if count > 2 else self.generic
        # Four of them in a row are no accident.
        return count < 4 and all(self.is_generic(part, generic) for part in parts)

    def is_ordinary(self, name):
        """Whether running text has the same words mostly without capitals."""
        return fold(name).replace("&", "and") in self.lists["ordinary"]

    def is_plain(self, name, company):
        """Whether a name that somebody called strong for a division is an ordinary word or phrase, or a person's or
        place's name."""
        folded = fold(name)
        parts = folded.replace("&", "and").split()
        if self.is_ordinary(name):
            return True
        if len(parts) == 1:
            return folded in self.common or not re.search(r"\w[A-Z]|['’]", name) and any(
                folded in self.lists[kind] for kind in ("given", "surname", "place"))
        own = {part for name in [company["name"], *company.get("aliases", [])] for part in fold(name).split()}
        return len(parts) == 2 and all(len(part) > 1 and part in self.common and part in self.most_generic for part in parts) \
            and not own & set(parts)


def read_curated():
    companies = {}
    for path in sorted((HERE / "curated").glob("*.jsonl")):
        if path.name in (WORDS_FILE, FAMILIAR_FILE):
            continue
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
            ids = {division["id"]: division for division in mine}
            names = {fold(name): division for division in mine for name in [division["name"], *division.get("aliases", [])]}
            for division in value:
                same = ids.get(division["id"]) or names.get(fold(division["name"]))
                if same is None:
                    mine.append(division)
                else:
                    for field in ("since", "until"):
                        if field in division:
                            same.setdefault(field, division[field])
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


def rows_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def read_facts(folder):
    """Rows {name, tickers, country, sector, industry}, the S&P 500 first because it has sectors."""
    for row in rows_of(folder / "sp500-constituents.csv"):
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


def clean(name):
    """A name as the lists of shares have it, without what belongs to the share or the register."""
    # The register tells namesakes apart by states: "/DE/", "\TX\", "/ CAN", "/ADR".
    name = re.sub(r"\s*[/\\]\s?(?!S\b)[A-Za-z]{2,}[/\\]?\s*$", "", name)
    name = re.sub(r"\s*\((The|REIT|Canada|DE|NEW|Delaware|New|publ|Holding Company|[A-Z]{2})\)", "", name)
    name = re.sub(r"\s+", " ", re.sub(r",(?=[A-Za-z])", ", ", name.replace(",.", ".,").replace(" ,", ",")))
    name = re.sub(r"(?i)(inc\.?) ?(new|& subsidiaries)$", r"\1", re.sub(r"(?i)^d/b/a |\s*\($", "", name))
    name = re.sub(r"(?i)^(PT\.? |Public Joint[- ]Stock Company |PJSC )", "", name)
    name = re.sub(r"(?i)\s+tbk( class [ab])?$", " Tbk", name)
    # "A G" and "P L C" of the register.
    name = re.sub(r"\b(A G|S A|N V|P L C|L P|L L C|S P A)$", lambda match: match[1].replace(" ", ""), name)
    name = re.sub(r"\bIntl\b", "International", name)
    name = re.sub(r" (?:COM|Com)(?=,? (?:Inc|INC|Corp|CORP|Ltd|LTD)\b)", ".com", name)
    return name.strip(" ,-–/\\")


def without_security(name):
    """The company's name in a line of the American list."""
    cut = SECURITY.sub("", name)
    return clean(re.sub(r"\s*\((The|Canada|REIT)\)\s*$", "", cut.strip())) or clean(name)


def read_registrants(folder):
    """Companies of the United States' exchanges, largest first: {name, tickers, country, sector, industry, rank}."""
    exchanges = {"NYSE": "NYSE", "Nasdaq": "NASDAQ", "OTC": "OTC", "CBOE": "CBOE"}
    listed = {}
    for row in rows_of(folder / "us-listings.csv"):
        listed[re.sub(r"[/.]", "-", row["symbol"].strip())] = row
    seen, groups = set(), {}
    for rank, row in enumerate(rows_of(folder / "sec-company-tickers.csv")):
        group = groups.setdefault(row["cik"], {"rank": rank, "sec": row["name"], "rows": []})
        symbol = row["ticker"].strip()
        seen.add(symbol)
        group["rows"].append((symbol, exchanges.get(row["exchange"]), listed.get(symbol)))
    late = {}
    for symbol, row in listed.items():
        base = symbol.split("^")[0]
        if symbol in seen or base in seen or NO_SHARE.search(row["name"]):
            continue
        exchange = {"nasdaq": "NASDAQ"}.get(row["exchange"], "NYSE")
        group = late.setdefault(fold(without_security(row["name"])), {"rank": 99_999, "sec": None, "rows": []})
        group["rows"].append((symbol, exchange, row))
    for group in [*groups.values(), *late.values()]:
        shares = [(symbol, exchange, row) for symbol, exchange, row in group["rows"] if row and not NO_SHARE.search(row["name"])]
        if any(row and row["industry"] in FUND_INDUSTRIES for _, _, row in group["rows"]):
            continue
        row = shares[0][2] if shares else None
        name = without_security(row["name"]) if row else clean(group["sec"])
        if NO_COMPANY.search(name) or group["sec"] and NO_COMPANY.search(clean(group["sec"])):
            continue
        # Of a company that is only traded off the exchanges, one symbol is enough.
        main = [f"{exchange}:{symbol}" for symbol, exchange, _ in shares if exchange] or \
            [f"{exchange}:{symbol}" for symbol, exchange, _ in group["rows"] if exchange][:1]
        # A fifth letter on Nasdaq marks what is no ordinary share.
        main = [ticker for ticker in main if re.fullmatch(r"[A-Z]+:[A-Z]{1,5}(-[A-C])?", ticker)
                and not re.fullmatch(r"NASDAQ:[A-Z]{4}[L-PRUWZ]", ticker)]
        if not main and not row:
            continue
        legal = without_security(group["sec"]) if group["sec"] and re.search("Depositary|Ordinary", group["sec"]) else \
            clean(group["sec"] or name)
        if not row:
            name = legal
        yield {"name": name, "legal": legal, "tickers": main[:3], "rank": group["rank"],
               "country": COUNTRIES.get(row["country"]) if row else None,
               "sector": SECTORS.get(row["sector"]) if row else None,
               "industry": (row["industry"].strip() or None) if row else None}


def read_world(folder, stripper, judge):
    """Home companies of the large exchanges, in the order in which the exchanges stand in `HOME`."""
    by_exchange = defaultdict(list)
    for row in rows_of(folder / "world-equities.csv"):
        if row["sector"] and row["country"]:
            by_exchange[row["exchange"]].append(row)
    for exchange, ours, countries, most in HOME:
        taken = 0
        for row in by_exchange[exchange]:
            country = COUNTRIES.get(row["country"])
            symbol = row["symbol"].rpartition(".")[0]
            name = clean(row["name"])
            if country not in countries or re.match(r"0\w{3}$", symbol) and exchange == "LSE" or NO_COMPANY.search(name) \
                    or NO_SHARE.search(name) or re.search(r"/(?!S\b)", name) or not re.fullmatch(r"[A-Z0-9][A-Z0-9&.-]*", symbol) or "%" in name:
                continue
            # The second share of the same company, and mining claims by the hundred.
            if re.search(r"-P[A-Z]?$|-PR|-[C-Z]$", symbol):
                continue
            if exchange in ("ASX", "TOR") and row["industry"] == "Metals & Mining" and taken % 3:
                taken += 1
                continue
            # Nothing but a distinctive name is of use where no paper of the country is read, and names of more words
            # are those of subsidiaries.
            core = stripper.core(name)
            if len(core.split()) > 3 or len(core) < (4 if " " in core else 6) or judge.is_weak(stripper.short(name)):
                continue
            taken += 1
            if taken > most:
                break
            yield {"name": name, "ticker": f"{ours}:{symbol}", "country": country, "sector": row["sector"],
                   "industry": row["industry"] or None}


def read_exchanges(folder):
    """Symbol → exchange of the companies that report to the SEC."""
    names = {"NYSE": "NYSE", "Nasdaq": "NASDAQ"}
    return {row["ticker"]: names[row["exchange"]] for row in rows_of(folder / "sec-company-tickers.csv")
            if row["exchange"] in names}


class Register:
    """The companies so far, and how to find them again."""

    def __init__(self, companies, stripper, judge):
        self.companies, self.stripper, self.judge = companies, stripper, judge
        self.curated = set(companies)
        self.members, self.large, self.namesakes = set(), set(), set()
        self.by_name, self.by_ticker, self.by_core = {}, {}, {}
        self.division_names, self.owned_cores, self.taken_cores = set(), set(), set()
        self.left_out = Counter()
        for company in companies.values():
            self.index(company)
            self.taken_cores.update(stripper.core(name) for name in company.get("weak", []))
            for division in company.get("divisions", []):
                # Sold or spun off, or held by an investor: what is listed under the name is a company of its own.
                if "until" in division or company.get("industry") in INVESTORS:
                    continue
                self.division_names.add(fold(division["name"]))
                weak = {fold(name) for name in division.get("weak", [])}
                for name in [division["name"], *division.get("aliases", []), *division.get("weak", [])]:
                    is_owned = division.get("kind") in ("subsidiary", "segment") and fold(name) not in weak
                    (self.owned_cores if is_owned else self.taken_cores).add(stripper.core(name))

    def index(self, company):
        for name in names_of(company):
            self.by_name.setdefault(fold(name), company)
            self.by_name.setdefault(fold(self.stripper.short(name)), company)
            self.by_core.setdefault(self.stripper.core(name), company)
        for ticker in company.get("tickers", []):
            self.by_ticker[ticker] = company
            bare = ticker.split(":")[-1] if ticker.startswith(("NYSE:", "NASDAQ:")) else ticker
            self.by_ticker.setdefault(bare, company)

    def add_index_members(self, folder):
        exchanges = read_exchanges(folder)
        for row in read_facts(folder):
            name = re.sub(r"\s*\((corporation|company|class [abc]|retailer|bank|[a-z ]+)\)$", "", row["name"].strip(), flags=re.I)
            short = self.stripper.short(name)
            if len(fold(short)) < 2:
                continue
            symbol = row["symbol"]
            us_symbol = symbol if symbol and "." not in symbol and row["country"] == "US" else None
            known = self.by_name.get(fold(name)) or self.by_name.get(fold(short))
            known = known or next((self.by_ticker[t] for t in row["tickers"] if t in self.by_ticker), None)
            known = known or (self.by_ticker.get(us_symbol) if us_symbol else None)
            if known is not None and known["kind"] == "defunct" and not self.is_akin(known, [name]):
                self.take_symbol(known, {us_symbol})
                known = None
            if known is None:
                if fold(short) in self.division_names:
                    continue  # a curated list says whose it is
                identity = slug(short)
                if not identity or identity in self.companies:
                    identity = slug(name)
                if not identity or identity in self.companies:
                    continue
                known = self.companies[identity] = {"id": identity, "name": short, "kind": "listed"}
                self.by_name[fold(short)] = self.by_name[fold(name)] = known
            self.members.add(known["id"])
            if name != known["name"] and name not in known.get("legal", []) and known["id"] not in self.curated:
                known.setdefault("legal", []).append(name)
            for key in ("sector", "industry", "country"):
                if row.get(key):
                    known.setdefault(key, row[key])
            tickers = list(row["tickers"])
            if us_symbol in exchanges:
                tickers.append(f"{exchanges[us_symbol]}:{us_symbol}")
            for ticker in tickers:
                if ticker not in self.by_ticker and known.get("kind") != "outlet":
                    known.setdefault("tickers", []).append(ticker)
                    self.by_ticker[ticker] = known
            if us_symbol:
                self.by_ticker.setdefault(us_symbol, known)
            self.by_core.setdefault(self.stripper.core(name), known)

    def add_registrant(self, row, name, legal):
        known = next((self.by_ticker[t] for t in row["tickers"] if t in self.by_ticker), None)
        core = self.stripper.core(name)
        if known is not None and not self.is_akin(known, [name, legal]):
            symbols = {ticker.split(":")[1] for ticker in row["tickers"]}
            if known["kind"] == "listed" and all(ticker.split(":")[1] in symbols for ticker in known["tickers"]):
                # The company has a new name.
                short = self.stripper.short(name)
                (known.setdefault("weak", []) if self.judge.is_weak(short) else known.setdefault("aliases", [])).append(short)
                known.setdefault("legal", []).append(legal)
                self.index(known)
                return
            self.take_symbol(known, symbols)
            known = None
        if known is None:
            same = self.by_name.get(fold(legal)) or self.by_name.get(fold(name)) or self.by_core.get(core)
            if same is not None:
                us = any(ticker.startswith(("NYSE:", "NASDAQ:")) for ticker in same.get("tickers", []))
                if us and not any(ticker.startswith(("NYSE:", "NASDAQ:")) for ticker in row["tickers"]):
                    # A second registration of the same group, or somebody who hopes to be taken for it.
                    self.left_out["namesake off the exchanges"] += 1
                    return
                # A company moves its seat to the Netherlands, but a word is the name of many.
                moved = len({same.get("country"), row["country"]} - {None}) > 1 and self.judge.is_weak(core)
                # Of the private ones a word is not enough either, and those that are gone do not come back.
                kind = same.get("kind")
                other = kind in ("outlet", "defunct") or kind in ("private", "state") and " " not in core and \
                    fold(legal) not in {fold(known) for known in same.get("legal", [])}
                if other or us or moved:
                    self.add_namesake(row, name, legal)
                    return
                known = same
                if kind == "private":
                    known["kind"] = "listed"
        if known is not None:
            self.complete(known, row, row["tickers"], legal)
            if row["rank"] < LARGE:
                self.large.add(known["id"])
            return
        # A single word of the dictionary is the name of many.
        if core in self.owned_cores and not self.judge.is_weak(core):
            self.left_out["a division of another"] += 1
            return
        if core in self.owned_cores or core in self.taken_cores:
            self.add_namesake(row, name, legal)
            return
        self.create(row, name, legal)

    def take_symbol(self, company, symbols):
        """A symbol was given to another company meanwhile."""
        for ticker in company.get("tickers", []):
            if ticker.split(":")[1] in symbols:
                self.by_ticker.pop(ticker, None)
                self.by_ticker.pop(ticker.split(":")[1], None)
        company["tickers"] = [ticker for ticker in company.get("tickers", []) if ticker.split(":")[1] not in symbols]

    def is_akin(self, company, names):
        """Whether a name has a word or its initials in common with a company of the same symbol."""
        mine = {part for name in [*names_of(company), *company.get("weak", [])] for part in fold(name).split() if len(part) > 1}
        mine |= {"".join(fold(name).split()) for name in names_of(company)}
        for name in names:
            parts = [part for part in fold(name).split() if len(part) > 1]
            if any(part in mine for part in parts if not self.stripper.is_form(part)) or "".join(parts) in mine:
                return True
            if any(part.startswith(other) or other.startswith(part) for part in parts[:1] for other in mine if len(other) > 3):
                return True
        return False

    def add_world(self, row, name):
        core = self.stripper.core(name)
        known = self.by_ticker.get(row["ticker"]) or self.by_name.get(fold(name)) or self.by_core.get(core)
        if known is not None:
            exchange = row["ticker"].split(":")[0]
            has_home = any(ticker.startswith(exchange + ":") for ticker in known.get("tickers", []))
            if known.get("country") == row["country"] and known.get("kind") == "listed":
                self.complete(known, row, [] if has_home else [row["ticker"]], name)
            else:
                self.left_out["namesake elsewhere"] += 1
            return
        if core in self.owned_cores or core in self.taken_cores:
            self.left_out["a division of another"] += 1
            return
        # The bare symbol of an American share: "$T" would no longer be AT&T.
        tickers = [row["ticker"]] if row["ticker"].split(":")[1] not in self.by_ticker else []
        self.create({**row, "tickers": tickers, "rank": 99_999}, name, name)

    def complete(self, known, row, tickers, legal):
        if known.get("kind") == "outlet":
            return
        for ticker in tickers:
            if ticker not in self.by_ticker and ticker not in known.get("tickers", []):
                if ticker.startswith("OTC:") and known.get("tickers"):
                    continue
                known.setdefault("tickers", []).append(ticker)
                self.by_ticker[ticker] = known
        for key in ("sector", "industry", "country"):
            if row.get(key):
                known.setdefault(key, row[key])
        if known["id"] not in self.curated and fold(legal) not in {fold(name) for name in names_of(known)}:
            known.setdefault("legal", []).append(legal)

    def create(self, row, name, legal):
        # "Khaitan (India)", "Cheuk Nang (Holdings)": nobody writes what is in brackets.
        short = re.sub(r"\s*\([^()]*\)$", "", self.stripper.short(LONG_FORMS.sub("", name))) or name
        core = self.stripper.core(name)
        if len(core) < 2 or len(fold(name)) < 2:
            self.left_out["no name"] += 1
            return
        # A single word with "Group" is the whole of a name; with "Co" it is not.
        if short.split()[-1].lower().rstrip(".") in ("co", "company") and len(short.split()) == 2:
            short = short.split()[0]
        identity = next((i for i in (slug(short), slug(name), slug(legal)) if i and i not in self.companies), None)
        if identity is None:
            self.left_out["same name"] += 1
            return
        company = {"id": identity, "name": short, "kind": "listed"}
        if legal != short:
            company["legal"] = [legal]
        for key in ("tickers", "sector", "industry", "country"):
            if row.get(key):
                company[key] = list(row[key]) if key == "tickers" else row[key]
        self.companies[identity] = company
        if row["rank"] < LARGE:
            self.large.add(identity)
        self.index(company)

    def add_namesake(self, row, name, legal):
        """Another company of a known name: only its name with the form is its own, and no legal name, of which the tagger
        would strip the form."""
        full = with_form(name) or with_form(legal)
        if full is not None:
            # "Post Holdings Inc" is written "Post Holdings".
            parts = full.split()
            if len(parts) > 2 and parts[-2].lower() in ("holdings", "bancorp", "bancshares", "financial", "energy", "partners"):
                shorter = " ".join(parts[:-1])
                if fold(shorter) not in self.by_name and not self.judge.is_weak(shorter):
                    full = shorter
        if full is None or fold(full) in self.by_name or slug(full) in self.companies:
            self.left_out["namesake of another"] += 1
            return
        company = {"id": slug(full), "name": full, "kind": "listed"}
        for key in ("tickers", "sector", "industry", "country"):
            if row.get(key):
                company[key] = row[key]
        company["tickers"] = [ticker for ticker in row["tickers"] if ticker not in self.by_ticker]
        self.companies[company["id"]] = company
        self.namesakes.add(company["id"])
        self.by_name[fold(full)] = company
        for ticker in company["tickers"]:
            self.by_ticker[ticker] = company


def with_form(name):
    """A name with its form as a newswire writes it, or nothing where it has none."""
    words = LONG_FORMS.sub("", name).replace(",", " ").split() if not LONG_FORMS.search(name) else None
    if words is None:
        match = LONG_FORMS.search(name)
        form = "Ltd" if re.search("lim|ltd", match[1], re.I) else "SA"
        return f"{name[:match.start()].strip(' ,')} {form}"
    last = words[-1].strip(".").lower().replace(".", "")
    if len(words) < 2 or last not in SHORT_FORMS:
        return None
    return " ".join([*words[:-1], SHORT_FORMS[last]])


def add_acquisitions(companies, register, judge, folder):
    """Years of the divisions that are there, and the companies bought that are not."""
    bought = {}
    pairs = [(row["Acquiring Company"], row["Acquired Company"], row["Year of acquisition announcement"])
             for row in rows_of(folder / "acquisitions-to-2014" / "Acquisitions.csv") if row["Status"] != "Pending"]
    pairs += [(row["Parent Company"], row["Acquired Company"], row["Acquisition Year"])
              for row in rows_of(folder / "acquisitions-to-2021.csv")]
    parents = {"redhat": "red-hat", "hp": "hp", "ibm": "ibm", "facebook": "meta", "twitter": "x", "blackberry": "blackberry"}
    for parent, name, year in pairs:
        name = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*", " ", name).strip(" -,")
        company = companies.get(parents.get(fold(parent), "")) or register.by_name.get(fold(parent)) \
            or register.by_core.get(register.stripper.core(parent))
        if company is not None and re.fullmatch(r"(19|20)\d\d", year) and name and "," not in name and "/" not in name:
            short = register.stripper.short(name)
            key = (company["id"], register.stripper.core(name))
            if key not in bought or bought[key][1] > year:
                bought[key] = (short, year)
    holders = defaultdict(set)
    for company in companies.values():
        for name in [*names_of(company), *company.get("weak", []), *company.get("people", [])]:
            holders[register.stripper.core(name)].add(company["id"])
        for division in company.get("divisions", []):
            for name in [division["name"], *division.get("aliases", []), *division.get("weak", [])]:
                holders[register.stripper.core(name)].add(company["id"])
    buyers = Counter(name for _, name in bought)
    dated = added = 0
    for (identity, folded), (name, year) in sorted(bought.items()):
        company = companies[identity]
        same = [division for division in company.get("divisions", [])
                if folded in {register.stripper.core(n) for n in [division["name"], *division.get("aliases", [])]}]
        if same:
            for division in same:
                # A product may have the name of another company that was bought ("Alexa"). A year after the end would
                # say that it never belonged to it.
                if "since" not in division and division.get("kind") == "subsidiary" and division.get("until", "9999") >= year \
                        and register.stripper.core(division["name"]) == folded:
                    division["since"] = year
                    dated += 1
            continue
        if holders.get(folded) or buyers[folded] > 1 or judge.is_weak(name) or len(folded) < 6 or len(name) > 50 \
                or not name[0].isupper() or NO_PURCHASE.search(name):
            continue
        add_division(company, {"name": name, "kind": "subsidiary", "since": year})
        added += 1
    return dated, added


def add_brands(companies, register, judge, folder):
    """Brands whose operator is one of our companies."""
    held = {fold(name) for company in companies.values() for name in [*names_of(company), *company.get("weak", [])]}
    held |= {fold(name) for company in companies.values() for division in company.get("divisions", [])
             for name in [division["name"], *division.get("aliases", []), *division.get("weak", [])]}
    rows = [json.loads(line) for line in open(folder / "brands.jsonl", encoding="utf-8")]
    operators = defaultdict(set)
    for row in rows:
        operators[fold(row["brand"])].add(row["operator"])
    added = 0
    for row in rows:
        operator, name = row["operator"], row["brand"].strip()
        folded = fold(name)
        if not operator or not name.isascii() or len(operators[folded]) > 1 or folded in held or len(folded) < 5:
            continue
        company = register.by_name.get(fold(operator)) or register.by_core.get(register.stripper.core(operator))
        if company is None or company["kind"] == "outlet" or company["id"] not in register.curated and not fold(operator) \
                or judge.is_weak(name) or not name[0].isupper() or any(c in name for c in "()/"):
            continue
        held.add(folded)
        add_division(company, {"name": name, "kind": "brand"})
        added += 1
    return added


def add_division(company, division):
    divisions = company.setdefault("divisions", [])
    identity = slug(division["name"])
    if identity and all(identity != known["id"] for known in divisions):
        divisions.append({"id": identity, **division})


def drop_bare_words(companies, register, judge):
    """Leaves out the bare name where it is a word, unless the company was written by hand or belongs to a main index.

    "Kerry said", "Cohen's lawyer" and "Freedom is" are about others than Kerry Group, Cohen & Company and Freedom Holding,
    far more often than not, and nothing but the form tells them apart. The tagger makes names of legal names, too, so
    that these go where stripping would leave such a word.
    """
    for identity, company in sorted(companies.items()):
        listed = {fold(name) for name in [*names_of({**company, "legal": []}), *company.get("weak", [])]}
        by_hand = identity in register.curated
        bare = company["name"]
        if not by_hand and identity not in register.members and judge.is_word(bare):
            full = next((full for full in map(with_form, company.get("legal", [])) if full and fold(full) != fold(bare)), None)
            if full is None:
                register.left_out["a word without a form"] += 1
                del companies[identity]
                continue
            company["name"] = full
            company.pop("legal")
            register.namesakes.add(identity)
            continue
        if "legal" in company:
            company["legal"] = [name for name in company["legal"]
                                if fold(strip_as_the_matcher(name)) in listed or not judge.is_word(strip_as_the_matcher(name))]


def add_first_words(companies, register, judge):
    """Adds the coined word that a name begins with ("Regeneron Pharmaceuticals") as a weak name: the full name comes
    first in an article, and the word is used after it. Only where one company and no division begins with it."""
    begins = defaultdict(set)
    for identity, company in companies.items():
        divisions = [name for division in company.get("divisions", [])
                     for name in [division["name"], *division.get("aliases", []), *division.get("weak", [])]]
        for name in [*names_of(company), *company.get("weak", []), *company.get("people", []), *divisions]:
            for part in fold(name).split()[:1]:
                begins[part].add(identity)
    for identity, company in companies.items():
        if identity in register.curated or identity in register.namesakes:
            continue
        words = company["name"].split()
        rest = [fold(word) for word in words[1:]]
        if rest and len(fold(words[0])) >= SHORTEST_SINGLE and words[0].isalpha() and begins[fold(words[0])] == {identity} \
                and not judge.is_word(words[0]) and all(word in judge.common for word in rest):
            company.setdefault("weak", []).append(words[0])


def decide_weak(companies, register, judge):
    holders = defaultdict(set)
    for company in companies.values():
        for name in {company["name"], *company.get("aliases", [])}:
            holders[fold(name)].add(company["id"])
    for company in companies.values():
        identity = company["id"]
        weak = company.setdefault("weak", [])
        by_hand = identity in register.curated
        names = [company["name"], *company.get("aliases", [])]
        if not by_hand:
            names += [strip_as_the_matcher(name) for name in [*names, *company.get("legal", [])]]
        for name in dict.fromkeys(names):
            folded = fold(name)
            is_short = len(folded.replace(" ", "")) < 4 and not any(c.isdigit() for c in folded)
            # "1&1" is read as "1 and 1", and "Strategy&" as the word.
            is_short = is_short or not re.search("[a-z]", folded) or folded.endswith("&")
            if identity in register.namesakes:
                is_weak = False
            elif by_hand:
                # Who wrote a list by hand has said which names of a company are words, and which surnames are known
                # as companies to everybody.
                is_weak = is_short or len(holders[folded]) > 1 or judge.is_ordinary(name)
            else:
                is_weak = is_short or len(holders[folded]) > 1 or \
                    judge.is_weak(name, identity in register.large, identity in register.members)
            if is_weak and name not in weak:
                weak.append(name)
        if not by_hand and company["name"] in weak:
            # With its form even a word is the name of a company.
            for legal in company.get("legal", []):
                full = with_form(legal)
                if full and full != company["name"] and len(full.split()) > 1 and len(fold(full)) > 5:
                    company.setdefault("aliases", []).append(full)
                    break
        for division in company.get("divisions", []):
            weak = division.setdefault("weak", [])
            for name in [division["name"], *division.get("aliases", [])]:
                folded = fold(name)
                is_word = judge.is_plain(name, company)
                is_short = len(folded.replace(" ", "")) < 4 and not any(c.isdigit() for c in name)
                if (is_word or is_short) and name not in weak:
                    weak.append(name)


def add_spoken_acronyms(companies, judge):
    """Adds "Ikea" for "IKEA": British and continental papers write an acronym that is spoken as a word with one capital."""
    for company in companies.values():
        for name in [company["name"], *company.get("aliases", [])]:
            word = name.capitalize()
            if re.fullmatch("[A-Z]{4,8}", name) and re.search("[AEIOUY]", name) and not re.search("[^AEIOUY]{3}", name) \
                    and name not in company.get("weak", []) and word.lower() not in judge.common and not any(word.lower() in names for names in judge.lists.values()) \
                    and word not in company.get("aliases", []):
                company.setdefault("aliases", []).append(word)


def decide_familiar(companies):
    """Marks the weak names that most readers of news take for the company; familiar.py counted."""
    entries = {}
    for company in companies.values():
        entries[company["id"]] = company
        for division in company.get("divisions", []):
            entries[f"{company['id']}/{division['id']}"] = division
    for line in open(HERE / "curated" / FAMILIAR_FILE, encoding="utf-8"):
        row = json.loads(line)
        entry = entries.get(row["of"])
        if not entry or entry.get("kind") == "outlet":
            continue
        meant, decided = row["meant"], row["meant"] + row["open"]
        share = meant / decided
        if share - (share * (1 - share) / decided) ** 0.5 < FAMILIAR_SHARE or row["other"] > UNFAMILIAR_SHARE * (decided + row["other"]):
            continue
        names = [entry["name"], *entry.get("aliases", []), *entry.get("weak", [])]
        if row["name"] in names and row["name"] not in entry.setdefault("familiar", []):
            entry["familiar"].append(row["name"])


def tidy(entry, order):
    return {key: entry[key] for key in order if entry.get(key) not in (None, "", [])}


def write(companies, path):
    with open(path, "w", encoding="utf-8") as out:
        for identity in sorted(companies):
            company = tidy(companies[identity], ORDER)
            if "divisions" in company:
                company["divisions"] = [tidy(division, DIVISION_ORDER) for division in company["divisions"]]
            out.write(json.dumps(company, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--facts", type=Path, required=True)
    options.add_argument("--words", type=Path, required=True)
    options.add_argument("--out", type=Path, default=HERE / "companies.jsonl")
    options = options.parse_args()
    words = {line.strip() for line in open(options.words, encoding="utf-8")}
    stripper = Stripper(options.facts)
    companies = read_curated()
    registrants = list(read_registrants(options.facts))
    facts_names = sorted({row["name"] for row in registrants} | {clean(row["name"]) for row in rows_of(options.facts / "world-equities.csv")})
    index_names = [row["name"] for row in read_facts(options.facts)]
    caser = Caser(facts_names + index_names, {word.lower() for word in words})
    judge = Judge(words, facts_names)
    world = list(read_world(options.facts, stripper, judge))

    register = Register(companies, stripper, judge)
    register.add_index_members(options.facts)
    for row in registrants:
        register.add_registrant(row, caser.name(row["name"], stripper), caser.name(row["legal"], stripper))
    for row in world:
        register.add_world(row, caser.name(row["name"], stripper))
    dated, added = add_acquisitions(companies, register, judge, options.facts)
    brands = add_brands(companies, register, judge, options.facts)
    drop_bare_words(companies, register, judge)
    add_first_words(companies, register, judge)
    decide_weak(companies, register, judge)
    add_spoken_acronyms(companies, judge)
    decide_familiar(companies)
    write(companies, options.out)

    kinds = Counter(company["kind"] for company in companies.values())
    divisions = sum(len(company.get("divisions", [])) for company in companies.values())
    print(f"{len(companies)} companies ({len(register.curated)} curated): "
          + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
          + f"; {divisions} divisions ({dated} dated, {added} bought, {brands} brands of the facts); "
          f"{options.out.stat().st_size:,} bytes")
    print("left out: " + ", ".join(f"{count} {reason}" for reason, count in sorted(register.left_out.items())))


if __name__ == "__main__":
    main()
