"""Names out of bylines: what is printed beside an article becomes a list of people, or of the bodies that wrote it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from ingest.text import fold, normalise

MAX_NAME_CHARS = 70
MAX_NAME_WORDS = 6
MAX_NAMES = 40

# "By" and its like at the head of a byline. Languages of the corpus and the big ones beyond it.
_BY = (
    r"written by|posted by|published by|reported by|reviewed by|edited by|words by|text by|story by|by line|by|authors?|"
    r"von|autoren|autorinnen|autorin|autor|verfasst von|geschrieben von|text und fotos?|text|ein beitrag von|beitrag von|"
    r"eine analyse von|ein kommentar von|kommentar von|ein gastbeitrag von|gastbeitrag von|interview|"
    r"par|propos recueillis par|auteur|écrit par|publié par|rédigé par|por|escrito por|publicado por|texto|redação de|"
    r"di|a cura di|scritto da|autore|door|auteurs|tekst|av|af|skrevet av|skrevet af|skriven av|text|tekijä|kirjoittaja|"
    r"napisał|napisała|autorka|autoři|autor článku|oleh|penulis|reporter|pewarta|yazan|yazar|haber|szerző|írta|"
    r"scris de|de|tác giả|theo|"
    r"автор|авторы|текст|автори|от|γράφει|του|της|συντάκτης|"
    r"بقلم|كتب|كتبت|الكاتب|نویسنده|מאת|כתב|लेखक|द्वारा|লেখক|โดย|ผู้เขียน|作者|記者|记者|文|取材・文|撰文|文・写真|글|기자"
)
_LEAD = re.compile(rf"^(?:(?:{_BY})\s*[:：/／|=＝\-–]\s*|(?:{_BY})\s+(?=\S))", re.IGNORECASE)
_SPLIT = re.compile(
    r"\s*(?:[;|•·/／\n\t、，,；&]|\s[-–—]\s|(?<=\w)\s+(?:and|und|et|y|och|og|en|ja|oraz|dan|ve|és|și|şi|và|и|і|та|και|with|mit|avec|con)\s+(?=\w))\s*"
)
_SPLIT_E = re.compile(r"\s+(?:e|a|i|και|و|והן|और|এবং|และ|と)\s+(?=[^\W\d_]{2})")
_ROLE_WORDS = (
    r"editor|editors|reporter|reporters|correspondent|writer|staff writer|contributor|columnist|journalist|producer|"
    r"author|photographer|photos?|director|professor|prof|analyst|critic|chief|senior|junior|deputy|managing|associate|"
    r"assistant|special|political|health|science|business|sports?|news|digital|multimedia|freelance|guest|blogger|md|phd|"
    r"ceo|cto|founder|co-founder|"
    r"redakteur|redakteurin|redaktor|redaktorin|redaktion|korrespondent|korrespondentin|journalistin|autorin|autor|"
    r"volontär|volontärin|reporterin|chefredakteur|chefredakteurin|ressortleiter|ressortleiterin|leiter|leiterin|"
    r"mitarbeiter|mitarbeiterin|fotograf|gastautor|gastautorin|"
    r"journaliste|rédacteur|rédactrice|correspondant|correspondante|chroniqueur|redactor|redactora|corresponsal|"
    r"periodista|colaborador|colaboradora|redator|repórter|jornalista|giornalista|redazione|redactie|redacteur|"
    r"verslaggever|journalister|redaktør|redaktör|toimittaja|redaktorka|dziennikarz|dziennikarka|wartawan|muhabir|"
    r"корреспондент|редактор|журналист|обозреватель|кореспондент|記者|记者|編輯|编辑|기자|특파원|พิมพ์|محرر|مراسل"
)
_ROLE = re.compile(rf"^(?:.*\b)?(?:{_ROLE_WORDS})\b.*$", re.IGNORECASE)
_TRAILING_ROLE = re.compile(r"\s*(?:\(.*?\)|\[.*?\]|（.*?）|,.*|\s+(?:기자|특파원|記者|记者))\s*$")
_NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\S+|@\w+|\bfollow\b.*$|\bupdated\b.*$|\bpublished\b.*$", re.IGNORECASE
)
_DATE_LIKE = re.compile(
    r"\d{1,2}[.:/\-]\d{1,2}|\b(?:19|20)\d\d\b|\d{1,2}:\d\d|\d\s*(?:min|uhr|hours?|ago)", re.IGNORECASE
)
_ORGANISATION = re.compile(
    r"\b(?:dpa\S*|afp\S*|ap|reuters|apa|sda|epd|kna|ansa|efe|tass|dts|sid|upi|pti|ani|ntb|tt|ritzau|lusa|belga|anp|pap|"
    r"\S*redaktion\S*|\S*redaction|rédaction|redacción|redacao|redação|redazione|redactie|redakce|redakcja|toimitus|"
    r"newsroom|news|desk|staff|team|editors|editorial|editorial board|press|presse|agency|agencies|agencia|agencias|"
    r"agência|agentur\w*|agences?|gmbh|ag|e\.?\s?v\.?|inc|ltd|llc|corp|company|university|universität|institut\w*|ministerium|"
    r"bundes\w+|verband|verein|stiftung|foundation|association|magazin|magazine|zeitung|media|medien|verlag|online|"
    r"tv|radio|network|group|bureau|service|services|admin|administrator|webmaster|contributors?|web|blog|"
    r"редакция|редакція|агентство|新聞|新闻|通信|通讯社|編集部|编辑部|뉴스|편집|تحرير|وكالة|واس|خبرگزاری|מערכת|डेस्क|ডেস্ক)\b|"
    r"\.(?:de|com|org|net|at|ch|fr|it|es|uk|nl)\b",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(
    ["null", "none", "undefined", "admin", "administrator", "author", "autor", "webmaster", "unknown", "anonymous", "editor", "guest", "user", "default", "staff", "false", "true", "na", "root", "test"]
)


def read_names(texts: Iterable[str], sites: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names in bylines or author fields, spelling untouched: people, or organisations when there are none.

    `sites`: the folded names of the site itself, which never is an author beside others.
    """
    known = {fold(site) for site in sites} - {""}
    found: dict[str, str] = {}
    for text in texts:
        for name in split(text):
            folded = fold(name)
            if folded and folded not in _NOT_NAMES and len(found) < MAX_NAMES:
                found.setdefault(folded.replace(" ", ""), name)
    names = [name for name in found.values() if fold(name) not in known]
    people = tuple(name for name in names if not is_organisation(name))
    return people or tuple(names)


def split(text: str) -> list[str]:
    """Return the names in one byline or author field, each without "By", roles, handles and places."""
    if "<" in text:
        text = re.sub(r"<[^>]*>", " ", text)
    text = normalise(html.unescape(text))
    if len(text) > 500:
        return []
    if re.fullmatch(r"https?://\S+|/\S+|@?\S+@\S+", text):
        return []
    text = _NOISE.sub(" ", text).strip()
    text = _lead_off(text)
    parts = [part for rough in _SPLIT.split(text) for part in _SPLIT_E.split(rough)]
    names = [name for part in parts if (name := _one(part))]
    if len(names) > 1 and any(" " in name for name in names):
        names = [name for name in names if " " in name or not name.isascii() or is_organisation(name)]
    return names


def _lead_off(text: str) -> str:
    for _ in range(3):
        shorter = _LEAD.sub("", text).strip(" :：-–—|")
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def _one(part: str) -> str | None:
    """Return one name, tidied, or None when it is none."""
    part = _lead_off(part.strip(" \"'“”„«»*.:：-–—_()[]|"))
    part = _TRAILING_ROLE.sub("", part).strip(" \"'“”„«»*:：-–—_|")
    part = re.sub(r"\s+(?:in|aus|à|en|i|w|в)\s+[A-ZÄÖÜА-Я]\S*(?:\s+[A-ZÄÖÜ]\S*)?$", "", part)
    if not part or len(part) > MAX_NAME_CHARS or len(part.split()) > MAX_NAME_WORDS:
        return None
    if _DATE_LIKE.search(part) or not any(char.isalpha() for char in part):
        return None
    if part.isascii() and len(part) < 2:
        return None
    if _ROLE.match(part) and not re.search(r"[A-ZÄÖÜ]\w+ [A-ZÄÖÜ]\w+", part):
        return None
    return part


def is_organisation(name: str) -> bool:
    """Tell whether a name is an agency's, a newsroom's or a company's rather than a person's."""
    return _ORGANISATION.search(name) is not None


def same(a: Sequence[str], b: Sequence[str]) -> bool:
    """Tell whether two lists hold the same names, in any order and case."""
    return {fold(name) for name in a} == {fold(name) for name in b}
