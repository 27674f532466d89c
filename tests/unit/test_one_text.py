"""One text at several addresses: a wall, or an article that is served twice?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.crawl.one_text import TextOccurrence, is_wall, skeleton
from ingest.crawl.recrawl import BELIEVED_AFTER, is_believed, lost_detail, lost_since, next_wall_try
from ingest.model import Article, Block

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
BELL = "Divers lift the bell of the steamer Halcyon"
CIDER = "Orchard cooperative sells more cider than ever"


def article(title: str, text: str) -> Article:
    return Article(source="s", url="https://s.example/a", fetched_at=NOW, title=title, blocks=(Block(text=text),))


WALL = article("Ledovna harren", "Sund arre mellon tavik horrin delva marrin os tellan ved lykka orrin falstad.")
STORY = article(BELL, "The bell of the Halcyon was found at a depth of thirty metres and brought ashore on Monday.")


@pytest.mark.parametrize(
    ("page", "shown", "wall"),
    [
        (WALL, [("/a", BELL), ("/b", CIDER)], True),
        (WALL, [("/a", BELL), ("/a", BELL)], False),  # one address
        (WALL, [("/a", BELL), ("/b", BELL)], False),  # two links that agree: an article with an odd title
        (STORY, [("/a", BELL), ("/b", CIDER)], False),  # one link describes it: the other is out of date
        (STORY, [("/news/a", "Bell of the Halcyon found"), ("/sport/a", "Halcyon: divers at work")], False),
        (WALL, [("/bell-of-halcyon", None), ("/more-cider-than-ever", None), ("/tram-depot-vote", None)], True),
        (WALL, [("/bell-of-halcyon", None), ("/more-cider-than-ever", None)], False),
        (STORY, [("/1", None), ("/2", None), ("/3", None), ("/4", None)], False),  # numbers say nothing
        (WALL, [("/a", "More"), ("/b", "More"), ("/c", "More")], False),
    ],
)
def test_one_text(page: Article, shown: list[tuple[str, str | None]], wall: bool) -> None:
    seen = [TextOccurrence(url=f"https://s.example{path}", hint=hint) for path, hint in shown]
    assert is_wall(page, seen) is wall


def test_numbers_of_an_answer_make_no_other_text() -> None:
    first, second = (article("Sorry", f"Request {number} was refused by rule 9{number}.") for number in (71, 82))
    assert skeleton(first) == skeleton(second) != skeleton(STORY)


def test_lost_text_is_believed_after_two_days() -> None:
    since = lost_since("text-lost", lost_detail(NOW))
    assert since == NOW
    assert not is_believed(since, NOW + BELIEVED_AFTER / 2)
    assert is_believed(since, NOW + BELIEVED_AFTER)
    assert lost_since("consent-wall", lost_detail(NOW)) is None


def test_wall_is_tried_again_for_weeks_and_not_for_ever() -> None:
    now, tries = NOW, 0
    while (later := next_wall_try(tries + 1, now)) is not None:
        assert later > now
        now, tries = later, tries + 1
    assert 14 <= (now - NOW).days <= 40
    assert tries <= 12
