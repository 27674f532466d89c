"""The loopback web itself: what whole-run tests lean on."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator

import pytest

from tests.site import Web


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


def get(web: Web, key: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(web.sites[key].host, web.port, timeout=10)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def test_every_article_of_every_site_is_served_in_its_charset(web: Web) -> None:
    for key, site in web.sites.items():
        for article in site.on(0):
            status, _, body = get(web, key, article.path)
            assert status == 200
            assert article.words.paragraphs[0][:20] in body.decode(site.charset).replace("&amp;", "&"), article.path


def test_no_two_articles_share_a_paragraph(web: Web) -> None:
    for site in web.sites.values():
        paragraphs = [paragraph for article in site.articles for paragraph in article.words.paragraphs]
        assert len(paragraphs) == len(set(paragraphs))
        assert len({article.words.title for article in site.articles}) == len(site.articles)


def test_the_next_day_brings_new_changed_and_removed_articles(web: Web) -> None:
    before = web.expected("post")
    changed, removed = web.sites["post"].articles[1], web.sites["post"].articles[0]
    old = get(web, "post", changed.path)[1]["ETag"]
    web.day = 1
    after = web.expected("post")
    assert len(after) == len(before)  # one new, one removed
    assert get(web, "post", removed.path)[0] == 410
    assert get(web, "post", changed.path, If_None_Match=old)[0] == 200
    assert after[web.url("post", changed.path)] != before[web.url("post", changed.path)]


def test_validators_are_those_the_site_has(web: Web) -> None:
    for key, names in {"post": {"ETag", "Last-Modified"}, "lindtal": {"Last-Modified"}, "qingshi": set()}.items():
        path = web.sites[key].articles[3].path
        _, headers, _ = get(web, key, path)
        assert {"ETag", "Last-Modified"} & set(headers) == names
        conditions = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        for name in names:
            assert get(web, key, path, **{conditions[name]: headers[name]})[0] == 304


def test_sections_turn_their_pages_until_all_are_shown(web: Web) -> None:
    site = web.sites["wahat"]
    seen: set[str] = set()
    for section in (1, 2, 3):
        for page in range(1, 9):
            html = get(web, "wahat", f"/s{section}?page={page}")[2].decode()
            seen |= {article.path for article in site.articles if f'"{article.path}"' in html}
            if 'rel="next"' not in html:
                break
    assert seen == {article.path for article in site.on(0)}


@pytest.mark.parametrize(
    ("name", "status"),
    [("500", 500), ("503-retry-after", 503), ("429", 429), ("soft-404", 200), ("redirect-loop", 302), ("410", 410)],
)
def test_a_misbehaviour_lasts_as_often_as_said(web: Web, name: str, status: int) -> None:
    web.misbehave("post", "/about", name, times=1)
    assert get(web, "post", "/about")[0] == status
    assert get(web, "post", "/about")[0] == 200


def test_a_truncated_answer_is_short(web: Web) -> None:
    web.misbehave("post", "/about", "truncated")
    with pytest.raises(http.client.IncompleteRead):
        get(web, "post", "/about")


def test_a_reset_gives_no_answer(web: Web) -> None:
    web.misbehave("post", "*", "reset")
    with pytest.raises(http.client.RemoteDisconnected):
        get(web, "post", "/about")
    assert web.log[-1].status == 0


def test_a_bomb_is_small_on_the_wire(web: Web) -> None:
    web.misbehave("post", "/about", "gzip-bomb")
    assert len(get(web, "post", "/about")[2]) < 2**20


def test_the_log_tells_articles_from_the_rest(web: Web) -> None:
    web.latency_s = 0.02
    get(web, "post", "/feed")
    get(web, "post", web.sites["post"].articles[2].path + "?utm_source=rss")
    assert [one.status for one in web.log] == [200, 200]
    assert len(web.articles_asked("post")) == 1
    assert web.at_once("post") == 1
    assert all(one.ended - one.started >= 0.02 for one in web.log)
    assert all(gap >= 0.02 for gap in web.gaps_s("post"))


def test_a_hanging_answer_does_not_hold_up_the_end() -> None:
    started = time.monotonic()
    with Web() as web:
        web.misbehave("post", "/about", "hang")
        connection = http.client.HTTPConnection(web.sites["post"].host, web.port, timeout=10)
        connection.request("GET", "/about")
    connection.close()
    assert time.monotonic() - started < 8
