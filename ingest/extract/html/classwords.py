"""What designers say with class and id names: a set of bits for a row of names.

Names are parted into words ("relatedPosts", "related-posts" -> related, posts); a word or two neighbouring words may
belong to several groups. Most sites name in English, whatever they write in; common words of other languages are there
too. Words are never those of one site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Parted by spaces, written as regular expressions of groups, optional letters and a last `\w*`; a word belongs to a
# group when it begins with one, for groups in WHOLE when it is one.
GROUPS = {
    "comment": r"""comments? commentlist disqus discuss\w* respond repl(?:y|ies) kommentar\w* coment\w*
        commentaires? forum
        thread komment\w*""",
    "related": r"""relat\w* recommend\w* suggest\w* popular trend\w* latest recirc\w* outbrain taboola teasers? promos?
        upnext similar onward read-(?:more|also|next|on) more-(?:on|from|news|stor\w*|art\w*|in|about|like)
        also-\w* most-(?:read|viewed|popular) next-(?:up|art\w*|stor\w*|post) see-also mehr-\w* zum-thema
        lire-aussi a-lire leia-mais leggi-anche lee-\w* empfehl\w* verwandt\w* passend\w* readmore morenews
        inline-link""",
    "share": r"""shar(?:e|es|ing|er|edaddy|ethis) socials? follow\w* facebook twitter whatsapp addthis addtoany teilen
        partag\w* compart\w* condivi\w* bookmark\w*""",
    "signup": r"""newsletters? nl subscri\w* signup optin mailchimp mailing paywall regwall register registration
        membership premium abo abos abonn\w* suscri\w* sign-up opt-in donat\w* contribut(?:e|ion|ions) appeal
        support-\w* cta spenden upsell offer plus""",
    "author": r"""authors? bylines? autor\w* auteurs? bio bios biography profile contributors? writers? avatar
        journalist\w* vcard redaktion about-author by-line""",
    "foot": r"footer foot colophon legal copyright disclaimer imprint impressum rights terms policy privacy bottom",
    "nav": r"""nav\w* menus? breadcrumbs? pagina\w* pager crumbs? topbar toolbar skip masthead sitemap subnav prev
        previous next header logo brand""",
    "tag": r"""tags? tagcloud topics? categor\w* keywords? labels? rubri\w* kicker eyebrow overline badge pill chips?
        themen temas""",
    "caption": r"""captions? credits? legends? cutline photos? images? img pictures? figures? galler\w*
        slides? slideshow
        carousel swiper lightbox media thumb\w* bild\w* foto\w*""",
    "ad": r"""ads? adv advert\w* advertorial adslot adunit adsense adbox adwrapper sponsor\w* promoted commercial
        affiliate\w* dfp gpt werbung anzeigen? publicidad publi pub deal deals shop\w* product\w* price buy
        bookmaker""",
    "text": r"""content contents article body text txt entry post story artikel articulo articolo prose richtext wysiwyg
        paragraphs? main markdown copy prosa textbody inhalt articlebody storybody postcontent entrycontent
        detail single""",
    "title": r"""titles? headlines? headings? headl titel titre titulo titular titolo hed hl subtitle subheadline
        sub-title""",
    "lead": r"""leads? lede intro\w* standfirst summary excerpt deck dek subhead chapo abstract vorspann lid ingress
        entradilla bajada perex sommario anriss strapline description highlights? keypoints? bullets? tldr""",
    "quote": r"quotes? blockquote pullquote zitat cita citation testimonial\w*",
    "side": r"""sidebar side aside widgets? rail secondary infobox factbox faktenbox box boxout right left column
        complementary sticky infokasten""",
    "notice": r"""cookies? consent gdpr modals? popups? overlays? dialogs? alerts? notices? notifications?
        toast banners?
        ribbon flash interstitial wall gate""",
    "meta": r"""metas? metadata dates? datetime time timestamp published updated modified datum fecha reading readtime
        info dateline published-\w* location place source""",
    "card": r"""cards? grid items? list tiles? feed stream slider collection river listing archive row col module block
        unit package cluster""",
    "fold": r"faqs? accordions? questions? answers? expand\w* collaps\w* toggle\w* spoiler tabs? tabpanel panel panels",
    "table": r"""tables? specs? data charts? scoreboard ingredients? instructions? recipes? steps? directions? nutrition
        zutaten howto prep method""",
    "embed": r"""embed\w* videos? player audio podcast\w* iframe tweets? instagram youtube tiktok polls? quiz\w* listen
        jwplayer brightcove transcript""",
    "form": r"""forms? inputs? search login signin buttons? btns? submit votes? ratings? reviews? stars? field select
        likes? feedback helpful report print email""",
    "notes": r"""footnotes? endnotes? references? refs? sources? citations? biblio\w* corrections? editor\w* note notes
        errat\w* korrektur""",
    "toc": r"""toc jump\w* anchors? contents-list table-of of-contents on-this page-nav index summary-list ez-toc
        lwptoc""",
    "screen": r"""sr sr-only screenreader screen-reader visually\w* hidden hide print-only noprint no-print offscreen
        invisible visuallyhidden a11y mobile desktop desktop-only mobile-only""",
    "live": r"live\w* liveblog ticker updates? timeline blog-\w*",
}
WHOLE = frozenset({"nav", "ad", "title", "side", "meta", "card", "table", "notes", "toc"})
_CACHE_MAX = 50_000  # names and words; the web's designers use a few thousand, the rest is generated

_PARTS = re.compile(r"[A-Z]?[a-z\u00e0-\u024f]+|[A-Z]+(?![a-z])|[0-9]+")
_REST = re.compile(r"\w*")
_ANY = r"\w*"  # at the end of an alternative
_INDEX_CHARS = 2  # letters of a word that its groups are found by; every alternative has as many
_Stem = tuple[str, int, re.Pattern[str] | None]  # how it begins, its group, what the rest must be if not anything
_of_names: dict[str, int] = {}
_of_name: dict[str, int] = {}
_of_word: dict[str, int] = {}


def bits(names: str) -> int:
    """Return the groups that a row of class and id names belongs to, one bit each in the order of GROUPS."""
    known = _of_names.get(names)
    if known is None:
        known = 0
        for name in names.split():
            known |= _name(name)
        _remember(_of_names, names, known)
    return known


def _name(name: str) -> int:
    known = _of_name.get(name)
    if known is None:
        known = 0
        before = ""
        for part in _PARTS.findall(name):
            if not part.isdigit():
                word = part.lower()
                known |= _word(word)
                if before in _PAIRS:
                    known |= _matched(word, _PAIRS[before])
                before = word
        _remember(_of_name, name, known)
    return known


def _word(word: str) -> int:
    known = _of_word.get(word)
    if known is None:
        known = _matched(word, _STEMS.get(word[:_INDEX_CHARS], ()))
        _remember(_of_word, word, known)
    return known


def _matched(word: str, stems: Iterable[_Stem]) -> int:
    known = 0
    for stem, bit, rest in stems:
        if word.startswith(stem) and (rest is None or rest.fullmatch(word, len(stem))):
            known |= bit
    return known


def _remember(memory: dict[str, int], key: str, known: int) -> None:
    if len(memory) >= _CACHE_MAX:
        memory.clear()
    memory[key] = known


def _plain(pattern: str) -> Iterator[str]:
    """Give what an alternative stands for without groups and optional letters."""
    if group := _GROUP.search(pattern):
        for choice in group[1].split("|"):
            yield from _plain(pattern[: group.start()] + choice + pattern[group.end() :])
    elif optional := _OPTIONAL.search(pattern):
        for letter in ("", optional[1]):
            yield from _plain(pattern[: optional.start()] + letter + pattern[optional.end() :])
    else:
        yield pattern


def _index() -> tuple[dict[str, tuple[_Stem, ...]], dict[str, tuple[_Stem, ...]]]:
    """Return the stems of single words by their first letters, and those of second words by the word before.

    One look-up and a few comparisons a word: most belong to no group.
    """
    singles: dict[str, dict[_Stem, None]] = {}
    pairs: dict[str, dict[_Stem, None]] = {}
    for at, (group, words) in enumerate(GROUPS.items()):
        for pattern in words.split():
            for plain in _plain(pattern):
                stem = plain.removesuffix(_ANY)
                assert _STEM.fullmatch(stem), f"{pattern}: stands for {stem}, which is neither a word nor two"
                rest = None if group not in WHOLE else _REST if plain.endswith(_ANY) else _NOTHING
                before, hyphen, word = stem.partition("-")
                place = pairs.setdefault(before, {}) if hyphen else singles.setdefault(stem[:_INDEX_CHARS], {})
                place[word if hyphen else stem, 1 << at, rest] = None
    return (
        {start: tuple(stems) for start, stems in singles.items()},
        {before: tuple(stems) for before, stems in pairs.items()},
    )


_NOTHING = re.compile("")
_GROUP = re.compile(r"\(\?:([^()]*)\)")
_OPTIONAL = re.compile(r"(\w)\?")
_STEM = re.compile(r"[a-z0-9]{2,}|[a-z]+-[a-z]*")  # of as many letters as _INDEX_CHARS
_STEMS, _PAIRS = _index()
