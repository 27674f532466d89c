"""How much boilerplate of generated sites is left, and what is lost, by articles per site and by day.

    python -m benchmarks.boilerplate            the curve as a table
    python -m benchmarks.boilerplate --alone    what the learner does without phrases

Takes the sites from ../shared/miniweb without any network: pages are made, extracted, learned from and stripped in this
process; the tool's own scorer decides.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ingest.boilerplate import Learned, strip
from ingest.boilerplate.learn import TrainingArticle, learn
from ingest.extract.article import extract
from ingest.model import Article, Page

MINIWEB = Path(__file__).parents[2] / "shared" / "miniweb"
EPOCH = datetime(2026, 3, 1, 7, tzinfo=UTC)  # an hour after the generated sites' day 0 begins
ARTICLES = (8, 15, 30)
DAYS = (0, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Shares of 0..1; `worst` is the largest leak of one site."""

    articles: int  # per site
    day: int
    learned: bool
    leaked: float
    worst: float
    lost: float
    notes_kept: float
    body_f1: float


def crawl(articles: int, day: int) -> Iterator[tuple[str, Article, dict[str, Any]]]:
    """Give every article of every generated site on that day: site, article as extracted, truth."""
    for site in _sites(articles):
        for number in range(site.count(day)):
            if site.alive(number, day):
                truth = site.truth(number, day)
                yield site.id, extract(_page(site, number, day, truth)), truth


def score(found: list[tuple[str, Article, dict[str, Any]]], articles: int, day: int, *, learning: bool = True) -> Score:
    """Learn from each site's articles, strip them, and let the scorer compare them with the truth."""
    by_site: dict[str, list[Article]] = {}
    for site, article, _ in found:
        by_site.setdefault(site, []).append(article)
    known = {site: _learned(site, read) if learning else Learned(source=site) for site, read in by_site.items()}
    with tempfile.TemporaryDirectory() as folder:
        rows, truths, out = (Path(folder, name) for name in ("articles.jsonl", "truth.jsonl", "score.json"))
        rows.write_text("".join(_row(site, strip(article, known[site]), truth) for site, article, truth in found))
        truths.write_text(
            "".join(json.dumps({**truth, "host": [f"{site}.example"]}) + "\n" for site, _, truth in found)
        )
        command = [sys.executable, str(MINIWEB / "score.py"), "--truth", str(truths), "--articles", str(rows)]
        subprocess.run([*command, "--day", str(day), "--json", str(out)], check=True, capture_output=True)
        said = json.loads(out.read_text())
    return Score(
        articles=articles,
        day=day,
        learned=learning,
        leaked=said["total"]["leak"],
        worst=max(site["leak"] for site in said["sites"].values()),
        lost=said["total"]["lost_par"],
        notes_kept=said["total"]["keep_notes"],
        body_f1=said["total"]["f1_mean"],
    )


def _sites(articles: int) -> list[Any]:
    for folder in (MINIWEB, MINIWEB / "data" / "dev"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    options = {"data": str(MINIWEB / "data"), "split": "dev", "kind": "gen", "sites": None, "big": None}
    network = {"port": 0, "names": False, "shift": 0, "latency": 0, "epoch": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the tool leaves closing its files to the interpreter
        made: list[Any] = importlib.import_module("miniweb").load_sites(
            argparse.Namespace(**options, **network, articles=articles)
        )
    return made


def _page(site: Any, number: int, day: int, truth: dict[str, Any]) -> Page:
    url = f"https://{site.id}.example{truth['path']}"
    return Page(
        url=url,
        final_url=url,
        source=site.id,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=site.page(number, day, f"https://{site.id}.example").encode(),
        fetched_at=EPOCH + timedelta(days=day),
    )


def _learned(site: str, articles: list[Article]) -> Learned:
    learn_result = learn(
        [TrainingArticle(article_id=number, article=article) for number, article in enumerate(articles)]
    )
    return Learned(source=site, blocks=tuple(block for block in learn_result.blocks if block.verdict is not None))


def _row(site: str, article: Article, truth: dict[str, Any]) -> str:
    row = {"url": f"https://{site}.example{truth['path']}", "title": article.title, "body": article.body}
    return json.dumps({**row, "published": None, "authors": []}) + "\n"


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", action="store_true", help="decide on recurring blocks without knowing any phrases")
    alone = parser.parse_args().alone
    print("articles  day  learned  leaked  worst site  lost     notes kept  body F1")
    for articles in ARTICLES:
        for day in DAYS:
            found = list(crawl(articles, day))
            for learning in (False, True):
                with patch("ingest.boilerplate.decide.mark", lambda _: None) if alone else nullcontext():
                    made = score(found, articles, day, learning=learning)
                print(
                    f"{articles:8}  {day:3}  {'yes' if learning else 'no':7}  {made.leaked:6.3f}  {made.worst:10.3f}"
                    f"  {made.lost:7.4f}  {made.notes_kept:10.3f}  {made.body_f1:7.4f}"
                )


if __name__ == "__main__":
    main()
