#!/usr/bin/env python3
"""C. Damage: found, named, never answered from; and dateline itself never shortens a file."""

import hashlib
import re
import shutil
import subprocess

from harness import *


def tests():
    """C1 to C5 and C7 through the library and the program."""
    for name, filters in [
        ("C1 flipped bits", ["damage::flipped_bits"]),
        ("C2 files that were cut, are too long or gone", ["damage::cut_files"]),
        ("C3 swapped and emptied files", ["damage::swapped_and_emptied_files", "damage::what_damage_costs"]),
        ("C4 a list that is lost or broken", ["damage::a_list_that_is_lost"]),
        ("C5 the list of what may be deleted", ["damage::the_list_of_what"]),
        ("C7 other versions", ["damage::other_versions"]),
    ]:
        rust(name, *filters)


def flips_control():
    """The comparison of every byte is taken out: names and lengths alone pass a flip over, and so a wrong answer comes about."""
    with control("C1 without reading every byte") as found:
        news = News(folder(), lines=20)
        news.change(added=5)
        assert news.index().status == 0
        index = news.place / "index"
        expected = run("export", cwd=news.place).out
        chance = random.Random(SEED)
        for path in sorted(index.iterdir()):
            if path.suffix not in (".store", ".fast", ".idx", ".pos"):
                continue
            whole = path.read_bytes()
            for _ in range(10):
                flipped = bytearray(whole)
                flipped[chance.randrange(max(1, len(whole) - 200))] ^= 1 << chance.randrange(8)
                path.write_bytes(flipped)
                passes = run("check", cwd=news.place).status == 0
                is_wrong = run("export", cwd=news.place).out != expected
                is_found = run("check", "--deep", cwd=news.place).status == 6
                found.case(passes and is_wrong and is_found, path.name)
            path.write_bytes(whole)


def cut_while_read():
    """C6: a file is cut under a search that goes on: a signal or an error, and the next run names the file."""
    with part("C6 files cut while a search reads them", 12) as found:
        news = News(folder(), lines=4000)
        news.change(added=3)
        assert news.index().status == 0
        ended_by = {}
        for kind in ("store", "fast", "idx", "pos", "term", "fieldnorm"):
            for part_left in (0.0, 0.5):
                copied = news.copy(folder())
                path = max((copied.place / "index").glob(f"*.{kind}"), key=lambda path: path.stat().st_size)
                command = [str(PROGRAM), "search", "steel", "lithium", "--format", "jsonl", "-n", "all"]
                child = subprocess.Popen(command, cwd=copied.place, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         bufsize=0)
                first = child.stdout.readline()
                os.truncate(path, int(path.stat().st_size * part_left))
                try:
                    out, err = child.communicate(timeout=30)
                    status = child.returncode
                    # All was read before, it failed in order, or the system ended it.
                    is_right = first and status in (0, 6, -signal.SIGBUS) and b"panicked" not in err
                    if status == 0:
                        lines = [json.loads(line) for line in [first, *out.splitlines()]]
                        is_right = is_right and len(lines) == len(news.articles)
                except subprocess.TimeoutExpired:
                    child.kill()
                    status, is_right, err = None, False, b"it hangs"
                ended_by[status] = ended_by.get(status, 0) + 1
                again = run("search", "steel", cwd=copied.place)
                is_named = again.status == 6 and path.name.encode() in again.err
                found.case(is_right and is_named, f"{kind} to {part_left}: {status} {err[-300:]}; then {again}")
                shutil.rmtree(copied.place)
        found.note = f"by status: {dict(sorted(ended_by.items(), key=str))}"


# Anything that makes a file of an index shorter, or overwrites it in place.
SHORTENS = re.compile(r'(ftruncate|truncate)\(.*index|open(at)?\(.*index[/"].*O_TRUNC|fallocate\(.*index')


def never_shortened():
    """C6: no call that shortens a file, in anything that writes to an index or reads from it."""
    with part("C6 no file of an index is ever shortened", 10) as found:
        need("strace")
        news = News(folder())
        log = news.place / "log"

        def traced(*arguments):
            calls = "trace=open,openat,creat,truncate,ftruncate,fallocate"
            ended = run(*arguments, cwd=news.place, before=strace("-y", "-e", calls, log=log))
            lines = log.read_text(errors="replace").splitlines()
            return ended, [line for line in lines if SHORTENS.search(line)], sum("index" in line for line in lines)

        for number in range(9):
            news.change()
            ended, shortened, seen = traced("index", "news")
            found.case(ended.status == 0 and not shortened and seen, f"run {number}: {ended} {shortened}")
        for arguments in [("search", "steel"), ("compact",), ("snapshot", "index-copy"), ("check", "--deep"), ("export",),
                          ("saved", "add", "x", "steel"), ("saved", "remove", "x"), ("retag",)]:
            ended, shortened, seen = traced(*arguments)
            found.case(ended.status == 0 and not shortened and seen, f"{arguments}: {ended} {shortened}")
        with control("C6 with a program that does shorten") as inner:
            path = next((news.place / "index").glob("*.store"))
            run("-c", f"head -c 9 {log} > index/{path.name}", cwd=news.place, program="/bin/sh",
                before=strace("-y", "-e", "trace=open,openat,creat,truncate,ftruncate", log=log))
            inner.case(any(SHORTENS.search(line) for line in log.read_text().splitlines()))


if __name__ == "__main__":
    tests()
    flips_control()
    cut_while_read()
    never_shortened()
    finish()
