"""Changes of articles as people read them: what kind, which words; and an alert for the sources that ask for it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from ingest.config import Config
from ingest.errors import StoreError
from ingest.events import event
from ingest.ops.alerts import MOST, Message, deliver
from ingest.store import ArticleChange, Revision, Store
from ingest.text.normalize import normalise, normalise_lines
from ingest.text.phrases import is_note
from ingest.text.word_diff import DiffKind, Paragraph, changed_paragraphs, word_counts, words_changed

log = logging.getLogger(__name__)

CURSOR = "changes"
SHOWN = 10  # changes of one source that a message lists in its text
LISTED = 100  # changes of one source that a webhook gets


class ChangeKind(StrEnum):
    """What happened to an article."""

    REVISED = "revised"
    CORRECTED = "corrected"  # revised, with a note that says so
    REMOVED = "removed"  # its site answers 404 or 410


@dataclass(frozen=True)
class DescribedChange:
    """A change, and what it did to the words."""

    change: ArticleChange

    @property
    def _latest(self) -> Revision:
        return self.change.after or self.change.before

    @property
    def kind(self) -> ChangeKind:
        """What happened."""
        if self.change.after is None:
            return ChangeKind.REMOVED
        return ChangeKind.CORRECTED if self.notes else ChangeKind.REVISED

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """The notes about the article itself that came with it: corrections, editors' notes."""
        if self.change.after is None:
            return ()
        before = set(_texts(self.change.before))
        return tuple(text for text in _texts(self.change.after) if text not in before and is_note(text))

    @cached_property
    def title(self) -> Paragraph:
        """The title as it changed; () when it did not."""
        if self.change.after is None:
            return ()
        before, after = (normalise(one.article.title or "") for one in (self.change.before, self.change.after))
        return words_changed(before, after) if before != after else ()

    @property
    def is_pruned(self) -> bool:
        """Whether the text before it is no longer stored."""
        return not self.change.before.article.blocks

    @cached_property
    def body(self) -> tuple[Paragraph, ...]:
        """The paragraphs that changed."""
        if self.change.after is None or self.is_pruned:
            return ()
        return tuple(changed_paragraphs(_texts(self.change.before), _texts(self.change.after)))

    def form(self) -> dict[str, Any]:
        """Return the change as JSON has it."""
        latest = self._latest
        added, removed = word_counts((self.title, *self.body))
        return {
            "kind": self.kind,
            "id": latest.article_id,
            "source": latest.article.source,
            "url": latest.article.url,
            "title": latest.article.title,
            "revision": None if self.change.after is None else latest.no,
            "at": self.change.at.isoformat(),
            "words_added": added,
            "words_removed": removed,
            "notes": list(self.notes),
            "title_diff": _form(self.title),
            "body_diff": [_form(paragraph) for paragraph in self.body],
        }

    def sentence(self) -> str:
        """Return the change in one line."""
        latest = self._latest
        added, removed = word_counts((self.title, *self.body))
        said = [f"{latest.article.title or '(no title)'} {latest.article.url}"]
        if self.change.after is not None:
            said.append(f"+{added} -{removed} words")
        if self.title:
            said.append(f"title was: {self.change.before.article.title or '(none)'}")
        return normalise(f"{self.kind}: {'; '.join((*said, *self.notes))}")


def _texts(revision: Revision) -> list[str]:
    return [normalise_lines(block.text) for block in revision.article.kept]


def _form(paragraph: Paragraph) -> list[dict[str, str]]:
    return [{"kind": part.kind, "text": part.text} for part in paragraph]


def is_visible(change: DescribedChange) -> bool:
    """Return whether a reader would see a change: other words in title or body, or a removal."""
    parts = [part for paragraph in (change.title, *change.body) for part in paragraph]
    return (
        change.kind is ChangeKind.REMOVED or change.is_pruned or any(part.kind is not DiffKind.SAME for part in parts)
    )


def report_changes(store: Store, config: Config, run_id: int, now: datetime) -> int:
    """Report the changes of sources that ask for it, once; return how many.

    What no channel took is reported with the next run. Raises SettingsError for a channel that cannot be used.
    """
    sources = store.changes.wanted_by()
    if not sources:
        store.notices.drop(CURSOR)
        return 0
    try:
        window = store.notices.window(CURSOR, run_id)
        found = store.changes.between(window.after, window.upto, window.moved_at, sources)
        changes = [one for change in found if is_visible(one := DescribedChange(change))]
    except StoreError as error:  # writers held the table for long
        event(log, logging.WARNING, "changes not looked at", reason=str(error))
        return 0
    by_source: dict[str, list[DescribedChange]] = {}
    for one in changes:
        by_source.setdefault(one.change.before.article.source, []).append(one)
    for source, some in by_source.items():
        event(log, logging.INFO, "articles changed", source=source, articles=len(some))
    taken = False
    try:
        taken = not changes or deliver(messages_of_changes(by_source), config)
    finally:
        store.notices.settle(window if taken else window.unmoved(), now if taken else window.moved_at)
    return len(changes)


def messages_of_changes(by_source: dict[str, list[DescribedChange]]) -> tuple[Message, ...]:
    """Return a message for each source; at most MOST, the last of more names the rest."""
    messages = [_message(source, changes) for source, changes in by_source.items()]
    if len(messages) <= MOST:
        return tuple(messages)
    names = ", ".join(list(by_source)[MOST - 1 :])
    text = f"articles changed at {len(messages) - MOST + 1} more sources: {names}"
    return (*messages[: MOST - 1], Message(text=text, over=False, payload={"event": "changes", "text": text}))


def _message(source: str, changes: Sequence[DescribedChange]) -> Message:
    lines = [f"{source}: {len(changes)} change{'' if len(changes) == 1 else 's'}"]
    lines += [f"- {one.sentence()}" for one in changes[:SHOWN]]
    if len(changes) > SHOWN:
        lines.append(f"and {len(changes) - SHOWN} more: ingest changes --source {source}")
    text = "\n".join(lines)
    return Message(
        text=text,
        over=False,
        payload={
            "event": "changes",
            "text": text,
            "source": source,
            "count": len(changes),
            "changes": [one.form() for one in changes[:LISTED]],
        },
    )


def described(changes: Iterable[ArticleChange]) -> Iterable[DescribedChange]:
    """Give the changes that a reader would see."""
    return (one for change in changes if is_visible(one := DescribedChange(change)))
