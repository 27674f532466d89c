"""The bundled demo site answers as a real one does, and its pages hold what they are said to hold."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree

import pytest

from ingest.demo import Demo, Running, expected
from ingest.demo.articles import read_articles


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    with Demo().serve() as running:
        yield running


def get(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, dict(response.headers), response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_it_has_at_least_a_dozen_articles_of_five_to_twelve_blocks() -> None:
    assert len(expected()) >= 12
    assert all(5 <= len(paragraphs) <= 12 for _, paragraphs in expected().values())


def test_every_article_page_holds_its_title_and_body_and_the_boilerplate(demo: Running) -> None:
    for path, (title, paragraphs) in expected().items():
        status, _, html = get(demo.url + path)
        text = words(html)
        assert status == 200
        for wanted in (title, *paragraphs, "please make a donation", "Sign up for our free newsletter", "Read also"):
            assert wanted in text, (path, wanted)


def test_the_appeal_stands_at_varying_places(demo: Running) -> None:
    places = {get(demo.url + path)[2].partition("A word from")[0].count("<p>") for path in expected()}
    assert len(places) > 3


def test_a_known_validator_is_answered_with_304(demo: Running) -> None:
    path = next(iter(expected()))
    _, headers, _ = get(demo.url + path)
    assert get(demo.url + path, If_None_Match=headers["ETag"])[0] == 304
    assert get(demo.url + path, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(demo.url + path, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_robots_leads_over_the_index_to_all_articles(demo: Running) -> None:
    sitemap = get(demo.url + "/robots.txt")[2].rpartition("Sitemap: ")[2].strip()
    parts = [element.text for element in ElementTree.fromstring(get(sitemap)[2]).iter() if element.tag.endswith("loc")]
    listed = {
        element.text
        for part in parts
        for element in ElementTree.fromstring(get(str(part))[2]).iter()
        if element.tag.endswith("loc")
    }
    assert {demo.url + path for path in expected()} < listed
    assert demo.url + "/about" in listed


def test_the_feed_lists_the_newest_articles_only(demo: Running) -> None:
    status, _, text = get(demo.url + "/feed.xml")
    links = [element.text or "" for element in ElementTree.fromstring(text).iter("link")][1:]
    assert status == 200
    assert [link.partition("?")[0] for link in links] == [demo.url + article.path for article in read_articles()[:8]]


def test_what_is_not_there_is_404(demo: Running) -> None:
    assert get(demo.url + "/nothing/here")[0] == 404


def test_it_can_be_served_from_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "ingest.demo", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert get(process.stdout.readline().strip() + "/about")[0] == 200
        finally:
            process.terminate()
