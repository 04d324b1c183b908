#!/usr/bin/env python3
"""E. Ingest: hostile files beside ordinary ones, as root and as nobody, in bounded time and memory."""

import re
import shutil
import socket
import subprocess
import threading

from harness import *

# Memory for indexing by default, and what a run may take beside it: docs/cli.md says three times in all.
MEMORY = 192 << 20


def hostile():
    """E1: 83 hostile cases beside 200 ordinary articles; bombs beside them."""
    rust("E1 hostile files", "hostile::hostile_files", "hostile::no_hostile_file", "bombs::", least=3)
    if IS_ROOT:
        readable = subprocess.run(as_nobody(["test", "-x", PROGRAM]), check=False).returncode == 0
        if readable:
            runner = as_nobody(["env", f"TMPDIR={public_folder()}"])
            rust("E1 hostile files as nobody", "hostile::hostile_files", runner=runner)
        else:
            with part("E1 hostile files as nobody"):
                raise Skip("the build can't be reached by other users")
    with control("E1 without what says that something was skipped") as found:
        # An ordinary reader of lines loses what stands behind the first bad one, and says nothing.
        place = folder()
        (place / "news.jsonl").write_text('{"id":"a","title":"A","body":"b"}\n{"id":"b"\n{"id":"c","title":"C","body":"d"}\n')
        ended = run("index", "news.jsonl", cwd=place)
        kept = set(held(place))
        naive = subprocess.run(["python3", "-c", "import json\nfor line in open('news.jsonl'): json.loads(line)"], cwd=place,
                               capture_output=True, check=False)
        found.case(ended.status == 3 and kept == {"a", "c"} and naive.returncode != 0, ended)


def public_folder():
    path = folder("public")
    path.chmod(0o777)
    return path


def big():
    """E2: a sparse file and a single line that are larger than memory ought to be."""
    sparse, line = (10 << 30, 1 << 30) if LONG or "--big" in sys.argv else (1 << 30, 200 << 20)
    with part(f"E2 {sparse >> 30} GB of nothing, a line of {line >> 20} MB", 4) as found:
        most = 0
        for name in ("sparse.jsonl", "sparse.txt", "line.jsonl", "line.txt"):
            place = folder()
            news = place / "news"
            news.mkdir()
            (news / "a.jsonl").write_text('{"id":"a","title":"Steel","body":"It is there."}\n')
            with open(news / name, "wb") as out:
                if name.startswith("sparse"):
                    out.truncate(sparse)
                else:
                    if name.endswith("jsonl"):
                        out.write(b'{"id":"b","title":"T","body":"')
                    block = b"steel and lithium " * 58254
                    for _ in range(line // len(block)):
                        out.write(block)
            ended = run("index", "news", cwd=place, timeout=180)
            most = max(most, ended.memory)
            is_right = ended.status in (0, 3) and ended.seconds < 60 and ended.memory < 256 << 20
            found.case(is_right and "a" in (held(place) or {}), f"{name}: {ended.memory >> 20} MiB: {ended}")
            shutil.rmtree(place)
        found.note = f"{most >> 20} MiB at most"
    with control("E2 with a reader that holds the line") as inner:
        place = folder()
        with open(place / "line", "wb") as out:
            out.truncate(512 << 20)
        ended = run("-c", "open('line','rb').readline()", cwd=place, program=sys.executable)
        inner.case(ended.memory > 256 << 20, ended.memory >> 20)


OPENS = re.compile(r'open(?:at)?\((?:[^,"]*, )?"((?:[^"\\]|\\.)*)"[^,]*, ([A-Z_|0-9]+)')


def specials():
    """E3, E4: pipes, devices, sockets, loops, and links that lead out: nothing waits, nothing outside is opened."""
    for is_nobody in (False, True):
        name = "as nobody" if is_nobody else "as root" if IS_ROOT else "as a user"
        with part(f"E3, E4 pipes, devices, loops, links, {name}", 6) as found:
            need("strace")
            if is_nobody:
                need_root()
            place, outside = folder(), folder("outside")
            (outside / "secret.txt").write_text("Secret\n\nzxsecret is not to be read.")
            news = place / "news"
            (news / "sub").mkdir(parents=True)
            (news / "a.txt").write_text("Steel\n\nIt is there.")
            (news / "sub/b.txt").write_text("Lithium\n\nIt is there too.")
            os.mkfifo(news / "pipe.txt")
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(str(news / "socket.txt"))
            if IS_ROOT:
                os.mknod(news / "zero.txt", 0o666 | 0o020000, os.makedev(1, 5))
            os.symlink("..", news / "sub/loop")
            os.symlink("self.txt", news / "self.txt")
            os.symlink(outside, news / "out")
            os.symlink(outside / "secret.txt", news / "out.txt")
            os.symlink("/etc/passwd", news / "passwd.txt")
            for path in (place, news, news / "sub", outside):
                path.chmod(0o777)
            before = as_nobody([]) if is_nobody else []
            program = public_program()

            def traced(*arguments):
                log = place / "log"
                log.touch()
                log.chmod(0o666)
                ended = run(*arguments, cwd=place, before=[*before, *strace("-e", "trace=open,openat", log=log)],
                            program=program, timeout=30)
                return ended, [(path, flags) for path, flags in OPENS.findall(log.read_text(errors="replace"))]

            special = ("pipe.txt", "socket.txt", "zero.txt")
            ended, opened = traced("index", "news")
            waits = [path for path, flags in opened if path.endswith(special) and "O_NONBLOCK" not in flags]
            left = [path for path, _ in opened if "outside" in path or "passwd" in path or path.endswith(("out", "out.txt"))]
            found.case(ended.status in (0, 3) and ended.seconds < 10, ended)
            found.case(not waits, waits)
            found.case(not left, left)
            found.case(len(held(place)) == 2, held(place))
            for kind in special:
                if os.path.lexists(news / kind):
                    ended, opened = traced("index", f"news/{kind}", "--index", "other")
                    waits = [path for path, flags in opened if path.endswith(special) and "O_NONBLOCK" not in flags]
                    is_told = ended.status in (2, 3, 5) and kind.encode() in ended.err
                    found.case(is_told and ended.seconds < 10 and not waits, f"{kind}: {ended} {waits}")
            with control(f"E3, E4 with cat, {name}") as inner:
                log = place / "log"
                for target, is_seen in (("out.txt", lambda path, _: "out.txt" in path),
                                        ("pipe.txt", lambda path, flags: "pipe" in path and "O_NONBLOCK" not in flags)):
                    tracer = [*before, *strace("-e", "trace=open,openat", log=log)]
                    try:
                        run(f"news/{target}", cwd=place, before=tracer, program=shutil.which("cat"), timeout=1)
                        waited = False
                    except TimeoutError:
                        waited = True
                    opened = OPENS.findall(log.read_text(errors="replace"))
                    inner.case(waited or any(is_seen(*one) for one in opened), opened[-3:])


def exported(place, index):
    """What an index holds, whatever was indexed when."""
    lines = run("export", "--index", index, "--fields", "id,title,body,path,ordinal,companies,topics", cwd=place).out
    return sorted(lines.splitlines())


def moving():
    """E5: files that are appended to, cut, replaced and deleted while they are read."""
    rounds = 60 if LONG else 20
    with part("E5 files that change while they are read", rounds) as found:
        place, chance = folder(), random.Random(SEED)
        (place / "news").mkdir()

        def line(id):
            return json.dumps({"id": id, "title": f"Number {id}", "body": f"Steel {chance.random()}. " * 20}) + "\n"

        def write(number):
            path = place / f"news/{number:03}.jsonl"
            path.write_text("".join(line(f"{number}-{n}") for n in range(40)))

        for number in range(100):
            write(number)

        def mutate(stop):
            while not stop.is_set():
                number = chance.randrange(100)
                path = place / f"news/{number:03}.jsonl"
                action = chance.randrange(4)
                try:
                    if action == 0:
                        with open(path, "a") as out:
                            out.write(line(f"{number}-a{chance.randrange(9)}"))
                    elif action == 1 and path.exists():
                        os.truncate(path, chance.randrange(path.stat().st_size + 1))
                    elif action == 2:
                        beside = place / f"{number}.new"
                        beside.write_text("".join(line(f"{number}-r{n}") for n in range(20)))
                        os.replace(beside, path)
                    else:
                        path.unlink(missing_ok=True)
                        if chance.random() < 0.7:
                            write(number)
                except FileNotFoundError:
                    pass
                time.sleep(0.002)

        for number in range(rounds):
            stop = threading.Event()
            mutator = threading.Thread(target=mutate, args=(stop,))
            mutator.start()
            ended = run("index", "news", cwd=place)
            stop.set()
            mutator.join()
            found.case(ended.status in (0, 3) and b"panicked" not in ended.err, f"round {number}: {ended}")
            if number % 5 == 4:
                time.sleep(0.05)
                run("index", "news", cwd=place)
                shutil.rmtree(place / "fresh", ignore_errors=True)
                run("index", "news", "--index", "fresh", cwd=place)
                one, other = exported(place, "index"), exported(place, "fresh")
                found.case(one == other and one, f"round {number}: {len(one)} articles, {len(other)} anew, {len(set(one) ^ set(other))} differ")
        with control("E5 without the last run") as inner:
            write(1), (place / "news/002.jsonl").unlink(missing_ok=True)
            shutil.rmtree(place / "fresh")
            run("index", "news", "--index", "fresh", cwd=place)
            inner.case(exported(place, "index") != exported(place, "fresh"))


def dates():
    """E6: dates at and beyond what can be held are themselves or none, never others."""
    with part("E6 dates at their ends", 20) as found:
        place = folder()
        texts = {
            "9999-12-31": None, "9999-12-31T23:59:59Z": None, "1500-01-01": None, "1677-09-21": None, "2262-04-11T23:47:17Z": None,
            "2262-04-11T23:47:16Z": None, "0000-00-00": None, "2023-02-30": None, "2023-13-01": None, "2024-02-29": "2024-02-29",
            "2023-02-29": None, "99999-01-01": None, "-0001-01-01": None, "1970-01-01": "1970-01-01", "9223372036854775807": None,
            "-9223372036854775808": None, "1e400": None, "2024-05-17T25:00:00Z": None, "2024-05-17T10:00:00+99:00": None,
            "1816-03-30": "1816-03-30", "2024-05-17": "2024-05-17", "0001-01-01": None,
        }
        with open(place / "a.jsonl", "w") as out:
            for number, text in enumerate(texts):
                out.write(json.dumps({"id": str(number), "title": "T", "body": "Steel.", "date": text}) + "\n")
        ended = run("index", "a.jsonl", cwd=place)
        shown = run("export", "--fields", "id,published", cwd=place).out.splitlines()
        published = {line["id"]: line["published"] for line in map(json.loads, shown)}
        found.case(ended.status in (0, 3), ended)
        for number, (text, expected) in enumerate(texts.items()):
            got = published.get(str(number))
            # As it stands there, or as much of it as is known, or none.
            is_same = got is None or text.startswith(got[:10]) or got.startswith(text[:10]) and text[:10] not in ("2023-02-29",)
            found.case(is_same and (expected is None or got and got.startswith(expected)), f"{text}: {got}")
        with control("E6 with a date that wraps") as inner:
            wrapped = (253402214400 * 10**9 + 2**63) % 2**64 - 2**63
            year = time.gmtime(wrapped // 10**9).tm_year
            inner.case(year != 9999, year)


def ids():
    """E7: ids of any length and content: found, replaced, deleted; too long ones are refused."""
    with part("E7 ids of every kind", 100) as found:
        place, chance = folder(), random.Random(SEED)
        (place / "news").mkdir()
        pieces = ["a", "/", "\\", "\0", " ", "é", "日", "👩‍👧", "\u202e", "\x1b[31m", '"', "'", "*", "?", ":", "-", "\t", "ß", "İ", "%00", "#", "."]
        wanted = set()
        for length in [*range(1, 64), 100, 255, 256, 257, 300, 400, 509, 510, 511, 512]:
            for _ in range(2):
                text = ""
                while len(text.encode()) < length:
                    text += chance.choice(pieces)
                while len(text.encode()) > length:
                    text = text[:-1]
                text += "x" * (length - len(text.encode()))
                if text.strip() == text and text:
                    wanted.add(text)
        wanted = sorted(wanted | {"p" * 500 + end for end in "123"})
        long = ["i" * 513, "é" * 257, "x" * 70_000]
        records = [{"id": id, "title": f"Title {number}", "body": "Steel."} for number, id in enumerate([*wanted, *long])]
        (place / "news/a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        ended = run("index", "news", cwd=place)
        found.case(ended.status == 3 and ended.err.count(b"at most 512") >= 1, ended)
        stored = held(place)
        found.case(stored.keys() == set(wanted), difference(stored, dict.fromkeys(wanted)))
        for number, id in enumerate(wanted):
            if "\0" in id:  # No argument of a program can hold it.
                found.case(id in stored, repr(id))
                continue
            shown = run("show", "--json", "--", id, cwd=place)
            found.case(shown.status == 0 and json.loads(shown.out)["article"]["id"] == id, f"{id!r}: {shown}")
        # A hundred times the same is one.
        (place / "news/a.jsonl").write_text("".join(json.dumps({**records[n % 7], "title": f"New {n}"}) + "\n" for n in range(700)))
        run("index", "news", cwd=place)
        stored = held(place)
        found.case(isinstance(stored, dict) and stored.keys() == set(wanted[:7]), "replaced and deleted")
        (place / "news/a.jsonl").write_text("")
        run("index", "news", cwd=place)
        found.case(held(place) == {}, "all deleted")
        with control("E7 with ids that were cut") as inner:
            inner.case(len({id[:40] for id in wanted}) < len(wanted))


def unique_words():
    """E8: one article as long as any may be, of words that occur once."""
    with part("E8 ten megabytes of unique words", 1) as found:
        place, chance = folder(), random.Random(SEED)
        words = " ".join(f"{chance.getrandbits(40):x}" for _ in range((10 << 20) // 10))
        (place / "a.jsonl").write_text(json.dumps({"id": "a", "title": "T", "body": words[: 10 << 20]}) + "\n")
        ended = run("index", "a.jsonl", cwd=place, timeout=300)
        found.note = f"{ended.memory >> 20} MiB"
        found.case(ended.status == 0 and ended.memory < 4 * MEMORY, f"{ended.memory >> 20} MiB: {ended}")
        with control("E8 with the cap on a text taken away") as inner:
            # The same text twice over is cut, and that is told: it does not get in whole.
            (place / "b.txt").write_text("T\n\n" + words + words[: 3 << 20])
            ended = run("index", "b.txt", "--index", "other", cwd=place, timeout=300)
            inner.case(len(held(place, "other")["b.txt"]) <= 10 << 20 and b"first 10485760 bytes" in ended.err, ended)


if __name__ == "__main__":
    hostile()
    big()
    specials()
    moving()
    dates()
    ids()
    unique_words()
    finish()
