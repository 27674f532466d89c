"""What can be read from an address alone: article, listing or trap.

Weights are log-odds, set by hand on the usual address forms of news sites and blogs. Place, anchor text and the
outcomes of a source's links can outweigh them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from urllib.parse import unquote

DATE_IN_PATH = re.compile(
    r"/(?P<year>(?:19|20)\d\d)(?:[/-]?(?P<month>0[1-9]|1[0-2])|/(?P<name>[a-z]{3})|/(?P<short>[1-9]))"
    r"(?:[/-]?(?P<day>0[1-9]|[12]\d|3[01])|/(?P<shortday>[1-9]))(?=[/_.-]|$)",
    re.IGNORECASE,
)

MONTH_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2])/")

MAX_SEGMENTS = 12  # PRODUCT's traps: longer paths, more repeats and more parameters are loops of relative links
MAX_REPEATS = 2
MAX_PARAMETERS = 8
MAX_ENTRY_PARAMETERS = 3  # "/?section=news&id=7&lang=en"
ROOT_QUERY_ODDS = -1.2  # "/?p=101": an entry of some sort, its number says no more

DATE_ARCHIVE = re.compile(r"(?:/(?:19|20)\d\d)(?:[/-]\d{1,2}){0,2}/?$|/(?:19|20)\d{6}/?$")
DATE_PARAMETER = re.compile(r"(?:^|&)[^=&]*=(?:19|20)\d\d(?:-?\d\d){1,2}(?=&|$)")
# Names that site software gives to the number of a page, to the number of entries before it, and to a mark in a list.
PAGE_NAMES = frozenset(
    """
    page paged p pg pagina pagenum page_no pageno pn seite sida side strona stran stranica sayfa sivu oldal trang
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
OFFSET_NAMES = frozenset(("start", "offset", "from", "skip", "begin", "ofs", "first"))
CURSOR_NAMES = frozenset(
    """
    updated-max before before_id max_id cursor after until older to_date since_id last lastid last_id continue token
    page_token pagetoken next_token startafter start_after
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
_NUMBERED = "|".join(sorted((PAGE_NAMES | OFFSET_NAMES) - {"first"}))
PAGE_PARAMETER = re.compile(rf"(?:^|&)(?:{_NUMBERED})=\d{{1,6}}(?=&|$)", re.IGNORECASE)
CURSOR_PARAMETER = re.compile(r"(?:^|&)(?:updated-max|max_id|cursor|before|page_token)=[^&]+", re.IGNORECASE)
PAGE_IN_PATH = re.compile(
    r"/(?:page|pagina|seite|sida|side|strona|stranica|sayfa|p)[/-]?\d{1,5}(?:\.s?html?)?/?$", re.IGNORECASE
)
ROOT_ENTRY = re.compile(r"^p=\d+$", re.IGNORECASE)  # WordPress without pretty addresses: "/?p=101" is an article
NUMBER_PARAMETER = re.compile(r"=\d{4,}(?=&|$)")  # "article.php?id=86485"
# Parameters of buttons: answer, share, print, log in, put in the basket; the page they lead to is no text of its own.
ACTION_PARAMETER = re.compile(
    r"(?:^|&)(?:replytocom|share|print|add-to-cart|redirect_to|redirect|return_?to|referer|login|sort|order(?:by)?"
    r"|filter)=",
    re.IGNORECASE,
)
ENDING = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cfm|xhtml|dhtml)$", re.IGNORECASE)
WORD_BREAK = re.compile(r"[-_+ .~,]+")
LONG_ID = re.compile(
    r"\d{5,}|(?=[0-9a-f-]*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,12}){0,4}|(?=\w*\d)(?=\w*[A-Za-z])\w{9,}", re.ASCII
)
COMPOUND = 13  # letters of a word that counts as two
UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")

# Names that site software gives to lists of links, in the languages its makers speak. Whole segments, lower case.
LISTING_NAMES = frozenset(
    """
    tag tags tagged topic topics label labels keyword keywords category categories cat section sections channel channels
    archive archives author authors people profile profiles user users member members contributor contributors
    schlagwort schlagworte thema themen stichwort kategorie kategorien rubrik rubriken ressort autor autoren archiv
    mot-cle mots-cles motcle sujet sujets etiquette categorie rubrique rubriques auteur auteurs dossier dossiers
    etiqueta etiquetas categoria categorias seccion secciones autores tema temas hemeroteca tematica
    argomento argomenti autore sezione sezioni archivio onderwerp onderwerpen trefwoord rubriek
    tagi kategoria kategorie autorzy amne amnen emne stikord kategori aihe avainsana temat cimke rovat szerzo
    tegi teg temy tema rubrika rubriki razdel avtor avtory kategoriya etiket etiketler yazar yazarlar konu
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
# Names of parameters that choose a list: "/?cat=3", "/viewforum.php?f=2".
LISTING_PARAMETERS = frozenset(
    """
    cat category categoryid cat_id tag tags author author_id user userid uid forum f section sectionid rubric rubrik
    rubrique m month year archive lang language sort order orderby view show filter q s search query month_id
    """.split()  # noqa: SIM905 - as above
)
# Of these, what chooses a part of the site, not an order or a view of it.
SECTION_PARAMETERS = frozenset(
    """
    cat category categoryid cat_id tag tags forum f section sectionid rubric rubrik rubrique archive
    """.split()  # noqa: SIM905 - as above
)
# Of these, the lists that are many and show little that the sections do not: people and keywords.
FINE_NAMES = frozenset(
    """
    tag tags tagged label labels keyword keywords author authors people profile profiles user users member members
    contributor contributors schlagwort schlagworte stichwort autor autoren autores autore auteur auteurs autorzy
    mot-cle mots-cles motcle etiquette etiqueta etiquetas trefwoord stikord avainsana cimke szerzo tegi teg avtor
    avtory etiket etiketler yazar yazarlar
    """.split()  # noqa: SIM905 - as above
)
# Names of pages that are neither articles nor lists of them.
SERVICE_NAMES = frozenset(
    """
    about about-us contact contact-us privacy privacy-policy terms terms-of-service terms-and-conditions legal imprint
    login log-in signin sign-in signup sign-up register registration logout account my-account password subscribe
    subscription subscriptions newsletter newsletters search advertise advertising careers jobs help faq support sitemap
    accessibility cookies cookie-policy donate shop store cart basket checkout print share feed rss feeds amp wp-admin
    wp-login wp-json cdn-cgi comments reply embed private
    impressum datenschutz kontakt agb anmelden registrieren suche abo abonnement mediadaten hilfe karriere ueber-uns
    mentions-legales confidentialite contactez-nous connexion inscription recherche abonnez-vous qui-sommes-nous
    aviso-legal privacidad contacto buscar suscripcion suscribete quienes-somos iniciar-sesion registro publicidad
    contatti chi-siamo note-legali abbonamenti cerca accedi over-ons colofon inloggen zoeken kontakt-os om-oss sok
    o-nas polityka-prywatnosci regulamin szukaj o-proekte reklama kontakty poisk vhod podpiska gizlilik iletisim
    hakkimizda
    """.split()  # noqa: SIM905 - as above
)


def segments(url: str) -> tuple[str, ...]:
    """Return the non-empty segments of an address's path, percent-encoding undone."""
    path = url.partition("://")[2].partition("?")[0].partition("/")[2]
    return tuple(unquote(part) for part in path.split("/") if part)


def query(url: str) -> str:
    """Return the query without its question mark."""
    return url.partition("?")[2]


def parameter_names(url: str) -> tuple[str, ...]:
    """Return the names of an address's parameters, sorted, lower case, each once; at most as many as a trap has."""
    names = sorted({part.partition("=")[0].lower()[:40] for part in query(url).split("&") if part})
    return tuple(names[:MAX_PARAMETERS])


def is_trap(url: str) -> bool:
    """Tell whether an address looks like one of endlessly many: too deep, too repetitive, too many parameters."""
    if url.count("/") < 3 + MAX_REPEATS and "&" not in url:  # two of them belong to the scheme
        return False
    parts = segments(url)
    if len(parts) > MAX_SEGMENTS or (query(url) and query(url).count("&") + 1 > MAX_PARAMETERS):
        return True
    return bool(parts) and max(Counter(parts).values()) > MAX_REPEATS


def is_date_archive(url: str) -> bool:
    """Tell whether an address names a day, month or year and no text: calendars have no last page."""
    path = url.partition("?")[0]
    if not (DATE_ARCHIVE.search(path) or DATE_PARAMETER.search(query(url))):
        return False
    return all(slug_words(part) < 3 for part in segments(url))  # "/old-mill-turns-again/2022/12/29/" is an article


def is_pagination(url: str) -> bool:
    """Tell whether an address names the n-th page of a list."""
    asked = query(url)
    if ROOT_ENTRY.match(asked) and not segments(url):
        return False
    return bool(
        PAGE_PARAMETER.search(asked) or CURSOR_PARAMETER.search(asked) or PAGE_IN_PATH.search(url.partition("?")[0])
    )


def first_page(url: str) -> str:
    """Return the address of the list that an address names the n-th page of; of any other, the address itself."""
    bare, mark, asked = url.partition("?")
    kept = CURSOR_PARAMETER.sub("", PAGE_PARAMETER.sub("", asked)).lstrip("&")
    return PAGE_IN_PATH.sub("", bare) + (mark + kept if kept else "")


def sigmoid(odds: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + math.exp(-odds))


def article_odds(url: str) -> float:
    """Return the log-odds, about -4..4, that an address is an article's, by its form alone."""
    parts = _without_amp(segments(url))
    if not parts and not _chooses_entry(url):
        return -4.0
    if is_pagination(url) or is_date_archive(url):
        return -3.0
    if not parts:
        return ROOT_QUERY_ODDS
    last = ENDING.sub("", parts[-1])
    words = slug_words(last)
    if len(parts) > 1 and words < 2 and not LONG_ID.search(last) and LONG_ID.search(parts[-2]):
        words = max(words, 1)
    odds = -0.6
    if DATE_IN_PATH.search(url):
        odds += 1.5
    elif MONTH_IN_PATH.search(url):
        odds += 1.2
    odds += {0: -0.6, 1: -0.9, 2: -0.1, 3: 0.6}.get(words, 1.5)
    if any(LONG_ID.search(ENDING.sub("", part)) for part in parts):
        odds += 1.3
    if ENDING.search(parts[-1]) and parts[-1] != last and words + len(LONG_ID.findall(last)) > 1:
        odds += 0.3
    if NUMBER_PARAMETER.search(query(url)):
        odds += 1.0
    if ACTION_PARAMETER.search(query(url)):
        odds -= 3.0
    names = [part.lower() for part in parts]
    odds -= 2.5 * any(name in LISTING_NAMES for name in names[-2:])
    odds -= 3.0 * (last.lower() in SERVICE_NAMES or names[0] in SERVICE_NAMES)
    return odds


def _without_amp(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the segments of an address without the one that asks for another make-up of the same page."""
    return parts[:-1] if len(parts) > 1 and parts[-1].lower() in ("amp", "amp.html") else parts


def _chooses_entry(url: str) -> bool:
    """Return whether the query of a home page's address may choose an entry: one or two values, none of a list."""
    asked = [part.partition("=") for part in query(url).split("&") if part]
    if not 0 < len(asked) <= MAX_ENTRY_PARAMETERS or ACTION_PARAMETER.search(query(url)):
        return False
    return all(value and name.lower() not in LISTING_PARAMETERS for name, _, value in asked)


def slug_words(segment: str) -> int:
    """Count the words of a path segment.

    A very long word counts as two, as compounds are written; in scripts without spaces two characters are one.
    """
    unspaced = len(UNSPACED.findall(segment))
    if unspaced >= 4:
        return unspaced // 2
    words = [word for word in WORD_BREAK.split(segment) if any(char.isalpha() for char in word)]
    return len(words) + sum(len(word) >= COMPOUND for word in words)


def listing_odds(url: str) -> float:
    """Return the log-odds, about -4..2, that an address is a list of the site's articles worth asking for."""
    parts = segments(url)
    chooses_section = bool(parameter_names(url)) and SECTION_PARAMETERS.issuperset(parameter_names(url))
    if (not parts and not chooses_section) or is_date_archive(url):
        return -4.0
    if not parts:
        return 0.7
    names = [ENDING.sub("", part.lower()) for part in parts]
    odds = 0.5 - 0.6 * (len(parts) - 1)
    if names[-1] in SERVICE_NAMES or names[0] in SERVICE_NAMES:
        return -4.0
    if slug_words(names[-1]) > 2 or LONG_ID.search(names[-1]):
        odds -= 1.5
    if FINE_NAMES.intersection(names[:-1]):
        odds -= 0.4
    elif any(name in LISTING_NAMES for name in names[:-1]):
        odds += 0.8
    if query(url) and not is_pagination(url):
        odds += 0.8 if chooses_section else -1.0
    return odds


def is_listing(url: str) -> bool:
    """Tell whether an address is named like a list: a tag, author, section or archive."""
    return any(ENDING.sub("", part).lower() in LISTING_NAMES for part in segments(url)[-2:])


def is_service(url: str) -> bool:
    """Tell whether an address is named like a page about the site, a form or an account."""
    parts = _without_amp(segments(url))
    return bool(parts) and len(parts) <= 3 and ENDING.sub("", parts[-1]).lower() in SERVICE_NAMES
