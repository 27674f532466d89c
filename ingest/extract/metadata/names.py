"""Parse bylines and author fields into a list of people, or of other authors."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ingest.extract.metadata.words import (
    AGENCIES,
    AGENCY_NAMES,
    BY,
    DESKS,
    LABELS,
    NOT_IN_NAMES,
    NOT_NAMES,
    ORGANISATIONS,
    OTHERS_WORK,
    PARTICLES,
    ROLE_KINDS,
    ROLES,
    SYSTEM,
    TITLES,
)
from ingest.text.dates.labels import LABEL
from ingest.text.dates.reader import find, month_number
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
DESK_BY = re.compile(
    r"^[\s–—-]*(?:redaktion|redaktor|redakcja|redakce|redazione|redactie|redacción|rédaction)\s*[:：]\s*(?=\S)",
    re.IGNORECASE,
)
_LABEL_BY = re.compile(
    rf"^.{{0,40}}\b(?:{_words_of(LABELS)})\s+(?:von|by|de|par|por|door|av|af|di|от|від|oleh)\s+", re.IGNORECASE
)
_CJK_LEAD = re.compile(
    r"^[【\[（(]?(?:作者|記者|记者|編輯|编辑|责任编辑|責任編輯|文|撰文|取材|写真|글|文字)[:：／/＝=\s]+"
)
_CJK_TAIL = re.compile(r"(?<=\S)\s*(?:記者|记者|기자|특파원|선임기자|논설위원|編集委員|報道|报道)$")
_CONNECTORS = "and|und|et|och|og|en|ja|oraz|dan|ve|és|și|şi|și|va|und|with|mit|avec|con|com|med|met|z|și"
_SPLIT = re.compile(
    rf"\s*(?:[;|│·•/／\n\t、，؛،；&+]|\s[-–—]\s|,(?!\s*(?:Jr|Sr|I{{2,3}}|MD|PhD|Ph\.D)\b))\s*(?:(?:{_CONNECTORS})\s+(?=\w))?"
    rf"|(?<=\w)[\s.]+(?:{_CONNECTORS})\s+(?=\w)|^(?:{_CONNECTORS})\s+|\s+(?:{_CONNECTORS})$",
)
_SHORT_CONNECTORS = re.compile(r"(?<=[^\W\d_]{2})\s+(?:a|και|и|та|і|و|והן|और|এবং|และ|と)\s+(?=[^\W\d_]{2})")
_BRACKETS = re.compile(r"\s*(?:\([^()]*\)?|\[[^\[\]]*\]?|（[^（）]*）?|【[^】]*】?|<[^>]*>?)")
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|(?<!\w)@\w+", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,2}[.:/\-]\d{1,2}|\d{2,}|\d\s*(?:min|uhr|h\b)", re.IGNORECASE)
_ORGANISATION = re.compile(
    rf"(?<![^\W\d_])(?:{_words_of(ORGANISATIONS)})(?![^\W\d_])|\w\.(?:de|com|org|net|at|ch|fr|it|es|uk|nl|eu|info|tv|io)\b",
    re.IGNORECASE,
)
_CJK_BODY = re.compile(
    r"(?:報|报|新聞|新闻|社|網|网|電視台|电视台|週刊|周刊|編集部|编辑部|編輯部|デジタル|ニュース|일보|신문|뉴스|방송|통신)$"
)
_KIND = rf"(?:(?:{_words_of(ROLE_KINDS)})\s+|&\s+)*"
_OFFICE = re.compile(
    rf"(?<![^\W\d_]){_KIND}(?:{_words_of(ROLES)})(?![^\W\d_])(?:\s+(?:in chief|at large))?", re.IGNORECASE
)
_DESK = re.compile(rf"(?:{_words_of((*DESKS, *SYSTEM))})", re.IGNORECASE)
_SYSTEM = re.compile(rf"(?:{_words_of(SYSTEM)})", re.IGNORECASE)
_CREDENTIALS = re.compile(
    r"(?:,?\s+(?:Ph\.?\s?D\.?|M\.?D\.?|MBA|MSc|M\.Sc\.|BSc|RN|RD|CPA|Esq\.?|DDS|DVM|MPH|JD|LL\.M\.)(?=,|\s|$))+"
)
_OTHERS = re.compile(rf"\s(?:{_words_of(OTHERS_WORK)})(?:\s*:\s*|\s+)(?=\S)", re.IGNORECASE)
_READING_TIME = re.compile(r"\d+\s*[-\u2010]?\s*(?:min\b|minutes?\b|minuten\b|minutos?\b|分).*$", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"[\s,|·•–-]*(?:on|am|le|el|il|den|at)?[\s,]*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|"
    r"sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|on|at|am|um)?[\s,.|·•–-]*$",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"((?:[^\W\d_][^\s,;]*\s+){0,3}[^\W\d_][^\s,;]*),\s*([^\W\d_][^\s,;]*(?:\s+[^\W\d_][^\s,;]*){0,2})"
)
_AND_IN_NAME = re.compile(r"(?<=\w)\s+(?:y|e|i)\s+(?=\w)")
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
        name for name, kind in found.values() if kind is best or (best is NameKind.PERSON and is_agency(name))
    )  # an agency beside a person has a share in the text; a newsroom or the site beside one is where they work
    return ParsedNames(names=wanted, kind=best)


def is_agency(name: str) -> bool:
    """Return whether a name is an agency's, alone or with the office that sent the text: "AFP Brussels"."""
    folded = name.casefold()
    first, _, place = name.partition(" ")
    return (
        folded in AGENCIES
        or folded in AGENCY_NAMES
        or (first.isupper() and first.casefold() in AGENCIES and place.istitle() and " " not in place)
    )


def is_newsroom(name: str) -> bool:
    """Return whether a name is an agency or a desk, which write articles; other bodies publish them."""
    return (
        name.casefold() in AGENCY_NAMES
        or any(part.casefold() in AGENCIES for part in re.split(r"[\s/]+", name))
        or bool(_NEWSROOM.search(name))
    )


_NEWSROOM = re.compile(rf"(?<![^\W\d_])(?:{_words_of(DESKS)})(?![^\W\d_])", re.IGNORECASE)


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


_ARTICLES = frozenset({"die", "das", "der", "the", "ein", "eine", "les", "une", "diese", "dieser", "unser", "our"})
_FURNITURE = NOT_IN_NAMES - PARTICLES


def is_person(name: str) -> bool:
    """Return whether a name looks like a person's full name in its script."""
    parts = [part for part in re.split(r"[\s\u00b7・]+", name) if part]
    if len(parts) > MAX_NAME_WORDS or len(name) > MAX_NAME_CHARS or _NOT_NAME_CHARS.search(name):
        return False
    if _is_unspaced(name):
        return 2 <= len(name.replace(" ", "")) <= 12
    if len(parts) < 2 or any(part.casefold().strip(".,") in _FURNITURE for part in parts):
        return False
    if parts[0].casefold() in _ARTICLES:
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
    text = _CREDENTIALS.sub("", without_date(_NOISE.sub(" ", text).strip()))
    if (others := _OTHERS.search(text)) and others.start() > 0:
        text = text[: others.start()]
    if ";" not in text and (straight := _straight(text) or _straight(_lead_off(text))):
        return [straight]
    if ";" in text and all(_INVERTED.fullmatch(one.strip()) for one in text.split(";") if one.strip()):
        return [name for one in text.split(";") if (name := _straight(one.strip(), declared=True))]
    parts: list[str] = []
    for rough in _SPLIT.split(_BRACKETS.sub(" · ", _lead_off(text)) if not _only_brackets(text) else text):
        parts.extend(one for short in _SHORT_CONNECTORS.split(rough or "") for one in _at_and(short))
    names = [name for part in parts if (name := _one(part))]
    if len(names) > 1 and any(is_person(name) for name in names):
        names = [name for name in names if is_person(name) or _ORGANISATION.search(name) or name.casefold() in AGENCIES]
    return names


def without_date(text: str) -> str:
    """Return a byline without the date, the clock or the reading time before or behind the names."""
    if not any(char.isdigit() for char in text):
        return text
    text = _READING_TIME.sub("", text)
    label = next((one for one in LABEL.finditer(text) if one.start() and len(one[0]) > 3), None)
    if label and any(char.isdigit() for char in text[label.end() :]):
        text = text[: label.start()]
    for found in find(text):
        before = _WEEKDAY.sub("", text[: found.start])
        text = before if any(map(str.isalpha, before)) else text[found.end :]
        break
    if clock := re.search(r"\s\d{1,2}[:.h]\d{2}\b", text):
        text = text[: clock.start()] if any(map(str.isalpha, text[: clock.start()])) else text
    return _WEEKDAY.sub("", text) if any(map(str.isalpha, _WEEKDAY.sub("", text))) else text


def _straight(text: str, *, declared: bool = False) -> str | None:
    """Return "Ada Quill" for "Quill, Ada"; None for what is no inverted name.

    A name of several words before the comma is a person with a place or role behind it, unless it begins with a
    particle or the field is known to hold inverted names (`declared`).
    """
    match = _INVERTED.fullmatch(text)
    if match is None:
        return None
    last, first = match[1].strip(), match[2].strip()
    words = last.split()
    bare = [word for word in words if word.casefold() not in PARTICLES]
    if not declared and len(bare) > 1:
        return None
    name = f"{first} {last}"
    plain = not (_OFFICE.search(text) or _ORGANISATION.search(text) or _DESK.search(text))
    agency = any(part.casefold() in AGENCIES for part in (last, first))
    return name if plain and not agency and is_person(name) and first[0].isupper() else None


def straightened(texts: Iterable[str]) -> list[str]:
    """Return author fields that hold "Quill, Ada" by their definition (citation_author, DC.creator) as "Ada Quill"."""
    return [_straight(text.strip(), declared=True) or text for text in texts]


def _at_and(part: str) -> list[str]:
    """Split two people at a Romance "and"; "Ortega y Gasset" is one surname."""
    sides = _AND_IN_NAME.split(part)
    if len(sides) == 1 or all(len(side.split()) >= 2 or not at for at, side in enumerate(sides)):
        return sides
    return sides if len(sides[0].split()) == 1 else [part]


def _only_brackets(text: str) -> bool:
    return not _BRACKETS.sub("", text).strip()


def _lead_off(text: str) -> str:
    """Return a byline without "By", "Von", "Text:" and the like at its head."""
    for _ in range(4):
        shorter = _CJK_LEAD.sub("", _LABEL_BY.sub("", _LEAD.sub("", DESK_BY.sub("", text)))).strip(_EDGES)
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
    if not any(char.isalpha() for char in part) or _DATE_LIKE.search(part) or "{" in part:
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
    """Return a name without the role before or behind it; None when it is nothing but a role or a system's account."""
    if _SYSTEM.fullmatch(part):
        return None
    match = _OFFICE.search(part)
    if not match or _ORGANISATION.search(part):
        return part
    for rest in (part[match.end() :].strip(_EDGES), part[: match.start()].strip(_EDGES)):
        rest = re.sub(rf"^(?:in|for|of|at|für|de|du|bei)\s.*|^{_KIND}$", "", rest, flags=re.IGNORECASE).strip(_EDGES)
        if is_person(rest) and not _OFFICE.search(rest) and not _KINDS_ONLY.fullmatch(rest):
            return rest
    return None


_KINDS_ONLY = re.compile(rf"(?:\s*(?:{_words_of(ROLE_KINDS)}))+", re.IGNORECASE)


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
