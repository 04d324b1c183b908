#!/usr/bin/env python3
"""B. Disks that are full or fail, folders that may not be written to, and too few handles or too little memory: an error with
its reason, nothing lost, and the next run completes."""

import re
import shutil
import subprocess
import threading

from harness import *


def mounted(size):
    """A file system in memory of so many kilobytes: where it is."""
    need_root()
    at = folder("full")
    ended = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "faults", at], capture_output=True, check=False)
    if ended.returncode != 0:
        raise Skip("no tmpfs can be mounted here")
    return at


def resize(at, size):
    subprocess.run(["mount", "-o", f"remount,size={size}k", at], check=True)


def searching(place, index, stop, statuses):
    while not stop.is_set():
        statuses.append(run("search", "steel", "--index", index, cwd=place).status)


def full_disks():
    """B1: a disk of 18 sizes that a run does not fit on, or just does."""
    with part("B1 full disks", 18) as found:
        refused = met = fitted = 0
        sizes = [300 + 276 * step for step in range(18)]
        for number, size in enumerate(sizes if not LONG else sizes * 5):
            at = mounted(64 << 10)
            try:
                news = News(folder(), number)
                index = at / "index"

                def bring(memory="192M"):
                    return run("index", "news", "--index", index, "--memory", memory, "--progress=json", cwd=news.place)

                before = news.change(added=2)
                assert bring().status == 0
                news.lines = (20_000, 2000, 5000)[number % 3]
                after = news.change(added=1)
                resize(at, size)
                stop, statuses = threading.Event(), []
                searcher = threading.Thread(target=searching, args=(news.place, index, stop, statuses))
                searcher.start()
                # With the least memory parts are written before the commit, and so before anybody asks for room.
                ended = bring("192M" if number % 3 else "16M")
                stop.set()
                searcher.join()
                said = ended.err.decode()
                is_refused = re.search(r"\d+ bytes are needed, \d+ are free", said)
                is_met = re.search(rf"{index}.*No space left.*: (\d+ more bytes are needed, \d+ are|\d+ bytes are) free", said)
                refused += bool(is_refused)
                fitted += ended.status == 0
                met += bool(is_met)
                is_right = ended.status == 0 or ended.status == 5 and (is_refused or is_met)
                problem = "" if is_right else str(ended)
                if set(statuses) - {0}:
                    problem += f" searches ended with {sorted(set(statuses))}"
                state = held(news.place, index)
                if not (state == after or ended.status == 5 and state == before and not ended.is_acknowledged):
                    problem += f" {difference(state, after)} beside {difference(state, before)}"
                resize(at, 64 << 10)
                again = bring()
                state = held(news.place, index)
                if again.status != 0 or state != after:
                    problem += f" with room again: {again} {difference(state, after)}"
                elif leftovers(news.place, index):
                    problem += f" left: {leftovers(news.place, index)}"
                found.case(not problem, f"{size} kB: {problem}")
            finally:
                subprocess.run(["umount", "-l", at], check=False)
        found.note = f"{refused} refused before, {met} met on the way, {fitted} fitted"
        found.case(refused and met and fitted, found.note)


def embedded():
    """B2: the same in the library, on disks in memory that are full or fail."""
    rust("B2 failing and full disks in the library", "ingest::tests::failing", "nothing_is_committed_after_an_error",
         target=("--lib",), least=4)


# Calls that fail, and at which times of each thread. What the loader of the system opens comes before.
FAILING = {
    "fdatasync": (1, 2, 3, 4, 6), "fsync": (1, 2, 4, 6, 8), "rename": (1, 2, 3), "unlink": (1, 2, 5),
    "write": (1, 2, 3, 5, 9, 14), "openat": (16, 20, 24, 29, 34, 40), "flock": (1, 2, 3, 5),
}


def failing_calls():
    """B3: a call fails once, or from then on."""
    from a_crash import base

    with part("B3 calls that fail", 60) as found:
        need("strace")
        news, before, after = base()
        errors = ("EIO", "ENOSPC", "EINTR")
        tasks = [
            (call, error, number, stays)
            for call, numbers in FAILING.items()
            for error in errors
            for number in (numbers if LONG or error != "EINTR" else numbers[:2])
            for stays in ((False, True) if LONG or number == numbers[0] else (False,))
        ]
        counts = {}

        def one(call, error, number, stays):
            copied = news.copy(folder())
            log = copied.place / "log"
            when = f"{number}{'+' if stays else ''}"
            # An interruption that never ends is none.
            if error == "EINTR" and stays:
                when = f"{number}..{number + 3}"
            inject = f"inject={call}:error={error}:when={when}"
            ended = copied.index(before=strace("-y", "-e", f"trace={call}", "-e", inject, log=log), timeout=60)
            hit = [line for line in traced_calls(log) if "INJECTED" in line]
            if not hit:
                shutil.rmtree(copied.place)
                return None
            problem = wrong(copied.place, before, after, ended.is_acknowledged)
            said = ended.err.decode(errors="replace")
            is_of_index = any("index/" in line or "/index>" in line for line in hit)
            if ended.status not in (0, 2, 3, 4, 5, 6, 127, 130) or "panicked" in said:
                problem += f" {ended}"
            # Where nothing can be written nothing can be said.
            is_mute = any("write(2<" in line for line in hit)
            if ended.status == 5 and is_of_index and error != "EINTR" and not is_mute:
                word = {"EIO": "Input/output error", "ENOSPC": "No space left"}[error]
                if "index" not in said or word not in said:
                    problem += f" it does not say what failed: {said}"
            # What was not made durable must not be reported, tried again or not.
            if call in ("fdatasync", "fsync") and error != "EINTR" and is_of_index and ended.status == 0:
                problem += f" it is passed over: {hit[0]}"
            problem += recovers(copied.place, after)
            shutil.rmtree(copied.place)
            return ended.status, f"{call} {error} {when}: {problem}" if problem else ""

        for met in cases([lambda task=task: one(*task) for task in tasks]):
            if met:
                counts[met[0]] = counts.get(met[0], 0) + 1
                found.case(not met[1], met[1])
        found.note = f"by status: {dict(sorted(counts.items()))}"
    with control("B3 with errors kept from the program") as found:
        need("strace")
        for call in ("rename", "write"):
            copied = news.copy(folder())
            inject = "rename:retval=0:when=1+" if call == "rename" else "write:retval=4096:when=2+"
            ended = copied.index(before=strace("-e", f"trace={call}", "-e", f"inject={inject}"), timeout=60)
            found.case(wrong(copied.place, before, after, ended.is_acknowledged), ended)


def other_users():
    """B4: an index that another user may read and not write."""
    with part("B4 an index that may only be read", 5) as found:
        need_root()
        news = News(folder())
        news.change(added=5)
        assert news.index().status == 0
        for path in [news.place, *news.place.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        program, before = public_program(), as_nobody([])
        for locks in (True, False):
            if not locks:
                for name in LOCKS:
                    (news.place / "index" / name).unlink(missing_ok=True)
            for arguments, statuses in [
                (("search", "steel"), {0}), (("stats",), {0}), (("check", "--deep"), {0}), (("export",), {0}),
                (("show", next(iter(news.articles))), {0}), (("index", "news"), {5}), (("compact",), {5}),
                (("saved", "add", "x", "steel"), {5}),
            ]:
                ended = run(*arguments, cwd=news.place, before=before, program=program)
                is_told = ended.status == 0 or b"index" in ended.err and b"ermission denied" in ended.err
                found.case(ended.status in statuses and is_told, f"{arguments}, locks: {locks}: {ended}")
        found.case(held(news.place) == news.articles, "it has changed")
        # The control: where nobody is kept from writing the same run is no error.
        with control("B4 with permission to write") as inner:
            for path in [news.place, *news.place.rglob("*")]:
                path.chmod(0o777 if path.is_dir() else 0o666)
            news.change()
            ended = run("index", "news", cwd=news.place, before=before, program=program)
            inner.case(ended.status == 0, ended)


def scarce():
    """B5: few handles, little memory: an error or an answer, and never a signal."""
    with part("B5 64 handles, 512 MB and less", 40) as found:
        news = News(folder(), lines=200)
        before = news.change(added=20, is_mixed=False)
        assert news.index().status == 0
        after = news.change(added=20, is_mixed=False)
        statuses = {}
        handles = [(resource.RLIMIT_NOFILE, n) for n in ((64,) * 4 + (12, 16, 20, 24, 32, 48))]
        memory = [(resource.RLIMIT_AS, n << 20) for n in ((512,) * 4 + (300, 384, 448, 640, 768, 1024))]
        for limit in (handles + memory) * (5 if LONG else 1):
            copied = news.copy(folder())
            ended = copied.index(limits=[limit])
            searched = run("search", "steel", "lithium", "--facets=source", cwd=copied.place, limits=[limit])
            statuses[ended.status] = statuses.get(ended.status, 0) + 1
            problem = wrong(copied.place, before, after, ended.is_acknowledged) or recovers(copied.place, after)
            found.case(ended.is_orderly and not problem, f"{limit}: index: {ended} {problem}")
            found.case(searched.is_orderly, f"{limit}: search: {searched}")
            shutil.rmtree(copied.place)
        found.note = f"by status: {dict(sorted(statuses.items()))}"
        found.case(any(status not in (0, 3) for status in statuses), "every run had enough: nothing was scarce")
    with control("B5 with a program that does not look at what it was given") as found:
        blind = ("import ctypes; c = ctypes.CDLL(None); c.malloc.restype = ctypes.c_void_p; "
                 "c.memset(ctypes.c_void_p(c.malloc(600 << 20)), 1, 1)")
        with_room = run("-c", blind, cwd=news.place, program=sys.executable)
        assert with_room.status == 0, with_room
        ended = run("-c", blind, cwd=news.place, program=sys.executable, limits=[(resource.RLIMIT_AS, 512 << 20)])
        found.case(not ended.is_orderly, ended)


def room():
    """B6: room is asked for before a commit and a merge."""
    with part("B6 room asked for before it is needed", 3) as found:
        at = mounted(64 << 10)
        try:
            news, index = News(folder(), lines=3000), at / "index"
            for _ in range(2):
                news.change(added=1, is_mixed=False)
                assert run("index", "news", "--index", index, cwd=news.place).status == 0
            used = sum(path.stat().st_size for path in index.iterdir()) >> 10
            resize(at, used + 200)
            news.change(added=1, is_mixed=False)
            for arguments in (("compact",), ("snapshot", at / "copy"), ("index", "news")):
                names = sorted(os.listdir(index))
                ended = run(*arguments, "--index", index, cwd=news.place)
                is_told = re.search(rb"\d+ bytes are needed, \d+ are free", ended.err)
                is_kept = sorted(os.listdir(index)) == names
                left = {path.name for path in at.iterdir()} - {"index"}
                found.case(ended.status == 5 and is_told and (is_kept or arguments[0] == "index") and not left, f"{arguments}: {left} {ended}")
            with control("B6 with room") as inner:
                resize(at, 64 << 10)
                inner.case(run("compact", "--index", index, cwd=news.place).status == 0)
        finally:
            subprocess.run(["umount", "-l", at], check=False)


if __name__ == "__main__":
    full_disks()
    embedded()
    failing_calls()
    other_users()
    scarce()
    room()
    finish()
