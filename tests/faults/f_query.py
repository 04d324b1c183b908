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


def is_nested_right(ended, is_within):
    """Answered where the nesting is within the limit, else refused, in 50 ms of the processor."""
    right = ended.status in (0, 1) if is_within else ended.status == 2
    return right and ended.worked < 0.05


def nesting(place):
    with part("F1 nesting", 20) as found:
        most = 0
        for opening, closing, levels in (("(", ")", 1), ("+(a ", ")", 2), ("-(", ")", 2), ("NOT ", "", 1)):
            for depth in (20 // levels, 21, 240, 1000, 100_000 // (len(opening) + len(closing))):
                query = opening * depth + "steel" + closing * depth
                ended = search(place, "--", query)
                most = max(most, ended.worked)
                found.case(is_nested_right(ended, depth <= 20 // levels), f"{opening} {depth}: {ended.worked} s: {ended}")
                found.case(search(place, "steel", "-n", "1").status == 0)
        found.note = f"{most * 1000:.0f} ms of the processor at most"
    with control("F1 with a parser that follows what it is given") as found:
        depth = 100_000
        ended = run("-c", f"compile('(' * {depth} + 'a' + ')' * {depth}, 'q', 'eval')", cwd=place, program=sys.executable)
        found.case(not is_nested_right(ended, False), ended)
    with control("F1 with a parser that is slow") as found:
        # It refuses what it should, and takes its time for it.
        slow = "import time, sys\nwhile time.process_time() < 0.2: sum(range(100_000))\nsys.exit(2)"
        found.case(not is_nested_right(run("-c", slow, cwd=place, program=sys.executable), False))


def is_counted_right(ended, is_within):
    """Answered where there are at most 1,024 parts, else refused, in 500 ms of the processor."""
    right = ended.status in (0, 1) if is_within else ended.status == 2
    return right and ended.worked < 0.5


def clauses(place):
    with part("F2 1,024 parts and one more", 4) as found:
        most = 0
        for joiner in (" OR ", " "):
            for count in (1024, 1025):
                # As text a query has 4 KiB; words of one and two letters fit.
                letters = "abcdefghijklmnopqrstuvwxyz"
                words = [a + b for a in letters for b in letters] + [f"{a}{n}" for a in letters for n in range(10)] + list(letters) * 4
                query = joiner.join(words[:count])
                ended = search(place, query)
                most = max(most, ended.worked)
                is_within = len(query) <= 4096 and count == 1024
                found.case(is_counted_right(ended, is_within), f"{count}{joiner}: {len(query)} bytes: {ended.worked} s: {ended}")
        for count in (1024, 1025):
            words = list(letters * 40)[:count]
            ended = search(place, " ".join(words))
            most = max(most, ended.worked)
            found.case(is_counted_right(ended, count == 1024), f"{count} letters: {ended.worked} s: {ended}")
        found.note = f"{most * 1000:.0f} ms of the processor at most"
    with control("F2 with a program that takes any number of parts") as found:
        words = [word for letter in letters for word in ("-e", letter)] * 40
        ended = run("-c", "-r", *words[:2 * 1025], "news/words.jsonl", cwd=place, program="/bin/grep")
        found.case(not is_counted_right(ended, False), ended)


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


# The engine with its assertions, which a debug build has where nobody turns them off.
ASSERTING = ("--lib", "--config", "profile.dev.package.tantivy.debug-assertions=true")


def excluded_phrases():
    """F8: what the engine's own assertions stumble over."""
    at = folder()
    (at / "news").mkdir()
    for number in range(6):
        text = "lithium n3" if number == 3 else "lithium and n3"
        (at / f"news/{number}.txt").write_text(f"Steel {number}\n\nThe {text} of steel.")
    assert run("index", "news", cwd=at).status == 0

    def is_right(query, left):
        ended = search(at, "--json", "--explain", "--", query)
        hits = {hit["path"] for hit in json.loads(ended.out)["hits"]} if ended.status in (0, 1) else None
        return hits == {f"news/{number}.txt" for number in left} and b"panicked" not in ended.err, f"{query}: {hits} {ended}"

    with part("F8 an excluded phrase that begins later", 3) as found:
        found.case(*is_right('+title:steel -body:"lithium n3"~2', []))
        found.case(*is_right('+title:steel -body:"lithium n3"~2^2.5', []))
        found.case(*is_right('+title:steel -body:"lithium n3"', [0, 1, 2, 4, 5]))
    with control("F8 without the exclusion") as found:
        found.case(not is_right("+title:steel", [0, 1, 2, 4, 5])[0])
    if LONG:
        # The engine is built once more.
        rust("F8 with the engine's assertions, and its control", "--include-ignored", "an_excluded_phrase", target=ASSERTING,
             least=2)
    else:
        rust("F8 in the library", "an_excluded_phrase_may_begin_later", target=("--lib",))


if __name__ == "__main__":
    library()
    place = corpus(100_000 if LONG else 20_000)
    nesting(place)
    clauses(place)
    pages(place)
    heavy(place)
    timeouts(place)
    strings(place)
    excluded_phrases()
    finish()
