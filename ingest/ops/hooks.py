"""Hooks: a command or a webhook that gets each new article, after the crawl that stored it.

A hook holds no crawl up and fails none. What it does not take is tried again with the next runs, MOST_TRIES times; one
that fails several times in a row is left alone until then. A command is started without a shell.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from ingest.config import HOOK_PLACE, Config, hook_words
from ingest.events import event
from ingest.ops.posting import post
from ingest.store import Store, StoredArticle, WaitingArticles
from ingest.text.normalize import normalise

log = logging.getLogger(__name__)

CURSOR = "on_new"
BATCH = 50  # articles in one message, or one call of a command that names none
COMMAND_S = 30.0  # for one call of a command
WHOLE_S = 120.0  # for all hooks of a run; the rest is left to the next one
PAUSE_S = 1.0  # before a webhook is tried again
IN_A_ROW = 3  # failures after which a hook is left alone until the next run
MOST_TRIES = 10  # of one article, in as many runs
MOST_WAITING = 10_000  # articles; a hook that is down for weeks loses the oldest
SAID_BYTES = 500  # of what a failing command wrote last

Record = Mapping[str, Any]


@dataclass(kw_only=True)
class Hook:
    """A command or webhook at work in one run."""

    words: tuple[str, ...]
    home: Path
    proxy: str
    failures: int = 0  # in a row
    failed: dict[int, bool] = field(default_factory=dict)  # article -> whether it was tried
    reason: str = ""

    @property
    def is_webhook(self) -> bool:
        """Whether it is an address of the web."""
        return self.words[0].startswith(("http://", "https://"))

    @property
    def name(self) -> str:
        """What it is called in the log: an address may hold a secret."""
        return urlsplit(self.words[0]).hostname or "webhook" if self.is_webhook else Path(self.words[0]).name

    @property
    def is_down(self) -> bool:
        """Whether it failed so often that it is left alone."""
        return self.failures >= IN_A_ROW

    def send(self, records: Sequence[Record], deadline_s: float) -> None:
        """Hand articles over: together, or one at a time where the command names one."""
        one_by_one = not self.is_webhook and any(HOOK_PLACE.search(word) for word in self.words)
        for batch in [[record] for record in records] if one_by_one else [list(records)]:
            tried = not self.is_down and time.monotonic() < deadline_s
            if tried and self._took(batch, deadline_s):
                self.failures = 0
                continue
            if tried:
                self.failures += 1
                event(log, logging.WARNING, "hook failed", hook=self.name, articles=len(batch), reason=self.reason)
            self.failed |= {int(record["id"]): tried for record in batch}

    def _took(self, batch: Sequence[Record], deadline_s: float) -> bool:
        if not self.is_webhook:
            return self._ran(batch, min(COMMAND_S, deadline_s - time.monotonic()))
        message = {"event": "new", "articles": list(batch)}
        for pause_s in (0.0, PAUSE_S):
            time.sleep(pause_s)
            if post(self.words[0], message, proxy=self.proxy, what="hook"):
                return True
        self.reason = "the webhook did not take it"
        return False

    def _ran(self, batch: Sequence[Record], timeout_s: float) -> bool:
        """Run the command with the records on its standard input, one JSON object a line."""
        first = batch[0]
        command = [HOOK_PLACE.sub(lambda found: str(first[found[1]]), word) for word in self.words]
        lines = b"".join(orjson.dumps(record, default=str) + b"\n" for record in batch)
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(  # noqa: S603 - the operator's own command; no shell
                    command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, cwd=self.home,
                    start_new_session=True,
                )  # fmt: skip
            except (OSError, ValueError) as error:
                self.reason = f"cannot be started: {getattr(error, 'strerror', None) or error}"
                return False
            try:
                process.communicate(lines, timeout=max(timeout_s, 0.1))
            except subprocess.TimeoutExpired:
                self.reason = f"did not end within {timeout_s:.0f} s"
                return False
            finally:
                if process.returncode is None:
                    _kill(process)
            if process.returncode:
                said.seek(max(said.seek(0, os.SEEK_END) - SAID_BYTES, 0))
                last = normalise(said.read().decode("utf-8", "replace").strip().rpartition("\n")[2])
                self.reason = f"exit code {process.returncode}{': ' + last if last else ''}"
        return not process.returncode


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a command and what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """An article to be handed over; `revision_id` is None for one that waited."""

    article_id: int
    source: str | None = None
    revision_id: int | None = None


def run_hooks(
    store: Store, config: Config, run_id: int, now: datetime, record: Callable[[StoredArticle], Record]
) -> None:
    """Hand each new article to its source's hook, or to the one for all. `record`: an article as it is exported."""
    own = store.sources.hooks()
    if not config.on_new and not any(own.values()):
        store.notices.drop(CURSOR)
        return
    hooks: dict[str, Hook] = {}
    deadline_s = time.monotonic() + WHOLE_S
    window = store.notices.window(CURSOR, run_id)
    waiting = window.waiting
    new = (
        _Pending(article_id=one.article_id, source=one.source, revision_id=one.first_revision_id)
        for one in store.notices.new_articles(window)
    )
    waited = [_Pending(article_id=article_id) for article_id in (waiting.tries if waiting else ())]
    done = window.unmoved()
    for batch in _batches(chain(waited, new)):
        by_hook: dict[str, list[Record]] = {}
        for pending in batch:
            written = config.on_new if pending.source is None else own.get(pending.source, config.on_new)
            stored = store.articles.get(pending.article_id) if written or pending.source is None else None
            if stored is not None:  # else it was forgotten, or nobody wants it
                written = own.get(stored.article.source, config.on_new)
                by_hook.setdefault(written, []).append(record(stored))
        for written, records in by_hook.items():
            if not written:
                continue
            hook = hooks.setdefault(written, Hook(words=hook_words(written), home=config.home, proxy=config.proxy))
            hook.send(records, deadline_s)
        waiting = _left(waiting, [one.article_id for one in batch], hooks, now)
        last = max((one.revision_id for one in batch if one.revision_id is not None), default=done.upto)
        done = replace(done, upto=last, waiting=waiting)
        store.notices.settle(done, now)
        if time.monotonic() >= deadline_s:
            event(log, logging.WARNING, "hooks stopped", reason=f"they took {WHOLE_S:.0f} s; the next run goes on")
            return
    store.notices.settle(replace(window, waiting=waiting), now)


def _batches(pending: Iterator[_Pending]) -> Iterator[list[_Pending]]:
    while batch := list(islice(pending, BATCH)):
        yield batch


def _left(
    before: WaitingArticles | None, tried: Sequence[int], hooks: Mapping[str, Hook], now: datetime
) -> WaitingArticles | None:
    """Return what waits after a batch: what failed in it and had not failed too often, and what waits for its turn."""
    tries = dict(before.tries) if before else {}
    was = {article_id: tries.pop(article_id, 0) for article_id in tried}
    reason = before.reason if before else ""
    for hook in hooks.values():
        for article_id, was_tried in hook.failed.items():
            count = was.get(article_id, 0) + was_tried
            if count < MOST_TRIES:
                tries[article_id] = count
            else:
                event(log, logging.WARNING, "hook given up", hook=hook.name, article=article_id, reason=hook.reason)
        reason = hook.reason if hook.failed and hook.reason else reason
        hook.failed.clear()
    if len(tries) > MOST_WAITING:
        event(log, logging.WARNING, "hook given up", articles=len(tries) - MOST_WAITING, reason=reason)
        tries = dict(list(tries.items())[-MOST_WAITING:])
    return WaitingArticles(since=before.since if before else now, reason=reason, tries=tries) if tries else None
