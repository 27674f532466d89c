"""Does a block speak for the site and to its reader? "We", "our", "you", the site's name.

Weaker than a phrase that asks for something: it counts only together with how often the block recurs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from ingest.text.normalize import fold
from ingest.web.urls import polite_unit

NAME_CHARS = 5  # letters of a site's name; shorter ones are words of the language
# How a site speaks of itself and to its reader, without what recipes and instructions say ("you", "your pan").
SPEAKING = frozenset(
    fold(
        """
        we our ours us wir unser unsere unseren unserem unserer uns nous notre nosotros nuestro nuestra nuestros
        nuestras nós nosso nossa nossos nossas noi nostro nostra nostri nostre wij onze ons vår vårt våra vores våre
        oss meidän meille nasz nasza nasze naši naše miénk nekünk noastră nostru мы наш наша наше наши нас ми biz
        bizim bize μας אנחנו שלנו نحن हम हमारा हमारी हमारे kami kita you your vous votre vos usted ustedes ihnen soci
        """
    ).split()
)
# What a site calls itself, its makers and those who read it: beginnings of words. Left out is what news are about too
# (members, supporters, donors, licences).
PRESS = (
    "newspaper", "newsroom", "newsletter", "editor", "reporter", "correspondent", "journalis", "reader", "subscri",
    "website", "webpage", "page", "advert", "sponsor", "copyright", "republish", "zeitung", "redaktion", "leser",
    "abonnent", "webseite", "korrespondent", "unterstütz", "journal", "rédact", "lecteur", "lectrice", "abonné",
    "publicit", "periódic", "redacci", "lector", "suscriptor", "diario", "jornal", "redação", "leitor", "assinante",
    "giornale", "corriere", "redazione", "lettor", "abbonat", "krant", "redactie", "lezer", "abonnee", "tidning",
    "redaktör", "läsare", "prenumerant", "avisa", "avisen", "redaksjon", "læser", "lehti", "toimitu", "lukija",
    "tilaaja", "gazet", "redakcj", "czytelnik", "noviny", "redakc", "čtenář", "szerkeszt", "olvasó", "redacți",
    "cititor", "газет", "редакц", "читател", "подписчик", "журналист", "сайт", "передплатник", "читач", "gazete",
    "okur", "εφημερίδα", "αναγνώστ", "συντάκτ", "صحيفة", "قراء", "קוראים", "עיתון", "מערכת", "पाठक", "समाचार",
)  # fmt: skip  # a table
UNSPACED = (
    "我们", "我們", "本报", "本報", "本站", "您", "读者", "讀者", "订阅", "会员", "會員", "日报", "当サイト", "本紙",
    "皆様", "あなた", "読者", "会員", "新聞は", "저희", "우리", "본지", "قراء", "قارئ", "قناتنا",
)  # fmt: skip  # a table

# speech, not a name in quotation marks
_SPEECH = re.compile('["“„«「『][^"“”„«»「」『』]{20,400}["”“»」』]')


def names_of(url: str, site_name: str | None) -> frozenset[str]:
    """Return the names a site goes by, folded and without spaces: its own and its domain's."""
    domain = polite_unit(url).partition(".")[0] if urlsplit(url).hostname else ""
    folded = (fold(name).replace(" ", "") for name in (site_name or "", domain))
    return frozenset(name for name in folded if len(name) >= NAME_CHARS)


def names_site(wording: Sequence[str], names: frozenset[str]) -> bool:
    """Return whether a block names its site."""
    text = "".join(wording)
    return any(name in text for name in names)


def speaks(wording: Sequence[str]) -> bool:
    """Return whether a block speaks for its site, to its reader, or of either."""
    if not SPEAKING.isdisjoint(wording):
        return True
    if any(word.startswith(PRESS) for word in wording):
        return True
    text = "".join(wording)
    return not text.isascii() and any(word in text for word in UNSPACED)


def is_quoted(text: str) -> bool:
    """Return whether a block holds speech in quotation marks: "we" is the speaker's then."""
    return _SPEECH.search(text) is not None
