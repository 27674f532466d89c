"""Many hosts that send as much as they may, all at once: the crawl stays small, and healthy ones come through."""

from __future__ import annotations

import gzip
import random
import re
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from tests.command import StartIngest
from tests.fetch.crawl import LOOPBACK
from tests.fetch.server import Answer, Exchange, Server, serving

MIB = 2**20
HOSTS = 32
LIMIT_MB = 400
ENTRY = b"<item><title>Bridge %d</title><link>/story-of-the-bridge-%d</link></item>"
CAUSE = re.compile(r"/feed: ([a-z0-9-]+)")
TOGETHER_S = 3.0  # bodies are held back until all hosts have been asked, then sent in this time


def filled(before: bytes, piece: bytes, after: bytes, size: int) -> bytes:
    return before + piece * ((size - len(before) - len(after)) // len(piece)) + after


@cache
def feed_of_tags() -> bytes:
    return filled(b"<rss><channel>" + ENTRY % (1, 1), b"<a/>", b"</channel></rss>", 20 * MIB)


@cache
def feed_of_text() -> bytes:
    text = bytes(32 + (n * 7919) % 90 for n in range(50_000)).replace(b"<", b"-").replace(b"&", b"+")
    return filled(
        b"<rss><channel><item><link>/a</link><description>", text, b"</description></item></channel></rss>", 20 * MIB
    )


@cache
def sitemap_of_tags() -> bytes:
    return filled(b"<urlset>", b"<url><x/></url>", b"<url><loc>/story-of-the-town-hall</loc></url></urlset>", 49 * MIB)


@cache
def feed_of_values() -> bytes:
    return filled(b'{"items":[', b"{},", b"{}]}", 20 * MIB)


@cache
def packed(make: object) -> bytes:
    """Packed so badly that it passes for honest: every 4,000th tag is followed by noise."""
    body: bytes = make()  # type: ignore[operator]  # one of the functions above
    step = 16_000
    noise = random.Random(8)
    pieces = (body[place : place + step] + noise.randbytes(150).hex().encode() for place in range(0, len(body), step))
    return gzip.compress(b"".join(pieces)[: len(body)], 6)


def together(barrier: threading.Barrier, body: bytes, *lines: str) -> Answer:
    """Send half of a body, wait for the others, send the rest slowly."""

    def answer(exchange: Exchange) -> None:
        exchange.head("200 OK", f"Content-Length: {len(body)}", *lines)
        half = len(body) * 9 // 10
        try:
            for place in range(0, half, MIB):
                exchange.raw(body[place : min(place + MIB, half)])
        finally:
            with suppress(threading.BrokenBarrierError):
                barrier.wait(TOGETHER_S)
        exchange.raw(body[half:])

    return answer


def bombs() -> list[Answer]:
    barrier = threading.Barrier(HOSTS)
    kinds = (
        lambda: together(barrier, feed_of_tags()),
        lambda: together(barrier, packed(feed_of_tags), "Content-Encoding: gzip"),
        lambda: together(barrier, feed_of_text()),
        lambda: together(barrier, packed(sitemap_of_tags), "Content-Encoding: gzip"),
        lambda: together(barrier, packed(feed_of_values), "Content-Encoding: gzip"),
        lambda: together(barrier, feed_of_values()),
    )
    return [kinds[number % len(kinds)]() for number in range(HOSTS)]


def peak_mb_of(pid: int) -> float:
    """The most memory the process has had so far; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0.0)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_crowd_of_bombs_at_once_keeps_the_crawl_small(home: Path, start_ingest: StartIngest) -> None:
    hosts = [Server(f"127.3.7.{number + 1}", {"/feed": answer}) for number, answer in enumerate(bombs())]
    with serving(*hosts):
        home.mkdir(exist_ok=True)
        declared = "\n".join(
            f'[sources.s{number}]\nurl = "{host.url}/"\nfeeds = ["{host.url}/feed"]\n'
            for number, host in enumerate(hosts)
        )
        (home / "sources.toml").write_text(declared, "utf-8")
        env = {"INGEST_ALLOW_NETWORKS": LOOPBACK["INGEST_ALLOW_NETWORKS"], "INGEST_REQUEST_TIMEOUT_S": "60"}
        peak, begun = 0.0, time.monotonic()
        with start_ingest("run", env=env) as process:
            while process.poll() is None and time.monotonic() - begun < 120:
                peak = max(peak, peak_mb_of(process.pid))
                time.sleep(0.05)
            assert process.poll() in (0, 3), process.stderr.read()[-2000:]
            log = process.stderr.read()
    assert "Traceback" not in log
    assert set(CAUSE.findall(log)) <= {"bomb", "too-large", "no-room", "timeout"}
    assert log.count("no-room") < HOSTS // 2  # most come through in their turn
    assert peak < LIMIT_MB, f"{peak:.0f} MB"
