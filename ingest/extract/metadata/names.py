"""Parse bylines and author fields into a list of people, or of other authors."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ingest.extract.metadata.words import (
    AGENCIES,
    BY,
    LABELS,
    NOT_IN_NAMES,
    NOT_NAMES,
    ORGANISATIONS,
    PARTICLES,
    ROLES,
    TITLES,
)
from ingest.text.dates.reader import month_number
from ingest.text.normalize import fold, normalise

MAX_NAME_CHARS = 70
MAX_NAME_WORDS = 6
MAX_NAMES = 40
MAX_FIELD_CHARS = 600  # longer author fields are texts about authors


class NameKind(IntEnum):
    """What a name looks like, the least telling first."""

    SITE = 0  # the site's own name
    ORGANISATION = 1
    HANDLE = 2  # one word: a first name, a nickname, initials
    PERSON = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedNames:
    """The names of one claim, in its spelling."""

    names: tuple[str, ...]
    kind: NameKind


_words_of = "|".join
_LEAD = re.compile(
    rf"^(?:(?:{_words_of(LABELS)})\s+)?(?:{_words_of(BY)})(?:\s*[:：／/|=＝]\s*|\s+[\-–]?\s*(?=\S))", re.IGNORECASE
)
_LABEL_BY = re.compile(
    rf"^.{{0,40}}\b(?:{_words_of(LABELS)})\s+(?:von|by|de|par|por|door|av|af|di|от|від|oleh)\s+", re.IGNORECASE
)
_CJK_LEAD = re.compile(
    r"^[【\[（(]?(?:作者|記者|记者|編輯|编辑|责任编辑|責任編輯|文|撰文|取材|写真|글|文字)[:：／/＝=\s]+"
)
_CJK_TAIL = re.compile(r"(?<=\S)\s*(?:記者|记者|기자|특파원|선임기자|논설위원|編集委員|報道|报道)$")
_CONNECTORS = "and|und|et|y|och|og|en|ja|oraz|dan|ve|és|și|şi|și|va|und|with|mit|avec|con|com|med|met|z|și"
_SPLIT = re.compile(
    rf"\s*(?:[;|│·•/／\n\t、，؛،；&+]|\s[-–—]\s|,(?!\s*(?:Jr|Sr|I{{2,3}}|MD|PhD|Ph\.D)\b))\s*"
    rf"|(?<=\w)[\s.]+(?:{_CONNECTORS})\s+(?=\w)|^(?:{_CONNECTORS})\s+|\s+(?:{_CONNECTORS})$",
)
_SHORT_CONNECTORS = re.compile(r"(?<=[^\W\d_]{2})\s+(?:e|a|i|και|и|та|і|و|והן|और|এবং|และ|と)\s+(?=[^\W\d_]{2})")
_BRACKETS = re.compile(r"\s*(?:\([^()]*\)?|\[[^\[\]]*\]?|（[^（）]*）?|【[^】]*】?|<[^>]*>?)")
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|(?<!\w)@\w+", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,2}[.:/\-]\d{1,2}|\d{2,}|\d\s*(?:min|uhr|h\b)", re.IGNORECASE)
_ROLE = re.compile(rf"(?<![^\W\d_])(?:{_words_of(ROLES)})(?![^\W\d_])", re.IGNORECASE)
_ORGANISATION = re.compile(
    rf"(?<![^\W\d_])(?:{_words_of(ORGANISATIONS)})(?![^\W\d_])|\w\.(?:de|com|org|net|at|ch|fr|it|es|uk|nl|eu|info|tv|io)\b",
    re.IGNORECASE,
)
_CJK_BODY = re.compile(
    r"(?:報|报|新聞|新闻|社|網|网|電視台|电视台|週刊|周刊|編集部|编辑部|編輯部|デジタル|ニュース|일보|신문|뉴스|방송|통신)$"
)
_PLACE = re.compile(r"\s+(?:in|aus|à|en|w|в|from)\s+(?:[A-ZÄÖÜÉА-Я]\S*\s?){1,3}$")
_NOT_NAME_CHARS = re.compile(r"[\d!?:\"“”„«»()\[\]{}/\\|@#$%&*+=<>…]")
_CREDIT = re.compile(
    r"^\s*(?:©|\(c\)|(?:fotos?|bild(?:er)?|bildquelle|quelle|quellen|photos?|image|source|credit|picture|illustration|grafik|"
    r"crédit|fotografie|zdroj|kaynak|fuente|fonte|kilde|källa|фото|источник|写真|사진|ภาพ)\s*[:：/©]|"
    r"photo(?:graph)? by|foto von)",
    re.IGNORECASE,
)
_EDGES = " <>\"'“”„«»‹›*:：,.-–—_|/·•~()[]"


def read_names(texts: Iterable[str], sites: Iterable[str] = (), bodies: Collection[str] = ()) -> ParsedNames | None:
    """Return the names in author fields or bylines, the telling ones: people, else handles, else organisations.

    `sites`: what the site calls itself; it is an author only where there is no other. `bodies`: texts known to name
    organisations, however they look.
    """
    known = {fold(site).replace(" ", "") for site in sites} - {""}
    found: dict[str, tuple[str, NameKind]] = {}
    for text in texts:
        for name in _located(split(text), known):
            key = fold(name).replace(" ", "")
            if key and len(found) < MAX_NAMES:
                kind = kind_of(name, known)
                found.setdefault(key, (name, min(kind, NameKind.ORGANISATION) if text in bodies else kind))
    if not found:
        return None
    best = max(kind for _, kind in found.values())
    wanted = tuple(
        name
        for name, kind in found.values()
        if kind is best or (best is NameKind.PERSON and name.casefold() in AGENCIES)
    )  # an agency beside a person has a share in the text; a newsroom or the site beside one is where they work
    return ParsedNames(names=wanted, kind=best)


def _located(names: list[str], known: set[str]) -> list[str]:
    """Return the names of one field without the place behind an organisation: "Example News, Berlin, Germany"."""
    if len(names) > 1 and kind_of(names[0], known) <= NameKind.ORGANISATION:
        return [name for name in names if kind_of(name, known) is not NameKind.HANDLE]
    return names


def kind_of(name: str, known: frozenset[str] | set[str] = frozenset()) -> NameKind:
    """Return what a name looks like. `known`: the site's own names, folded, without spaces."""
    if fold(name).replace(" ", "") in known:
        return NameKind.SITE
    if _ORGANISATION.search(name) or any(part.isupper() and fold(part) in known for part in name.split()):
        return NameKind.ORGANISATION
    if _is_unspaced(name) and _CJK_BODY.search(name):
        return NameKind.ORGANISATION
    if any(part.casefold() in AGENCIES and not part.istitle() for part in re.split(r"[\s/]+", name)):
        return NameKind.ORGANISATION
    return NameKind.PERSON if is_person(name) else NameKind.HANDLE


def is_person(name: str) -> bool:
    """Return whether a name looks like a person's full name in its script."""
    parts = [part for part in re.split(r"[\s\u00b7・]+", name) if part]
    if len(parts) > MAX_NAME_WORDS or len(name) > MAX_NAME_CHARS or _NOT_NAME_CHARS.search(name):
        return False
    if _is_unspaced(name):
        return 2 <= len(name.replace(" ", "")) <= 12
    if len(parts) < 2 or any(part.casefold().strip(".,") in NOT_IN_NAMES for part in parts):
        return False
    telling = [part for at, part in enumerate(parts) if at == 0 or part.casefold() not in PARTICLES]
    return len(telling) >= 2 and all(not part[0].islower() or "'" in part or "’" in part for part in telling)


def _is_unspaced(name: str) -> bool:
    """Return whether a name is in a script that writes it without spaces."""
    letters = [char for char in name if char.isalpha()]
    return bool(letters) and all("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" for char in letters)


def split(text: str) -> list[str]:
    """Return the names in one author field or byline, each without "By", roles, handles, dates and places."""
    if "<" in text:
        text = re.sub(r"<[^>]*>", " · ", text)
    text = normalise(html.unescape(text))
    if not text or len(text) > MAX_FIELD_CHARS or _CREDIT.match(text):
        return []
    if re.fullmatch(r"(?:https?:/)?/\S+", text):
        return []
    if re.fullmatch(r"[\w.+-]+@[\w-]+\.[\w.-]+", text):
        return []
    text = _NOISE.sub(" ", text).strip()
    parts: list[str] = []
    for rough in _SPLIT.split(_BRACKETS.sub(" · ", _lead_off(text)) if not _only_brackets(text) else text):
        parts.extend(_SHORT_CONNECTORS.split(rough) if rough else ())
    names = [name for part in parts if (name := _one(part))]
    if len(names) > 1 and any(is_person(name) for name in names):
        names = [name for name in names if is_person(name) or _ORGANISATION.search(name)]
    return names


def _only_brackets(text: str) -> bool:
    return not _BRACKETS.sub("", text).strip()


def _lead_off(text: str) -> str:
    """Return a byline without "By", "Von", "Text:" and the like at its head."""
    for _ in range(4):
        shorter = _CJK_LEAD.sub("", _LABEL_BY.sub("", _LEAD.sub("", text))).strip(_EDGES)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def _one(part: str) -> str | None:
    """Return one name, tidied, or None when it is none."""
    if _CREDIT.match(part):
        return None
    part = _lead_off(part.strip().lstrip(_EDGES))
    part = _CJK_TAIL.sub("", part).rstrip(" \"'“”„«»*:：,-–—_|/·•~()[]")
    if not part.casefold().endswith(tuple(f" {t}." for t in ("jr", "sr", "v", "e.v"))) and not re.search(
        r"\b\w\.$", part
    ):
        part = part.rstrip(".")
    part = _PLACE.sub("", part)
    if not part or len(part) > MAX_NAME_CHARS or len(part.split()) > MAX_NAME_WORDS + 2:
        return None
    if not any(char.isalpha() for char in part) or _DATE_LIKE.search(part):
        return None
    if len(part) < 2 and part.isascii():
        return None
    folded = part.casefold()
    if (
        folded in NOT_NAMES
        or folded in NOT_IN_NAMES
        or folded in BY_WORDS
        or (month_number(folded.split()[0]) and len(folded.split()) > 1 and folded[-1].isdigit())
    ):
        return None
    return _without_role(part)


BY_WORDS = frozenset(word.replace("\\", "") for word in (*BY, *LABELS))


def _without_role(part: str) -> str | None:
    """Return a name without the role before or behind it; None when it is nothing but a role."""
    match = _ROLE.search(part)
    if not match or _ORGANISATION.search(part):
        return part
    for rest in (part[match.end() :].strip(_EDGES), part[: match.start()].strip(_EDGES)):
        if is_person(rest) and not _ROLE.search(rest):
            return rest
    return None


def with_title(name: str) -> bool:
    """Return whether a name begins with an academic title."""
    return name.casefold().split(" ", 1)[0].rstrip(".") in TITLES


def fuller(names: Sequence[str], others: Sequence[str]) -> tuple[str, ...] | None:
    """Return the other list where it says the same single name more fully: "Todd Bates" for "Todd"."""
    if len(names) == len(others) == 1 and is_person(others[0]):
        short, long = fold(names[0]), fold(others[0])
        if short in long.split() and short != long:
            return tuple(others)
    return None
