"""What the fault tests share: the built program, a model of what an index has to hold, and one line a test.

A test counts what it tried and what failed. Each has a control: the same test with the protection taken out, which has to
notice. What a machine lacks (root, strace, loop devices) is skipped and counted, never passed over in silence.
"""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("DATELINE", ROOT / "target/debug/dateline")).resolve()
LONG = "long" in sys.argv[1:]
SEED = int(os.environ.get("FAULTS_SEED", "20260101"))
IS_ROOT = os.geteuid() == 0
NOBODY = 65534
LOCKS = {".tantivy-writer.lock", ".tantivy-meta.lock"}
SEARCHES = "searches.txt"

totals = {"tried": 0, "failed": 0, "skipped": 0}


class Skip(Exception):
    """What a test needs is not at hand."""


class Part:
    """One test: what it tried, and what failed of it."""

    def __init__(self, name):
        self.name, self.tried, self.failures, self.note = name, 0, [], ""

    def case(self, is_right, told=""):
        self.tried += 1
        if not is_right:
            self.failures.append(str(told))
        return is_right


@contextmanager
def part(name, least=1):
    """Runs a test and prints its line. Less than `least` cases are a failure: the test did not look."""
    found, started = Part(name), time.monotonic()
    try:
        yield found
    except Skip as reason:
        totals["skipped"] += 1
        print(f"{name:<44} skipped: {reason}", flush=True)
        return
    except Exception as error:  # A defect of the test, or an answer that nobody expected.
        found.failures.append(f"{type(error).__name__}: {error}")
    if found.tried < least:
        found.failures.append(f"only {found.tried} of {least} cases came about")
    totals["tried"] += found.tried
    totals["failed"] += len(found.failures)
    seconds = time.monotonic() - started
    line = f"{found.tried:>6} tried {len(found.failures):>4} failed {seconds:>6.0f} s"
    print(f"{name:<44} {line}  {found.note}".rstrip(), flush=True)
    for failure in found.failures[:8]:
        print(f"    {failure[:1500]}", flush=True)


@contextmanager
def control(name):
    """The same with the protection taken out: a case is right where that was noticed. One is enough."""
    with part(f"{name} (control)") as found:
        inner = Part(name)
        yield inner
        noticed = inner.tried - len(inner.failures)
        found.note = f"noticed in {noticed} of {inner.tried}"
        found.case(noticed > 0, f"nothing was noticed: {inner.failures[:3]}")


def finish():
    """Ends a script with its status."""
    shutil.rmtree(_work, ignore_errors=True)
    sys.exit(1 if totals["failed"] else 0)


_work = Path(tempfile.mkdtemp(prefix="dateline-faults-"))
os.chmod(_work, 0o755)
_number = iter(range(1 << 30))


def folder(name="case"):
    """An empty folder that goes with the script."""
    path = _work / f"{next(_number)}-{name}"
    path.mkdir()
    return path


def need_root():
    if not IS_ROOT:
        raise Skip("needs root")


def need(tool, package=None):
    """A tool; what is missing is installed where that is allowed."""
    if shutil.which(tool) is None and IS_ROOT and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", package or tool]):
            subprocess.run(["apt-get", "-qq", *command], capture_output=True, check=False)
    if shutil.which(tool) is None:
        raise Skip(f"needs {tool}")


def public_program():
    """The program at a place that every user can reach."""
    copied = _work / "dateline"
    if not copied.exists():
        shutil.copy(PROGRAM, copied)
        copied.chmod(0o755)
    return copied


def as_nobody(command):
    need("setpriv", "util-linux")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *map(str, command)]


class Ran:
    """How a run ended."""

    def __init__(self, status, out, err, seconds, memory=0, worked=0):
        self.status, self.out, self.err, self.seconds, self.memory, self.worked = status, out, err, seconds, memory, worked

    @property
    def is_acknowledged(self):
        """Whether the run reported a commit."""
        return b'"event":"commit"' in self.out

    @property
    def is_orderly(self):
        """Whether it ended by itself, and not by a defect."""
        return 0 <= self.status < 70 or self.status == 130 and b"panicked" not in self.err

    def __str__(self):
        return f"status {self.status} after {self.seconds:.1f} s: {self.err[-600:].decode(errors='replace')}"


def run(*arguments, cwd, before=(), timeout=120, limits=(), program=None, stdin=None, env=None, kill_after=None,
        kill_on=None):
    """Runs the program behind the words of `before` (strace, setpriv); `limits` are pairs for setrlimit. It is killed after some
    seconds, counted from the moment when it has printed `kill_on` where that is given."""
    command = [*map(str, before), str(program or PROGRAM), *map(str, arguments)]
    started = time.monotonic()

    def prepare():
        for what, value in limits:
            resource.setrlimit(what, (value, value))

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            command, cwd=cwd, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err,
            preexec_fn=prepare if limits else None, env={**os.environ, "COLUMNS": "100", **(env or {})},
            start_new_session=True,
        )
        status = memory = worked = None
        while status is None:
            found, ended, usage = os.wait4(child.pid, os.WNOHANG)
            if found:
                # Seconds of the processor in the program itself do not depend on who else is at work.
                status, memory, worked = os.waitstatus_to_exitcode(ended), usage.ru_maxrss << 10, usage.ru_utime
                child.returncode = status
                break
            passed = time.monotonic() - started
            if kill_on and kill_on in os.pread(out.fileno(), 1 << 20, 0):
                kill_on, kill_after = None, passed + kill_after
            if kill_after is not None and not kill_on and passed >= kill_after:
                os.killpg(child.pid, signal.SIGKILL)
                kill_after = None
            elif passed > timeout:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                raise TimeoutError(f"{arguments} took more than {timeout} s")
            time.sleep(0.0005 if passed < 1 else 0.02)
        out.seek(0), err.seek(0)
        return Ran(status, out.read(), err.read(), time.monotonic() - started, memory, worked)


def strace(*arguments, log="/dev/null"):
    need("strace")
    return ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(log), *map(str, arguments)]


def traced_calls(log):
    """The lines of strace, a call each. What another thread's call has cut in two is joined."""
    begun = {}
    for line in log.read_text(errors="replace").splitlines():
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>")
        elif resumed := re.match(r"\d+ +<\.\.\. \w+ resumed>", line):
            yield begun.pop(thread, "") + line[resumed.end():]
        else:
            yield line


class News:
    """A folder of articles, and what an index of it has to hold."""

    def __init__(self, place, seed=0, lines=1):
        self.place, self.random, self.round, self.lines = Path(place), random.Random(SEED + seed), 0, lines
        self.articles, self.files = {}, {}
        (self.place / "news").mkdir(exist_ok=True)

    def copy(self, place):
        """The same at another place, with the index."""
        place.rmdir()
        shutil.copytree(self.place, place)
        copied = News.__new__(News)
        copied.__dict__.update(self.__dict__)
        copied.place = Path(place)
        copied.articles, copied.files = dict(self.articles), dict(self.files)
        copied.random = random.Random(self.random.random())
        return copied

    def change(self, added=3, is_mixed=True):
        """New files; mixed, some are replaced and one goes."""
        self.round += 1
        numbers = list(range(len(self.files), len(self.files) + added))
        names = [f"{self.round:04}-{number:05}.jsonl" for number in numbers]
        if is_mixed and self.files:
            names += self.random.sample(sorted(self.files), min(2, len(self.files)))
        for name in names:
            ids = self.files.get(name) or [f"{name}#{line}" for line in range(self.lines)]
            with open(self.place / "news" / name, "w") as out:
                for id in ids:
                    body = f"Round {self.round} of {id}: steel and lithium, {self.random.getrandbits(64):x}."
                    self.articles[id] = body
                    out.write(json.dumps({"id": id, "title": f"Number {id}", "body": body}) + "\n")
            self.files[name] = ids
        if is_mixed and len(self.files) > 6:
            for gone in self.random.sample(sorted(set(self.files) - set(names)), min(1, len(self.files) - len(names))):
                for id in self.files.pop(gone):
                    del self.articles[id]
                os.remove(self.place / "news" / gone)
        return dict(self.articles)

    def index(self, **options):
        return run("index", "news", "--progress=json", cwd=self.place, **options)


def held(place, index="index", fields="body"):
    """Articles of an index by id, after every byte was checked: the field, or several as a tuple. A text where something is
    wrong, None without an index."""
    checked = run("check", "--deep", "--json", "--index", index, cwd=place)
    if checked.status == 2 and b"no index" in checked.err:
        return None
    if checked.status != 0:
        return f"check --deep: {checked} {checked.out[:500]!r}"
    exported = run("export", "--index", index, "--fields", f"id,{fields}", cwd=place)
    if exported.status not in (0, 1):
        return f"export: {exported}"
    return articles_of(exported.out, fields)


def articles_of(exported, fields="body"):
    """What an export holds, in the same form."""
    lines = [json.loads(line) for line in exported.splitlines()]
    articles = {line["id"]: itemgetter(*fields.split(","))(line) for line in lines}
    if len(articles) != len(lines):
        return f"{len(lines) - len(articles)} articles are there twice"
    return articles


def difference(found, expected):
    """What an index has that it should not have, and the other way round, in a few words."""
    if not isinstance(found, dict) or not isinstance(expected, dict):
        return f"{found if not isinstance(found, dict) else len(found)} for {expected if not isinstance(expected, dict) else len(expected)}"
    missing = sorted(set(expected) - set(found))
    more = sorted(set(found) - set(expected))
    other = sorted(id for id in found if id in expected and found[id] != expected[id])
    return f"{len(missing)} missing {missing[:3]}, {len(more)} more {more[:3]}, {len(other)} other {other[:3]}"


def wrong(place, before, after, is_acknowledged):
    """What is wrong with an index after a run that was to bring it from one state to the next; empty where nothing is."""
    found = held(place)
    if found == after or (not is_acknowledged and (found == before or found is None and not before)):
        return ""
    return f"acknowledged: {is_acknowledged}; beside the new state {difference(found, after)}; beside the old one {difference(found, before)}"


def leftovers(place, index="index"):
    """Files that are not part of the state of an index."""
    checked = json.loads(run("check", "--json", "--index", index, cwd=place).out)
    names = sorted(set(os.listdir(place / index)) - LOCKS - {SEARCHES})
    listed = (place / index / "meta.json").read_text()
    strange = [name for name in names if name != "meta.json" and f'"{name}"' not in listed]
    return strange or ([] if len(names) == checked["files"] else names)


def recovers(place, after):
    """What is wrong after the next run, which has to need nobody and to leave nothing of the others behind."""
    again = run("index", "news", cwd=place)
    if again.status != 0:
        return f"the next run: {again}"
    found = held(place)
    if found != after:
        return f"after the next run: {difference(found, after)}"
    left = leftovers(place)
    return f"left behind: {left}" if left else ""


def cases(tasks, workers=2):
    """Runs functions without arguments beside each other, and gives what they give in their order."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda task: task(), tasks))


def rust(name, *filters, target=("--test", "it"), least=1, env=None, runner=None):
    """Tests of the library, by name: a line of their own each time."""
    with part(name, least) as found:
        environment = {**os.environ, **(env or {})}
        if LONG:
            environment["DATELINE_LONG"] = "1"
        if runner:
            triple = re.search("host: (.*)", subprocess.run(["rustc", "-vV"], capture_output=True, text=True).stdout)[1]
            key = f"CARGO_TARGET_{triple.upper().replace('-', '_')}_RUNNER"
            environment[key] = " ".join(runner)
        command = ["cargo", "test", "--quiet", "-j", "2", *target, "--", "--nocapture", *filters]
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        passed = sum(int(number) for number in re.findall(r"(\d+) passed", ended.stdout))
        failed = sum(int(number) for number in re.findall(r"(\d+) failed", ended.stdout))
        found.tried = passed + failed
        found.note = "; ".join(re.findall(r"^(?:\.*)(\d[\w ]*(?:flips|kills|images|cases|reloads).*)$", ended.stdout, re.M))
        if ended.returncode != 0 or failed:
            found.failures.append((ended.stdout + ended.stderr)[-1500:])
