"""The article's pictures: which there are, each once, with caption and credit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.extract.article import extract
from ingest.extract.metadata.pictures import is_ornament, same_picture
from ingest.model import Article, Image, Page

LONG = "The harbour board added four crossings a day after a winter of missed connections. " * 4


def article(figures: str, head: str = "") -> Article:
    html = (
        f"<html lang='en'><head><title>Ferry timetable grows</title>{head}</head><body><main><article>"
        f"<h1>Ferry timetable grows</h1><p>{LONG}</p>{figures}<p>{LONG}</p></article>"
        "<aside class='related'><a href='/other'><img src='/other-story.jpg'></a></aside></main></body></html>"
    )
    url = "https://paper.example/ferry"
    page = Page(
        url=url,
        final_url=url,
        source="paper",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=html.encode(),
        fetched_at=datetime(2026, 11, 30, tzinfo=UTC),
    )
    return extract(page)


@pytest.mark.parametrize(
    ("figure", "caption", "credit"),
    [
        ('<figcaption>The quay at dawn. Photo: Ada Quill</figcaption>', "The quay at dawn", "Ada Quill"),
        ('<figcaption>Der Kai am Morgen (Foto: Vera Kuhn/dpa)</figcaption>', "Der Kai am Morgen", "Vera Kuhn/dpa"),
        ('<figcaption>The quay. <span class="credit">Tom Reed</span></figcaption>', "The quay.", "Tom Reed"),
        ('<figcaption>The quay © Norvik Press</figcaption>', "The quay", "Norvik Press"),
        ('<figcaption>A photo of the quay in 1961</figcaption>', "A photo of the quay in 1961", None),
        ("", None, None),
    ],
)  # fmt: skip  # a table
def test_figure_gives_caption_and_credit(figure: str, caption: str | None, credit: str | None) -> None:
    found = article(f'<figure><img src="/img/quay-4711.jpg" alt="The quay">{figure}</figure>').images
    wanted = Image(url="https://paper.example/img/quay-4711.jpg", alt="The quay", caption=caption, credit=credit)
    assert found == (wanted,)


def test_lead_image_is_first_and_completed_by_its_figure() -> None:
    found = article(
        '<figure><img src="/img/quay-4711-640x480.jpg"><figcaption>The quay</figcaption></figure>'
        '<figure><img data-src="/img/boats-12.jpg" src="data:image/gif;base64,R0"></figure>',
        '<meta property="og:image" content="https://paper.example/img/quay-4711-1200x630.jpg">',
    )
    assert [image.url.rpartition("/")[2] for image in found.images] == ["quay-4711-1200x630.jpg", "boats-12.jpg"]
    assert found.images[0].caption == "The quay"


def test_teasers_icons_and_small_pictures_are_left_out() -> None:
    found = article(
        '<img src="/img/site-logo.png"><img src="/img/pixel.gif" width="1" height="1">'
        '<img src="/a/face.jpg" width="48">'
        '<a href="/another-story"><img src="/img/teaser-99.jpg"></a>'
    )
    assert found.images == ()


def test_logo_is_no_lead_image() -> None:
    logo = '<meta property="og:image" content="https://paper.example/static/logo.png">'
    photo = '<meta name="twitter:image" content="https://paper.example/img/quay-4711.jpg">'
    assert article("", logo).image is None
    found = article("", logo + photo).image
    assert found
    assert found.url.endswith("quay-4711.jpg")


@pytest.mark.parametrize(
    ("url", "ornament"),
    [
        ("https://a.example/img/logo.png", True),
        ("https://a.example/static/default-image.jpg", True),
        ("https://a.example/placeholder_16x9.png", True),
        ("https://a.example/news/logistics-strike-2026.jpg", False),
        ("https://a.example/news/new-logos-of-the-clubs/photo-2026.jpg", False),
        ("https://a.example/2026/iconic-tower.jpg", False),
    ],
)
def test_ornaments_by_address(url: str, ornament: bool) -> None:
    assert is_ornament(url) is ornament


def test_one_picture_at_several_sizes_has_one_key() -> None:
    sizes = ("quay-4711.jpg", "quay-4711-1200x630.jpg", "quay-4711_640w.webp", "quay-4711@2x.jpg?w=300")
    assert len({same_picture(f"https://cdn{at}.example/x/{name}") for at, name in enumerate(sizes)}) == 1
    assert same_picture("https://a.example/1/a.jpg") != same_picture("https://a.example/2/a.jpg")


SHARE = '<meta property="og:image" content="https://paper.example/img/share-2025-quay.jpg">'


def lead(above: str, head: str = SHARE) -> str | None:
    html = (
        f"<html lang='en'><head><title>Ferry timetable grows</title>{head}</head><body><main><article>"
        f"<h1>Ferry timetable grows</h1>{above}<p>{LONG}</p><figure><img src='/img/boats-0012.jpg'></figure>"
        f"<p>{LONG}</p></article></main></body></html>"
    )
    url = "https://paper.example/ferry"
    page = Page(
        url=url,
        final_url=url,
        source="paper",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=html.encode(),
        fetched_at=datetime(2026, 11, 30, tzinfo=UTC),
    )
    image = extract(page).image
    return image.url.rpartition("/")[2] if image else None


@pytest.mark.parametrize(
    ("above", "wanted"),
    [
        ("", "share-2025-quay.jpg"),
        ('<figure><img src="/img/share-2025-quay-640x360.jpg"></figure>', "share-2025-quay.jpg"),
        ('<figure><img src="/img/crossing-4711.jpg"></figure>', "crossing-4711.jpg"),
        ('<figure><img src="/img/crossing-4711.jpg"></figure><figure><img src="/img/share-2025-quay.jpg"></figure>',
         "share-2025-quay.jpg"),
        ('<figure><img src="/img/blank.gif" data-src="/img/crossing-4711.jpg"></figure>', "crossing-4711.jpg"),
        ('<figure><img src="/img/ada-4711.jpg" alt="Ada Quill"></figure>', "share-2025-quay.jpg"),
        ('<figure><img src="/profile/4711.jpg"></figure>', "share-2025-quay.jpg"),
        ('<figure><img src="/img/crossing-150x150.jpg"></figure>', "share-2025-quay.jpg"),
        ('<img src="/img/crossing-4711.jpg">', "share-2025-quay.jpg"),
    ],
)  # fmt: skip  # a table
def test_the_lead_image_is_the_figure_above_the_text(above: str, wanted: str) -> None:
    assert lead(above) == wanted


def test_a_share_picture_further_down_gives_way_to_the_figure_above_the_text() -> None:
    share = '<meta property="og:image" content="https://paper.example/img/boats-0012.jpg">'
    assert lead('<figure><img src="/img/crossing-4711.jpg"></figure>', share) == "crossing-4711.jpg"
