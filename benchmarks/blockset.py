"""The corpus pages as the block model is trained and scored on: segments, features, labels, weights.

Labels come from the reference texts by the same alignment that hears trafilatura. trafeval has only short wanted and
unwanted passages: the segments holding one are labelled, the others weigh nothing. Optional paragraphs weigh nothing.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapters import CORPUS, page_of
from benchmarks.own_pages import pages
from ingest.extract.body.alignment import align, squash
from ingest.extract.body.features import PageArrays, PageHints, heard_matrix, page_matrix
from ingest.extract.body.page_view import PageView, look
from ingest.extract.html.tree import parse
from ingest.extract.metadata.metadata import read_metadata

SETS = ("wcxb-dev", "trafeval", "fundus", "snap", "daniel", "silver")
OWN = "own"  # pages made up for training, never scored
REFERENCE_SHARE = 0.5  # of the reference that the page must hold; below it the reference is of another page


@dataclass(slots=True, kw_only=True)
class Sample:
    """One page ready for training. `label` is 0..1 per segment, `weight` 0 where nothing is known."""

    set_name: str
    id: str
    domain: str
    texts: list[str]
    titles: NDArray[np.bool_]
    said: NDArray[np.float32]
    lost: tuple[tuple[int, str], ...]
    alone: int  # of the features: those of the page alone, the first ones
    features: NDArray[np.float32]
    label: NDArray[np.float32]
    weight: NDArray[np.float32]
    truth: dict[str, Any]


def truths(set_name: str) -> list[dict[str, Any]]:
    """Return a set's pages with their ground truth."""
    with (CORPUS / set_name / "gt.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def raw(set_name: str, truth: dict[str, Any]) -> bytes | str:
    """Return a page as the corpus runner hands it over."""
    data = gzip.decompress((CORPUS / set_name / "html" / (truth["id"] + ".html.gz")).read_bytes())
    return data if set_name in ("trafeval", "silver") else data.decode("utf-8", "replace")


def samples(set_name: str) -> Iterator[Sample]:
    """Return the pages of a set, each with features and labels."""
    if set_name == OWN:
        for number, made in enumerate(pages()):
            truth = {"id": str(number), "domain": f"{OWN}-{made.kind}", "url": "", "text": "\n".join(made.wanted)}
            yield sample(set_name, truth, made.page)
        return
    for truth in truths(set_name):
        yield sample(set_name, truth, raw(set_name, truth))


def sample(set_name: str, truth: dict[str, Any], html: bytes | str) -> Sample:
    """Return one page with features and labels."""
    page = page_of(html, truth["url"])
    tree = parse(page)
    seen = look(tree, page, PageHints.of(read_metadata(tree, page)))
    label, weight = _labels(set_name, truth, seen)
    weight[np.array([reason is not None for reason in seen.cuts], dtype=bool)] = 0  # no model is asked about them
    alignment, ground = seen.trafilatura(), PageArrays.of(seen.segments)
    rows = page_matrix(ground, seen.stated.said, seen.hints) if seen.segments else np.zeros((0, 0), np.float32)
    heard = heard_matrix(ground, alignment.said) if seen.segments else rows
    return Sample(
        set_name=set_name,
        id=truth["id"],
        domain=truth.get("domain") or truth["id"],
        texts=[segment.plain() for segment in seen.segments],
        titles=np.array(seen.titles, dtype=bool),
        said=np.array(alignment.said, dtype=np.float32),
        lost=alignment.lost,
        alone=rows.shape[1],
        features=np.column_stack([rows, heard]),
        label=label,
        weight=weight,
        truth=truth,
    )


def _labels(set_name: str, truth: dict[str, Any], seen: PageView) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    texts = [segment.text for segment in seen.segments]
    if set_name == "trafeval":
        return _passages(texts, truth["with"], truth["without"])
    if set_name == "fundus":
        wanted = [line for line in truth["paragraphs"] if not _optional(line)]
        optional = align(texts, [line[1:-1] for line in truth["paragraphs"] if _optional(line)], spans=True)
    else:
        wanted, optional = truth["text"].split("\n"), align(texts, [])
    heard = align(texts, wanted, spans=True)
    label = np.array(heard.said, dtype=np.float32)
    chars = np.array([len(text) for text in texts], dtype=np.float32)
    weight = chars / max(1.0, float((chars * label).sum()))
    weight = np.clip(np.sqrt(weight), 0.02, 0.5)
    weight[(np.array(optional.said) > 0) & (label == 0)] = 0
    reference = len(squash("".join(wanted)))
    if (
        float(np.sum([len(squash(text)) for text, share in zip(texts, label, strict=True) if share]))
        < REFERENCE_SHARE * reference
    ):
        weight[:] = 0
    return label, weight


def _passages(
    texts: list[str], wanted: list[str], unwanted: list[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    label, weight = np.zeros(len(texts), dtype=np.float32), np.zeros(len(texts), dtype=np.float32)
    folded = [re.sub(r"\s+", " ", text).strip() for text in texts]
    for passages, value in ((unwanted, 0.0), (wanted, 1.0)):
        for passage in passages:
            key = re.sub(r"\s+", " ", passage).strip()
            for at, text in enumerate(folded):
                if key and key in text:
                    label[at], weight[at] = value, 0.3
    return label, weight


def _optional(paragraph: str) -> bool:
    return paragraph[:1] == "[" and paragraph[-1:] == "]"
