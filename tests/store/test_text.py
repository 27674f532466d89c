"""Any text goes in: what a database would refuse is dropped at its door, all else comes out as it was."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.model import Block, BlockKind, Claim, Field, Link, Moment, Outcome, OutcomeKind, Verdict, VerdictKind
from ingest.store import PageEnd, SeedPoll, Store
from ingest.store.db.types import storable
from tests.store.values import FEED, HOUR, NOW, article, link, source

anything = st.text(
    st.characters() | st.sampled_from("\0\ud83d\ude00\udfff\ufeff\u200d\u202e\x1b\n\U0001f468"), max_size=40
)
moments = st.none() | st.datetimes(timezones=st.timezones()).filter(
    lambda moment: 2 < moment.year < 9998 and moment.utcoffset().total_seconds() % 60 == 0  # type: ignore[union-attr]  # it has a zone
).map(Moment.of_instant)
FAMILY = "👨\u200d👩\u200d👧"


@given(anything)
def test_what_is_storable_is_utf8_without_nul_and_stays_as_it_is(said: str) -> None:
    kept = storable(said)
    kept.encode()
    assert "\0" not in kept
    assert storable(kept) == kept


@example(FAMILY, FAMILY, None)
@example("a\0b", "\ud83d\ude00 \ud800", None)
@given(anything, anything, moments)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_article_of_any_text_is_stored(store: Store, said: str, other: str, moment: Moment | None) -> None:
    store.sources.sync([source("a")], NOW)
    run = store.runs.begin(NOW)
    odd = article(
        "one",
        title=said,
        description=other,
        authors=(said, other),
        tags=(other,),
        section=said,
        published=moment,
        claims=(Claim(field=Field.TITLE, value=said, origin=other), Claim(field=Field.TAGS, value=(said,), origin="x")),
    )
    odd = replace(odd, blocks=(Block(text=said, markdown=other, path=said), Block(text=other, kind=BlockKind.CODE)))
    _, article_id = store.articles.save(odd, Verdict(kind=VerdictKind.REVISION, of=_first(store, run)), NOW, run)
    stored = store.articles.get(article_id)
    assert stored is not None
    kept = stored.article
    assert (kept.title, kept.description, kept.authors) == (
        storable(said),
        storable(other),
        (storable(said), storable(other)),
    )
    assert kept.blocks == (
        Block(text=storable(said), markdown=storable(other), path=storable(said)),
        Block(text=storable(other), kind=BlockKind.CODE),
    )
    assert kept.published == moment
    assert kept.claims[0].value == storable(said)


def _first(store: Store, run: int) -> int:
    """An article to revise: a fresh one for each example, since one database serves them all."""
    count = store.articles.count()
    return store.articles.save(article(f"before-{count}"), Verdict(kind=VerdictKind.NEW), NOW, run)[1]


@given(anything, anything)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_links_seeds_hosts_and_causes_of_any_text_are_stored(store: Store, said: str, other: str) -> None:
    store.sources.sync([source("a", match=(said,))], NOW)
    run = store.runs.begin(NOW, version=said)
    number = store.frontier.backlog("a")
    odd: Link = link(number, title=said, authors=(other,), language=other)
    store.frontier.meet("a", [odd], NOW, run)
    known = store.pages.known(odd.url)
    assert known is not None
    assert known.link == replace(odd, title=storable(said), authors=(storable(other),), language=storable(other))
    store.pages.record_outcome(
        run,
        PageEnd(
            source="a",
            url=odd.url,
            outcome=Outcome(kind=OutcomeKind.FAILED, reason=said),
            detail=other,
            retry_at=NOW + HOUR,
        ),
        NOW,
    )
    store.seeds.polled("a", FEED, NOW, SeedPoll(status=None, reason=said))
    store.hosts.remember("a.example", robots=said, reason=other)
    store.runs.finish(run, NOW, why=said)
    host, seed, info = store.hosts.get("a.example"), store.seeds.state("a", FEED), store.runs.get(run)
    assert host is not None
    assert seed is not None
    assert info is not None
    assert (host.robots, seed.reason, info.why) == (storable(said), storable(said), storable(said))
