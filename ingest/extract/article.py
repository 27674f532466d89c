"""Page -> Article: one parse, the claims and who wins each field, then the body; further pages are joined to it.

Metadata are read before the body because trafilatura works on a copy of the tree it is given and the title decides what
the body must not repeat.
"""

from __future__ import annotations

from dataclasses import fields

from ingest.extract.body.body import Explained, conclude, decide, recorded
from ingest.extract.body.features import PageHints
from ingest.extract.body.page_view import look
from ingest.extract.body.tree_ensemble import TreeEnsemble
from ingest.extract.html.page_signals import read_signs
from ingest.extract.html.tree import parse
from ingest.extract.metadata.metadata import Metadata, read_metadata, settle_language
from ingest.extract.metadata.pictures import article_images
from ingest.extract.multipage.joining import joined
from ingest.model import Article, ExtractionRules, Page, PageSignals, Source
from ingest.web.sniff import binary_kind
from ingest.web.urls import normalise

_METADATA = tuple(field.name for field in fields(Metadata))


def extract(page: Page, source: Source | None = None, *, ensemble: TreeEnsemble | None = None) -> Article:
    """Read a page with its parts. An empty one gives an empty article; whether it is one at all the screen says.

    `ensemble`: a block model other than the shipped one, for judging pages that trained it.
    """
    first = _extract(page, source, ensemble)
    if not page.parts:
        return first
    parts = ((part, None if part.page is None else _extract(part.page, source, ensemble)) for part in page.parts)
    return joined(first, tuple(parts))


def _extract(page: Page, source: Source | None, ensemble: TreeEnsemble | None) -> Article:
    if kind := binary_kind(page.body):
        return _no_page(page, kind)
    tree = parse(page)
    metadata = read_metadata(tree, page, source=source)
    seen = look(tree, page, PageHints.of(metadata))
    signs = read_signs(tree, page, seen.segments)
    rules = source.rules if source else ExtractionRules()
    body = recorded(conclude(seen, tree, rules=rules, ensemble=ensemble, undoubted=False))
    images = article_images(tree, page, metadata.image)
    metadata = settle_language(metadata, "\n".join(block.text for block in body if block.cut is None))
    return Article(
        source=page.source,
        url=normalise(page.final_url),
        asked_url=page.url,
        validators=page.validators,
        fetched_at=page.fetched_at,
        blocks=body,
        place=page.place,
        signs=signs,
        images=images,
        **{name: getattr(metadata, name) for name in _METADATA},
    )


def _no_page(page: Page, kind: str) -> Article:
    """Return the empty article of bytes that are no page; the screen reports them."""
    return Article(
        source=page.source,
        url=normalise(page.final_url),
        asked_url=page.url,
        validators=page.validators,
        fetched_at=page.fetched_at,
        place=page.place,
        signs=PageSignals(status=page.status, binary=kind),
    )


def explain(page: Page, source: Source | None = None) -> tuple[Explained, ...]:
    """Return every block of the page that was considered, kept or cut, with the reason, in reading order."""
    if binary_kind(page.body):
        return ()
    tree = parse(page)
    metadata = read_metadata(tree, page, source=source)
    return decide(tree, page, rules=source.rules if source else ExtractionRules(), hints=PageHints.of(metadata))
