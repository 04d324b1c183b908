#!/usr/bin/env python3
"""Ranks the same questions over the same articles with dateline and with Lucene, and grades both with trec_eval's code.

    cargo build --release
    pip install pytrec-eval-terrier
    JAVA_HOME=... benches/ranking/compare.py FOLDER...

Each folder is a set: docs.jsonl (id, title, body), queries.tsv (id TAB text), qrels.txt (TREC judgments). Lucene needs Java
21 or newer and Maven for its libraries. Prints a table in Markdown, whose last columns are parts of the better one of
Lucene's two settings.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import pytrec_eval

HERE = pathlib.Path(__file__).parent
DATELINE = HERE.parent.parent / "target" / "release" / "dateline"
SETTINGS = [("Lucene, k1 0.9 b 0.4", "0.9", "0.4"), ("Lucene, k1 1.2 b 0.75", "1.2", "0.75")]
MEASURES = {"ndcg_cut_10": "nDCG@10", "map": "MAP", "recip_rank": "MRR", "recall_100": "recall@100"}


def libraries(folder):
    """Fetches Lucene; returns the class path."""
    subprocess.run(
        ["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return f"{folder}/*"


def lucene_run(class_path, data, k1, b):
    java = pathlib.Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else "java"
    command = [java, "-cp", class_path, HERE / "LuceneRun.java", data / "docs.jsonl", data / "queries.tsv", k1, b]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def dateline_run(index, data, *options):
    command = [DATELINE, "search", "--index", index, "--queries", data / "queries.tsv", "--match", "any"]
    command += ["--format", "trec", "--limit", "1000", "--timeout", "none", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def grades(run, qrels):
    """Means over the judged questions; one that found nothing counts as 0."""
    judgments = {}
    for line in qrels.read_text().splitlines():
        if line.strip():
            topic, _, article, grade = line.split()
            judgments.setdefault(topic, {})[article] = int(grade)
    found = {}
    for line in run.splitlines():
        topic, _, article, _, score, _ = line.split()
        found.setdefault(topic, {})[article] = float(score)
    evaluator = pytrec_eval.RelevanceEvaluator(judgments, set(MEASURES))
    results = evaluator.evaluate(found)
    return {measure: sum(topic[measure] for topic in results.values()) / len(judgments) for measure in MEASURES}


def main(folders):
    if not folders:
        sys.exit(__doc__)
    print("| set | search | " + " | ".join(MEASURES.values()) + " | nDCG@10 to Lucene | MAP to Lucene |")
    print("| --- | --- |" + " ---: |" * (len(MEASURES) + 2))
    parts = {}
    with tempfile.TemporaryDirectory() as work:
        class_path = libraries(f"{work}/lucene")
        for folder in map(pathlib.Path, folders):
            lucene = {
                name: grades(lucene_run(class_path, folder, k1, b), folder / "qrels.txt") for name, k1, b in SETTINGS
            }
            best = {measure: max(row[measure] for row in lucene.values()) for measure in MEASURES}
            index = f"{work}/{folder.name}"
            subprocess.run(
                [DATELINE, "index", "--index", index, folder / "docs.jsonl", "--allow-skipped"],
                check=True,
                capture_output=True,
            )
            ours = {
                "dateline": grades(dateline_run(index, folder), folder / "qrels.txt"),
                "dateline --expand": grades(dateline_run(index, folder, "--expand"), folder / "qrels.txt"),
            }
            for name, row in {**lucene, **ours}.items():
                ratios = [row[measure] / best[measure] for measure in ("ndcg_cut_10", "map")]
                parts.setdefault(name, []).append(ratios)
                cells = [f"{row[measure]:.3f}" for measure in MEASURES] + [f"{ratio:.3f}" for ratio in ratios]
                print(f"| {folder.name} | {name} | " + " | ".join(cells) + " |")
    for name, ratios in parts.items():
        means = [sum(column) / len(ratios) for column in zip(*ratios)]
        cells = [""] * len(MEASURES) + [f"{mean:.3f}" for mean in means]
        print(f"| mean | {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
