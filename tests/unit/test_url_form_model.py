"""Link sense and the plan of listings: what is worth a request. Cases in tests/data/sense.toml."""

import tomllib
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.discover.listings import MAX_ASKED, MAX_FRUITLESS, Listings
from ingest.discover.url_form_model import MAX_FORMS, UrlFormModel, forms, learn
from ingest.model import Link, OutcomeKind, Seed, SeedKind
from tests.unit.seeds import DATA

HOME = "https://paper.example/"
CASES: list[dict[str, Any]] = tomllib.loads((DATA / "sense.toml").read_text("utf-8"))["case"]


def link(path: str, score: float = 0.5, kind: SeedKind = SeedKind.SECTION) -> Link:
    """Return a link of a section page."""
    return Link(url=urljoin(HOME, path), found_in=HOME, found_by=kind, score=score)


def listing(path: str, depth: int = 1) -> Seed:
    """Return a listing of the paper."""
    return Seed(url=urljoin(HOME, path), kind=SeedKind.SECTION, depth=depth)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_what_links_turned_out_to_be_decides_about_the_next(case: dict[str, Any]) -> None:
    outcomes = [(urljoin(HOME, path), OutcomeKind.STORED) for path in case["articles"]]
    outcomes += [(urljoin(HOME, path), OutcomeKind.SCREENED) for path in case["others"]]
    sense = learn(outcomes)
    for step in case["next"]:
        assert sense.wants(link(step["url"], step["now"])) is step["wanted"], sense.score(
            link(step["url"], step["now"])
        )


def test_failures_refusals_and_gone_pages_teach_nothing() -> None:
    kinds = (OutcomeKind.FAILED, OutcomeKind.REFUSED, OutcomeKind.GONE)
    assert learn((HOME + "a", kind) for kind in kinds).counts == {}


def test_learning_in_two_steps_is_learning_at_once() -> None:
    outcomes = [(f"{HOME}tag/{n}", OutcomeKind.SCREENED) for n in range(5)]
    outcomes += [(f"{HOME}town/story-number-{n}", OutcomeKind.DUPLICATE) for n in range(5)]
    assert learn(outcomes[5:], learn(outcomes[:5])) == learn(outcomes)


def test_feed_links_are_wanted_longer_than_guesses() -> None:
    sense = learn([(f"{HOME}x/one-two-three", OutcomeKind.SCREENED)])
    assert not sense.wants(link("x/four-five-six", 0.5))
    assert sense.wants(link("x/four-five-six", 0.9, SeedKind.FEED))


def test_what_is_known_is_reported_to_people() -> None:
    sense = learn([(f"{HOME}tag/{n}", OutcomeKind.SCREENED) for n in range(8)])
    assert "0 of 8 were articles" in sense.why(f"{HOME}tag/9")
    assert "nothing is known" in UrlFormModel().why(HOME)


def test_memory_of_a_source_is_bounded() -> None:
    sense = learn((f"{HOME}{'x' * (n % 50)}{n}y/z/story-of-the-day", OutcomeKind.STORED) for n in range(MAX_FORMS * 2))
    assert len(sense.counts) <= MAX_FORMS


@given(st.text(max_size=60), st.floats(0, 1))
def test_scores_stay_between_nothing_and_sure(path: str, score: float) -> None:
    url = f"{HOME}{path}"
    assert list(forms(url))
    sense = learn([(url, OutcomeKind.STORED), (url, OutcomeKind.SCREENED)])
    for kind in SeedKind:
        assert 0 <= sense.score(Link(url=url, found_in=HOME, found_by=kind, score=score)) <= 1


def asked_by(
    plan: Listings, news: Callable[[str], int], more: Callable[[str], Iterable[Seed]] = lambda _: ()
) -> list[str]:
    """Ask for listings until the plan has none; `news` are the new links of a path, `more` the listings it leads to."""
    asked: list[str] = []
    while len(asked) < MAX_ASKED:
        seed, plan = plan.next()
        if seed is None:
            break
        path = seed.url.removeprefix(HOME)
        asked.append(path)
        plan = plan.with_listings(more(path)).gave(seed, new=news(path))
    return asked


def test_listings_are_asked_until_too_many_in_a_row_had_nothing_new() -> None:
    plan = Listings().with_listings(listing(f"/{name}") for name in ("town", "sport", "money", "culture", "science"))
    asked = asked_by(plan, lambda path: 4 if path == "town" else 0)
    assert asked == ["town", "sport", "money", "culture"]
    assert len(asked) == 1 + MAX_FRUITLESS


def test_pagination_is_followed_while_it_brings_news_and_before_sections() -> None:
    def page(path: str) -> int:
        return int(path.rpartition("=")[2]) if "page" in path else 0

    asked = asked_by(
        Listings().with_listings([listing("/town"), listing("/latest?page=2", 0)]),
        lambda path: 20 if 0 < page(path) < 5 else 0,
        lambda path: [listing(f"/latest?page={page(path) + 1}", 0)] if page(path) else [],
    )
    assert asked == ["latest?page=2", "latest?page=3", "latest?page=4", "latest?page=5", "town"]


def test_endless_pagination_with_ever_new_links_ends() -> None:
    plan = Listings().with_listings([listing("/all?page=2", 0)])
    for number in range(1_000):
        seed, plan = plan.next()
        if seed is None:
            break
        plan = plan.with_listings([listing(f"/all?page={number + 3}", 0)]).gave(seed, new=20)
    assert number == MAX_ASKED


def test_listings_of_a_form_that_had_nothing_are_left_alone() -> None:
    plan = Listings().with_listings([*(listing(f"/author/name-{n}") for n in "abcdef"), listing("/town")])
    assert asked_by(plan, lambda _: 0) == ["author/name-a", "author/name-b", "town"]


def test_listings_are_asked_on_when_further_pages_of_their_form_had_news() -> None:
    asked = asked_by(
        Listings().with_listings(listing(f"/s{n}") for n in (1, 2, 3)),
        lambda path: 2 if "page" in path else 0,
        lambda path: [] if "page" in path else [listing(f"/{path}?page=2", 0)],
    )
    assert asked == ["s1", "s1?page=2", "s2", "s2?page=2", "s3", "s3?page=2"]


def test_listing_met_twice_is_asked_once() -> None:
    plan = Listings().with_listings([listing("/town"), listing("/town/"), listing("https://www.paper.example/town")])
    assert len(plan.open) == 1
    assert plan.with_listings([listing("/town?utm_source=x")]).open == plan.open


def test_sitemaps_and_feeds_are_not_listings() -> None:
    assert Listings().with_listings([Seed(url=f"{HOME}feed", kind=SeedKind.FEED)]).open == ()
