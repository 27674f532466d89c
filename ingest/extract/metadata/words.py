"""Words around bylines, in the languages of the corpus and the big ones beyond it. Patterns for a regular expression.

Grouped by what they do, not by language: a byline in a Swedish page may be English, and no word here means something
else elsewhere at the same place. Longer forms come before shorter ones they begin with.
"""

from __future__ import annotations

import tomllib
from importlib import resources


def _parts(text: str) -> tuple[str, ...]:
    """Return the entries of a list written with | between them, the longest first."""
    return tuple(sorted({entry.strip() for entry in text.split("|") if entry.strip()}, key=len, reverse=True))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What stands before a name: "By", "Text:", "Written by".
BY = _parts(
    # English
    "written by|posted by|published by|reported by|"
    "words by|"
    "text by|story by|authored by|created by|submitted by|contributed by|article by|post by|insights from|view "
    "all posts by|"
    "view posts by|more from|by line|byline|by|posted in|author|authors|about the author|post author|words|"
    # German
    "verfasst von|geschrieben von|gespeichert von|vom|"
    "veröffentlicht von|erstellt von|gepostet von|eingestellt von|publiziert von|text von|"
    "text und fotos?|text|texte|ein beitrag von|beitrag von|ein artikel von|artikel von|eine analyse von|ein "
    "kommentar von|"
    "kommentar von|ein gastbeitrag von|gastbeitrag von|eine kolumne von|interview von|interview|ein interview von|von|"
    "autor|autorin|autoren|autorinnen|autor/in|autor:in|autor\\*in|über den autor|über die autorin|verfasser|"
    "verfasserin|"
    "alle beiträge von|"
    # Romance
    "par|propos recueillis par|écrit par|publié par|rédigé par|auteur|auteurs|article de|por|escrito por|publicado por|"
    "redactado por|texto|textos|redação|di|a cura di|scritto da|pubblicato da|autore|autori|articolo di|da|per|"
    "scris de|publicat de|de|autor articol|"
    # Dutch and the north
    "door|geschreven door|auteur\\(s\\)|tekst|av|af|skrevet av|skrevet af|skriven av|publicerad av|tekijä|"
    "kirjoittaja|teksti|"
    "höfundur|eftir|"
    # Slavic, Baltic, Hungarian, Greek, Turkish
    "napsal|napsala|autorka|autoři|autor článku|autor textu|opracował|opracowała|tekst:|autorzy|piše|napisao|napisala|"
    "автор|авторы|автори|авторка|текст|написал|написала|от|пише|szerző|írta|συντάκτης|γράφει|του|της|από|yazan|"
    "yazar|haber|"
    "autors|autorė|autorius|"
    # Asia, Africa
    "oleh|penulis|pewarta|reporter|editor|tác giả|bài|theo|mwandishi|na mwandishi|deur|geskryf deur|"
    "بقلم|كتب|كتبت|الكاتب|إعداد|نویسنده|توسط|מאת|כתב|כתבה|लेखक|द्वारा|লেখক|โดย|ผู้เขียน|எழுதியவர்"
)
# What stands before the name of somebody who did not write it.
OTHERS_WORK = _parts(
    "reviewed by|medically reviewed by|fact[- ]checked by|edited by|photos? by|photographs? by|"
    "illustrations? by|video by|"
    "translated by|compiled by|approved by|verified by|geprüft von|redigiert von|lektoriert von|fotos? von|bild von|"
    "illustration(?:en)? von|übersetzt von|übersetzung|aus dem englischen von|relu par|vérifié par|photos? de|"
    "traduit par|"
    "revisado por|verificado por|fotos? de|foto di|traducido por|tradotto da|traduzido por|foto door|"
    "vertaald door|foto av|"
    "översatt av|oversatt av|oversat af|kuvat|fot|foto|zdjęcia|tłum|překlad|фото|перевод|fotoğraf|çeviri|"
    "foto oleh|penerjemah"
)
# What may stand between: "Posts by", "Pressemitteilung von".
LABELS = _parts(
    "posts?|articles?|story|report|column|opinion|analysis|interview|review|text|texte|words|photos?|pictures?|video|"
    "beitrag|artikel|bericht|kommentar|analyse|kolumne|gastbeitrag|glosse|essay|porträt|reportage|rezension|meinung|"
    "pressemitteilung|pressemeldung|mitteilung|fotos?|bilder|veröffentlicht|geschrieben|verfasst|erstellt|gepostet|"
    "propos recueillis|publié|écrit|article|entrevista|artículo|publicado|escrito|artigo|articolo|scritto|pubblicato|"
    "written|posted|published|reported|authored|edited|created|submitted|geschreven|skrevet|skriven|publicerad"
)
_BY_LANGUAGE = tomllib.loads(
    resources.files("ingest.extract.metadata").joinpath("roles.toml").read_text("utf-8")
).values()


def _of(kind: str) -> tuple[str, ...]:
    """Return the entries of a kind in all languages of roles.toml, the longest first."""
    found = {entry for language in _BY_LANGUAGE for entry in language.get(kind, ())}
    return tuple(sorted(found, key=len, reverse=True))


ROLES = _of("roles")  # offices and professions that stand beside a name
ROLE_KINDS = _of("kinds")  # what such an office is further called: "political", "deputy"
DESKS = _of("desks")  # parts of a newsroom
SYSTEM = _of("system")  # accounts and placeholders of software
# News agencies, which every paper of a country prints, as they sign: "dpa", "AFP"; "Sid" and "Ani" are people.
AGENCIES = _set(
    "dpa dpa-afx afp ap apa sda ats epd kna ansa efe tass dts sid upi pti ani ians ntb tt lusa belga anp pap "
    "čtk ctk tasr mti "
    "antara bernama yna kyodo jiji xinhua aap cp pa tanjug hina reuters ritzau agerpres"
)
# The same written out, as the agencies call themselves on their own pages.
AGENCY_NAMES = frozenset(
    _parts(
        "reuters|thomson reuters|associated press|the associated press|agence france-presse|deutsche presse-agentur|"
        "anadolu ajansı|anadolu agency|demirören haber ajansı|ihlas haber ajansı|"
        "agencia efe|agência lusa|agência brasil|"
        "agenzia ansa|europa press|kyodo news|jiji press|xinhua news agency|yonhap news agency|press trust of india|"
        "press association|pa media|the canadian press|australian associated press|austria presse agentur|"
        "polska agencja prasowa|česká tisková kancelář|magyar távirati iroda|tidningarnas telegrambyrå|"
        "norsk telegrambyrå|belga news agency|united press international"
    )
)
# Words of bodies that are not people.
ORGANISATIONS = _parts(
    "reuters|associated press|agence france-presse|deutsche presse-agentur|adnkronos|europa press|"
    "\\S*redaktion\\S*|redaktionen|rédaction|redacción|redaccion|redação|redazione|redactie|redakcja|redakce|"
    "redakcia|toimitus|"
    "szerkesztőség|redacția|ritstjórn|newsroom|news|newsdesk|desk|team|editors|editorial|press|presse\\w*|"
    "agency|agencies|"
    "agencia|agencias|agência|agentur\\w*|agences?|agenzia|ajansı|gmbh|ag|e\\.?\\s?v|inc|ltd|llc|corp|company|kg|"
    "university|universität|universidad|université|universit[aà]|institut\\w*|ministerium|bundes\\w+|"
    "\\w*verband|verein|"
    "stiftung|foundation|association|council|committee|group|gruppe|magazin|magazine|zeitung|\\w+zeitung|nachrichten|"
    "blatt|journal|tribune|gazette|media|medien|verlag|online|tv|radio|network|bureau|service|services|"
    "strategies|solutions|partners|consulting|marketing|software|technologies|labs?|"
    "\\w*amt|\\w+behörde|rotes kreuz|red cross|polizei\\w*|police|feuerwehr|abteilung|department|ministry|customs|"
    "authority|parliament|embassy|police department|fire department|bahnhof|kitchens?|"
    "web|website|blog|pressestelle|öffentlichkeitsarbeit|administrator|"
    "редакция|редакція|редакцията|агентство|новини|новости|新聞|新闻|通信|通信社|新聞社|通讯社|編集部|编辑部|社説|뉴스|편집부|연합뉴스|"
    "تحرير|وكالة|واس|خبرگزاری|صحيفة|מערכת|डेस्क|ডেস্ক|प्रतिनिधि"
)
# No part of a person's name: function words and words of page furniture.
NOT_IN_NAMES = _set(
    "fact checked sponsored programs by release header location full bio subscription joined "
    "advertisement gesponserte inhalte kommentaren weitere "
    "informationen aktuelle meldung privacy policy program "
    "zurück übersicht weiterlesen mehr back next previous suche kontakt copyright den trade "
    "sponsored shop cookie cookies terms newsletter login register menu search navigation "
    "źródło zdroj forrás sursa fuente fonte bron kilde källa kaynak lähde cortesía courtesy skip "
    "the from to on for with this that is are was at in of und oder für mit am im zum zur der-die das dem auf "
    "bei aus über "
    "und le les des au aux pour sur dans el los las para sobre il lo gli su per het een voor op "
    "share comments comment read more min minutes ago views updated published posted follow subscribe print email "
    "teilen kommentare lesezeit stand uhr drucken merken partager commentaires compartir comentarios condividi "
    "subscriber only member members source quelle foto photo reading lesedauer licence license lizenz creative "
    "commons cc public domain new all about home contact category categories tags archive related latest "
    "popular top january february march april "
    "june july august september october november december monday tuesday wednesday thursday friday saturday sunday "
    "januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag"
) - {"april", "june", "may", "august", "mai", "juli", "stand", "top", "per", "le", "el", "los", "il", "lo"}
PARTICLES = _set(
    "von van de der den del della di da do dos das du la le el al bin ibn ben zu zum zur vom v. ter ten te y e af av "
    "of und abu bint mc st. del' d' 't los las lo dos"
)
TITLES = frozenset({"dr", "prof", "mag", "dipl", "ing", "sir", "dame", "rev"})
# Fields filled by software, not by people.
NOT_NAMES = _set(
    "null none undefined admin author autor autorin webmaster unknown editor guest user default staff false "
    "true root test na n/a "
    "superuser wordpressadmin wpadmin share print email comments comment follow posts post about more home by "
    "von fr mo di mi do sa so mon tue wed thu fri sat sun lun mar mer jeu ven sam dim cc presse kontakte "
    "collectif datenschutz impressum "
    "team board podcast news nachricht gmt utc cet cest est edt pst pdt bst "
    "cc-by cc-by-sa cc-by-nc cc-by-nd cc-by-nc-sa cc-by-nc-nd cc0"
)
# What the first step of the breadcrumbs is called.
HOME = _set(
    "home start startseite homepage accueil inicio início hjem hem etusivu koti domů kezdőlap strona główna "
    "acasă главная головна αρχική "
    "anasayfa ana sayfa beranda trang chủ الرئيسية בית होम 首页 首頁 ホーム 홈 blog"
)
