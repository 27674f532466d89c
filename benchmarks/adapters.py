"""Our extraction as the corpus runners in ../shared/tools call it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.model import Page

if TYPE_CHECKING:
    from ingest.extract.body.tree_ensemble import TreeEnsemble

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "extraction"
FOLDS_DIR = Path(__file__).parent / "folds"
FOLDS = 5  # of the block model's training pages, by domain

# Corpus pages were fetched at various times up to this one; nothing on them can be later.
FETCHED_AT = datetime(2026, 11, 22, tzinfo=UTC)


def page_of(html: bytes | str, url: str) -> Page:
    """Return a corpus page as if it had just been fetched; a page of unknown address gets a made-up one."""
    if not url.startswith(("http://", "https://")):
        url = "http://unknown.invalid/page"
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(html, str):  # decoded by the runner, whatever its meta says
        html, headers = html.encode("utf-8", "replace"), (("Content-Type", "text/html; charset=utf-8"),)
    return Page(url=url, final_url=url, source="corpus", status=200, headers=headers, body=html, fetched_at=FETCHED_AT)


def body(html: bytes | str, url: str) -> str:
    """Return the body of a page, one block a line; of a training page by a model that has not seen its domain."""
    from ingest.extract.article import extract

    return extract(page_of(html, url), ensemble=unseen_ensemble(url)).body


@cache
def _training_domains() -> dict[str, str]:
    """The domain of each page that the shipped model was trained on, by address; empty without the corpus."""
    found: dict[str, str] = {}
    for file in CORPUS.glob("*/gt.jsonl"):
        with file.open(encoding="utf-8") as lines:
            for truth in map(json.loads, lines):
                found[truth["url"]] = truth.get("domain") or truth["id"]
    return found


@cache
def _fold(at: int) -> TreeEnsemble:
    from ingest.extract.body.tree_ensemble import TreeEnsemble

    return TreeEnsemble.load(f"fold-{at}.npz", folder=FOLDS_DIR)


def fold_of(domain: str) -> int:
    """Return the fold of a domain, 0..FOLDS-1, for good."""
    return int(hashlib.sha1(domain.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def unseen_ensemble(url: str) -> TreeEnsemble | None:
    """Return an ensemble trained without the page's domain, None (the shipped one) for pages that trained none."""
    domain = _training_domains().get(url)
    return None if domain is None else _fold(fold_of(domain))


def metadata(html: bytes, url: str) -> dict[str, Any]:  # the runner's plain dict, any field of any shape
    """Return the metadata of a page in the runner's words. The text for the language is that of its paragraphs."""
    from ingest.extract.html.tree import parse
    from ingest.extract.metadata.metadata import read_metadata, settle_language

    page = page_of(html, url)
    tree = parse(page)
    text = " ".join(str(paragraph.text_content()) for paragraph in tree.iter("p"))
    found = settle_language(read_metadata(tree, page), text)
    return {
        "title": found.title,
        "authors": list(found.authors),
        "published": found.published.iso() if found.published else None,
        "modified": found.modified.iso() if found.modified else None,
        "language": found.language,
        "canonical_url": found.canonical_url,
        "site_name": found.site_name,
        "section": found.section,
        "tags": list(found.tags),
        "image": found.image.url if found.image else None,
        "description": found.description,
        "paywalled": found.paywalled,
    }


def bodies(pages: list[tuple[bytes | str, str]]) -> list[str]:
    """Return the bodies of pages of one site, each stripped of what all of them together teach."""
    from ingest.boilerplate import Learned, strip
    from ingest.boilerplate.learn import TrainingArticle, learn
    from ingest.extract.article import extract

    articles = [extract(page_of(html, url), ensemble=unseen_ensemble(url)) for html, url in pages]
    learn_result = learn(
        [TrainingArticle(article_id=number, article=article) for number, article in enumerate(articles)]
    )
    learned = Learned(
        source="corpus", blocks=tuple(block for block in learn_result.blocks if block.verdict is not None)
    )
    return [strip(article, learned).body for article in articles]
