#!/usr/bin/env python3
"""H. Terminal: whatever stands in an article, a name, a query or a path, nothing of it acts on the terminal."""

import csv
import io
import pty
import re
import select
import subprocess
import termios

from harness import *

PAYLOADS = [
    "\x1b[31mred", "\x1b[2J", "\x1b[1;1H", "\x1b[8mhidden", "\x1b[?1049h", "\x1b[6n", "\x1b[c", "\x1b[20t", "\x1b[5i", "\x1bc",
    "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b]2;title\x1b\\",
    "\x1b]4;1;?\x07", "\x1b]1337;File=name=a:AAAA\x07", "\x1bP$q\"p\x1b\\", "\x1bP+q544e\x1b\\", "\x1b_apc\x1b\\", "\x1b^pm\x1b\\",
    "\x1bXsos\x1b\\", "\x1b(0", "\x1b#8", "\x9b31mred", "\x9d0;title\x9c", "\x90q\x9c", "\x9f\x9e\x98", "\x84\x85\x8d", "over\rwritten",
    "back\b\b\b\bspace", "bell\x07", "\x0e\x0f", "\x0b\x0c", "del\x7f", "\u202eesrever\u202c", "\u2066isolated\u2069", "\u202a\u202b\u202d",
    "\u200emark\u200f", "\u061cmark", "\x1b", "\x1b[38;5;1m\x9b\u202e\r\x08", "\x1b]8;;javascript:alert(1)\x1b\\x",
]

# Everything that moves, hides, reverses or asks. Line ends and tabs are dateline's own.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# What wrong use of options is told with, whatever was said of colours.
OPTIONS = re.compile(r"\x1b\[(?:0|1|4|22|24|3[1-3])?m")


def on_terminal(command, cwd, env=None):
    """What a command writes to a terminal, on both of its outputs, and its status."""
    master, slave = pty.openpty()
    # Line ends as they are written, so that every return of the carriage is the command's.
    settings = termios.tcgetattr(slave)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **(env or {})}
    environment.pop("NO_COLOR", None)
    child = subprocess.Popen([str(part) for part in command], cwd=cwd, stdin=slave, stdout=slave, stderr=slave, env=environment,
                             start_new_session=True)
    os.close(slave)
    seen, started = b"", time.monotonic()
    while time.monotonic() - started < 60:
        if not select.select([master], [], [], 0.2)[0]:
            if child.poll() is not None:
                break
            continue
        try:
            read = os.read(master, 1 << 16)
        except OSError:
            break
        if not read:
            break
        seen += read
    os.close(master)
    return seen.decode(errors="replace"), child.wait()


def news(place):
    """Articles with payloads in every field, and a list of companies with them in names."""
    (place / "news").mkdir()
    records, companies = [], []
    for number, payload in enumerate(PAYLOADS):
        records.append({
            "id": f"id{number}{payload}x", "title": f"Steel {payload} title {number}", "source": f"Source {payload} {number % 5}",
            "url": f"https://news.example/{number}/{payload}", "authors": [f"Author {payload}", f"Other {payload}"],
            "subjects": [f"subject {payload}"], "description": f"Described {payload}", "place": f"PLACE {payload}",
            "date": f"2024-0{number % 9 + 1}-11",
            "body": f"Steel {payload} and lithium at Zquux{number} Corp. More {payload} in\n\n{payload}Second {payload} paragraph\t of steel.",
            "lang": "en",
        })
    (place / "news/a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    for number, payload in enumerate(PAYLOADS):
        name = payload.replace("\0", "").replace("/", "_")[:80]
        (place / f"news/{number}{name}.txt").write_text(f"Plain {payload}\n\nAMSTERDAM {payload} — Steel {payload} of it.\n\nBy {payload}")
        (place / f"news/bad{number}{name}.jsonl").write_text("{" + payload + "\n")
    return records


def commands(place, records):
    """Everything that prints something of an article, a name, a query or a path."""
    yield ["search", "steel", "-n", "100", "--facets=source,author,subject,company,topic", "--terms", "--explain-query"]
    yield ["search", "steel", "-n", "60", "--explain", "--passages", "3", "--sort", "newest"]
    yield ["facets", "--by", "source", "steel"]
    yield ["facets", "--by", "company"]
    yield ["trends", "steel", "--by", "source"]
    yield ["trends", "steel", "--by", "company"]
    yield ["compare", "steel", "lithium"]
    yield ["stats"]
    yield ["check", "--deep"]
    yield ["saved"]
    yield ["inspect", "news", "-n", "all"]
    yield ["tag", "news"]
    yield ["companies", "zquux"]
    for record in records:
        yield ["show", "--", record["id"]]
        yield ["similar", "--", record["id"]]
        yield ["explain", "--all", "--", record["id"]]
    for payload in PAYLOADS if LONG else PAYLOADS[::4] + PAYLOADS[-2:]:
        text = payload.replace("\0", "")
        yield ["search", "--", f"nothing{text}"]
        yield ["search", "--", f'"zq {text}" OR nothing']
        yield ["search", "x", "--source", text]
        yield ["search", "x", "--limit", text]
        yield ["search", "x", "--sort", text]
        yield ["search", "x", f"--{text}"]
        yield ["search", "x", "--company", text]
        yield ["search", "x", "--since", text]
        yield ["search", "x", "--facets", text]
        yield ["search", "x", "--fields", text, "--json"]
        yield ["search", "x", "--index", f"no{text}"]
        yield ["search", "x", "--synonyms", f"no{text}"]
        yield ["search", "x", "--after", text]
        yield ["search", "search:" + text]
        yield ["saved", "add", text, "steel"]
        yield ["saved", "remove", text]
        yield [text]
        yield ["show", f"no{text}"]
        yield ["index", f"no{text}"]
        yield ["companies", text]
        yield ["companies", "check", f"no{text}"]
        yield ["completions", text]
        yield ["man", text]
        yield ["snapshot", f"copy{text}/no/where"]
        yield ["export", "-o", f"no{text}/where"]
        yield ["eval", "tags", f"no{text}"]


def overlay(place):
    """A company list with payloads in its names, as far as it takes them, and what is said of one that it does not take."""
    texts = []
    for number, payload in enumerate(PAYLOADS):
        escaped = json.dumps(f"Zquux{number} {payload}")
        texts.append(f'[[company]]\nid = "zquux{number}"\nname = {escaped}\naliases = ["Zquux{number} Corp"]\n')
    return texts


def printed():
    with part("H fields, names, queries and paths on a terminal", 40) as found:
        place = folder()
        records = news(place)
        ended, status = on_terminal([PROGRAM, "index", "news", "--progress=none", "--verbose", "--color=never"], place)
        found.case(status == 3 and not UNSAFE.search(ended), UNSAFE.findall(ended)[:5])
        run("saved", "add", "one", 'steel "\u65e5\u672c"', cwd=place)
        stored = json.loads(run("stats", "--json", cwd=place).out)["articles"]
        found.case(stored >= len(PAYLOADS), f"{stored} articles")
        number, runs = 0, []
        for arguments in commands(place, records):
            number += 1
            runs += [(arguments, colour) for colour in (("never", "always") if number <= 13 or LONG else ("never",))]

        def show(arguments, colour):
            return arguments, colour, *on_terminal([PROGRAM, "--no-pager", f"--color={colour}", *arguments], place)

        # One colour after the other: two copies to the same place would refuse each other.
        seen = []
        for colour in ("never", "always"):
            seen += cases([lambda one=one: show(*one) for one in runs if one[1] == colour])
        for arguments, colour, shown, status in seen:
            rest = COLOURS.sub("", shown) if colour == "always" else OPTIONS.sub("", shown) if status == 2 else shown
            bad = UNSAFE.search(rest)
            told = f"{arguments!r} {colour}: status {status}: {rest[max(0, bad.start() - 60):bad.end() + 20]!r}" if bad else ""
            found.case(not bad and status in (0, 1, 2, 3, 5, 6), told or f"{arguments!r}: status {status}: {shown[-300:]!r}")
        found.note = f"{len(PAYLOADS)} payloads, {number} commands"
    with control("H with cat") as inner:
        for name in ("news/a.jsonl", *[f"news/{path.name}" for path in sorted((place / "news").iterdir())[:20]]):
            shown, _ = on_terminal(["cat", name], place)
            inner.case(UNSAFE.search(shown), name)
    return place, records


def companies():
    with part("H company lists", len(PAYLOADS)) as found:
        place = folder()
        (place / "a.txt").write_text("Steel\n\nZquux1 Corp and Zquux2 Corp make steel.")
        for number, text in enumerate(overlay(place)):
            (place / "list.toml").write_text(text)
            for arguments in (["companies", "check", "list.toml"], ["tag", "--companies", "list.toml", "a.txt"],
                              ["index", "a.txt", "--companies", "list.toml", "--progress=none"], ["search", "steel", "--facets=company"],
                              ["companies", f"zquux{number}"]):
                shown, status = on_terminal([PROGRAM, "--no-pager", "--color=never", *arguments], place)
                found.case(not UNSAFE.search(shown) and status in (0, 1, 2, 3), f"{arguments}: {status}: {shown[-200:]!r}")


def structured(place, records):
    """JSON parses and gives back what was put in; what is piped has no colours; cells of CSV are no formulas."""
    with part("H JSON, pipes and CSV", 6) as found:
        by_id = {record["id"]: record for record in records}
        for arguments in (["search", "steel", "-n", "1000", "--format", "jsonl"], ["export"]):
            ended = run(*arguments, cwd=place)
            text = ended.out.decode()
            found.case(not UNSAFE.search(text), f"{arguments}: {UNSAFE.findall(text)[:3]}")
            lines = {line["id"]: line for line in map(json.loads, text.splitlines())}
            same = [id for id in by_id if id in lines and lines[id]["title"].split() == by_id[id]["title"].split()]
            found.case(len(same) == len(by_id), f"{arguments}: {len(same)} of {len(by_id)} come back: {sorted(set(by_id) - set(same))[:3]}")
        for record in records:
            shown = run("show", "--json", "--", record["id"], cwd=place)
            article = json.loads(shown.out)["article"]
            found.case(article["id"] == record["id"] and not UNSAFE.search(shown.out.decode()), repr(article["id"]))
        for arguments in (["search", "steel", "--facets=source"], ["show", "--", records[0]["id"]], ["stats"], ["search", "x", "--limit", "\x1b[31m"]):
            ended = run(*arguments, cwd=place)
            found.case(not UNSAFE.search((ended.out + ended.err).decode()), f"{arguments}: {ended.out[:200]!r} {ended.err[:200]!r}")
        at = folder()
        formulas = ["=1+1", "+1+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-1.5", "=HYPERLINK(\"http://evil\")"]
        (at / "a.jsonl").write_text("".join(
            json.dumps({"id": f"{text}#{number}", "title": text, "source": text, "authors": [text], "body": "Steel."}) + "\n"
            for number, text in enumerate(formulas)))
        assert run("index", "a.jsonl", cwd=at).status == 0
        for arguments in (["search", "steel", "--format", "csv", "-n", "all"], ["export", "--format", "csv"]):
            rows = list(csv.reader(io.StringIO(run(*arguments, cwd=at).out.decode())))
            found.case(len(rows) == len(formulas) + 1, f"{len(rows)} rows")
            for row in rows[1:]:
                bad = [cell for cell in row if re.match(r"[=+@\t\r＝＋－＠]|-(?![\d.]+$)|\s*[=+@]", cell)]
                found.case(not bad, bad)
    with control("H CSV as it would be without the apostrophe") as found:
        found.case(re.match(r"[=+@]", formulas[0]))


if __name__ == "__main__":
    where, articles = printed()
    companies()
    structured(where, articles)
    finish()
