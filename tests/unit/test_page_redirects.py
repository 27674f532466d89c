"""Pages that lead on by themselves, and the session cookie of a site. Cases in tests/data/redirects/cases.toml."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from ingest.fetch.session_cookies import MAX_COOKIES, SessionCookies
from ingest.web.page_redirects import frames, leads_to
from tests.unit.seeds import cases

PAGE = "https://paper.example/news/1"


@pytest.mark.parametrize("case", cases("redirects"), ids=lambda case: case["name"])
def test_page_leads_on(case: dict[str, Any]) -> None:
    assert leads_to(case["body"].encode()) == case.get("to")
    assert frames(case["body"].encode()) == tuple(case.get("frames", ()))


@pytest.mark.parametrize("body", [b"<script>" * 8_000, b"<!--" * 16_000 + b"location=", b"<meta refresh " * 4_000])
def test_hostile_page_leads_nowhere_in_bounded_time(body: bytes) -> None:
    assert leads_to(body) is None


@given(st.binary(max_size=200).map(lambda tail: b"<meta http-equiv=refresh content='0;url=" + tail))
def test_any_bytes_lead_somewhere_or_nowhere(body: bytes) -> None:
    leads_to(body)


def answer(cookie: str, url: str = PAGE) -> Response:
    return Response(url, status=302, headers={"Set-Cookie": [cookie]})


def sent(cookies: SessionCookies, url: str = PAGE, source: str = "paper") -> bytes | None:
    request = Request(url)
    cookies.send(request, source)
    return request.headers.get("Cookie")


def test_cookie_is_sent_only_after_a_loop_and_only_to_its_host_and_source() -> None:
    cookies = SessionCookies()
    cookies.note(answer("seen=1; Path=/; HttpOnly"), "paper")
    assert sent(cookies) is None
    assert cookies.open(PAGE, "paper")
    assert sent(cookies) == b"seen=1"
    assert sent(cookies, source="other") is None
    assert sent(cookies, "https://www.paper.example/news/1") is None
    assert not cookies.open(PAGE, "paper")  # a second loop is a loop


def test_cookie_of_a_page_that_came_is_dropped() -> None:
    cookies = SessionCookies()
    cookies.note(answer("seen=1"), "paper")
    cookies.forget(PAGE, "paper")
    assert not cookies.open(PAGE, "paper")


def test_cookie_is_renewed_bounded_and_held_to_its_path() -> None:
    cookies = SessionCookies()
    cookies.note(answer("a=1; Path=/news"), "paper")
    cookies.open(PAGE, "paper")
    cookies.note(answer("a=2; Path=/news"), "paper")
    assert sent(cookies) == b"a=2"
    assert sent(cookies, "https://paper.example/sport/1") is None
    for number in range(100):
        cookies.note(answer(f"c{number}=1"), "paper")
    assert (sent(cookies) or b"").count(b"=") == MAX_COOKIES
