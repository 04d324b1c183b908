#!/usr/bin/env python3
"""A. Crashes: what was acknowledged is there, nothing is there by halves, and the next run needs nobody."""

import shutil
import subprocess

from harness import *


def kills():
    """A1: SIGKILL at any moment of runs that add, replace, delete, merge and compact."""
    # Some end before they are killed.
    rounds, least = (1200, 1000) if LONG else (100, 50)
    with part("A1 kills at random", least) as found:
        place, news, before, reported = None, None, {}, 0
        for number in range(rounds):
            if number % 40 == 0:
                if place:
                    problem = recovers(place, news.articles)
                    found.case(not problem, f"round {number}: {problem}")
                place = folder()
                news, before = News(place, number), {}
            is_compact = number % 7 == 6
            after = before if is_compact else news.change()
            pause = news.random.uniform(0, 0.4)
            if is_compact:
                ended = run("compact", cwd=place, kill_after=pause)
            elif number % 3 == 2:
                # While it merges and cleans up behind what it has reported.
                ended = news.index(kill_after=pause / 100, kill_on=b'"event":"commit"')
            else:
                ended = news.index(kill_after=pause)
            problem = wrong(place, before, after, ended.is_acknowledged)
            if ended.status < 0 or problem:
                found.case(not problem, f"round {number}: {problem}")
                reported += ended.is_acknowledged
            if not is_compact:
                state = held(place)
                before = state if isinstance(state, dict) else {}
        problem = recovers(place, news.articles)
        found.case(not problem, problem)
        found.note = f"{reported} had reported"


# Calls and the numbers of them that are tried; they are counted for each thread, and a run does not come to all of them.
POINTS = {
    "fdatasync": range(1, 13), "fsync": range(1, 15), "rename": range(1, 7), "unlink": range(1, 21),
    "write": range(1, 41), "openat": range(8, 64), "flock": range(1, 9), "mmap": range(12, 64),
}


def base():
    """An index of several segments, so that the next run merges, and what the next run is to make of it."""
    news = News(folder())
    for _ in range(7):
        news.change()
        assert news.index().status == 0
    before = dict(news.articles)
    after = news.change(added=8)
    return news, before, after


def point(news, before, after, inject, log=None):
    """A run that a call is tampered with in: what is wrong afterwards, and how it ended."""
    copied = news.copy(folder())
    ended = copied.index(before=strace("-e", f"inject={inject}", log=log or "/dev/null"))
    problem = wrong(copied.place, before, after, ended.is_acknowledged)
    problem = problem or recovers(copied.place, after)
    shutil.rmtree(copied.place)
    return problem, ended


def kill_points():
    """A2: SIGKILL at the nth of each call that changes something."""
    with part("A2 kill points", 110) as found:
        need("strace")
        prepared = base()
        points = [(call, number) for call, numbers in POINTS.items() for number in numbers]
        if LONG:
            points = [(call, number) for call, numbers in POINTS.items() for number in range(1, 2 * numbers.stop)]

        def one(call, number):
            problem, ended = point(*prepared, f"{call}:signal=SIGKILL:when={number}")
            return ended.status < 0, f"{call} {number}: {problem}" if problem else ""

        met = 0
        for was_killed, problem in cases([lambda at=at: one(*at) for at in points]):
            if was_killed or problem:
                found.case(not problem, problem)
            met += was_killed
        found.note = f"{len(points)} points, {met} were met"


def kill_points_control():
    """The rename that makes a commit is taken out: it is reported and has not happened."""
    with control("A1, A2 without the rename of meta.json") as found:
        need("strace")
        prepared = base()
        for number in range(1, 5):
            problem, ended = point(*prepared, f"rename:retval=0:when={number}+")
            found.case(problem, f"{number}: {ended}")


def power_model():
    """A3: a disk in memory that forgets what was not synced; the control is a test beside it."""
    rust("A3 power cuts on a model, with its control", "ingest::tests::power", target=("--lib",), least=3)


def image(kind):
    """A file system in a file: its path, and where it is mounted."""
    need_root()
    need(f"mkfs.{kind}", {"ext4": "e2fsprogs", "xfs": "xfsprogs"}[kind])
    place = folder(kind)
    disk, at = place / "disk", place / "at"
    at.mkdir()
    # xfs refuses to be smaller.
    subprocess.run(["truncate", "-s", "320M", disk], check=True)
    subprocess.run([f"mkfs.{kind}", "-q", disk], check=True)
    mount(disk, at, "loop,commit=300" if kind == "ext4" else "loop")
    return disk, at


def mount(disk, at, options):
    ended = subprocess.run(["mount", "-o", options, disk, at], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise Skip(f"no loop devices can be mounted here: {ended.stderr.strip()[:120]}")


def unmount(at):
    for _ in range(50):
        if subprocess.run(["umount", at], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{at} stays busy")


def acknowledged(place, index, disk, copied, before=()):
    """Runs until a commit is acknowledged, and copies the disk at that moment, with the file system still mounted."""
    command = [*before, str(PROGRAM), "index", "news", "--index", str(index), "--progress=json"]
    child = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    was_acknowledged = False
    for line in child.stdout:
        if '"event":"commit"' in line:
            # What came to the disk until now is there after a power cut, and nothing else.
            subprocess.run(["cp", "--sparse=always", disk, copied], check=True)
            was_acknowledged = True
    child.wait()
    return was_acknowledged


def power_cuts(kind, is_mixed, rounds, before=()):
    """Cuts the power after each of some commits: for each whether the disk has it after its journal was replayed."""
    disk, at = image(kind)
    place = folder()
    news, copied, again = News(place, is_mixed), place / "copy", place / "again"
    again.mkdir()
    try:
        for number in range(rounds):
            after = news.change(is_mixed=is_mixed)
            if not acknowledged(place, at / "index", disk, copied, before(at / "index") if before else ()):
                yield f"{kind} {number}: nothing was acknowledged"
                continue
            mount(copied, again, "loop,nouuid" if kind == "xfs" else "loop")
            try:
                found = held(place, again / "index")
            finally:
                unmount(again)
            yield "" if found == after else f"{kind}, mixed: {is_mixed}, commit {number}: {difference(found, after)}"
    finally:
        unmount(at)


def real_power_cuts():
    """A4: images of ext4 and xfs taken at the moment of each acknowledgment."""
    rounds = 20 if LONG else 5
    with part("A4 power cuts on ext4 and xfs", 4 * rounds) as found:
        for kind in ("ext4", "xfs"):
            for is_mixed in (False, True):
                for problem in power_cuts(kind, is_mixed, rounds):
                    found.case(not problem, problem)
    for kind in ("ext4", "xfs"):
        with control(f"A4 {kind} without the sync of the folder") as found:
            need_root()

            def without_sync(index):
                return strace("-e", "inject=fsync:retval=0", "-P", index)

            for problem in power_cuts(kind, True, rounds, without_sync):
                found.case(problem, "the commit is there")


def restarts():
    """A5: killed again and again while 10,000 articles come in, then as if nothing had been."""
    kills = 20
    with part("A5 runs taken up again", kills // 2 + 1) as found:
        place = folder()
        news, was_killed = News(place, lines=500 if not LONG else 5000), 0
        for number in range(kills):
            news.change(added=1, is_mixed=False)
            ended = news.index(kill_after=news.random.uniform(0.02, 0.2 if not LONG else 1.5))
            if ended.status < 0:
                state = held(place)
                found.case(state is None or isinstance(state, dict), state)
        fields = "id,title,body,published,lang,companies,divisions,topics,path,ordinal"

        def exported(index):
            assert run("index", "news", "--index", index, cwd=place).status == 0
            return run("export", "--index", index, "--fields", fields, cwd=place).out

        one, other = exported("index"), exported("whole")
        count = len(one.splitlines())
        found.note = f"{count} articles"
        found.case(one == other and count == len(news.articles), f"{count} articles, {len(other.splitlines())} in one go")
    with control("A5 with a file left out") as found:
        os.remove(sorted((place / "news").iterdir())[3])
        found.case(exported("lacking") != one, "the exports are the same")


def first_moments():
    """A6: killed in the first 50 ms on a folder that is new."""
    with part("A6 kills in the first 50 ms", 30) as found:
        chance = random.Random(SEED)
        for number in range(300 if LONG else 30):
            news = News(folder(), number)
            after = news.change()
            ended = news.index(kill_after=chance.uniform(0, 0.05))
            searched = run("search", "steel", cwd=news.place)
            is_told = searched.status in (0, 1) or searched.status == 2 and b"no index" in searched.err
            problem = wrong(news.place, {}, after, ended.is_acknowledged) or recovers(news.place, after)
            found.case(is_told and not problem, f"{number}: {searched} {problem}")
            shutil.rmtree(news.place)


if __name__ == "__main__":
    kills()
    kill_points()
    kill_points_control()
    power_model()
    real_power_cuts()
    restarts()
    first_moments()
    finish()
