"""No mojibake: bytes come out as the letters their author typed, whatever labels say and whatever is broken."""

from __future__ import annotations

import pytest

from ingest.web.charset import charset, page_as_utf8, text_of, xml_as_utf8

TEXTS = {
    "ru": "Городской совет утвердил новый план ремонта дорог. Работы начнутся весной и продлятся до осени.",
    "el": "Το δημοτικό συμβούλιο ενέκρινε νέο σχέδιο για την επισκευή των δρόμων από την άνοιξη.",
    "pl": "Rada miasta przyjęła nowy plan remontu dróg. Prace rozpoczną się wiosną i potrwają do jesieni. Źródło.",
    "tr": "Belediye meclisi yeni yol onarım planını kabul etti. Çalışmalar ilkbaharda başlayacak, sözcü söyledi.",
    "ja": "市議会は道路の修理についての新しい計画を承認した。工事は春に始まり、秋まで続く予定だ。",
    "zh": "市议会批准了新的道路维修计划。工程将于春季开始，一直持续到秋季，发言人说。",
    "ko": "시의회는 도로 보수에 관한 새로운 계획을 승인했다. 공사는 봄에 시작하여 가을까지 계속된다.",
    "he": "מועצת העיר אישרה תוכנית חדשה לתיקון הכבישים. העבודות יתחילו באביב ויימשכו עד הסתיו.",
    "ar": "وافق مجلس المدينة على خطة جديدة لإصلاح الطرق. تبدأ الأعمال في الربيع وتستمر حتى الخريف.",
    "de": "Der Stadtrat hat einen Plan für die Straßen beschlossen – „bis zum Frühjahr“, so die Sprecherin.",
}
UNLABELLED = [
    ("ru", "cp1251"),
    ("ru", "koi8_r"),
    ("ru", "iso8859_5"),
    ("el", "cp1253"),
    ("pl", "cp1250"),
    ("pl", "iso8859_2"),
    ("tr", "cp1254"),
    ("ja", "cp932"),
    ("ja", "euc_jp"),
    ("zh", "gb18030"),
    ("ko", "cp949"),
    ("he", "cp1255"),
    ("ar", "cp1256"),
    ("de", "cp1252"),
]


def page(text: str, head: str = "") -> str:
    return f"<html><head>{head}<title>t</title></head><body class='main-content'><p>{text}</p></body></html>"


@pytest.mark.parametrize(("language", "encoding"), UNLABELLED)
def test_a_page_without_a_label_is_read_as_browsers_read_it(language: str, encoding: str) -> None:
    assert TEXTS[language] in page_as_utf8(page(TEXTS[language]).encode(encoding)).decode()


@pytest.mark.parametrize(("language", "encoding"), UNLABELLED)
def test_a_text_file_is_read_in_its_charset(language: str, encoding: str) -> None:
    assert text_of(TEXTS[language].encode(encoding)) == TEXTS[language]


@pytest.mark.parametrize("head", ["", *(f"<meta charset={name}>" for name in ("utf-8", "iso-8859-1", "cp1251"))])
@pytest.mark.parametrize("language", ["de", "ru", "pl", "ja"])
def test_utf8_with_one_bad_byte_stays_utf8_and_the_byte_is_read_as_what_it_is(language: str, head: str) -> None:
    body = page(TEXTS[language] * 3 + " it@s", head).encode().replace(b"@", b"\x92")
    assert TEXTS[language] in page_as_utf8(body).decode()
    assert "it’s" in page_as_utf8(body).decode()


def test_a_character_cut_in_half_is_lost_and_nothing_else() -> None:
    body = page(TEXTS["de"] + " caf@ ... und weiter").encode().replace(b"@", b"\xc3")
    assert "caf\ufffd ... und weiter" in page_as_utf8(body).decode()


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "UTF-16BE", "utf-8", ""])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", ["de", "ru", "zh"])
def test_utf16_without_byte_order_mark_is_read_whatever_the_header_says(
    language: str, encoding: str, label: str
) -> None:
    header = f"text/html; charset={label}" if label else "text/html"
    assert TEXTS[language] in page_as_utf8(page(TEXTS[language]).encode(encoding), header).decode()


def test_a_utf16_header_over_utf8_bytes_is_not_believed() -> None:
    assert TEXTS["ru"] in page_as_utf8(page(TEXTS["ru"]).encode(), "text/html; charset=utf-16").decode()


@pytest.mark.parametrize(
    ("label", "encoding", "language"),
    [("x-sjis", "cp932", "ja"), ("x-cp1251", "cp1251", "ru"), ("x-gbk", "gb18030", "zh"), ("ms_kanji", "cp932", "ja")],
)
def test_labels_that_only_browsers_know_are_known(label: str, encoding: str, language: str) -> None:
    assert charset(page(TEXTS[language], f'<meta charset="{label}">').encode(encoding)) == encoding


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r", "utf-16-le"])
def test_a_feed_without_a_declaration_is_read_in_its_charset(encoding: str) -> None:
    feed = f"<rss><channel><item><title>{TEXTS['ru']}</title></item></channel></rss>"
    assert TEXTS["ru"] in xml_as_utf8(feed.encode(encoding)).decode()


def test_random_bytes_are_never_an_error() -> None:
    body = bytes(range(256)) * 30
    for label in ("", "utf-8", "utf-16", "shift_jis", "iso-2022-jp", "hz-gb-2312", "zlib", "rot13", "utf-7", "idna"):
        page_as_utf8(body, f"text/html; charset={label}")
        xml_as_utf8(body, f"text/html; charset={label}")
