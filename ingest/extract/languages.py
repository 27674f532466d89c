"""The language of an article: what the page declares, and what its text is."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

MIN_CHARS = 200  # shorter texts are too little for the identifier
SURE = 0.9  # probability from which the text overrules a declaration
MAX_CHARS = 3_000  # more text does not change the verdict
_CODE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
_ALIKE = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "nn": "no",
    "nb": "no",
    "mo": "ro",
    "jp": "ja",
    "cn": "zh",
    "ua": "uk",
    "cz": "cs",
    "gr": "el",
    "dk": "da",
    "se": "sv",
    "eng": "en",
    "ger": "de",
    "deu": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "rus": "ru",
}


def primary(code: str | None) -> str | None:
    """Return the primary subtag of a declared language ("pt" for "pt-BR"), None for what is no language code."""
    match = _CODE.fullmatch((code or "").strip())
    if not match:
        return None
    found = match[1].lower()
    return _ALIKE.get(found, found)


@cache
def _identifier() -> Any:  # py3langid ships no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 20 MB and 0.3 s that only texts need

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def of_text(text: str) -> tuple[str, float] | None:
    """Return (language, probability) of a text, None if it is too short to tell."""
    text = text[:MAX_CHARS]
    if len(text) < MIN_CHARS:
        return None
    language, probability = _identifier().classify(text)
    return _ALIKE.get(language, language), float(probability)
