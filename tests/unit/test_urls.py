"""Addresses: one form, one key, one polite unit. Cases in tests/data/urls.toml."""

import contextlib
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from ingest.discover.links import LinkFilter
from ingest.errors import UrlError
from ingest.model import Source
from ingest.web.urls import (
    MAX_URL_CHARS,
    _blog_hosts,
    complete,
    host,
    identity_form,
    key,
    normalise,
    origin,
    polite_unit,
    same_site,
    site,
    with_all_parameters,
)

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "urls.toml").read_text("utf-8")
)
# Text in which the marks that matter to addresses are frequent.
ODD_TEXT = st.text(
    st.one_of(st.sampled_from(list("/.;%?&=#@:\\()[]-~ \t\nsidS25eEjaxn")), st.characters()), max_size=60
)


@pytest.mark.parametrize("case", CASES["normalise"], ids=lambda case: case.get("why", case["url"]))
def test_address_is_written_in_one_form(case: dict[str, str]) -> None:
    if "refused" in case:
        with pytest.raises(UrlError) as caught:
            normalise(case["url"], case.get("base"))
        assert case["refused"] in str(caught.value)
        assert "secret" not in str(caught.value)
    else:
        assert normalise(case["url"], case.get("base")) == case["becomes"]


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/a?utm_source=x&id=3#top", "https://example.com/a?utm_source=x&id=3"),
        ("https://user:secret@example.com/a?fbclid=7", "https://example.com/a?fbclid=7"),
        ("/a?id=3", None),
        ("/a", None),
    ],
)
def test_an_address_with_the_parameters_it_loses(url: str, whole: str | None) -> None:
    assert with_all_parameters(url, "https://example.com/") == whole


@pytest.mark.parametrize("case", CASES["complete"], ids=lambda case: case["typed"])
def test_what_a_person_types_is_completed(case: dict[str, str]) -> None:
    assert complete(case["typed"]) == case["becomes"]


@pytest.mark.parametrize("typed", ["mailto:desk@example.com", "ftp://example.com", "", "two words"])
def test_what_is_no_address_is_not_completed(typed: str) -> None:
    with pytest.raises(UrlError):
        complete(typed)


@pytest.mark.parametrize("case", CASES["alike"], ids=lambda case: case["other"])
def test_same_page_has_one_key(case: dict[str, str]) -> None:
    assert key(case["one"]) == key(case["other"])
    assert identity_form(case["one"]) == identity_form(case["other"])


@pytest.mark.parametrize("case", CASES["different"], ids=lambda case: case["other"])
def test_other_page_has_another_key(case: dict[str, str]) -> None:
    assert key(case["one"]) != key(case["other"])


@pytest.mark.parametrize("case", CASES["unit"], ids=lambda case: case["url"])
def test_polite_unit_is_the_registrable_domain(case: dict[str, str]) -> None:
    assert polite_unit(case["url"]) == case["unit"]


@pytest.mark.parametrize("case", CASES["site"], ids=lambda case: case["url"])
def test_site_is_the_part_of_one_publisher(case: dict[str, str]) -> None:
    assert site(case["url"]) == case["site"]


def test_a_crawl_of_one_blog_takes_no_page_of_another() -> None:
    links = LinkFilter.of(Source(name="ann", url="https://ann.wordpress.com/"))
    assert links.page("https://ann.wordpress.com/2026/11/a-note/", "https://ann.wordpress.com/")
    assert links.page("https://bob.wordpress.com/2026/11/a-note/", "https://ann.wordpress.com/") is None
    assert links.seed("https://bob.wordpress.com/feed/", "https://ann.wordpress.com/") is None


def test_every_blog_host_is_missing_in_the_suffix_list() -> None:
    for name in _blog_hosts():
        assert not polite_unit(f"https://ann.{name}/").startswith("ann."), f"{name}: needs no line in blog_hosts.txt"


def test_two_loopback_addresses_are_two_sites() -> None:
    assert not same_site("http://127.2.0.1/", "http://127.2.0.3/")
    assert same_site("https://www.example.com/", "http://m.example.com:8080/x")


def test_host_and_origin_carry_no_credentials() -> None:
    assert host("http://user:secret@News.Example.com.:81/x") == "news.example.com"
    assert "secret" not in origin("http://user:secret@news.example.com:81/x")


def test_address_beyond_the_limit_is_refused_and_shown_short() -> None:
    with pytest.raises(UrlError) as caught:
        normalise("http://example.com/" + "x" * MAX_URL_CHARS)
    assert len(str(caught.value)) < 300
    assert normalise("http://example.com/" + "x" * (MAX_URL_CHARS - 100)).endswith("x")


def test_address_that_grows_beyond_the_limit_is_refused() -> None:
    with pytest.raises(UrlError):
        normalise("http://example.com/" + "ß" * (MAX_URL_CHARS // 2))


@pytest.mark.parametrize(
    "text", ["-" * 7_900 + "!/a/", "%" * 7_900, "a=&" * 2_600, ";jsessionid" * 700, "/(S(" * 1_900, "../" * 2_600]
)
def test_no_pattern_takes_long_over_hostile_addresses(text: str) -> None:
    for address in (f"http://example.com/{text}", f"http://example.com/{text}?sid=1", f"http://example.com/?{text}"):
        try:
            normalise(address)
        except UrlError:
            continue


@given(ODD_TEXT)
def test_any_text_is_an_address_or_reported_and_normalising_twice_changes_nothing(text: str) -> None:
    for address in (text, f"http://{text}", f"http://example.com/{text}", f"http://example.com/x?{text}"):
        try:
            once = normalise(address)
        except UrlError:
            continue
        assert normalise(once) == once
        assert key(once) == key(address)
        assert polite_unit(once) == polite_unit(address)
        assert "#" not in once
        assert once.isascii()


@given(st.from_regex(r"//[a-z0-9.-]{1,30}/[A-Za-z0-9_~!$&'*+,=:@./-]{0,30}", fullmatch=True))
def test_address_that_looks_plain_is_written_as_if_it_were_parsed(rest: str) -> None:
    """A scheme in capitals keeps the short way from being taken."""
    try:
        parsed = normalise(f"HTTP:{rest}")
    except UrlError:
        with pytest.raises(UrlError):
            normalise(f"http:{rest}")
    else:
        assert normalise(f"http:{rest}") == parsed
        assert host(f"http:{rest}") == host(parsed)


@given(ODD_TEXT, ODD_TEXT)
def test_any_base_is_an_address_or_reported(text: str, base: str) -> None:
    with contextlib.suppress(UrlError):
        assert normalise(text, f"http://example.com/{base}").startswith("http")


@given(ODD_TEXT)
def test_completing_any_text_gives_an_address_or_is_reported(text: str) -> None:
    with contextlib.suppress(UrlError):
        assert complete(text).startswith("http")


def test_polite_unit_asks_no_network_and_writes_no_cache(tmp_path: Path) -> None:
    """In a process of its own, with an empty home and every socket refused."""
    program = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('asked the network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from ingest.web.urls import polite_unit\n"
        "print(polite_unit('https://a.b.example.co.uk/'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "example.co.uk", done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/?x[y]=1", "https://example.com/?x%5By%5D=1"),
        ("https://example.com/list?tags[]=a&tags[]=b", "https://example.com/list?tags%5b%5d=b&tags%5B%5D=a"),
        ("https://example.com/a,b(c)!.html", "https://example.com/a%2Cb%28c%29%21.html"),
        ("https://example.com/?q=two+words", "https://example.com/?q=two%20words"),
        ("https://example.com/?at=12:30|x", "https://example.com/?at=12%3A30%7Cx"),
    ],
)
def test_a_character_that_means_itself_is_the_same_encoded_or_not(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/?a=1%262", "https://example.com/?a=1&2"),
        ("https://example.com/?a=b%3Dc", "https://example.com/?a%3Db=c"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/?a=1%2B1", "https://example.com/?a=1+1"),
        ("https://example.com/a%3Fb", "https://example.com/a?b"),
    ],
)
def test_a_character_that_parts_an_address_is_another_encoded(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "base", ["https://a.example/x/y?z#f", "http://127.0.0.1:8080/a", "https://u:p@b.example:444/p/"]
)
@pytest.mark.parametrize(
    "link",
    [
        "/", "/x", "//c.example/x", "/\\c.example/x", "/a\\b", "/\t/c.example", " /x", "/a b", "?q", "", "x/../y",
        "../x", "https:x", "https:/x", "HTTPS://C.example/X", "https://c.example./x", "/x;jsessionid=a1", "/..",
        "/x?utm_source=a", "///c.example", "/x?b=c&fbclid=d",
    ],
)  # fmt: skip  # a table
def test_a_link_leads_where_a_browser_goes_whatever_was_remembered_of_its_base(base: str, link: str) -> None:
    first = normalise(link, base)
    assert first == normalise(URL(link, base).href)
    assert normalise(link, base) == first
