"""Exploration: a few links of a doubtful set are tried; what they turn out to be decides about the rest."""

from ingest.discover.exploration import MAX_PROBES, PROBES, Exploration
from ingest.discover.found import LinkSet
from ingest.model import Link, Seed, SeedKind
from tests.unit.seeds import found_in

HOME = "https://paper.example/"


def links(name: str, count: int) -> tuple[Link, ...]:
    urls = (f"{HOME}{name}-{n}" for n in range(count))
    return tuple(Link(url=url, found_in=HOME, found_by=SeedKind.SECTION, score=0.1) for url in urls)


def link_set(name: str = "a", count: int = 10) -> LinkSet:
    return LinkSet(key=name, links=links(name, count), score=0.1)


def test_rest_of_a_set_is_released_when_the_first_links_are_articles() -> None:
    exploration = Exploration({})
    tried = exploration.add([link_set()])
    assert len(tried) == PROBES
    assert exploration.learn([(tried[0].url, True)]) == []
    released = exploration.learn([(tried[1].url, True)])
    assert len(released) == 10 - PROBES
    assert exploration.learned() == {"a": (2, 0)}


def test_rest_of_a_set_is_dropped_when_the_first_links_are_listings() -> None:
    exploration = Exploration({})
    tried = exploration.add([link_set()])
    assert exploration.learn([(link.url, False) for link in tried]) == []
    assert exploration.learned() == {"a": (0, 3)}
    assert Exploration(exploration.learned()).add([link_set()]) == []


def test_a_set_that_was_believed_is_fetched_whole_in_the_next_run() -> None:
    assert len(Exploration({"a": (3, 0)}).add([link_set()])) == 10


def test_budget_bounds_the_links_tried_in_a_run() -> None:
    exploration = Exploration({})
    assert len(exploration.add([link_set(str(n)) for n in range(20)])) == MAX_PROBES


def test_menu_in_the_navigation_is_no_doubtful_set_and_a_plain_list_is() -> None:
    names = ("Walnut", "Rye", "Barley", "Oat", "Spelt")
    items = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in names)
    menu = found_in(f"<nav><ul>{items}</ul></nav>".encode(), url=HOME, kind=SeedKind.SECTION)
    plain = found_in(f"<main><ul>{items}</ul></main>".encode(), url=HOME, kind=SeedKind.SECTION)
    assert menu.doubtful == ()
    assert [len(one.links) for one in plain.doubtful] == [5]


def test_sitemap_of_one_word_addresses_is_a_doubtful_set() -> None:
    urls = "".join(f"<url><loc>{HOME}{name}/</loc></url>" for name in ("moss", "rain", "tide", "hail", "reed", "fern"))
    found = found_in(f"<urlset>{urls}</urlset>".encode(), url=f"{HOME}sitemap.xml", kind=SeedKind.SITEMAP)
    assert [len(one.links) for one in found.doubtful] == [6]


def test_seed_that_follows_a_listing_equals_the_same_address_found_elsewhere() -> None:
    assert Seed(url=HOME, kind=SeedKind.SECTION, follows=True) == Seed(url=HOME, kind=SeedKind.SECTION)
