"""What changed in articles: listed with the words, and reported once for the sources that ask for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.config import Config
from ingest.model import Outcome, OutcomeKind, Verdict, VerdictKind
from ingest.ops.article_changes import ChangeKind, described, report_changes
from ingest.store import PageEnd, RetentionLimits, Store, open_store
from ingest.text.word_diff import DiffKind, changed_paragraphs, shortened, word_counts, words_changed
from tests.cli.test_reading import bare, in_terminal
from tests.command import RunIngest
from tests.ops.hook import hook
from tests.store.values import HOUR, NOW, article, source

NEW = Verdict(kind=VerdictKind.NEW)
NOTE = "Correction: an earlier version of this article named the wrong town."


def change(store: Store) -> int:
    """Store three articles; revise one, correct another, remove the third. Return the run that did it."""
    store.sources.sync([source("a", alert_changes=True), source("b")], NOW)
    first = store.runs.begin(NOW)
    for number in (1, 2, 3):
        store.articles.save(article(number, "The mayor spoke on Monday.", "Nothing new."), NEW, NOW, first)
    store.articles.save(article("b", "Text.", source="b"), NEW, NOW, first)
    later = NOW + HOUR
    run_id = store.runs.begin(later)
    one = article(1, "The old mayor spoke on Tuesday.", "Nothing new.", title="Another title", fetched_at=later)
    two = article(2, "The mayor spoke on Monday.", "Nothing new.", NOTE, fetched_at=later)
    for number, revised in ((1, one), (2, two), (4, article("b", "Texts.", source="b", fetched_at=later))):
        store.articles.save(revised, Verdict(kind=VerdictKind.REVISION, of=number), later, run_id)
    end = PageEnd(source="a", url=article(3).url, outcome=Outcome(kind=OutcomeKind.GONE, reason="http-410"))
    store.pages.record_outcome(run_id, end, later)
    return run_id


def test_changes_are_listed_with_the_words_that_changed(store: Store) -> None:
    change(store)
    forms = [one.form() for one in described(store.changes.since(NOW + HOUR, source="a"))]
    assert [(form["kind"], form["id"]) for form in forms] == [("revised", 1), ("corrected", 2), ("removed", 3)]
    revised, corrected, _ = forms
    assert revised["title_diff"][0] == {"kind": "removed", "text": "Title of 1"}
    assert revised["body_diff"] == [
        [
            {"kind": "same", "text": "The"},
            {"kind": "added", "text": " old"},
            {"kind": "same", "text": " mayor spoke on "},
            {"kind": "removed", "text": "Monday"},
            {"kind": "added", "text": "Tuesday"},
            {"kind": "same", "text": "."},
        ]
    ]
    assert corrected["notes"] == [NOTE]
    assert len(list(store.changes.since(NOW))) == 4
    assert list(store.changes.since(NOW + 2 * HOUR)) == []


def test_changes_are_reported_once_for_sources_that_ask(store: Store) -> None:
    run_id = change(store)
    later = NOW + HOUR
    with hook() as webhook:
        config = Config(webhook=webhook.url)
        webhook.status = 500
        assert report_changes(store, config, run_id, later) == 3
        webhook.status = 200
        assert report_changes(store, config, store.runs.begin(later), later + HOUR) == 3
        assert report_changes(store, config, store.runs.begin(later), later + 2 * HOUR) == 0
    message = webhook.messages[-1]
    assert (message["event"], message["source"], message["count"]) == ("changes", "a", 3)
    assert "- corrected: Title of 2 https://a.example/2; +11 -0 words; Correction:" in message["text"]
    assert "title was: Title of 1" in message["text"]
    store.sources.sync([source("a"), source("b")], NOW)
    assert report_changes(store, config, run_id, later) == 0


def test_a_revision_whose_earlier_text_was_pruned_says_so(store: Store) -> None:
    change(store)
    store.prune.prune(RetentionLimits(revisions=NOW + 2 * HOUR))
    (found,) = [one for one in described(store.changes.since(NOW)) if one.change.before.article_id == 1]
    assert (found.kind, found.is_pruned, found.body) == (ChangeKind.REVISED, True, ())
    assert found.title


@pytest.fixture
def changed_home(home: Path) -> Path:
    home.mkdir()
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store:
        change(store)
    return home


def test_changes_are_printed_for_people_pipes_and_programs(changed_home: Path, run_ingest: RunIngest) -> None:
    piped = run_ingest("changes", "--since", "2026-03-01", "--source", "a").stdout
    assert "The{+ old+} mayor spoke on [-Monday-]{+Tuesday+}." in piped
    assert re.search(r"3  2026-03-01 13:00  removed  Title of 3", piped)
    assert len(run_ingest("changes", "--since", "2026-03-01", "--json").json) == 4
    sent = in_terminal(changed_home, "changes", "--since", "2026-03-01")
    assert "\x1b[9;31mMonday\x1b[0m\x1b[32mTuesday" in sent
    assert max(map(len, bare(sent))) <= 60
    plain = in_terminal(changed_home, "changes", "--since", "2026-03-01", env={"NO_COLOR": "1"})
    assert "[-Monday-]{+Tuesday+}" in plain
    nothing = run_ingest("changes", "--since", datetime.now(UTC).date().isoformat())
    assert (nothing.code, nothing.stderr) == (0, "nothing has changed\n")
    assert run_ingest("changes", "--source", "nowhere").code == 2


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b c", "a x c", "a [b]{x} c"),
        ("one two three four", "one 2 3 four", "one [two three]{2 3} four"),
        ("same", "same", "same"),
        ("", "new", "{new}"),
        ("東京は大きい", "東京は小さい", "東京は[大き]{小さ}い"),
        ("It's so", "It is so", "[It's]{It is} so"),
    ],
)
def test_words_that_changed_are_marked(before: str, after: str, shown: str) -> None:
    marks = {DiffKind.SAME: "{}", DiffKind.REMOVED: "[{}]", DiffKind.ADDED: "{{{}}}"}
    parts = words_changed(before, after)
    assert "".join(marks[part.kind].format(part.text) for part in parts) == shown
    assert "".join(part.text for part in parts if part.kind is not DiffKind.ADDED) == before
    assert "".join(part.text for part in parts if part.kind is not DiffKind.REMOVED) == after


def test_only_paragraphs_that_changed_are_shown_and_long_ones_shortened() -> None:
    same = "Words that stay the same. " * 20
    before, after = ["First.", same + "Old end.", "Gone for good."], ["First.", same + "New end.", "Quite another line"]
    paragraphs = list(changed_paragraphs(before, after))
    assert len(paragraphs) == 3
    assert len("".join(part.text for part in shortened(paragraphs[0]))) < 150
    assert word_counts(paragraphs) == (4, 4)
