"""The window of a backfill: what certainly lies outside is left out, and nothing else."""

from datetime import UTC, date, datetime

import pytest

from ingest.discover.window import BackfillWindow
from ingest.model import Link, Moment, Seed, SeedKind

HOME = "https://paper.example"
QUARTER = BackfillWindow(since=datetime(2024, 1, 1, tzinfo=UTC), until=datetime(2024, 4, 1, tzinfo=UTC))


def link(path: str, published: date | None = None, modified: date | None = None) -> Link:
    return Link(
        url=f"{HOME}{path}",
        found_in=HOME,
        found_by=SeedKind.SECTION,
        published=Moment.of_day(published) if published else None,
        modified=Moment.of_day(modified) if modified else None,
    )


@pytest.mark.parametrize(
    ("one", "out"),
    [
        (link("/a", date(2023, 12, 31)), True),
        (link("/a", date(2024, 1, 1)), False),
        (link("/a", date(2024, 3, 31)), False),
        (link("/a", date(2024, 4, 1)), True),
        (link("/2024/02/29/mill"), False),
        (link("/2024/04/01/mill"), True),
        (link("/2023/12/mill"), True),
        (link("/2024/03/mill"), False),
        (link("/story-of-1588"), False),
        (link("/a", modified=date(2023, 6, 1)), True),  # published no later
        (link("/a", modified=date(2025, 6, 1)), False),
        (link("/a"), False),
    ],
)
def test_link_is_left_out_only_when_its_date_is_known(one: Link, out: bool) -> None:
    assert QUARTER.leaves_out(one) is out


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/2024/03/", True),
        ("/2024/04/", False),
        ("/2023/", False),
        ("/2024/", True),
        ("/sitemap-2019-03.xml", False),
        ("/sitemap-7.xml", True),
    ],
)
def test_archives_and_sitemaps_of_other_months_are_not_read(path: str, wanted: bool) -> None:
    assert QUARTER.wants_seed(Seed(url=f"{HOME}{path}", kind=SeedKind.SECTION)) is wanted


def test_page_whose_dated_links_are_all_older_ends_a_list() -> None:
    assert QUARTER.is_past([link("/a", date(2023, 1, 1)), link("/b")])
    assert not QUARTER.is_past([link("/a", date(2023, 1, 1)), link("/b", date(2024, 2, 2))])
    assert not QUARTER.is_past([link("/b")])


def test_window_is_named_by_its_days() -> None:
    assert str(QUARTER) == "2024-01-01..2024-03-31"
