"""The language of an article: what the page declares, and what its text is."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

MIN_CHARS = 200  # shorter texts are too little for the identifier
MAX_CHARS = 3_000  # more text does not change the verdict and costs 0.4 ms as it is
SURE = 0.9  # probability from which the text overrules a declaration

_CODE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
# Old codes, country codes taken for languages, and three-letter forms, as pages write them.
_MEANT = {
    "iw": "he", "in": "id", "ji": "yi", "nn": "no", "nb": "no", "mo": "ro", "jp": "ja", "cn": "zh", "ua": "uk",
    "cz": "cs", "gr": "el", "dk": "da", "se": "sv", "fil": "tl", "eng": "en", "ger": "de", "deu": "de", "fra": "fr",
    "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "nld": "nl", "pol": "pl", "tur": "tr",
    "ara": "ar", "zho": "zh",
}  # fmt: skip
# Written alike: between these the page's own word counts more than the identifier's.
_ALIKE = ("bs hr sr", "id ms jv", "no da", "cs sk", "gl pt", "es gl ca", "af nl", "hi mr ne", "fa tg", "sr mk bg")
# Labels of the identifier that no paper is printed in, or that it takes broken text of others for.
_NEVER = frozenset(
    {"ace", "an", "ary", "arz", "bcl", "br", "crh", "dz", "eo", "ext", "fuv", "gcf", "gcr", "gom", "grc", "gug", "guw",
     "hbo", "ht", "jv", "kab", "kik", "la", "lij", "ltg", "nso", "oc", "pcm", "qu", "sa", "sdh", "se", "tt", "uzs",
     "vec", "vo", "wa", "wuu", "yue", "zxx"}
)  # fmt: skip


def primary(code: str | None) -> str | None:
    """Return the primary subtag of a declared language ("pt" for "pt-BR"), None for what is no language code."""
    match = _CODE.fullmatch((code or "").strip())
    if not match:
        return None
    found = match[1].lower()
    return _MEANT.get(found, found)


def alike(a: str, b: str) -> bool:
    """Tell whether an identifier may well take one of the two languages for the other."""
    return a == b or any(a in group.split() and b in group.split() for group in _ALIKE)


@cache
def _identifier() -> Any:  # py3langid ships no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 20 MB and 0.3 s that only texts need

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if label not in _NEVER])
    return identifier


def of_text(text: str) -> tuple[str, float] | None:
    """Return (language, probability) of a text, None if it is too short to tell."""
    text = text[:MAX_CHARS]
    if len(text) < MIN_CHARS:
        return None
    language, probability = _identifier().classify(text)
    return _MEANT.get(language, language), float(probability)
