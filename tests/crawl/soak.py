"""A soak: many sources that break at random, the real command day after day, killed now and then.

Everything that is random comes from a seed. What the server does wrong on a day, and what must hold after it, is known.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingest.store import open_store
from tests.command import LOOPBACK, command, environment
from tests.site import NETWORK
from tests.site.sites import EPOCH
from tests.site.writing import write

LISTED = 6  # entries of a feed
EACH = 5  # a source publishes on about every fifth day
BROKEN_SHARE = 0.15  # of the sources on a day
FAULTS = (
    "status-500", "status-404", "status-403", "status-429", "reset", "cut", "silent-close", "empty", "html", "noise",
    "loop", "no-http", "bad-gzip", "old-namespace", "other-clock", "pages-500", "pages-reset", "pages-image",
    "pages-empty", "robots-500", "robots-noise",
)  # fmt: skip  # a table
FINE = ("old-namespace", "other-clock", "pages-500", "pages-reset", "pages-image", "pages-empty", "robots-noise")
CLOSE = "Connection: close\r\n"
LOCKED = 75
FOUND = 3
GROWN = 1.2


@dataclass(frozen=True, kw_only=True)
class Soak:
    """How many sources, for how long, killed how often. The same numbers give the same faults."""

    sources: int
    days: int
    kills: int  # SIGKILLs of runs, spread over the days
    seed: int = 24

    def fault(self, number: int, day: int) -> str:
        """Return what is wrong with a source on a day, "" for nothing; a fault lasts for one to four days."""
        for begun in range(max(day - 3, 0), day + 1):
            chance = random.Random(f"{self.seed} {number} {begun}")
            if chance.random() < BROKEN_SHARE / 2.5 and begun + chance.randint(1, 4) > day:
                return chance.choice(FAULTS)
        return ""

    def published(self, number: int, day: int) -> list[int]:
        """Return the days up to this one on which a source published an article, the latest first."""
        return self.all_of(number, day)[-LISTED:][::-1]

    def all_of(self, number: int, day: int) -> list[int]:
        """Return the days up to this one on which a source published an article."""
        return [one for one in range(day + 1) if one == 0 or (one * 7 + number * 3) % EACH == 0]


def host(number: int) -> str:
    return f"127.9.{number // 250}.{number % 250 + 1}"


@dataclass(kw_only=True)
class SoakWeb:
    """All sources on one port, in a thread: the address that was asked tells which."""

    soak: Soak
    day: int = 0
    port: int = 0
    _started: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> SoakWeb:
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        assert self._started.wait(20)
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._answer, "0.0.0.0", 0, backlog=1_024)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        async with server:
            await self._ended.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        third, fourth = writer.get_extra_info("sockname")[0].split(".")[2:]
        number = int(third) * 250 + int(fourth) - 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode("latin-1")
                data = self._response(number, path)
                if not data:
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
                if b"\r\nConnection: close" in data:
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def _response(self, number: int, path: str) -> bytes:
        """Return the bytes of an answer; none: the connection is reset."""
        fault = self.soak.fault(number, self.day)
        if path == "/robots.txt":
            if fault == "robots-500":
                return answer(b"", "text/plain", "500 Broken")
            noise = random.Random(number).randbytes(3_000) if fault == "robots-noise" else b"User-agent: *\nAllow: /\n"
            return answer(noise, "text/plain")
        if path == "/feed":
            return self._feed_answer(number, fault)
        day = int(path.removeprefix("/story-")) if path.startswith("/story-") and path[7:].isdigit() else -1
        if day not in self.soak.published(number, self.day):
            return answer(b"", "text/html", "404 Not Found")
        if fault == "pages-reset":
            return b""
        if fault == "pages-500":
            return answer(b"", "text/html", "500 Broken")
        if fault == "pages-image":
            return answer(b"\x89PNG\r\n\x1a\n" + bytes(2_000), "text/html")
        return answer(b"" if fault == "pages-empty" else story(number, day), "text/html; charset=utf-8")

    def _feed_answer(self, number: int, fault: str) -> bytes:
        feed = self.feed(number, fault)
        if fault.startswith("status-"):
            return answer(b"<p>no", "text/html", f"{fault.removeprefix('status-')} No", "Retry-After: 1\r\n")
        if fault == "loop":
            return answer(b"", "text/html", "302 Found", "Location: /feed\r\n")
        if fault == "cut":
            return answer(feed, "application/rss+xml", "200 OK", CLOSE)[: -len(feed) // 2]
        wrong = {
            "reset": b"",
            "silent-close": answer(b"", "", "200 OK", CLOSE)[:24] + CLOSE.encode(),
            "empty": answer(b"", "application/rss+xml"),
            "html": answer(b"<!doctype html><title>Welcome</title><p>Buy this domain", "text/html"),
            "noise": answer(random.Random(number).randbytes(3_000), "application/rss+xml"),
            "no-http": b"220 ready for mail\r\nConnection: close\r\n\r\n",
            "bad-gzip": answer(
                b"\x1f\x8b\x08" + bytes(300), "application/rss+xml", "200 OK", "Content-Encoding: gzip\r\n"
            ),
        }
        return wrong.get(fault, answer(feed, "application/rss+xml"))

    def feed(self, number: int, fault: str) -> bytes:
        home = f"http://{host(number)}:{self.port}"
        items = "".join(
            f"<item><title>Story {day} of source {number}</title><link>{home}/story-{day}</link>"
            f"<pubDate>{(EPOCH + timedelta(days=day + 4_000 * (fault == 'other-clock'))):%a, %d %b %Y %H:%M:%S} GMT"
            "</pubDate></item>"
            for day in self.soak.published(number, self.day)
        )
        space = ' xmlns="http://purl.org/rss/1.0/modules/unknown/"' if fault == "old-namespace" else ""
        return (
            f'<?xml version="1.0"?><rss version="2.0"{space}><channel><title>N</title>{items}</channel></rss>'.encode()
        )


def answer(body: bytes, media: str, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def story(number: int, day: int) -> bytes:
    words = write("en", f"soak-{number}", number=day)
    body = "".join(f"<p>{text}</p>" for text in words.paragraphs)
    title = f"Story {day} of source {number}: {words.title}"
    page = f"<!doctype html><html lang=en><title>{title}</title><article><h1>{title}</h1>{body}</article></html>"
    return page.encode()


@dataclass(frozen=True, kw_only=True)
class SoakDay:
    """What a day was like."""

    day: int
    kills: int
    articles: int  # stored so far
    expected: int  # at least
    broken: int  # sources
    peak_mb: float  # of the run that came to its end
    seconds: float
    wrong: tuple[str, ...] = ()  # what should not be

    def line(self) -> str:
        counts = f"{self.articles:,} articles (of {self.expected:,}), {self.broken} sources broken, {self.kills} kills"
        return f"day {self.day:>2}: {counts}, peak {self.peak_mb:.0f} MB, {self.seconds:.0f} s {'; '.join(self.wrong)}"


def live_through(soak: Soak, home: Path, database_url: str = "") -> Iterator[SoakDay]:
    """Run each day to its end, killed before as chance has it; look at everything after each."""
    home.mkdir(parents=True, exist_ok=True)
    chance = random.Random(soak.seed)
    killed_on = Counter(chance.randrange(soak.days) for _ in range(soak.kills))
    env = {
        **LOOPBACK,
        "INGEST_ALLOW_NETWORKS": f"{NETWORK},127.9.0.0/16",
        "INGEST_DATABASE_URL": database_url or f"sqlite:///{home / 'ingest.db'}",
        "INGEST_RETRIES": "0",
        "INGEST_REQUEST_TIMEOUT_S": "4",
        "INGEST_HOSTS_AT_ONCE": "128",
    }
    with SoakWeb(soak=soak) as web:
        (home / "sources.toml").write_text(
            "".join(
                f'[sources.s{number}]\nurl = "http://{host(number)}:{web.port}/"\n'
                f'feeds = ["http://{host(number)}:{web.port}/feed"]\nrecheck_h = []\n\n'
                for number in range(soak.sources)
            )
        )
        run_s = 2.0 + soak.sources * 0.01
        for day in range(soak.days):
            web.day = day
            env["INGEST_CLOCK"] = (EPOCH + timedelta(days=day, hours=1)).isoformat()
            begun = time.monotonic()
            kills = sum(_killed(home, env, chance.uniform(0.3, run_s)) for _ in range(killed_on[day]))
            code, stderr, peak_mb = _to_the_end(home, env)
            run_s = max(time.monotonic() - begun, 2.0)
            wrong = _faults(soak, home, env, day, code, stderr)
            articles, expected = _articles(soak, env["INGEST_DATABASE_URL"], day)
            if articles < expected:
                wrong.append(f"{expected - articles} articles are missing")
            yield SoakDay(
                day=day,
                kills=kills,
                articles=articles,
                expected=expected,
                broken=sum(bool(soak.fault(number, day)) for number in range(soak.sources)),
                peak_mb=peak_mb,
                seconds=run_s,
                wrong=tuple(wrong),
            )


def _killed(home: Path, env: dict[str, str], after_s: float) -> bool:
    """Run for so long; return whether it was killed before its end."""
    with subprocess.Popen(
        command(home, "run"), env=environment(env), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.returncode == -signal.SIGKILL


def _to_the_end(home: Path, env: dict[str, str]) -> tuple[int, str, float]:
    """Return exit code, stderr and the most memory in MB."""
    while True:
        with (home / "stderr").open("w+") as stderr:
            process = subprocess.Popen(
                command(home, "run"), env=environment(env), cwd="/", stdout=subprocess.DEVNULL, stderr=stderr
            )
            _, status, usage = os.wait4(process.pid, 0)  # for its memory, which Popen does not tell
            stderr.seek(0)
            said = stderr.read()
        code = process.returncode = os.waitstatus_to_exitcode(status)
        if code != LOCKED:
            return code, said, usage.ru_maxrss / 1024
        time.sleep(0.5)


def _faults(soak: Soak, home: Path, env: dict[str, str], day: int, code: int, stderr: str) -> list[str]:
    """Return what is not as it must be after a day's run."""
    wrong = [] if code in (0, FOUND) else [f"exit code {code}: {stderr[-300:]}"]
    wrong += ["a traceback"] if "Traceback" in stderr else []
    with open_store(env["INGEST_DATABASE_URL"]) as store:
        wrong += [str(fault) for fault in store.check()[:3]]
    done = subprocess.run(
        command(home, "status", "--json"), env=environment(env), cwd="/", capture_output=True, check=False, timeout=300
    )
    rows: dict[str, dict[str, Any]] = {row["source"]: row for row in json.loads(done.stdout)["sources"]}
    moment = env["INGEST_CLOCK"][:10]
    for number in range(soak.sources):
        row = rows.get(f"s{number}")
        fault = soak.fault(number, day)
        if row is None:
            wrong.append(f"s{number} is not in status")
        elif fault and fault not in FINE and row["state"] == "ok":
            wrong.append(f"s{number} is silent: {fault}, {row}")
        elif not str(row["last_run"]).startswith(moment) and str(row["next_due"]) < moment:
            wrong.append(f"s{number} was not run: {row}")
    return wrong[:5]


def _articles(soak: Soak, database_url: str, day: int) -> tuple[int, int]:
    """Return how many articles are stored, and at least how many must be: those that no fault stood before.

    That is every article with a day without a fault since it was published, and no fault of pages before that day.
    """
    with open_store(database_url) as store:
        stored = sum(1 for _ in store.articles.each())
    return stored, sum(
        _is_due(soak, number, one, day) for number in range(soak.sources) for one in soak.all_of(number, day)
    )


def _is_due(soak: Soak, number: int, published: int, day: int) -> bool:
    for one in range(published, day + 1):
        fault = soak.fault(number, one)
        if not fault:
            return True
        if fault.startswith("pages-"):
            return False
    return False


def memory_grew(days: Sequence[SoakDay]) -> bool:
    """Return whether the runs of the last third of the days took more memory than those of the first, by a fifth."""
    third = max(len(days) // 3, 1)
    first, last = (max(day.peak_mb for day in some) for some in (days[:third], days[-third:]))
    return last > GROWN * first
