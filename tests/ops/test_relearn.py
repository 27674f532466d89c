"""Learning after a crawl, on real databases: backwards, without revisions, and a person's verdict outranks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from ingest.boilerplate import strip, why_cut
from ingest.model import Article, Block, BlockVerdict, Cut, CutBy, Source, Verdict, VerdictKind
from ingest.ops.relearn import apply, overrule, relearn
from ingest.store import Store, StoredArticle, open_store
from tests.command import RunIngest
from tests.unit.learn_cases import cases, site

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
APPEAL = "Support our newsroom: give what you can so that we can go on reporting from the valley."
PROMISE = "Our reporters walk every street of the valley so that no meeting goes unheard."
WORDS = (
    "harbour bridge school market bakery library theatre hospital orchard quarry railway museum stadium lighthouse"
    " river closed opened painted found lost carried promised counted flooded sold built asked waited slept"
    " old narrow bright heavy quiet northern wooden broken early distant seven many few other last every another"
    " baker keeper mayor teacher pilot witness gardener painter nurse farmer of with under behind near after before for"
)


def _paragraph(seed: str) -> str:
    """Forty words in an order of their own: no two articles share a sentence."""
    chosen = Random(seed).choices(WORDS.split(), k=40)
    return " ".join(chosen).capitalize() + "."


def _article(number: int, *more: str) -> Article:
    return Article(
        source="valley",
        url=f"https://valley.example/{number}",
        fetched_at=NOW + timedelta(hours=number),
        title=f"Title of {number}",
        blocks=tuple(
            Block(text=text, path="article/p") for text in (_paragraph(f"{number}a"), _paragraph(f"{number}b"), *more)
        ),
    )


def _store(store: Store, *articles: Article) -> None:
    store.sources.sync((Source(name="valley", url="https://valley.example/"),), NOW)
    for article in articles:
        store.articles.save(article, Verdict(kind=VerdictKind.NEW), NOW)


def _stored(store: Store) -> list[StoredArticle]:
    return list(store.articles.each(source="valley"))


def test_the_articles_that_taught_a_block_are_stripped_of_it(store: Store) -> None:
    _store(store, *(_article(number, APPEAL) for number in range(6)))
    done = relearn(store, "valley", NOW)
    assert (done.articles, done.learned, done.changed_articles, done.blocks_cut) == (6, 1, 6, 6)
    for stored in _stored(store):
        assert APPEAL not in stored.article.body
        assert stored.revision == 1
        assert len(stored.article.blocks) == 3


def test_learning_again_without_new_articles_changes_nothing(store: Store) -> None:
    _store(store, *(_article(number, APPEAL) for number in range(6)))
    relearn(store, "valley", NOW)
    again = relearn(store, "valley", NOW)
    assert (again.articles, again.learned, again.changed_articles) == (0, 0, 0)
    assert apply(store, "valley").changed_articles == 0


def test_the_first_lesson_reads_each_article_once(store: Store) -> None:
    _store(store, *(_article(number) for number in range(3)))
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(store._work.engine, "before_cursor_execute", note)
    assert relearn(store, "valley", NOW).articles == 3
    event.remove(store._work.engine, "before_cursor_execute", note)
    assert sum(statement.startswith("SELECT") and "revision.blocks" in statement for statement in sent) == 1


def test_learning_in_two_steps_strips_the_early_articles_too(store: Store) -> None:
    _store(store, _article(0, PROMISE))
    assert relearn(store, "valley", NOW).changed_articles == 0
    for number in range(1, 5):
        _store(store, _article(number, PROMISE))
    assert relearn(store, "valley", NOW).changed_articles == 5
    assert all(PROMISE not in stored.article.body for stored in _stored(store))


def test_what_was_learned_is_known_at_the_next_crawl(store: Store) -> None:
    _store(store, *(_article(number, APPEAL) for number in range(6)))
    relearn(store, "valley", NOW)
    learned = store.blocks.learned("valley")
    block = strip(_article(9, APPEAL), learned).blocks[-1]
    assert block.cut == Cut(by=CutBy.LEARNED, reason="recurs")
    assert why_cut(block, learned) == "recurs on 6 of 6 articles"


@pytest.mark.parametrize("more_articles", [0, 6])
def test_a_persons_keep_survives_learning_again(store: Store, more_articles: int) -> None:
    _store(store, *(_article(number, APPEAL) for number in range(6)))
    relearn(store, "valley", NOW)
    block = store.blocks.known("valley")[0]
    assert overrule(store, "valley", block, BlockVerdict.KEEP, NOW).changed_articles == 6
    _store(store, *(_article(number, APPEAL) for number in range(10, 10 + more_articles)))
    relearn(store, "valley", NOW)
    assert all(APPEAL in stored.article.body for stored in _stored(store))


def test_a_persons_cut_of_a_text_seen_once_is_applied_and_stays(store: Store) -> None:
    text = "The mayor's office sends this greeting."
    _store(store, *(_article(number, *([text] if number == 3 else [])) for number in range(6)))
    relearn(store, "valley", NOW)
    assert overrule(store, "valley", text, BlockVerdict.CUT, NOW).changed_articles == 1
    relearn(store, "valley", NOW)
    cut = [block.cut for stored in _stored(store) for block in stored.article.blocks if block.text == text]
    assert [one.by for one in cut if one] == [CutBy.PERSON]
    assert apply(store, "valley").changed_articles == 0


def test_a_verdict_taken_back_gives_the_block_to_the_learner(store: Store) -> None:
    _store(store, *(_article(number, APPEAL) for number in range(6)))
    relearn(store, "valley", NOW)
    kept = store.blocks.known("valley")[0]
    overrule(store, "valley", kept, BlockVerdict.KEEP, NOW)
    overrule(store, "valley", kept, None, NOW)
    _store(store, _article(7, APPEAL))
    relearn(store, "valley", NOW)
    assert all(APPEAL not in stored.article.body for stored in _stored(store))


def test_known_blocks_carry_counts_days_and_examples(store: Store) -> None:
    _store(store, *(_article(number, APPEAL) for number in range(8)))
    relearn(store, "valley", NOW)
    block = store.blocks.known("valley")[0]
    assert (block.articles, block.first_on, block.last_on) == (8, NOW.date(), NOW.date())
    assert len(store.blocks.examples(block)) == 5
    assert block.text == APPEAL
    assert block.verdict is BlockVerdict.LEARNED


def test_a_place_is_listed_with_its_path(run_ingest: RunIngest, home: Path) -> None:
    case = next(case for case in cases() if case["name"].startswith("a campaign in a box"))
    home.mkdir(exist_ok=True)
    store = open_store(f"sqlite:///{home / 'ingest.db'}", create=True)
    store.sources.sync((Source(name="valley", url="https://valley.example/"),), NOW)
    for example in site(case).examples:
        store.articles.save(replace(example.article, source="valley"), Verdict(kind=VerdictKind.NEW), NOW)
    relearn(store, "valley", NOW)
    store.close()
    (box,) = (row for row in run_ingest("blocks", "list", "valley", "--json").json if row["place"] is not None)
    assert box["place"] == "article/div.campaign-box/p"
    listed = run_ingest("blocks", "list", "valley").stdout
    assert "anything in article/div.campaign-box/p, such as: " in listed
    row = next(line for line in listed.splitlines() if ", in articles " in line)
    assert 1 <= len(row.partition(", in articles ")[2].split()) <= 3  # numbers of some of its articles
