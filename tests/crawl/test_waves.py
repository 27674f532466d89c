"""Which seeds one run asks: driven by hand, without a network, over a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest import config as configuration
from ingest.crawl.plan import Plan
from ingest.crawl.run import Run
from ingest.model import Outcome, OutcomeKind, Page, Seed, SeedKind, Source
from ingest.spiders.discovery import Discovery, parsed
from ingest.store import PageEnd, SourceEnd
from tests.site.sites import EPOCH

SITE = "https://paper.example"
FEED = Seed(url=f"{SITE}/feed", kind=SeedKind.FEED)
HOME = Seed(url=f"{SITE}/", kind=SeedKind.SECTION)
SECTIONS = ("world", "politics", "culture", "sport", "science")


@pytest.fixture
def days() -> list[float]:
    """The day on which the next run begins, as its only entry."""
    return [0.0]


@contextmanager
def run(
    home: Path, days: list[float], *seeds: Seed, by_hand: bool = False, match: tuple[str, ...] = ()
) -> Iterator[Discovery]:
    """One run of one source; closed as the spider would."""
    source = Source(name="paper", url=f"{SITE}/", seeds=seeds, match=match)
    clock = (EPOCH + timedelta(days=days[0])).isoformat()
    config = configuration.load({"INGEST_CLOCK": clock}, home=home)
    running = Run(config, Plan(sources=(source,), whole_file=True, by_hand=by_hand))
    try:
        yield Discovery(running, source)
    finally:
        running.close()


def page(seed: Seed, body: str, media: str = "text/html") -> Page:
    headers = (("Content-Type", media), ("ETag", '"1"'))
    return Page(
        url=seed.url,
        final_url=seed.url,
        source="paper",
        status=200,
        headers=headers,
        body=body.encode(),
        fetched_at=EPOCH,
    )


def feed(*numbers: int) -> str:
    items = "".join(f"<item><link>{SITE}/2026/03/a-story-with-number-{n}</link></item>" for n in numbers)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'


def front() -> str:
    menu = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in SECTIONS)
    return f"<html><body><nav><ul>{menu}</ul></nav><main><h1>The paper</h1></main></body></html>"


def section(name: str, *numbers: int) -> str:
    cards = "".join(
        f'<article><h2><a href="/2026/03/{name}-story-with-number-{n}">A story of {name}, number {n}</a></h2></article>'
        for n in numbers
    )
    return f"<html><body><main><h1>{name}</h1>{cards}</main></body></html>"


def answer_all(discovery: Discovery, bodies: dict[str, str] | Callable[[str], str | None]) -> int:
    """Answer whatever is asked, with 404 where there is nothing; return how many requests it took."""
    give = bodies.get if isinstance(bodies, dict) else bodies
    waiting = discovery.begin()
    requests = 0
    while waiting:
        seed, *waiting = waiting
        body = give(seed.url.removeprefix(SITE))
        requests += 1
        if body is None:
            waiting += discovery.failed(seed, "http-404", status=404)
        else:
            waiting += discovery.read(page(seed, body), seed)
    return requests


def test_sections_are_asked_again_behind_a_home_page_that_never_changes(home: Path, days: list[float]) -> None:
    with run(home, days, HOME) as discovery:
        answer_all(discovery, {"/": front()} | {f"/{name}": section(name, 1, 2, 3) for name in SECTIONS})
        assert discovery.result.discovered
    days[0] = 0.1
    with run(home, days, HOME) as discovery:
        (asked,) = discovery.begin()
        (first,) = discovery.unchanged(asked)
        assert discovery.validators(first) is not None
        (second,) = discovery.read(page(first, section("news", 9)), first)
        (third,) = discovery.unchanged(second)
        (fourth,) = discovery.unchanged(third)
        assert discovery.unchanged(fourth) == []  # three in a row had nothing
        assert discovery.result.state is SourceEnd.OK
    days[0] = 0.2
    with run(home, days, HOME) as discovery:
        (asked,) = discovery.begin()
        (next_one,) = discovery.unchanged(asked)
        assert next_one.url not in {first.url, second.url, third.url, fourth.url}  # it has waited longest


def test_a_silent_seed_rests_until_its_turn_and_a_person_is_not_kept_waiting(home: Path, days: list[float]) -> None:
    with run(home, days, FEED) as discovery:
        (asked,) = discovery.begin()
        assert discovery.read(page(asked, feed(1, 2), "application/rss+xml"), asked) == []
    days[0] = 2.0
    with run(home, days, FEED) as discovery:
        (asked,) = discovery.begin()
        assert discovery.unchanged(asked) == []
    days[0] = 2.1  # two hours later; a twelfth of two days are four
    with run(home, days, FEED) as discovery:
        assert discovery.begin() == []
        assert discovery.result.discovered
    assert discovery.result.state is SourceEnd.OK
    with run(home, days, FEED, by_hand=True) as discovery:
        assert discovery.begin() == [FEED]
    days[0] = 2.3
    with run(home, days, FEED) as discovery:
        assert discovery.begin() == [FEED]


def test_an_empty_feed_falls_back_and_says_so(home: Path, days: list[float]) -> None:
    with run(home, days, FEED) as discovery:
        (asked,) = discovery.begin()
        (front_page,) = discovery.read(page(asked, feed(), "application/rss+xml"), asked)
        (sitemap,) = discovery.read(page(front_page, front()), front_page)
        body = f"<urlset><url><loc>{SITE}/2026/03/a-story-with-number-1</loc></url></urlset>"
        assert discovery.read(page(sitemap, body, "application/xml"), sitemap) == []
    assert discovery.result.cause == f"{SITE}/feed: no links to articles; read instead: its sitemaps"
    assert discovery.result.state is SourceEnd.PARTIAL


def test_a_seed_that_was_found_and_fails_once_is_asked_again(home: Path, days: list[float]) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    with run(home, days) as discovery:
        answer_all(discovery, {"/": f"<html><head>{link}</head>{front()}</html>", "/feed": feed(1)})
    for day in (1.0, 2.0):
        days[0] = day
        with run(home, days) as discovery:
            waiting = discovery.begin()
            assert FEED in waiting
            while waiting:
                seed, *waiting = waiting
                if seed == FEED:
                    waiting += discovery.failed(seed, "http-500", status=500)
                else:
                    waiting += discovery.unchanged(seed)
            assert not [url for url in discovery.asked if "sitemap" in url]  # that was a guess, and there is none
        assert discovery.result.cause == f"{SITE}/feed: http-500"


def test_a_large_seed_is_taken_by_pieces_and_its_validators_last(home: Path, days: list[float]) -> None:
    sitemap = Seed(url=f"{SITE}/sitemap.xml", kind=SeedKind.SITEMAP)
    urls = "".join(f"<url><loc>{SITE}/2026/03/a-story-with-number-{n}</loc></url>" for n in range(2_500))
    answer = page(sitemap, f"<urlset>{urls}</urlset>", "application/xml")
    with run(home, days, sitemap) as discovery:
        (asked,) = discovery.begin()
        store = discovery.run.store
        known = []
        for _ in discovery.taking(answer, asked, parsed(answer, asked, discovery.source)):
            state = store.seeds.state("paper", sitemap)
            known.append((store.frontier.backlog("paper"), state.validators.etag if state else None))
        assert known == [(1_000, None), (2_000, None)]
        assert store.frontier.backlog("paper") == 2_500
        state = store.seeds.state("paper", sitemap)
        assert state is not None
        assert (state.links, state.new, state.validators.etag) == (2_500, 2_500, '"1"')


def calendar(path: str) -> str | None:
    """A site whose archive has a page for every day there ever was, each with the one before and the one after."""
    if path.startswith("/sitemap"):
        return None
    day = date(2026, 3, 1) if not path.startswith("/archive/") else date.fromisoformat(path[9:19].replace("/", "-"))
    near = "".join(
        f'<a href="/archive/{day + timedelta(days=step):%Y/%m/%d}/">{day + timedelta(days=step):%d %B}</a>'
        for step in (-31, -1, 1, 31)
    )
    return f"<html><body><nav>{near}</nav><main><h1>Archive</h1><p>Nothing on this day.</p></main></body></html>"


def pagination(path: str) -> str | None:
    """A site whose list of articles never ends: behind the last page comes the first one again."""
    if path.startswith("/sitemap"):
        return None
    number = int(path.rpartition("=")[2]) if "page=" in path else 1
    shown = section("latest", *(range(number * 5, number * 5 + 5) if number < 4 else range(5)))
    return shown.replace("</main>", f'<a rel="next" href="/latest?page={number + 1}">Older</a></main>')


@pytest.mark.parametrize("site", [calendar, pagination])
@pytest.mark.parametrize("declared", [(), (HOME,)])
def test_what_never_ends_costs_few_requests(
    home: Path, days: list[float], site: Callable[[str], str | None], declared: tuple[Seed, ...]
) -> None:
    for day in (0.0, 1.0):
        days[0] = day
        with run(home, days, *declared) as discovery:
            assert answer_all(discovery, site) <= 12
            assert discovery.result.discovered


def plain_list(*names: str) -> str:
    """A front page with a list of one-word links that say nothing by themselves."""
    items = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in names)
    return f"<html><body><main><h1>Notes</h1><ul>{items}</ul></main></body></html>"


def end_pages(discovery: Discovery, articles: set[str]) -> list[str]:
    """End every queued page, as an article or as a listing; return the paths that were fetched, in order."""
    run, fetched = discovery.run, []
    while True:
        rows = run.store.frontier.next_queued("paper", 1, run.now(), run.id)
        if not rows and not discovery.reconsider():
            return fetched
        for row in rows:
            link, path = row.link, row.url.removeprefix(SITE)
            if link is None or not discovery.wants(link):
                continue
            fetched.append(path)
            kind, reason = (OutcomeKind.STORED, "") if path in articles else (OutcomeKind.SCREENED, "listing")
            outcome = Outcome(kind=kind, reason=reason)
            run.recorder.record(PageEnd(source="paper", url=row.url, outcome=outcome, status=200))


NAMES = ("moss", "rain", "tide", "hail", "reed", "fern", "dusk", "silt")


def test_a_doubtful_list_is_tried_and_fetched_whole_when_it_holds_articles(home: Path, days: list[float]) -> None:
    paths = [f"/{name}" for name in NAMES]
    with run(home, days, HOME) as discovery:
        answer_all(discovery, {"/": plain_list(*NAMES)})
        assert sorted(end_pages(discovery, set(paths))) == sorted(paths)
    days[0] = 1.0
    with run(home, days, HOME) as discovery:  # what was learned holds for the next article of the list
        (asked,) = discovery.begin()
        discovery.read(page(asked, plain_list("kelp", *NAMES)), asked)
        assert end_pages(discovery, {"/kelp"}) == ["/kelp"]


def test_a_doubtful_list_of_listings_costs_three_pages_once(home: Path, days: list[float]) -> None:
    for day, fetched in ((0.0, 3), (1.0, 0)):
        days[0] = day
        with run(home, days, HOME) as discovery:
            (asked,) = discovery.begin()
            discovery.read(page(asked, plain_list(*NAMES)), asked)
            assert len(end_pages(discovery, set())) == fetched


def test_seeds_are_read_again_when_the_patterns_of_the_source_change(home: Path, days: list[float]) -> None:
    sitemap = Seed(url=f"{SITE}/sitemap.xml", kind=SeedKind.SITEMAP)
    body = "".join(f"<url><loc>{SITE}/tag/{name}</loc></url>" for name in NAMES)
    with run(home, days, sitemap) as discovery:
        (asked,) = discovery.begin()
        discovery.read(page(asked, f"<urlset>{body}</urlset>", "application/xml"), asked)
        assert discovery.run.store.frontier.backlog("paper") == 0
    with run(home, days, sitemap) as discovery:
        assert discovery.validators(sitemap) is not None
    with run(home, days, sitemap, match=("/tag/",)) as discovery:
        assert discovery.validators(sitemap) is None
        (asked,) = discovery.begin()
        discovery.read(page(asked, f"<urlset>{body}</urlset>", "application/xml"), asked)
        assert discovery.run.store.frontier.backlog("paper") == len(NAMES)


def test_feeds_behind_a_page_that_lists_them_are_found(home: Path, days: list[float]) -> None:
    front_page = '<html><body><main><p>Welcome.</p><a href="/abo/xml-service">XML</a></main></body></html>'
    listing = '<html><body><ul><li><a href="/x/town.rss2.xml">Town</a></li></ul></body></html>'
    with run(home, days) as discovery:
        answer_all(discovery, {"/": front_page, "/abo/xml-service": listing, "/x/town.rss2.xml": feed(1, 2)})
        assert discovery.run.store.frontier.backlog("paper") == 2
        assert discovery.result.causes == []
    days[0] = 1.0
    with run(home, days) as discovery:
        assert f"{SITE}/x/town.rss2.xml" in {seed.url for seed in discovery.begin()}


def test_a_source_whose_address_is_a_feed_is_read_as_one(home: Path, days: list[float]) -> None:
    with run(home, days) as discovery:
        answer_all(discovery, {"/": feed(1, 2, 3)})
        assert discovery.run.store.frontier.backlog("paper") == 3
        (state,) = discovery.run.store.seeds.of("paper")
        assert state.seed.kind is SeedKind.FEED
