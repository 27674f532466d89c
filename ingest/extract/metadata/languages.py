"""The language of an article: what the page declares, and what its text is."""

from __future__ import annotations

import re
from collections import Counter
from copy import copy
from functools import cache, lru_cache
from typing import Any

MIN_CHARS = 200  # shorter texts are too little for the identifier
MAX_CHARS = 3_000  # more text does not change the verdict and costs 0.4 ms as it is
SURE = 0.9  # probability from which the text overrules a declaration
# Small words that a language is full of and its kin is not ("la", "de", "que" tell nothing). A text of the first three
# tells itself by them, without the identifier: 0.5 s and 100 MB to load, 4 ms a page. Spanish only counts against them:
# Catalan, Galician and Asturian are too much like it.
_SMALL = {
    "en": """the and to of a in is that for it was on with as are be this have at by from not but they you we he his
        were has which their will would an or been who had more about if what when""",
    "de": """der das und den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat
        dass sie nach wird bei einer um am sind noch wie einem über einen zum war haben nur oder aber vor zur bis durch
        wurde ich wir""",
    "fr": """le les des du et une à est qui dans pour pas sur au aux plus ce cette il elle ne se sont avec son ses par
        nous vous mais ou été leur on je""",
    "es": """el los las y una con por lo más como pero sus su fue este esta también está sobre entre cuando hay al le
        muy del se no son""",
}
_CERTAIN = ("en", "de", "fr")
# Of 473 texts of the corpus 92 in 100 pass, and the identifier says the same of each (0.9997 and more).
SMALL_SHARE = 0.22  # of a text's words, at least: a page's own language is above it, one that is quoted below
SMALL_OTHERS = 0.3  # of that, at most, for the next language: a text of two is the identifier's
WORD_CHARS = 10  # on average, space included; in more a script without spaces hides
CHAR_BYTES = 1.2  # on average, in UTF-8; in more another script hides
_SMALL_WORDS = {language: tuple(words.split()) for language, words in _SMALL.items()}

_CODE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
# Old codes, country codes taken for languages, and three-letter forms, as pages write them.
_MEANT = {
    "iw": "he", "in": "id", "ji": "yi", "nn": "no", "nb": "no", "mo": "ro", "jp": "ja", "cn": "zh", "ua": "uk",
    "cz": "cs", "gr": "el", "dk": "da", "se": "sv", "fil": "tl", "eng": "en", "ger": "de", "deu": "de", "fra": "fr",
    "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "nld": "nl", "pol": "pl", "tur": "tr",
    "ara": "ar", "zho": "zh",
}  # fmt: skip  # a table
# Written alike: between these the page's own word counts more than the identifier's.
_ALIKE = ("bs hr sr", "id ms jv", "no da", "cs sk", "gl pt", "es gl ca", "af nl", "hi mr ne", "fa tg", "sr mk bg")
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})  # ISO 639-2: undetermined, several, none, uncoded
# Labels of the identifier that no paper is printed in, or that it takes broken text of others for.
_NEVER = frozenset(
    {"ace", "an", "ary", "arz", "bcl", "br", "crh", "dz", "eo", "ext", "fuv", "gcf", "gcr", "gom", "grc", "gug", "guw",
     "hbo", "ht", "jv", "kab", "kik", "la", "lij", "ltg", "nso", "oc", "pcm", "qu", "sa", "sdh", "se", "tt", "uzs",
     "vec", "vo", "wa", "wuu", "yue", "zxx"}
)  # fmt: skip  # a table


def primary(code: str | None) -> str | None:
    """Return the primary subtag of a declared language ("pt" for "pt-BR"), None for what is no language code."""
    match = _CODE.fullmatch((code or "").strip())
    if not match:
        return None
    found = match[1].lower()
    return None if found in _NO_LANGUAGE else _MEANT.get(found, found)


def alike(a: str, b: str) -> bool:
    """Return whether an identifier may well take one of the two languages for the other."""
    return a == b or any(a in group.split() and b in group.split() for group in _ALIKE)


def of_small_words(text: str) -> str | None:
    """Return the language that a text's small words show beyond doubt, else None."""
    found = text.lower().split()
    if (
        not found
        or len(found) * WORD_CHARS < len(text)
        or len(text.encode("utf-8", "replace")) > CHAR_BYTES * len(text)
    ):
        return None
    times = Counter(found)
    shares = {language: sum(map(times.__getitem__, small)) / len(found) for language, small in _SMALL_WORDS.items()}
    first, second = sorted(shares, key=shares.__getitem__, reverse=True)[:2]
    sure = shares[first] >= SMALL_SHARE and shares[second] <= SMALL_OTHERS * shares[first]
    return first if sure and first in _CERTAIN else None


@cache
def _identifier() -> Any:  # py3langid ships no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 100 MB and 0.5 s that few texts need

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if label not in _NEVER])
    return identifier


@lru_cache(maxsize=16)
def _between(one: str, other: str) -> Any:
    """Return an identifier of two languages."""
    identifier = copy(_identifier())
    identifier.set_languages([one, other])
    return identifier


def shut_out(declared: str, language: str, text: str) -> bool:
    """Return whether a text is in the declared language, which the identifier may not say, rather than in `language`.

    A text in a language that is shut out goes to its next of kin, and surely: Tatar is Bashkir, Occitan Catalan.
    """
    labels = _identifier().nb_classes
    if declared not in _NEVER or language not in labels:
        return False
    try:
        found, _ = _between(declared, language).classify(text[:MAX_CHARS])
    except ValueError:  # a label that another version of the model does not have
        return False
    return bool(found == declared)


# Scripts that one written language of newspapers uses. Han without kana or hangul is Chinese, whichever its region.
_SCRIPTS = (
    ("th", "\u0e00", "\u0e7f"), ("lo", "\u0e80", "\u0eff"), ("ka", "\u10a0", "\u10ff"), ("hy", "\u0530", "\u058f"),
    ("el", "\u0370", "\u03ff"), ("he", "\u0590", "\u05ff"), ("km", "\u1780", "\u17ff"), ("my", "\u1000", "\u109f"),
    ("ta", "\u0b80", "\u0bff"), ("te", "\u0c00", "\u0c7f"), ("kn", "\u0c80", "\u0cff"), ("ml", "\u0d00", "\u0d7f"),
    ("gu", "\u0a80", "\u0aff"), ("pa", "\u0a00", "\u0a7f"), ("si", "\u0d80", "\u0dff"), ("am", "\u1200", "\u137f"),
    ("ko", "\uac00", "\ud7af"),
)  # fmt: skip  # a table
_LATIN_LAST = "\u024f"  # every script of the table comes after it
MIN_SCRIPT_LETTERS = 40  # a sentence or two
SCRIPT_SHARE = 0.6  # of the letters; the rest are names and quotations
KANA_SHARE = 0.1  # of the characters of a Japanese text; a Chinese one has none but in names


def of_script(text: str) -> str | None:
    """Return the language that a text's script alone shows, None for scripts that several languages share."""
    if text.isascii():
        return None
    letters = [char for char in text if char.isalpha()]
    if len(letters) < MIN_SCRIPT_LETTERS or sum(map(_LATIN_LAST.__lt__, letters)) < SCRIPT_SHARE * len(letters):
        return None
    kana = sum(1 for char in letters if "\u3040" <= char <= "\u30ff")
    han = sum(1 for char in letters if "\u3400" <= char <= "\u9fff")
    if kana + han >= SCRIPT_SHARE * len(letters):
        return "ja" if kana >= KANA_SHARE * (kana + han) else "zh"
    for language, first, last in _SCRIPTS:
        if sum(1 for char in letters if first <= char <= last) >= SCRIPT_SHARE * len(letters):
            return language
    return None


def of_text(text: str) -> tuple[str, float] | None:
    """Return (language, probability) of a text, None if it is too short to tell."""
    text = text[:MAX_CHARS]
    if (script := of_script(text)) is not None:
        return script, 1.0
    if len(text) < MIN_CHARS:
        return None
    if plain := of_small_words(text):
        return plain, 1.0
    language, probability = _identifier().classify(text)
    return _MEANT.get(language, language), float(probability)
