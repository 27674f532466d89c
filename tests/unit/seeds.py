"""What the tests of discovery share: a source, a page of bytes, and the check of one case of a TOML file."""

import gzip
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.discover import Found, read
from ingest.errors import SeedUnreadable
from ingest.model import Moment, Page, Seed, SeedKind, Source

DATA = Path(__file__).parent.parent / "data"
PAPER = Source(name="paper", url="https://paper.example/")


def cases(folder: str) -> list[dict[str, Any]]:
    """Return the cases of tests/data/FOLDER/cases.toml."""
    found: list[dict[str, Any]] = tomllib.loads((DATA / folder / "cases.toml").read_text("utf-8"))["case"]
    return found


def page(body: bytes, url: str = "https://paper.example/", content_type: str | None = None) -> Page:
    """Return a page of the paper as if just fetched."""
    headers = (("Content-Type", content_type),) if content_type else ()
    return Page(
        url=url,
        final_url=url,
        source="paper",
        status=200,
        headers=headers,
        body=body,
        fetched_at=datetime(2026, 3, 6, tzinfo=UTC),
    )


def found_in(body: bytes, *, url: str, kind: SeedKind, depth: int = 0, source: Source = PAPER) -> Found:
    """Read bytes as a seed of the paper."""
    return read(page(body, url), Seed(url=url, kind=kind, depth=depth), source)


def check(case: dict[str, Any], *, url: str, kind: SeedKind) -> None:
    """Read a case's body and compare links, seeds and notes with what it says."""
    body = case["body"].replace("\\u0007", "\a").encode(case.get("encoding", "utf-8"))
    body = body.replace(b"{hex}", bytes.fromhex(case.get("hex", "")))
    for _ in range(case.get("gzip", 0)):
        body = gzip.compress(body)
    seed = Seed(url=url, kind=kind)
    if "unreadable" in case:
        with pytest.raises(SeedUnreadable) as caught:
            read(page(body, url, case.get("content_type")), seed, PAPER)
        assert caught.value.reason == case["unreadable"]
        return
    found = read(page(body, url, case.get("content_type")), seed, PAPER)
    assert [link.url for link in found.links] == [link["url"] for link in case["links"]]
    for link, wanted in zip(found.links, case["links"], strict=True):
        _compare(link, wanted)
    assert [child.url for child in found.seeds] == [child["url"] for child in case.get("seeds", [])]
    for child, wanted in zip(found.seeds, case.get("seeds", []), strict=True):
        assert child.depth == 1
        _compare(child, wanted)
    assert list(found.notes) == case.get("notes", [])


def _compare(value: object, wanted: dict[str, Any]) -> None:
    for name, expected in wanted.items():
        got = getattr(value, name)
        if isinstance(got, Moment):
            got = got.iso()
        assert (list(got) if isinstance(got, tuple) else got or "") == expected, name
