#!/usr/bin/env python3
"""F. Queries: everything is answered or refused in time, and the program lives."""

from harness import *

# Seconds that a debug build on a busy machine may take beside what is promised; a release on an idle one needs a tenth.
SLACK = float(os.environ.get("FAULTS_SLACK", "1.5"))


def library():
    """The same limits where a program embeds the library."""
    rust("F1 to F7 in the library", "nesting_is_bounded", "any_text_is_read_or_refused", "limits_are_errors",
         "a_slow_query_ends_in_time", target=("--lib",), least=4)


def corpus(count):
    news = News(folder(), lines=1000)
    news.change(added=count // 1000, is_mixed=False)
    # Words of their own, for patterns that stand for many.
    chance = random.Random(SEED)
    with open(news.place / "news/words.jsonl", "w") as out:
        for number in range(2000):
            words = " ".join(f"w{chance.getrandbits(30):x} c{number % 1500}" for _ in range(40))
            out.write(json.dumps({"id": f"w{number}", "title": f"Words {number}", "body": words, "source": f"Outlet {number}"}) + "\n")
        for number in range(400):
            body = "".join(f"q{(word * 7 + number) % 40}a " for word in range(3000))
            out.write(json.dumps({"id": f"q{number}", "title": "Places", "body": body}) + "\n")
    assert news.index().status == 0
    return news.place


def search(place, *arguments, timeout=30):
    return run("search", *arguments, cwd=place, timeout=timeout)


def nesting(place):
    with part("F1 nesting", 20) as found:
        for opening, closing, levels in (("(", ")", 1), ("+(a ", ")", 2), ("-(", ")", 2), ("NOT ", "", 1)):
            for depth in (20 // levels, 21, 240, 1000, 100_000 // (len(opening) + len(closing))):
                query = opening * depth + "steel" + closing * depth
                ended = search(place, "--", query)
                right = ended.status in (0, 1) if depth <= 20 // levels else ended.status == 2
                found.case(right and ended.seconds < SLACK + 0.05, f"{opening} {depth}: {ended}")
                found.case(search(place, "steel", "-n", "1").status == 0)
    with control("F1 with a parser that follows what it is given") as found:
        depth = 100_000
        ended = run("-c", f"compile('(' * {depth} + 'a' + ')' * {depth}, 'q', 'eval')", cwd=place, program=sys.executable)
        found.case(ended.status != 0, ended)


def clauses(place):
    with part("F2 1,024 parts and one more", 4) as found:
        for joiner in (" OR ", " "):
            for count in (1024, 1025):
                # As text a query has 4 KiB; words of one and two letters fit.
                letters = "abcdefghijklmnopqrstuvwxyz"
                words = [a + b for a in letters for b in letters] + [f"{a}{n}" for a in letters for n in range(10)] + list(letters) * 4
                query = joiner.join(words[:count])
                ended = search(place, query)
                fits = len(query) <= 4096
                right = ended.status in (0, 1) if fits and count == 1024 else ended.status == 2
                found.case(right and ended.seconds < SLACK + 0.5, f"{count}{joiner}: {len(query)} bytes: {ended}")
        for count in (1024, 1025):
            words = list(letters * 40)[:count]
            ended = search(place, " ".join(words))
            right = ended.status in (0, 1) if count == 1024 else ended.status == 2
            found.case(right and ended.seconds < SLACK + 0.5, f"{count} letters: {ended}")


def pages(place):
    values = ["-1", "0", "1", "1000", "1001", "10000", "10001", "1000000000", "10000000000", "9223372036854775808",
              "18446744073709551615", "18446744073709551616", "NaN", "1e3", "", " 5", "0x10", "٣"]
    with part("F3 limits and offsets", 2 * len(values)) as found:
        plain = search(place, "steel", "-n", "1").memory
        for option in ("--limit", "--offset", "--passages", "--facets"):
            for value in values:
                ended = search(place, "steel", f"{option}={value}")
                grown = ended.memory - plain
                found.case(ended.status in (0, 1, 2) and grown < 50 << 20 and ended.seconds < 3, f"{option}={value}: {grown >> 20} MiB more: {ended}")


def heavy(place):
    with part("F4 heavy queries", 20) as found:
        queries = [
            '"steel and"~1000', '"' + "steel " * 600 + '"', "a" * 700 + "~2", "steel~3", "/((a{1,20}){1,20}){1,20}/", "/.*[ab].{12}/",
            "/(a+)+$/", "/(.*)*x/", "/" + "(a|" * 40 + "b" + ")" * 40 + "/", "/" + "a?" * 90 + "a" * 20 + "/", "*a*", "*", "?", "??", "*steel", "w*", "c*", "s?eel*",
            "w~2", "steel NEAR/1000 lithium", "steel NEAR/1001 lithium", "* NOT *", "NOT *", '"*"', "w?*?*?*?*?*", "c1* w1* w2*", "steel " * 600,
            "(" + " OR ".join(f"w{n:x}*" for n in range(10, 200)) + ")",
        ]
        for query in queries:
            ended = search(place, "--timeout", "1s", "--", query)
            found.case(ended.status in (0, 1, 2) and ended.seconds < 1.1 + SLACK, f"{query[:60]}: {ended}")
        for facets in ("source", "author,source,year,month,day", ",".join(["source"] * 30), "nothing"):
            ended = search(place, "*", f"--facets={facets}", "--timeout", "1s")
            found.case(ended.status in (0, 2) and ended.seconds < 1.1 + SLACK, f"{facets}: {ended}")


def timeouts(place):
    # The words of `places` stand close to each other a thousand times over.
    slow = [
        f"ATLEAST/{900 + n} (((q1* NEAR/90 q2*) NEAR/90 (q1* NEAR/90 q3*)) NEAR/90 (q2* NEAR/90 (q3* NEAR/90 q1*)))" for n in range(20)
    ]
    with part("F5 200 ms are 200 ms", 20) as found:
        cut = 0
        for query in slow:
            ended = search(place, query, "--timeout", "200ms", "--json")
            answer = json.loads(ended.out) if ended.out else {}
            cut += bool(answer.get("timed_out"))
            found.case(ended.status in (0, 1) and answer.get("timed_out") and ended.seconds < 0.4 + SLACK, f"{query}: {ended}")
        found.note = f"{cut} were cut short"
    with control("F5 without a limit") as found:
        ended = search(place, slow[0], "--timeout", "none", "--json", timeout=120)
        found.case(ended.seconds > 0.4 + SLACK and not json.loads(ended.out).get("timed_out"), ended)
    with part("F5 many at once", 24) as found:
        for ended in cases([lambda query=query: search(place, query, "--timeout", "200ms") for query in slow + slow[:4]], workers=8):
            found.case(ended.status in (0, 1), ended)
        found.case(search(place, "steel").status == 0)


TOKENS = ["steel", "amazon", '"', "(", ")", "[", "]", "{", "}", "*", "?", "~", "~2", "^", "/", ":", "=", "|", "&", "!", "+", "-", "\\", ",", ".", " ",
          "AND", "OR", "NOT", "NEAR/3", "IN", "SENT", "ATLEAST/2", "TO", "title:", "date:", "company:", "wc:>", "caps:", "search:x", "money:", "$1.5bn",
          "2023", "2024-13", "é", "“", "日本", "..", "99999999999999999999999999999999999999999", "path:", "id:", "\u202e", "|| ", "about:", "lang:xx"]


def strings(place):
    count = 12_000 if LONG else 1200
    with part("F7 control characters", 60) as found:
        for number in [*range(1, 32), 127, *range(0x80, 0xA0)]:
            for query in (f"steel{chr(number)}", f"meta.a{chr(number)}:o"):
                ended = search(place, query)
                found.case(ended.status == 2 or number in (9, 10, 13) and ended.status in (0, 1), f"U+{number:04X}: {ended}")
        for query in ('"', "'", '"steel', "'steel", "steel\"", "“", "\\", "''", '""', '"""'):
            ended = search(place, "--", query)
            found.case(ended.status in (0, 1, 2), f"{query}: {ended}")
    with part("F7 random strings", count) as found:
        chance = random.Random(SEED)

        def one(query):
            ended = search(place, "-n", "1", "--", query)
            return ended.status in (0, 1, 2) and b"panicked" not in ended.err, f"{query!r}: {ended}"

        queries = ["".join(chance.choice(TOKENS) + chance.choice(["", " "]) for _ in range(chance.randrange(1, 14))) for _ in range(count)]
        for right, told in cases([lambda query=query: one(query) for query in queries]):
            found.case(right, told)
    with control("F4, F7 with a program that follows patterns") as found:
        try:
            run("-c", "import re; re.match('(a+)+$', 'a' * 40 + 'b')", cwd=place, program=sys.executable, timeout=1.1 + SLACK)
            found.case(False, "it has ended")
        except TimeoutError:
            found.case(True)


def excluded_phrases(place):
    """F8: what the engine's own assertions stumble over."""
    with part("F8 an excluded phrase that begins later", 1) as found:
        at = folder()
        (at / "news").mkdir()
        for number in range(6):
            text = "lithium n3" if number == 3 else "lithium and n3"
            (at / f"news/{number}.txt").write_text(f"Steel {number}\n\nThe {text} of steel.")
        assert run("index", "news", cwd=at).status == 0
        for query in ('+title:steel -body:"lithium n3"~2', '+title:steel -body:"lithium n3"'):
            ended = search(at, "--json", "--explain", "--", query)
            found.case(ended.status in (0, 1) and b"panicked" not in ended.err, f"{query}: {ended}")


if __name__ == "__main__":
    library()
    place = corpus(100_000 if LONG else 20_000)
    nesting(place)
    clauses(place)
    pages(place)
    heavy(place)
    timeouts(place)
    strings(place)
    excluded_phrases(place)
    finish()
