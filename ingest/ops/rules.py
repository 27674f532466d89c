"""Try rules on stored pages: which still match, which would empty an article, which the learned blocks suggest."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ingest.errors import SnapshotError
from ingest.extract.article import extract
from ingest.extract.html.tree import parse
from ingest.extract.rules import matches, pattern, values
from ingest.model import CutBy, ExtractionRules, Page, Source
from ingest.snapshots import read
from ingest.store import Store
from ingest.text.normalize import body_words

TRIED_PAGES = 20  # the newest, for rules that somebody else wrote
EMPTY_SHARE = 0.1  # of an article's words; a rule that leaves less takes the article, not what stands around it
MIN_WORDS = 30  # an article of fewer words says nothing about a rule
CUTTING = ("strip", "body")
PAGES = 50  # the newest are enough to see whether a rule still matches
MIN_ARTICLES = 3  # a place seen on fewer is no rule
NAMED = re.compile(r"[.#]")  # a path's segment that carries a class or an id
SPECIAL = re.compile(r"([^\w.#-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """How often one rule matched."""

    kind: str  # as in sources.toml: keep, strip, strip_text, title, body, next_page, single_page
    rule: str
    pages: int  # looked at
    matched: int  # of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A selector that would cut what is learned, and nothing that is kept, on the stored articles."""

    selector: str
    articles: int
    example: str  # text of a block it would cut


def replay(store: Store, home: Path, source: Source, *, storage: str = "") -> tuple[RuleUse, ...]:
    """Return how often each rule of a source matches on its newest stored pages; without pages all counts are 0."""
    rules = source.rules
    matched: dict[tuple[str, str], int] = {
        (kind.name, rule): 0 for kind in fields(rules) for rule in getattr(rules, kind.name)
    }
    pages = 0
    for page in _pages(store, home, source.name, storage):
        pages += 1
        tree = parse(page)
        texts = [block.text for block in extract(page).blocks] if rules.strip_text else []
        for kind, rule in matched:
            if kind == "strip_text":
                hit = any(pattern(rule).search(text) for text in texts)
            else:
                hit = bool(values(tree, rule) or matches(tree, rule))
            matched[kind, rule] += hit
    return tuple(RuleUse(kind=kind, rule=rule, pages=pages, matched=count) for (kind, rule), count in matched.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptying:
    """A rule that would leave next to nothing of a stored article."""

    kind: str
    rule: str
    pages: int  # it would empty
    of: int  # looked at


def harmless(
    store: Store, home: Path, source: Source, rules: ExtractionRules, *, storage: str = ""
) -> tuple[ExtractionRules, tuple[Emptying, ...]]:
    """Return rules without those that would empty one of the source's newest stored articles, and these.

    Each rule is tried by itself, then all together; of those that empty an article only together, the ones that take
    most go.
    """
    emptied: dict[tuple[str, str], int] = {}
    pages = 0
    for page in _pages(store, home, source.name, storage, most=TRIED_PAGES):
        words = words_of(page, source, ExtractionRules())
        if words < MIN_WORDS:
            continue
        pages += 1
        for rule in taking_too_much(page, source, rules, words):
            emptied[rule] = emptied.get(rule, 0) + 1
    left = {kind: tuple(one for one in getattr(rules, kind) if (kind, one) not in emptied) for kind in CUTTING}
    found = tuple(Emptying(kind=kind, rule=rule, pages=count, of=pages) for (kind, rule), count in emptied.items())
    return replace(rules, **left), found


def taking_too_much(page: Page, source: Source, rules: ExtractionRules, words: int) -> list[tuple[str, str]]:
    """Return the rules without which a page keeps its article."""
    tree = parse(page)
    matching = [(kind, one) for kind in CUTTING for one in getattr(rules, kind) if matches(tree, one)]
    least = EMPTY_SHARE * words
    kept = {rule: words_of(page, source, _only([rule])) for rule in matching}
    found = [rule for rule in matching if kept[rule] < least]
    others = sorted((rule for rule in matching if rule not in found), key=kept.__getitem__)
    while others and words_of(page, source, _only(others)) < least:
        found.append(others.pop(0))
    return found


def _only(chosen: list[tuple[str, str]]) -> ExtractionRules:
    return ExtractionRules(**{kind: tuple(rule for one, rule in chosen if one == kind) for kind in CUTTING})


def words_of(page: Page, source: Source, rules: ExtractionRules) -> int:
    """Return how many words an article has with a source's own rules and some more."""
    own = source.rules
    both = replace(own, strip=own.strip + rules.strip, body=own.body or rules.body)
    article = extract(page, replace(source, rules=both))
    return body_words(article.title, article.blocks)


def suggest(store: Store, source: str) -> tuple[Suggestion, ...]:
    """Return selectors for the places where learned blocks stand and kept ones never do, the widest first.

    A place inside one that is already suggested is left out.
    """
    cut: dict[str, dict[int, str]] = defaultdict(dict)
    kept: set[str] = set()
    for stored in store.articles.each(source=source):
        for block in stored.article.blocks:
            named = [segment for segment in block.path.split("/") if NAMED.search(segment)]
            if block.cut is None:
                kept.update(named)
            elif block.cut.by in (CutBy.LEARNED, CutBy.PERSON):
                for segment in named:
                    cut[segment].setdefault(stored.article_id, block.text)
    found: list[Suggestion] = []
    covered: set[tuple[int, str]] = set()
    for segment, articles in sorted(cut.items(), key=lambda item: -len(item[1])):
        if segment in kept or len(articles) < MIN_ARTICLES or covered >= set(articles.items()):
            continue
        covered |= set(articles.items())
        example = next(iter(articles.values()))
        found.append(Suggestion(selector=_css(segment), articles=len(articles), example=example))
    return tuple(found)


def _css(segment: str) -> str:
    """Write a segment of a block's path ("div.promo") as CSS; other signs in class names are escaped."""
    return SPECIAL.sub(r"\\\1", segment)


def _pages(store: Store, home: Path, source: str, storage: str, *, most: int = PAGES) -> Iterator[Page]:
    newest = deque(store.snapshots.each(source), maxlen=most)
    for _, _, place in newest:
        try:
            yield read(home, place, storage=storage)
        except SnapshotError:
            continue  # pruned, or on another machine
