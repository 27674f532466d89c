"""Looking at what was crawled: why, blocks, rules; and cleaning files with what is known or with nothing known."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.command import command, environment

SIGN_UP = "Join the 4,000 readers of our harbour letter and never miss a tide."
TEXTS = [
    ("The ferry is late again", "The ferry came in at noon, two hours after the tide had turned against it."),
    ("A new roof for the fish hall", "Carpenters lifted the last beam of the fish hall into its place on Friday."),
    (
        "Council sits without its mayor",
        "The mayor was ill and the council voted on nothing but the date of its next meeting.",
    ),
    ("Two seals on the slipway", "Children counted two seals on the slipway, and one dog that wished to be a third."),
    ("Snow closes the upper road", "Snow closed the upper road for a day and the post went round by the mill."),
    ("Bell cast for the chapel", "A bell of ninety kilos was cast for the chapel and will be hung before Easter."),
]


def ingest(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(home, *args), env=environment(None), capture_output=True, text=True, timeout=90, check=False, cwd="/"
    )


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A home with the demo site in it; the tests of this file leave it as it is, or put it back."""
    home = tmp_path_factory.mktemp("look")
    done = ingest(home, "demo")
    assert done.returncode == 0, done.stderr
    return home


def test_why_explains_who_said_what_and_what_was_cut(crawled):
    told = json.loads(ingest(crawled, "why", "1", "--json").stdout)
    claims = told["article"]["claims"]
    titles = [claim for claim in claims if claim["field"] == "title"]
    assert [claim["won"] for claim in titles].count(True) == 1
    assert len(titles) > 1
    assert told["article"]["cut"]
    assert told["pages"][0]["outcome"] == "stored"
    shown = ingest(crawled, "why", told["article"]["url"]).stdout
    assert "found" in shown
    assert "lost" in shown


def test_why_explains_why_a_page_is_no_article(crawled):
    base = (
        json.loads(ingest(crawled, "why", "1", "--json").stdout)["pages"][0]["url"]
        .split("/news")[0]
        .split("/business")[0]
    )
    rows = json.loads(ingest(crawled, "status", "--json").stdout)["sources"]
    assert rows[0]["articles"] == 14
    missing = ingest(crawled, "why", f"{base}/never-met")
    assert missing.returncode == 2
    assert "never met" in missing.stderr


def test_learned_blocks_can_be_listed_and_looked_through(crawled, tmp_path):
    listed = json.loads(ingest(crawled, "blocks", "list", "demo", "--json").stdout)
    assert all(row["verdict"] == "learned" and row["examples"] for row in listed)
    page = tmp_path / "blocks.html"
    assert ingest(crawled, "blocks", "list", "--html", str(page)).returncode == 0
    assert listed == [] or listed[0]["examples"][0] in page.read_text("utf-8")


def test_a_persons_verdict_is_applied_backwards_and_can_be_taken_back(crawled):
    before = ingest(crawled, "export").stdout
    text = json.loads(before.splitlines()[0])["body"].splitlines()[0]
    assert "1 article changed" in ingest(crawled, "blocks", "cut", "demo", text).stdout
    assert text not in json.loads(ingest(crawled, "export").stdout.splitlines()[0])["body"]
    assert "0 articles changed" in ingest(crawled, "blocks", "apply", "demo").stdout
    assert "1 article changed" in ingest(crawled, "blocks", "forget", "demo", text).stdout
    assert ingest(crawled, "export").stdout == before


def test_a_rule_that_matches_nothing_is_reported(crawled):
    (crawled / "sources.toml").write_text(
        '[sources.demo]\nurl = "http://127.0.0.1:8374/"\n[sources.demo.rules]\nstrip = ["p", ".no-such-class"]\n'
    )
    done = ingest(crawled, "rules", "test", "demo", "--json")
    (crawled / "sources.toml").unlink()
    assert [(row["rule"], row["matched"] > 0) for row in json.loads(done.stdout)] == [
        ("p", True),
        (".no-such-class", False),
    ]
    assert done.returncode == 3
    assert ".no-such-class" in done.stderr


def test_rules_are_suggested_for_places_of_learned_blocks_only(crawled):
    done = ingest(crawled, "rules", "suggest", "demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_a_folder_of_one_sites_texts_teaches_itself(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, (title, text) in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(f"{title}\n\n{text}\n\n{text[::-1].capitalize()}\n\n{SIGN_UP}\n")
    done = ingest(tmp_path, "clean", str(folder), "--learn", "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    for number, (title, text) in enumerate(TEXTS):
        cleaned = (tmp_path / "out" / f"{number}.txt").read_text("utf-8")
        assert title in cleaned
        assert text in cleaned
        assert SIGN_UP not in cleaned


def test_explain_and_html_show_kept_and_cut(crawled, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<html><body><article><h1>Bridge reopens on Monday</h1>"
        + "".join(
            f"<p>Engineers finished pier number {n} of the bridge and tested it under load.</p>" for n in range(6)
        )
        + '<div class="newsletter"><p>Sign up for our newsletter</p></div></article></body></html>'
    )
    explained = ingest(tmp_path, "clean", str(page), "--explain").stdout
    assert "keep  Engineers finished pier number 3" in explained
    assert "cut   Sign up for our newsletter" in explained
    shown = tmp_path / "shown.html"
    assert ingest(tmp_path, "clean", str(page), "--html", str(shown)).returncode == 0
    assert "<del>Sign up for our newsletter</del>" in shown.read_text("utf-8")


def test_blocks_are_listed_by_number_in_eighty_columns(crawled):
    lines = ingest(crawled, "blocks", "list").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    numbers = [int(line.split()[0]) for line in lines if not line.startswith(" " * 7)]
    assert numbers == sorted(numbers)
    assert len(numbers) > 5
    assert any("recurs on 14 of 14 articles" in line for line in lines)
    assert any(line.startswith("       demo: learned, last seen 2") and "in articles" in line for line in lines)


def test_who_cut_a_block_is_said_once(crawled):
    assert "model: model" not in ingest(crawled, "why", "1").stdout
    shown = ingest(crawled, "show", "1", "--cut").stdout
    assert "[cut, model 0." in shown
    assert "model: model" not in shown


def test_a_shown_article_comes_back_as_it_is_when_cleaned(crawled):
    shown = ingest(crawled, "show", "1").stdout
    (crawled / "one.txt").write_text(shown)
    assert ingest(crawled, "clean", str(crawled / "one.txt"), "--source", "demo").stdout == shown


def test_the_seeds_of_a_source_without_sources_toml_are_explained(crawled):
    rows = json.loads(ingest(crawled, "sources", "list", "--explain", "--json").stdout)
    assert {row["source"] for row in rows} == {"demo"}
    assert all(row["asked"] for row in rows)
