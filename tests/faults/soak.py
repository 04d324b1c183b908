#!/usr/bin/env python3
"""The soak: for an hour a folder of articles of several formats is edited, indexed, searched, copied, compacted and checked in any
order, runs are killed in the middle, and at intervals the index is compared with a model.

Two indexes are made of the folder. To `index` come short runs, many of which are killed. `followed` belongs to one
`dateline index --watch` that lives from the beginning to the end; short runs beside it take its turn and are killed as well. Programs
that search read both all the time. The folder has as many files at the end as at the beginning, so that memory, handles and
disk have no reason to grow: the last quarter of the time is compared with the second.
"""

import gzip
import html
import io
import threading
import zipfile

from harness import *

MINUTES = float(next(iter(sys.argv[1:]), 60))
FILES = 240
FIELDS = "title,body"
READERS = 3
WORDS = """steel lithium rail port freight copper grain wafer solar cable turbine hull plant mill furnace order strike tender output margin
smelter refinery airline lender brewer insurer quarry dairy timber vaccine satellite battery""".split()
COMPANIES = ["Apple Inc.", "Siemens Energy", "Toyota Motor Corp", "Rio Tinto", "Nvidia", "Deutsche Bank AG", "Unilever"]
# What may be more in the last quarter than in the second: a share, and a constant.
SPARE = {"bytes": (0.10, 4 << 20), "handles": (0, 1), "share": (0.10, 0), "files": (0, 0)}


class Newsroom(News):
    """A folder of files of several formats, as many after each change as before. An article is its title and its body."""

    KINDS = ("txt", "jsonl", "html", "rss", "jsonl.gz", "zip")

    def __init__(self, place):
        super().__init__(place)
        self.number, self.ever = 0, set()
        while len(self.files) < FILES:
            self.add()

    def bytes(self):
        return sum(len(title) + len(body) for title, body in self.articles.values())

    def change(self, most=9):
        """Some files come, as many go, some are written anew."""
        self.round += 1
        count = self.random.randrange(1, most)
        for _ in range(count):
            self.add()
        for name in self.random.sample(sorted(self.files), count):
            self.remove(name)
        for name in self.random.sample(sorted(self.files), self.random.randrange(1, most)):
            self.write(name)
        return dict(self.articles)

    def add(self):
        self.number += 1
        self.write(f"{self.number:06}.{self.KINDS[self.number % len(self.KINDS)]}")

    def remove(self, name):
        for id in self.files.pop(name, ()):
            del self.articles[id]
        (self.place / "news" / name).unlink(missing_ok=True)

    def write(self, name):
        number, _, kind = name.partition(".")
        path, count = f"news/{name}", self.random.randrange(1, 6)
        ids = {
            "txt": [path], "html": [path], "zip": [f"{path}/{member}.txt" for member in range(count)],
        }.get(kind) or [f"{number}#{line}" for line in range(count)]
        for id in self.files.pop(name, ()):
            del self.articles[id]
        articles = [self.article(id) for id in ids]
        self.articles |= zip(ids, articles)
        self.files[name] = ids
        self.ever |= set(ids)
        (self.place / path).write_bytes(packed(kind, ids, articles))

    def article(self, id):
        paragraphs = "\n\n".join(" ".join(map(self.sentence, range(3))) for _ in range(self.random.randrange(3, 7)))
        return f"Number {id} in round {self.round}", paragraphs

    def sentence(self, number):
        subject = self.random.choice(COMPANIES) if number == 0 else f"The {self.random.choice(WORDS)}"
        words = " ".join(self.random.choices(WORDS, k=self.random.randrange(5, 12)))
        return f"{subject} and the {words} were reported under {self.random.getrandbits(40):x}."


def packed(kind, ids, articles):
    """A file of a format."""
    if kind == "txt":
        return "\n\n".join(articles[0]).encode()
    if kind == "html":
        (title, body), = articles
        paragraphs = "".join(f"<p>{paragraph}</p>\n" for paragraph in body.split("\n\n"))
        return f"<!doctype html><title>{title}</title>\n<article><h1>{title}</h1>\n{paragraphs}</article>".encode()
    if kind == "rss":
        items = "".join(
            f'<item><guid isPermaLink="false">{id}</guid><title>{title}</title><pubDate>Mon, 05 Feb 2024 10:00:00 GMT</pubDate>'
            f"<description>{html.escape(''.join(f'<p>{paragraph}</p>' for paragraph in body.split(chr(10) * 2)))}</description></item>\n"
            for id, (title, body) in zip(ids, articles)
        )
        return f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Wire</title>\n{items}</channel></rss>'.encode()
    if kind == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for id, article in zip(ids, articles):
                archive.writestr(id.rpartition("/")[2], "\n\n".join(article))
        return out.getvalue()
    lines = "".join(json.dumps({"id": id, "title": title, "body": body}) + "\n" for id, (title, body) in zip(ids, articles))
    return gzip.compress(lines.encode()) if kind == "jsonl.gz" else lines.encode()


class Samples:
    """Measures over the time of a soak, by name."""

    def __init__(self, seconds):
        self.started, self.seconds, self.taken = time.monotonic(), seconds, {}

    def take(self, name, kind, value):
        self.taken.setdefault((name, kind), []).append((time.monotonic() - self.started, value))

    def quarters(self, name, kind):
        """The second and the last quarter, each as a value that a quarter of its samples do not exceed. What stays behind lifts
        every sample, what a run needs for a moment only some."""
        by_quarter = [[], [], [], []]
        for at, value in self.taken[name, kind]:
            by_quarter[min(3, int(4 * at / self.seconds))].append(value)
        return [sorted(values)[len(values) // 4] for values in (by_quarter[1], by_quarter[3]) if values]

    def compare(self, found):
        """A case for each measure."""
        for (name, kind), taken in sorted(self.taken.items()):
            quarters = self.quarters(name, kind)
            share, constant = SPARE[kind]
            is_flat = len(quarters) == 2 and quarters[1] <= quarters[0] * (1 + share) + constant
            shown = " to ".join(f"{value / (1 << 20):.1f} MiB" if kind == "bytes" else f"{value:.3g}" for value in quarters)
            found.note += f"\n    {name:<40} {shown}, {len(taken)} samples"
            found.case(is_flat, f"{name}: {shown}")


def watch(samples, name, child, stop, pause=1):
    """Looks at a living process until told to stop or it ends."""
    while not stop.wait(pause) and child.poll() is None:
        try:
            status = Path(f"/proc/{child.pid}/status").read_text()
            handles = len(os.listdir(f"/proc/{child.pid}/fd"))
        except OSError:
            continue
        if resident := re.search(r"VmRSS:\s+(\d+) kB", status):
            samples.take(f"memory of {name}", "bytes", int(resident[1]) << 10)
            samples.take(f"handles of {name}", "handles", handles)


class Reader(threading.Thread):
    """Searches one index after the other until told to stop."""

    def __init__(self, news, samples, stop, number):
        super().__init__()
        self.news, self.samples, self.stop, self.random = news, samples, stop, random.Random(SEED + number)
        self.found = Part("")
        self.start()

    def run(self):
        while not self.stop.is_set():
            try:
                self.ask()
            except Exception as error:  # So that a defect of the test is seen as well.
                self.found.case(False, f"{type(error).__name__}: {error}")
            # The runs should come to something beside them.
            time.sleep(self.random.uniform(0, 0.1))

    def ask(self):
        word, other = self.random.sample(WORDS, 2)
        id = self.random.choice(list(self.news.articles) or ["none"])
        command = self.random.choice([
            ("search", word, "--json", "-n", "20"), ("search", f'"{word} {other}"', "--json"),
            ("search", f"{word[:2]}* OR {word} NEAR/5 {other}", "--facets=company,year", "--json"),
            ("search", "*", "--sort", "newest", "--json", "-n", "50", "--offset", "100"), ("search", word, "--expand", "--json"),
            ("search", "--format", "jsonl", "-n", "all", f"search:q{self.random.randrange(5)} OR {word}"),
            ("similar", id, "--json"), ("show", id, "--json"), ("compare", word, other), ("trends", word), ("stats", "--json"),
            ("facets", "--by", "company", word), ("check", "--json"), ("saved",), ("export", word, "--fields", "id,title"),
        ])
        index = self.random.choice(("index", "followed"))
        ended = run(*command, "--index", index, cwd=self.news.place)
        # A name may not be saved yet, an article may be gone.
        statuses = (0, 1, 2) if "search:" in command[-1] else (0, 1)
        problem = "" if ended.status in statuses and b"panicked" not in ended.err else str(ended)
        if "--json" in command and ended.status == 0:
            for hit in json.loads(ended.out).get("hits", ()):
                if hit["id"] not in self.news.ever or not hit["title"].startswith(f"Number {hit['id']} in round"):
                    problem += f" {hit['id']} is {hit['title']}"
        self.found.case(not problem, f"{command} in {index}: {problem}")
        # Of one kind alone, so that the mixture of a quarter does not count.
        if command[-2:] == ("-n", "20"):
            self.samples.take("peak memory of a search", "bytes", ended.memory)


class SlowReader(threading.Thread):
    """An export that is read bit by bit, while the index goes on: it has to be the state in which it was begun."""

    def __init__(self, news, expected, seconds, found):
        super().__init__()
        self.expected, self.pause, self.found = expected, seconds / len(expected), found
        command = [str(PROGRAM), "export", "--fields", f"id,{FIELDS}"]
        self.child = subprocess.Popen(command, cwd=news.place, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # From its first line on it holds the state that it reads.
        self.lines = [self.child.stdout.readline()]
        self.start()

    def run(self):
        for line in self.child.stdout:
            self.lines.append(line)
            time.sleep(self.pause)
        status, said = self.child.wait(), self.child.stderr.read()
        state = articles_of(b"".join(self.lines), FIELDS) if status == 0 else f"status {status}: {said[-300:]}"
        self.found.case(state == self.expected, difference(state, self.expected))


class Soak:
    """The folder, its indexes, and what is done to them."""

    def __init__(self, states, snapshots, slow):
        self.states, self.snapshots, self.slow = states, snapshots, slow
        self.news = Newsroom(folder("soak"))
        self.place, self.random = self.news.place, self.news.random
        self.before, self.saved, self.slow_reader = {}, {}, None
        # What stays behind for good is a failure once.
        self.told = set()
        self.counts = dict.fromkeys(("cycles", "kills", "commits", "compactions", "snapshots", "checkpoints"), 0)
        (self.place / "copies").mkdir()
        self.samples = Samples(MINUTES * 60)

    def held(self, index="index"):
        return held(self.place, index, FIELDS)

    def counted(self, ended):
        self.counts["kills"] += ended.status == -signal.SIGKILL
        self.counts["commits"] += ended.is_acknowledged
        return ended

    def settle(self, what, after, ended, statuses=(0, -signal.SIGKILL)):
        """The state behind a run has to be the one before it, or the one that it was to make; that, where it said so."""
        self.counted(ended)
        found = self.held()
        is_new = ended.is_acknowledged or ended.status == 0
        is_right = found == after or not is_new and found == (self.before or None)
        told = f"{what}, acknowledged: {is_new}: beside the new state {difference(found, after)}; {ended}"
        self.states.case(is_right and ended.status in statuses, told)
        self.before = found if isinstance(found, dict) else {}

    def clean(self):
        """A run to its end: the index is the model, and nothing is left of others."""
        self.news.change()
        ended = self.news.index()
        self.settle("a run", self.news.articles, ended)
        self.samples.take("peak memory of a run", "bytes", ended.memory)
        left = set(leftovers(self.place))
        self.states.case(left <= self.told, f"left behind by a run: {sorted(left - self.told)}")
        self.told |= left

    def killed(self):
        self.settle("a killed run", self.news.change(), self.news.index(kill_after=self.random.uniform(0, 0.6)))

    def killed_behind_a_commit(self):
        after = self.news.change()
        self.settle("killed behind its commit", after,
                    self.news.index(kill_after=self.random.uniform(0, 0.05), kill_on=b'"event":"commit"'))

    def edited_meanwhile(self):
        """Files change while they are read: whatever it took of them, the next run takes the rest."""
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.news.index, kill_after=self.random.choice((None, self.random.uniform(0.1, 0.6))))
            for _ in range(self.random.randrange(1, 5)):
                self.news.change(4)
                time.sleep(self.random.uniform(0, 0.1))
            ended = self.counted(running.result())
        state = self.held()
        # What is cut in the middle is skipped.
        is_right = ended.status in (0, 3, -signal.SIGKILL) and (isinstance(state, dict) or state is None and not self.before)
        self.states.case(is_right, f"edited meanwhile: {ended} {state if isinstance(state, str) else ''}")
        self.settle("the run behind one that files changed under", self.news.articles, self.news.index())

    def compacted(self):
        self.settle("a compaction", self.before, self.compact("index"))
        self.counts["compactions"] += 1

    def compaction_killed(self):
        self.settle("a killed compaction", self.before, self.compact("index", kill_after=self.random.uniform(0, 0.6)))

    def compact(self, index, **options):
        return run("compact", "--index", index, cwd=self.place, **options)

    def snapshot_taken(self):
        """A copy beside a run: one of its two states, whole."""
        before, after = self.before, self.news.change()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.news.index)
            time.sleep(self.random.uniform(0, 0.5))
            copied = run("snapshot", "copies/one", cwd=self.place)
            self.settle("a run beside a snapshot", after, running.result())
        found = self.held("copies/one")
        is_right = copied.status == 0 and found in (before, after)
        self.snapshots.case(is_right, f"{copied} {difference(found, after)}")
        names = set(os.listdir(self.place / "copies")) - {"one"}
        self.snapshots.case(not names, f"left beside a snapshot: {sorted(names)}")
        self.emptied()
        self.counts["snapshots"] += 1

    def snapshot_killed(self):
        """The folder is there whole or not at all, and what was begun goes with the next."""
        ended = self.counted(run("snapshot", "copies/one", cwd=self.place, kill_after=self.random.uniform(0, 0.1)))
        if (self.place / "copies/one").exists():
            found = self.held("copies/one")
            self.snapshots.case(found == self.before, f"of a killed snapshot: {ended} {difference(found, self.before)}")
            shutil.rmtree(self.place / "copies/one")
        else:
            self.snapshots.case(ended.status == -signal.SIGKILL, ended)

    def emptied(self):
        for path in (self.place / "copies").iterdir():
            shutil.rmtree(path)

    def query_saved(self):
        name, word = f"q{self.random.randrange(5)}", self.random.choice(WORDS)
        kill_after = self.random.choice((None, self.random.uniform(0, 0.03)))
        ended = self.counted(run("saved", "add", name, word, cwd=self.place, kill_after=kill_after))
        listed = run("saved", cwd=self.place)
        found = dict(line.split(": ", 1) for line in listed.out.decode().splitlines())
        after = self.saved | {name: word}
        is_right = found == after or ended.status != 0 and found == self.saved
        self.states.case(is_right and listed.status in (0, 1), f"saved: {ended} {found} for {after}")
        self.saved = found

    def turn_taken(self):
        """A run or a compaction beside the one that follows, whose turn it may be, and which is killed as well."""
        kill_after = self.random.choice((None, self.random.uniform(0, 0.6)))
        if self.random.random() < 0.5:
            ended = run("index", "news", "--index", "followed", cwd=self.place, kill_after=kill_after)
        else:
            ended = self.compact("followed", kill_after=kill_after)
        self.counted(ended)
        self.states.case(ended.status in (0, 4, -signal.SIGKILL), f"beside the follower: {ended}")

    def checkpoint(self):
        """The index is the model after a run, the followed one when its follower has come to it, and both are measured."""
        self.clean()
        self.compacted()
        waited = time.monotonic()
        while (found := self.held("followed")) != self.news.articles and time.monotonic() - waited < 120:
            time.sleep(0.5)
        self.states.case(found == self.news.articles, f"followed: {difference(found, self.news.articles)}")
        # The follower may have its turn.
        while (ended := self.compact("followed")).status == 4 and time.monotonic() - waited < 180:
            time.sleep(0.2)
        self.states.case(ended.status == 0, f"the followed one is compacted: {ended}")
        text = self.news.bytes()
        for index in ("index", "followed"):
            # The saved queries are there from some moment on.
            sizes = [path.stat().st_size for path in (self.place / index).iterdir() if path.name != SEARCHES]
            self.samples.take(f"bytes of {index} for one of text", "share", sum(sizes) / text)
            self.samples.take(f"files of {index}", "files", len(sizes))
        self.counts["checkpoints"] += 1
        if not (self.slow_reader and self.slow_reader.is_alive()):
            self.slow_reader = SlowReader(self.news, self.before, min(60, MINUTES * 6), self.slow)

    ACTS = {
        clean: 3, killed: 6, killed_behind_a_commit: 3, edited_meanwhile: 2, compacted: 1, compaction_killed: 2, snapshot_taken: 2,
        snapshot_killed: 2, query_saved: 2, turn_taken: 3,
    }

    def work(self, readers):
        """All of it until the time is over, with a line a minute."""
        told = measured = time.monotonic()
        end = self.samples.started + self.samples.seconds
        self.checkpoint()
        while time.monotonic() < end:
            (act,) = self.random.choices(list(self.ACTS), self.ACTS.values())
            act(self)
            self.counts["cycles"] += 1
            if time.monotonic() - measured > min(30, MINUTES * 2):
                self.checkpoint()
                measured = time.monotonic()
            if time.monotonic() - told > 60:
                told += 60
                parts = [self.states, self.snapshots, self.slow, *(reader.found for reader in readers)]
                counts = {**self.counts, "searches": sum(part.tried for part in parts[3:]),
                          "articles": len(self.news.articles), "failures": sum(len(part.failures) for part in parts)}
                minute = round((told - self.samples.started) / 60)
                print(f"minute {minute:>3}  " + ", ".join(f"{count} {name}" for name, count in counts.items()), flush=True)

    def rest(self):
        """What should not be there at the end."""
        places = {".": {"news", "index", "followed", "copies", "temporary", "said"}, "copies": set(), "temporary": set()}
        left = [f"{at}/{name}" for at, names in places.items() for name in os.listdir(self.place / at) if name not in names]
        return left + [f"{index}/{name}" for index in ("index", "followed") for name in leftovers(self.place, index)]


def soak():
    with (part("S6 nothing is left behind") as rest, part("S5 memory, handles and disk are flat", 8) as flat,
          part("S4 exports that are read slowly") as slow, part("S3 snapshots", 2) as snapshots,
          part("S2 searches meanwhile", 50) as searches, part("S1 the index is the model", 20) as states):
        work = Soak(states, snapshots, slow)
        os.environ["TMPDIR"] = str(work.place / "temporary")
        (work.place / "temporary").mkdir()
        states.case(work.news.index(), "the first run")
        work.before = work.held()
        said = open(work.place / "said", "w+b")
        follower = subprocess.Popen([str(PROGRAM), "index", "--watch", "news", "--index", "followed", "--progress=json"],
                                    cwd=work.place, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        while not (work.place / "followed/meta.json").exists() and follower.poll() is None:
            time.sleep(0.05)
        stop = threading.Event()
        watcher = threading.Thread(target=watch, args=(work.samples, "the follower", follower, stop))
        watcher.start()
        readers = [Reader(work.news, work.samples, stop, number) for number in range(READERS)]
        try:
            work.work(readers)
            work.checkpoint()
            states.case(follower.poll() is None, f"the follower has ended: {follower.poll()}")
        finally:
            stop.set()
            for thread in (*readers, watcher, *([work.slow_reader] if work.slow_reader else ())):
                thread.join()
            follower.terminate()
            status = follower.wait(60)
        said.seek(0)
        said = said.read()
        states.case(status in (0, 130) and b"panicked" not in said, f"the follower: status {status}: {said[-300:]}")
        for index in ("index", "followed"):
            ended = run("index", "news", "--index", index, cwd=work.place)
            found = work.held(index)
            states.case(ended.status == 0 and found == work.news.articles, f"{index} at the end: {ended} {difference(found, work.news.articles)}")
        states.note = ", ".join(f"{count} {name}" for name, count in work.counts.items())
        searches.tried += sum(reader.found.tried for reader in readers)
        searches.failures += [failure for reader in readers for failure in reader.found.failures]
        work.samples.compare(flat)
        left = work.rest()
        rest.case(not left, left)
    controls(work)


def controls(work):
    """Each comparison has to see what it is there for."""
    with control("S1 with a model that lacks an article") as found:
        model = dict(work.news.articles)
        model.popitem()
        found.case(work.held() != model, "the index is that model")
    with control("S1 with a model of another title") as found:
        model = dict(work.news.articles)
        id, (title, body) = model.popitem()
        found.case(work.held() != model | {id: (f"{title}.", body)}, "the index is that model")
    with control("S5 with a program that keeps all") as found:
        # As much a second as a run that never gives back what one batch took.
        keeping = "import time\nkept = []\nwhile True:\n kept.append((open('/dev/null'), b'x' * (1 << 20)))\n time.sleep(0.05)"
        child, stop, samples, inner = subprocess.Popen([sys.executable, "-c", keeping]), threading.Event(), Samples(4), Part("")
        threading.Timer(4, stop.set).start()
        watch(samples, "it", child, stop, pause=0.1)
        child.kill()
        child.wait()
        samples.compare(inner)
        found.case(len(inner.failures) == 2, f"{inner.failures} of memory and handles")
    with control("S6 with a file in each place") as found:
        strange = [work.place / at / ".unfinished" for at in ("", "copies", "temporary", "index", "followed")]
        for path in strange:
            path.touch()
        found.case(len({name.partition("/")[0] for name in work.rest()}) == len(strange), work.rest())


if __name__ == "__main__":
    soak()
    finish()
