"""Five hundred articles with everything in them that a format could stumble over, made by a seeded chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from ingest.model import Article, Block, BlockKind, Cut, CutBy, Image, Moment
from ingest.store import StoredArticle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
# each may stand in a title, a name, a tag or a text
ODDITIES = (
    "plain words", "=1+2", "+49 30 1234", "-5 degrees", "@handle", "'quoted'", "'=1", " leading", "a, b; c",
    'say "no"',
    "5 < 6 & 7 > 2", "]]> end", "<script>alert(1)</script>", "*stars* and _lines_", "1. first", "# hash", "> more",
    "a|b",
    "`code`", "[not](a link)", "\\back\\slash", "Zürich – naïve “words”", "東京の記事", "한국어 기사", "مقال عربي",
    "שלום",
    "🙂👩‍👩‍👧",
    "tab-free", "100 %", "{{ braces }}", "${x}", "--- dashes", "...", "~~struck~~", "&amp; literal",
    "ﬁ ligature",
    "null", "true", "2026-01-01", "0012", "1e5", "=cmd|' /C calc'!A0", "＝wide", "\u200cjoiner", "!bang", "+ plus",
    "- dash",
)  # fmt: skip  # a table
KINDS = tuple(BlockKind)


def texts(chance: random.Random, most: int) -> tuple[str, ...]:
    return tuple(" ".join(chance.choice(ODDITIES).split()) for _ in range(chance.randrange(most + 1)))


def moment(chance: random.Random) -> Moment | None:
    at = NOW - timedelta(minutes=chance.randrange(500_000))
    zone = timezone(timedelta(minutes=chance.choice((0, 60, -300, 345))))
    return chance.choice(
        (
            None,
            Moment.of_day(date(2025, 5, chance.randrange(1, 29))),
            Moment.of_instant(at.astimezone(zone)),
            Moment.of_wall(at.replace(tzinfo=None)),
        )
    )


def block(chance: random.Random) -> Block:
    kind = chance.choice(KINDS)
    text = " ".join(texts(chance, 4)) or "words"
    if kind is BlockKind.CODE:
        text = "def f():\n    return '```'\n" + text
    if kind is BlockKind.ROW:
        text = " | ".join(part.replace("|", "/") for part in (text, "two", "three"))
    markdown = None
    if kind is BlockKind.PARAGRAPH and chance.random() < 0.3:
        text = "See the report of Monday now"
        markdown = "See the [report](https://a.example/r?x=1&y=_2_) of **Monday** now"
    cut = Cut(by=CutBy.LEARNED, reason="recurs") if chance.random() < 0.2 else None
    level = {BlockKind.HEADING: chance.randrange(1, 7), BlockKind.ITEM: chance.randrange(1, 4)}.get(kind, 0)
    return Block(text=text, kind=kind, level=level, markdown=markdown, cut=cut)


def articles(count: int = 500, source: str = "a") -> Iterator[Article]:
    chance = random.Random(7)
    for number in range(count):
        title = " ".join(texts(chance, 3))
        url = f"https://{source}.example/{number}?q=ä&amp;x='1'".replace("&amp;", "&")
        yield Article(
            source=source,
            url=url,
            fetched_at=NOW + timedelta(seconds=number, microseconds=chance.choice((0, 250_000))),
            title=title or None,
            blocks=tuple(block(chance) for _ in range(chance.randrange(1, 12))),
            canonical_url=chance.choice((None, url, f"https://{source}.example/c/{number}")),
            description=chance.choice((None, *texts(chance, 1))),
            authors=texts(chance, 3),
            published=moment(chance),
            modified=moment(chance),
            language=chance.choice((None, "en", "de", "zh")),
            site_name=chance.choice((None, "The <A> & B Gazette")),
            section=chance.choice((None, "Politics & more")),
            tags=texts(chance, 4),
            image=chance.choice((None, Image(url=f"https://{source}.example/i.jpg?w=1&h=2", width=9, alt="alt"))),
            paywalled=chance.choice((None, True, False)),
            images=tuple(
                Image(
                    url=f"https://{source}.example/{at}.jpg",
                    alt=chance.choice((None, "alt text")),
                    caption="c",
                    credit="d",
                )
                for at in range(number % 3)
            ),
        )


def stored(count: int = 500) -> list[StoredArticle]:
    """The same, as the store gives them."""
    return [
        StoredArticle(
            article_id=number,
            revision_id=number * 2,
            revision=1 + number % 3,
            article=article,
            body_digest="0" * 32,
            first_seen_at=article.fetched_at - timedelta(days=number % 3),
            last_seen_at=article.fetched_at,
            revised_at=article.fetched_at,
            removed_at=None,
            cluster_id=None,
        )
        for number, article in enumerate(articles(count), start=1)
    ]
