"""Model values in the forms they have in columns, and back: decode(encode(x)) == x.

Defaults are left out, so that the forms stay small and old rows can be read when a field is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any

from ingest.model import (
    Block,
    BlockKind,
    Claim,
    Cut,
    CutBy,
    ExtractionRules,
    Field,
    FurtherPage,
    Image,
    Link,
    Moment,
    Precision,
    RecordLocation,
    Seed,
    SeedKind,
    Source,
)


def _given(value: Any) -> dict[str, Any]:
    """Return a dataclass' fields that differ from their defaults; enums as their words."""
    given = {}
    for item in fields(value):
        held = getattr(value, item.name)
        if item.default is not MISSING and held == item.default:
            continue
        if item.default_factory is not MISSING and held == item.default_factory():
            continue
        given[item.name] = held
    return given


# ---------------------------------------------------------------- blocks and claims

_BLOCK_DEFAULT = Block(text="")


def blocks_form(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Write blocks; spelt out rather than by `_given` because a crawl does it some thirty times an article."""
    forms = []
    for block in blocks:
        form: dict[str, Any] = {"text": block.text}
        if block.kind is not _BLOCK_DEFAULT.kind:
            form["kind"] = block.kind.value
        if block.level:
            form["level"] = block.level
        if block.path:
            form["path"] = block.path
        if block.markdown is not None:
            form["markdown"] = block.markdown
        if block.link_share:
            form["link_share"] = round(block.link_share, 3)
        if block.cut is not None:
            form["cut"] = [block.cut.by.value, block.cut.reason]
        if block.spared is not None:
            form["spared"] = [block.spared.by.value, block.spared.reason]
        if block.number is not None:
            form["number"] = block.number
        forms.append(form)
    return forms


def blocks_of(forms: Iterable[dict[str, Any]]) -> tuple[Block, ...]:
    """Read blocks."""
    blocks = []
    for form in forms:
        cut = form.get("cut")
        spared = form.get("spared")
        blocks.append(
            Block(
                text=form["text"],
                kind=BlockKind(form.get("kind", _BLOCK_DEFAULT.kind)),
                level=form.get("level", 0),
                path=form.get("path", ""),
                markdown=form.get("markdown"),
                link_share=form.get("link_share", 0.0),
                cut=Cut(by=CutBy(cut[0]), reason=cut[1]) if cut else None,
                spared=Cut(by=CutBy(spared[0]), reason=spared[1]) if spared else None,
                number=form.get("number"),
            )
        )
    return tuple(blocks)


def claims_form(claims: Iterable[Claim]) -> list[list[Any]]:
    """Write claims as [field, value, origin, 1 if it won]."""
    return [
        [claim.field.value, list(claim.value) if isinstance(claim.value, tuple) else claim.value, claim.origin]
        + ([1] if claim.won else [])
        for claim in claims
    ]


def claims_of(forms: Iterable[Sequence[Any]]) -> tuple[Claim, ...]:
    """Read claims."""
    return tuple(
        Claim(
            field=Field(form[0]),
            value=tuple(form[1]) if isinstance(form[1], list) else form[1],
            origin=form[2],
            won=len(form) > 3,
        )
        for form in forms
    )


def parts_form(parts: Iterable[FurtherPage]) -> list[dict[str, Any]] | None:
    """Write the further pages, None for none."""
    return [_given(part) | ({"place": _given(part.place)} if part.place else {}) for part in parts] or None


def parts_of(forms: Iterable[dict[str, Any]] | None) -> tuple[FurtherPage, ...]:
    """Read the further pages."""
    return tuple(
        FurtherPage(**{**form, "place": RecordLocation(**form["place"]) if "place" in form else None})
        for form in forms or ()
    )


def image_form(image: Image | None) -> dict[str, Any] | None:
    """Write the lead image."""
    return None if image is None else _given(image)


def image_of(form: dict[str, Any] | None) -> Image | None:
    """Read the lead image."""
    return None if form is None else Image(**form)


# ---------------------------------------------------------------- moments


def moment_form(moment: Moment | None) -> str | None:
    """Write a moment as ISO 8601, whose form shows its precision."""
    return None if moment is None else moment.iso()


def moment_of(form: str | None) -> Moment | None:
    """Read it."""
    if form is None:
        return None
    if "T" not in form:
        return Moment.of_day(date.fromisoformat(form))
    read = datetime.fromisoformat(form)
    return Moment.of_wall(read) if read.tzinfo is None else Moment.of_instant(read)


def moment_columns(prefix: str, moment: Moment | None) -> dict[str, Any]:
    """Write a moment as the four columns `prefix`_at, _on, _offset_min and _precision."""
    return {
        f"{prefix}_at": None if moment is None else moment.at,
        f"{prefix}_on": None if moment is None else moment.on,
        f"{prefix}_offset_min": None if moment is None else moment.offset_min,
        f"{prefix}_precision": None if moment is None else moment.precision.value,
    }


def moment_of_columns(
    at: datetime | None, on: date | None, offset_min: int | None, precision: str | None
) -> Moment | None:
    """Read a moment from its four columns."""
    if on is None or precision is None:
        return None
    return Moment(on=on, precision=Precision(precision), at=at, offset_min=offset_min)


# ---------------------------------------------------------------- links and sources


def link_form(link: Link) -> dict[str, Any]:
    """Write a link without its URL, which has a column of its own."""
    form = _given(link)
    del form["url"]
    form["found_by"] = link.found_by.value
    for name in ("published", "modified"):
        if name in form:
            form[name] = moment_form(form[name])
    return form


def link_of(url: str, form: dict[str, Any] | None) -> Link | None:
    """Read a link."""
    if form is None:
        return None
    form = dict(form)
    form["found_by"] = SeedKind(form["found_by"])
    form["authors"] = tuple(form.get("authors", ()))
    for name in ("published", "modified"):
        if name in form:
            form[name] = moment_of(form[name])
    return Link(url=url, **form)


def source_form(source: Source) -> dict[str, Any]:
    """Write a source's declaration."""
    form = _given(source)
    if "seeds" in form:
        form["seeds"] = [{**_given(seed), "kind": seed.kind.value} for seed in source.seeds]
    if "rules" in form:
        form["rules"] = _given(source.rules)
    return form


def source_of(form: dict[str, Any]) -> Source:
    """Read a source's declaration; a field that this version does not know is left out."""
    known = {item.name for item in fields(Source)}
    read: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in form.items() if name in known
    }
    if "seeds" in form:
        read["seeds"] = tuple(Seed(**{**seed, "kind": SeedKind(seed["kind"])}) for seed in form["seeds"])
    if "rules" in form:
        rules = {item.name for item in fields(ExtractionRules)}
        read["rules"] = ExtractionRules(**{name: tuple(held) for name, held in form["rules"].items() if name in rules})
    return Source(**read)
