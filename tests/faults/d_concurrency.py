#!/usr/bin/env python3
"""D. Concurrency: one writer, readers beside it, and runs that are asked to end."""

import re
import shutil
import subprocess
import threading

from harness import *


def holding(place):
    """A run that has the lock and waits for its standard input."""
    child = subprocess.Popen([str(PROGRAM), "index", "-", "--progress=json"], cwd=place, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    child.stdin.write(b'{"id":"held","title":"Held","body":"A text."}\n')
    child.stdin.flush()
    # The lock is taken twice: to make the index, and to write to it. This is said under the second.
    assert any(b'"listed"' in line for line in child.stdout), "it does not begin"
    return child


def second_writers():
    """D1: 20 starts beside a writer, all refused within a second and told whose turn it is; then the one that holds is done."""
    rust("D1, D2 locks in the library", "locking::", least=2)
    rust("D2 locks whose file is deleted", "the_lock_survives_its_file", target=("--lib",))
    with part("D1 20 starts beside a writer", 20) as found:
        news = News(folder())
        news.change()
        holder = holding(news.place)

        def start():
            ended = news.index()
            is_told = f"process {holder.pid} on".encode() in ended.err
            # A second of the processor: starts wait for each other where there are more of them than cores.
            return ended.status == 4 and is_told and ended.worked < 1, ended

        # By the clock where nothing else is started: a run that waits for the other one does so each time.
        alone = [start() for _ in range(3)]
        found.case(all(right for right, _ in alone) and min(ended.seconds for _, ended in alone) < 1, alone[0][1])
        for right, told in cases([start] * 20, workers=20 if LONG else 4):
            found.case(right, told)
        holder.stdin.close()
        holder.wait()
        found.case(set(held(news.place)) == {"held"}, held(news.place))
        found.case(not recovers(news.place, {"held": "A text.", **news.articles}), "the next run")
    with control("D1 with the locks taken out") as found:
        need("strace")
        for number in range(3):
            news = News(folder(), number, lines=50)
            after = news.change(added=10)
            holder = holding(news.place)
            ended = news.index(before=strace("-e", "inject=flock:retval=0"))
            holder.stdin.close()
            holder.wait()
            found.case(wrong(news.place, {}, {"held": "A text.", **after}, True) != "", f"both have ended well: {ended}")


def readers():
    """D3: readers that open the index again and again during commits and merges."""
    rust("D3 readers that reload in one process", "reloading::")
    commits = 150 if LONG else 20
    with part("D3 three programs that read all the time", commits) as found:
        news = News(folder())
        news.change()
        assert news.index().status == 0
        stop, problems, reads = threading.Event(), [], [0, 0, 0]

        def read(number):
            least = 0
            while not stop.is_set():
                ended = run("search", "*", "-n", "1", "--json", cwd=news.place)
                reads[number] += 1
                if ended.status != 0:
                    problems.append(str(ended))
                    continue
                total = json.loads(ended.out)["total"]
                count = total["value"] if isinstance(total, dict) else total
                if count < least:
                    problems.append(f"{count} articles after {least}")
                least = count

        threads = [threading.Thread(target=read, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for number in range(commits):
            news.change(added=2, is_mixed=False)
            ended = news.index()
            found.case(ended.status == 0 and ended.is_acknowledged, f"commit {number}: {ended}")
        stop.set()
        for thread in threads:
            thread.join()
        found.note = f"{sum(reads)} reads"
        found.failures += problems
        found.case(held(news.place) == news.articles, "the end")
    with control("D3 with an index that is copied by hand") as found:
        # What dateline's readers do not do: read the list, and then take files that a writer may have removed.
        news = News(folder())
        news.change()
        assert news.index().status == 0
        aside = news.place / "aside"
        for number in range(12):
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            shutil.copy(news.place / "index/meta.json", aside)
            news.change()
            assert news.index().status == 0
            for path in (news.place / "index").iterdir():
                if path.name != "meta.json":
                    shutil.copy(path, aside)
            found.case(run("search", "*", "--index", "aside", cwd=news.place).status == 6)


def copies():
    """D4: snapshots of an index that is written to."""
    rust("D4 snapshots while a run commits", "upkeep::copies_of_an_index")


def asked_to_end():
    """D5: SIGTERM, SIGINT once and twice, at any moment of a run."""
    rounds = 60 if LONG else 12
    with part("D5 SIGTERM and SIGINT", rounds) as found:
        big = News(folder(), lines=300)
        before = big.change(added=1, is_mixed=False)
        assert big.index().status == 0
        after = big.change(added=30 if not LONG else 120, is_mixed=False)
        whole = big.copy(folder()).index().seconds
        statuses = {}
        for number in range(rounds):
            copied = big.copy(folder())
            out, err = open(copied.place / "out", "w+b"), open(copied.place / "err", "w+b")
            child = subprocess.Popen([str(PROGRAM), "index", "news", "--progress=json"], cwd=copied.place, stdout=out, stderr=err)
            time.sleep(big.random.uniform(0.05, max(0.1, whole * 0.9)))
            asked, is_twice = time.monotonic(), number % 3 == 2
            child.send_signal(signal.SIGTERM if number % 3 == 0 else signal.SIGINT)
            if is_twice:
                time.sleep(0.05)
                asked = time.monotonic()
                child.send_signal(signal.SIGINT)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            seconds = time.monotonic() - asked
            err.seek(0)
            said, problem = err.read(), ""
            statuses[child.returncode] = statuses.get(child.returncode, 0) + 1
            if child.returncode not in (0, 130) or seconds > (1 if is_twice else 5) or b"panicked" in said:
                problem = f"status {child.returncode} after {seconds:.1f} s: {said[-300:]}"
            state = held(copied.place)
            # What it had read until then is committed, file by file; of it nothing is missing or other.
            if not isinstance(state, dict):
                problem += f" {state}"
            elif not (before.items() <= state.items() <= after.items()):
                problem += difference(state, after)
            problem += recovers(copied.place, after)
            found.case(not problem, f"{number}: {problem}")
            shutil.rmtree(copied.place)
        found.note = f"by status: {dict(sorted(statuses.items()))}"
    with control("D5 with a run that is stopped and can't hear") as found:
        child = subprocess.Popen([str(PROGRAM), "index", "news"], cwd=big.place, stderr=subprocess.DEVNULL)
        # Before there is somebody to hear it a signal ends the process, stopped or not.
        time.sleep(0.1)
        child.send_signal(signal.SIGSTOP)
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(1)
            found.case(False, "it has ended")
        except subprocess.TimeoutExpired:
            found.case(True)
        child.kill()
        child.wait()


if __name__ == "__main__":
    second_writers()
    readers()
    copies()
    asked_to_end()
    finish()
