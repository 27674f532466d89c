"""The forty sites: a theme, a kind of titles, a number of posts and how many stand on a page."""

# ruff: noqa: E501 - lists of titles

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta

from tests.site.writing import texts, write
from tests.smallsites.themes import THEMES, Post

SHORT = [
    "Moss",
    "Night ferry",
    "The lower weir",
    "Rain",
    "Eel season",
    "A bench",
    "Salt",
    "Third gate",
    "Dusk",
    "Old pump",
    "Hail",
    "The choir",
    "Reed beds",
    "Tar",
    "Low tide",
    "On rest",
    "Swifts",
    "The ropewalk",
    "Ash",
    "Plum jam",
    "Two locks",
    "Fog bell",
    "Silt",
    "Grey herons",
]
PLAIN = [
    "Ferry fares rise again",
    "Why the weir keeper left",
    "Cider works sold",
    "Divers find the lost bell",
    "Night flights: mayor says no",
    "Council backs four ferries",
    "A map from 1588",
    "Norvik wins the regatta",
    "Lock gates worn thin",
    "Fire in the old mill",
    "Storks come back early",
    "Pool stays shut",
    "Bus gets its lane",
    "School bell falls silent",
    "Market moves to the quay",
    "Tram line four reopens",
    "The last ropewalk closes",
    "Orchard prize goes north",
    "Bridge toll is dropped",
    "Harbour light goes out",
    "Library opens on Sundays",
    "Choir seeks a new hall",
    "Water tower to be a home",
    "Sheep cross the highway",
]


@dataclass(frozen=True, kw_only=True)
class SmallSite:
    """One site: its pages by path, and the paths of its articles."""

    name: str
    pages: dict[str, str]
    articles: frozenset[str]


def _long(number: int) -> str:
    bank = texts("en")
    return f"{PLAIN[number % len(PLAIN)]} in {bank.places[number % len(bank.places)]}, {bank.people[number % len(bank.people)]} says"


def _posts(titles: str, count: int, site: int) -> list[Post]:
    posts = []
    for place in range(count):
        number = (place + site * 5) % 24
        title = {"short": SHORT[number], "plain": PLAIN[number], "long": _long(number)}[titles]
        words = write("en", f"small {site} {place}", number=(site * 7 + place) % 30, mixed=True)
        day = date(2025, 11, 20) - timedelta(days=9 * place + site)
        posts.append(
            Post(
                number=11 + count - place + site % 3,
                title=title,
                day=day,
                author=words.authors[0],
                paragraphs=words.paragraphs,
            )
        )
    return posts


def forty() -> list[SmallSite]:
    """Return the sites, always the same ones."""
    plans = itertools.product(("plain", "short", "long"), THEMES.items())
    sites = []
    for number, (titles, (name, theme)) in enumerate(plans):
        count = (14, 9, 18)[number % 3]
        pages, articles = theme(_posts(titles, count, number), 5 if number % 2 else 7)
        sites.append(SmallSite(name=f"{name}-{titles}", pages=pages, articles=frozenset(articles)))
    return sites[:40]
