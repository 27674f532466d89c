"""Alerts: report each finding once, and its end once, by log, webhook, e-mail and apprise; the channels of all notices.

What no configured channel accepted is sent at the next run.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.config import Config
from ingest.errors import SettingsError, how_to_install
from ingest.events import event
from ingest.ops.likely_cause import ADVICE, LikelyCause
from ingest.ops.posting import TIMEOUT_S, post
from ingest.store import Finding, Store
from ingest.text.normalize import normalise

log = logging.getLogger(__name__)

TITLE = "ingest"
MOST_PARTS = 10  # of one notification; a service of 160 characters would send fifty
PART_CHARS_MIN = 60
ESCAPED_SHARE = 0.9  # of what a service takes; characters that it escapes take more
SUBJECTS = {
    "searches": "new articles for saved searches",
    "changes": "articles changed",
}  # of mails, by the kind of notice
MOST = 20  # messages of one run; of more problems at once the last message sums up the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing to report. `finding` is None for the one that sums up the rest; `payload`: a notice of another kind."""

    text: str
    over: bool
    finding: Finding | None = None
    payload: Mapping[str, Any] | None = None  # what a webhook gets

    def form(self) -> dict[str, Any]:
        """What a webhook gets. `text` stands for itself: chat programs show it."""
        one = self.finding
        if self.payload is not None:
            return dict(self.payload)
        if one is None:
            return {"event": "findings", "text": self.text}
        return {
            "event": "recovery" if self.over else "finding",
            "text": self.text,
            "source": one.source,
            "kind": one.kind,
            "suspicion": one.suspicion,
            "detail": one.detail,
            "began_at": one.began_at,
            "ended_at": one.ended_at,
        }


def send_alerts(store: Store, config: Config, now: datetime) -> int:
    """Send what was not sent yet, return how many messages were sent; of several processes one does.

    When all channels fail it counts as not sent. Raises SettingsError for a channel that cannot be used.
    """
    begun, ended = store.findings.claim(now)
    messages = messages_of(begun, ended)
    if not messages:
        return 0
    for message in messages:
        event(log, logging.INFO, "source recovered" if message.over else "source unhealthy", **_about(message))
    taken = False
    try:
        taken = deliver(messages, config)
    finally:
        if not taken:
            store.findings.unclaim(begun, ended)
    return len(messages)


def deliver(messages: Sequence[Message], config: Config) -> bool:
    """Send messages by each channel that the settings name; return whether one took them, or there is none.

    Raises SettingsError for a channel that cannot be used.
    """
    sent = [send(messages, config) for send in channels(config)]  # each of them, whatever the others say
    return any(sent) or not sent


def messages_of(begun: Sequence[Finding], ended: Sequence[Finding]) -> tuple[Message, ...]:
    """Return what to say, the bad news first; at most MOST messages."""
    all_of_them = [Message(text=line(finding), over=False, finding=finding) for finding in begun]
    all_of_them += [Message(text=over_line(finding), over=True, finding=finding) for finding in ended]
    if len(all_of_them) <= MOST:
        return tuple(all_of_them)
    left = len(all_of_them) - (MOST - 1)
    return (*all_of_them[: MOST - 1], Message(text=f"and {left} more: ingest health shows all", over=False))


def line(finding: Finding) -> str:
    """A finding in one line: what, why, what to suspect and to do."""
    said = f"{finding.source}: {finding.kind}: {finding.detail or 'no detail'}"
    advice = ADVICE.get(LikelyCause(finding.suspicion)) if finding.suspicion else None
    return normalise(f"{said}; suspicion: {finding.suspicion}: {advice}" if advice else said)


def over_line(finding: Finding) -> str:
    """The end of a finding in one line."""
    return normalise(f"{finding.source}: recovered: {finding.kind} since {finding.began_at:%Y-%m-%d %H:%M} is over")


def about(finding: Finding) -> dict[str, Any]:
    """Return what an event of the log says of a finding."""
    found = {"source": finding.source, "kind": finding.kind, "suspicion": finding.suspicion}
    return found | {"detail": finding.detail}


def _about(message: Message) -> dict[str, Any]:
    return {"text": message.text} if message.finding is None else about(message.finding)


# ---------------------------------------------------------------- channels

Channel = Callable[[Sequence[Message], Config], bool]


def channels(config: Config) -> tuple[Channel, ...]:
    """Return the channels that the settings name; the log is always one more."""
    named: tuple[tuple[str, Channel], ...] = (
        (config.webhook, _by_webhook),
        (config.mail_to, _by_mail),
        (config.apprise, _by_apprise),
    )
    return tuple(channel for setting, channel in named if setting)


def _by_webhook(messages: Sequence[Message], config: Config) -> bool:
    """POST one JSON object for each message; stop at the first that is not taken, so that all come again."""
    return all(post(config.webhook, message.form(), proxy=config.proxy, what="webhook") for message in messages)


def _by_mail(messages: Sequence[Message], config: Config) -> bool:
    """Send one mail with a line for each message."""
    try:
        server = urlsplit(config.smtp_url)
        readable = server.scheme in ("smtp", "smtps") and bool(server.hostname) and server.port != 0
    except ValueError:  # a port that is no number
        readable = False
    if not readable or not server.hostname:
        raise SettingsError("INGEST_SMTP_URL cannot be read; use smtp://HOST:25 or smtps://USER:PASSWORD@HOST:465")
    try:
        with _smtp(server.scheme, server.hostname, server.port) as smtp:
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(_mail(messages, config))
    except (OSError, smtplib.SMTPException, ValueError) as error:  # the last for an address that no mail can have
        event(log, logging.WARNING, "mail not sent", reason=f"{type(error).__name__}: {error}")
        return False
    return True


def _smtp(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """Open a connection: encrypted from the start for smtps, from STARTTLS on where an smtp server offers it."""
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=context)
    smtp = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_S)
    smtp.ehlo_or_helo_if_needed()
    if smtp.has_extn("starttls"):
        smtp.starttls(context=context)
    return smtp


def _mail(messages: Sequence[Message], config: Config) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = _subject(messages)
    mail["From"] = config.mail_from or config.mail_to.split(",")[0].strip()
    mail["To"] = config.mail_to
    mail.set_content("\n".join(message.text for message in messages) + "\n")
    return mail


def _subject(messages: Sequence[Message]) -> str:
    kinds = {str(message.payload["event"]) for message in messages if message.payload is not None}
    if kinds:
        return f"ingest: {SUBJECTS['searches' if 'search' in kinds else kinds.pop()]}"
    problem = sum(not message.over for message in messages)
    return f"ingest: {problem} unhealthy, {len(messages) - problem} recovered"


def _by_apprise(messages: Sequence[Message], config: Config) -> bool:
    """Send the messages to every address that apprise can reach, in parts that its service takes."""
    try:
        from apprise import Apprise, OverflowMode  # slow to import, and an extra
    except ModuleNotFoundError:
        raise SettingsError(f"INGEST_APPRISE needs the extra: {how_to_install('alerts')}") from None
    services = [Apprise.instantiate(address, suppress_exceptions=True) for address in config.apprise.split()]
    if None in services:
        raise SettingsError(
            "INGEST_APPRISE holds an address that apprise cannot read; see its services, separate addresses by spaces"
        )
    taken = False
    for service in filter(None, services):
        service.overflow_mode = OverflowMode.SPLIT  # where it counts otherwise than we do
        taken |= _took(service, [message.text for message in messages])
    return taken


def _took(service: Any, lines: Sequence[str]) -> bool:
    """Send lines to one service of apprise and tell whether it took all of them."""
    from apprise import Apprise

    sender = Apprise()
    sender.add(service)
    for part in parts_of(lines, _room(service)):
        try:
            taken = bool(sender.notify(title=TITLE, body=part, body_format="text"))
        except Exception:  # a service's plugin; its message may quote the address, which is a secret
            taken = False
        if not taken:
            event(log, logging.WARNING, "apprise could not send", service=str(service.service_name), chars=len(part))
            return False
    return True


def _room(service: Any) -> int:
    """Return how many characters of text a service takes at once: the title may be part of them, signs be escaped."""
    space = int(service.body_maxlen) - (len(TITLE) + 4 if not service.title_maxlen else 0)
    return max(int(space * ESCAPED_SHARE), PART_CHARS_MIN)


def parts_of(lines: Sequence[str], most_chars: int) -> list[str]:
    """Return lines as messages of so many characters at most, parted between lines, else at spaces; MOST_PARTS at most.

    The last one says how many lines were left out.
    """
    pieces = [
        (number, piece)
        for number, line in enumerate(lines)
        for piece in (textwrap.wrap(line, most_chars, break_on_hyphens=False) if len(line) > most_chars else [line])
    ]
    parts: list[str] = []
    for number, piece in pieces:
        if parts and len(parts[-1]) + 1 + len(piece) <= most_chars:
            parts[-1] += "\n" + piece
        elif len(parts) == MOST_PARTS - 1 and sum(len(one) + 1 for at, one in pieces if at >= number) > most_chars:
            return [*parts, f"and {len(lines) - number} more: ingest health shows all"]
        else:
            parts.append(piece)
    return parts
