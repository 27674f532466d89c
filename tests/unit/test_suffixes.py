"""Polite units by the public suffix list, read as tldextract, which Scrapy brings along, reads it."""

from __future__ import annotations

import pytest
import tldextract

from ingest.web.urls import polite_unit

HOSTS = {
    "www.paper.co.uk": "paper.co.uk",
    "someone.blogspot.com": "someone.blogspot.com",
    "a.someone.github.io": "someone.github.io",
    "co.uk": "co.uk",
    "localhost": "localhost",
    "news.paper.unknown": "paper.unknown",
    "a.b.ck": "a.b.ck",  # "*.ck"
    "a.www.ck": "www.ck",  # "!www.ck"
    "www.paper.co.uk..": "paper.co.uk",  # no address that is fetched
    "a.xn--p1ai": "a.xn--p1ai",
    "www.xn--e1afmkfd.xn--p1ai": "xn--e1afmkfd.xn--p1ai",
}


@pytest.mark.parametrize("host", HOSTS)
def test_polite_unit_of_a_host(host: str) -> None:
    assert polite_unit(f"https://{host}/a") == HOSTS[host]


@pytest.mark.parametrize("host", [host for host in HOSTS if not host.endswith(".")])
def test_another_reader_of_the_list_agrees(host: str) -> None:
    theirs = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
    suffix = theirs.extract_str(host).suffix
    assert polite_unit(f"https://{host}/a").endswith(suffix)
