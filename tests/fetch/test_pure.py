"""The decisions of fetching that need no network: addresses, delays, Retry-After, unpacking, reasons."""

from __future__ import annotations

import gzip
import os
import time
import zlib
from datetime import UTC, datetime
from ipaddress import ip_network

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch import delays
from ingest.fetch.addresses import literal, refusal
from ingest.fetch.reasons import NotFetched, kind_of
from ingest.fetch.redirects import target_of
from ingest.fetch.settings_addon import user_agent
from ingest.model import OutcomeKind
from ingest.web.decoding import decode, zstd
from ingest.web.gunzip import UndecodableError

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

REFUSED = (
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255", "168.63.129.16"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.0.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("2001:db8::1", "2002:7f00:1::", "2002:c0a8:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%lo", "", "no address", "127.1"),
)
PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "169.253.0.1"),
    *("126.255.255.255", "128.0.0.1", "192.167.255.255", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"),
    *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
)


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_refused(address: str) -> None:
    assert refusal(address) is None


def test_an_open_network_opens_exactly_itself() -> None:
    allowed = (ip_network("127.2.0.0/15"), ip_network("fd00:1::/32"))
    opened = ("127.2.0.1", "127.3.255.255", "::ffff:127.2.0.1", "fd00:1::5")
    assert [refusal(address, allowed) for address in opened] == [None] * 4
    closed = ("127.1.255.255", "127.4.0.0", "64:ff9b::127.2.0.1", "2002:7f02:1::", "fd00:2::1", "::127.2.0.1")
    assert all(refusal(address, allowed) for address in closed)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.0.0.0x1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("10.257", "10.0.1.1"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("[::1]", "::1"),
        ("[::ffff:1.2.3.4]", "::ffff:102:304"),
        ("example.com", None),
        ("1.2.3.4.5", None),
        ("256.1.1.1", None),
        ("1.2.3.256", None),
        ("4294967296", None),
        ("a.1", None),
        ("", None),
        ("09", None),
    ],
)
def test_a_host_written_as_a_number_is_known_as_one(host: str, address: str | None) -> None:
    assert literal(host) == address


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_not(text: str) -> None:
    refusal(text)
    literal(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("86400", 86400.0),
        ("86401", 86400.0),
        ("9" * 400, 86400.0),
        ("Mon, 04 May 2026 12:00:30 GMT", 30.0),
        ("Monday, 04-May-26 12:00:30 GMT", 30.0),
        ("Mon, 04 May 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("٣", None),
        ("", None),
        (None, None),
        ("Mon, 99 May 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(value: str | None, seconds: float | None) -> None:
    assert delays.retry_after_s(value, NOW) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_is_read(text: str) -> None:
    seconds = delays.retry_after_s(text, NOW)
    assert seconds is None or 0 <= seconds <= delays.MAX_CLOSED_S


def test_the_delay_is_the_longest_of_what_is_asked_for_and_never_nothing() -> None:
    assert delays.delay_s(1.0) == 1.0
    assert delays.delay_s(0.0) == delays.SMALLEST_DELAY_S
    assert delays.delay_s(1.0, crawl_delay_s=5.0) == 5.0
    assert delays.delay_s(1.0, crawl_delay_s=500.0) == delays.MOST_WAITED_S
    assert delays.delay_s(1.0, latencies_s=(0.1, 9.0, 0.2)) == 1.0
    assert delays.delay_s(1.0, latencies_s=(3.0, 9.0, 2.0)) == 3.0
    assert delays.delay_s(90.0, crawl_delay_s=5.0) == 90.0


@given(st.floats(0.001, 100), st.floats(0, 1))
def test_chance_makes_a_delay_longer_only(delay: float, chance: float) -> None:
    assert delay <= delays.jittered(delay, chance) <= delay * (1 + delays.JITTER) * 1.000001


ENCODINGS = st.sampled_from(["gzip", "deflate", "br", "zstd", "x", "identity"])


@given(st.binary(max_size=300), st.lists(ENCODINGS, max_size=4))
def test_any_bytes_are_unpacked_or_reported(body: bytes, encodings: list[str]) -> None:
    reason, size = "", 0
    try:
        size = len(decode(body, encodings, max_bytes=1000))
    except UndecodableError as error:
        reason = error.reason
    assert reason in {"", "too-large", "bomb", "truncated", "bad-encoding"}
    assert size <= 1000


@pytest.mark.parametrize("how", ["gzip", "deflate", "raw deflate", "br", "zstd"])
@pytest.mark.parametrize("data", [b"", b"a", b"ab" * 200_000, bytes(range(256)) * 1024, os.urandom(200_000)])
def test_what_was_packed_comes_out_whole_and_cut_streams_never_do(how: str, data: bytes) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}
    body = zlib.compress(data)[2:-4] if how == "raw deflate" else packed[how](data)
    name = how.removeprefix("raw ")
    assert decode(body, [name], max_bytes=1_000_000) == data
    if how in ("gzip", "zstd"):
        assert decode(body + body, [name], max_bytes=1_000_000) == data + data
    for cut in {len(body) // 2, len(body) - 1} - {0, 1}:
        with pytest.raises(UndecodableError, match=r"truncated|bad-encoding"):
            decode(body[:cut], [name], max_bytes=1_000_000)


@pytest.mark.parametrize(("name", "empty"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstd.compress(b""))])
def test_a_flood_of_empty_members_takes_no_time(name: str, empty: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(UndecodableError, match="bomb"):
        decode(empty * 400_000, [name], max_bytes=10 << 20)
    assert time.process_time() - begun < 3  # with a copy of the rest for each member it was minutes


def test_at_the_limit_a_body_is_whole_beyond_it_is_refused_or_cut() -> None:
    data = bytes(range(250)) * 4
    assert decode(gzip.compress(data), ["gzip"], max_bytes=1000) == data
    with pytest.raises(UndecodableError, match="too-large"):
        decode(gzip.compress(data), ["gzip"], max_bytes=999)
    assert decode(gzip.compress(data), ["gzip"], max_bytes=999, cut=True) == data[:999]
    assert decode(data, [], max_bytes=10, cut=True) == data[:10]


@given(st.binary(max_size=80))
def test_any_location_leads_somewhere_or_is_reported(location: bytes) -> None:
    reason, target = "", "http://news.test/"
    try:
        target = target_of("http://news.test/a/b", location)
    except NotFetched as error:
        reason = error.reason
    assert reason in {"", "redirect-bad", "scheme-refused"}
    assert target.startswith(("http://", "https://"))
    assert "@" not in target.split("/")[2]


def test_outcomes_of_reasons() -> None:
    assert kind_of("robots") is kind_of("robots-http-503") is kind_of("address-refused") is OutcomeKind.REFUSED
    assert kind_of("http-410") is OutcomeKind.GONE
    assert kind_of("http-503") is kind_of("timeout") is kind_of("bomb") is OutcomeKind.FAILED


def test_the_contact_cannot_break_the_header() -> None:
    assert user_agent("me@x.test").endswith(" (+me@x.test)")
    assert user_agent("é\r\nEvil: 1)").endswith(" (+Evil: 1)")
