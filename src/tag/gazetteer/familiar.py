#!/usr/bin/env python3
"""Finds out which weak names readers take for the company or product without being told.

    for part in part-*.jsonl; do dateline tag --format json "$part" > "$part.tags"; done
    python3 familiar.py part-*.jsonl.tags > curated/familiar.jsonl

Reads what `dateline tag --format json` says of many articles of general news (some 200,000 are plenty) and counts, for each weak
name, the articles in which

- `meant`: it was believed, because a strong name, a symbol or the words around it spoke for it;
- `open`: nothing spoke for it and nothing against it (of a division also: its company was not in the article);
- `other`: something spoke against it: a person's name, "the rainforest", a longer name.

The counts are facts about the language of news. `make.py` calls a name familiar when it is meant in a good part of the articles
that decide at all; see `FAMILIAR_SHARE` there. Because the counts come from the tagger itself, a name that became familiar is
counted as meant more often the next time; the counts in the list were made before any name was familiar.
"""

import json
import sys
from collections import defaultdict

# Articles that a name must stand in.
FEWEST = 8
OPEN = "nothing near speaks for it"


def count(articles, counts):
    for article in articles:
        seen = defaultdict(set)
        for path, tag in [(tag["id"], tag) for tag in article["companies"]] + [(tag["path"], tag) for tag in article["divisions"]]:
            for mention in tag["mentions"]:
                if mention["rule"] not in ("strong", "legal form"):
                    seen[path, mention["text"]].add("meant")
        for rejected in article["rejected"]:
            reason = rejected["reason"]
            is_open = reason == OPEN or reason.endswith(" is not in the article")
            seen[rejected["candidate"], rejected["text"]].add("open" if is_open else "other")
        for key, kinds in seen.items():
            for one in kinds:
                counts[key][one] += 1


def main():
    counts = defaultdict(lambda: {"meant": 0, "open": 0, "other": 0})
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as tags:
            count(json.load(tags), counts)
    for (path, name), found in sorted(counts.items()):
        if found["meant"] and sum(found.values()) >= FEWEST:
            print(json.dumps({"of": path, "name": name, **found}, ensure_ascii=False))


if __name__ == "__main__":
    main()
