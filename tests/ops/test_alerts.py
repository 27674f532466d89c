"""Alerts and heartbeat, with a webhook, a mail server and a watcher of our own on loopback."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from ingest.config import Config
from ingest.errors import Attention, IngestError, SettingsError
from ingest.ops import alerts
from ingest.ops.heartbeat import beating
from ingest.store import Store
from tests.ops.hook import HOST, hook
from tests.store.values import NOW, source

DAY = timedelta(days=1)


@pytest.fixture
def problem(store: Store) -> Store:
    """A store with one new finding."""
    store.sources.sync([source("a"), source("b")], NOW)
    store.findings.begin("a", "screened", NOW, suspicion="layout-changed", detail="8 of 8 pages, usually 2%")
    return store


@contextmanager
def mail_server() -> Iterator[tuple[str, list[str]]]:
    """The least that takes a mail; gives its address and the lines it was sent."""
    lines: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            in_mail = False
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                lines.append(line)
                if line.upper() == "DATA":
                    in_mail = True
                    self.wfile.write(b"354 go on\r\n")
                    while (said := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        lines.append(said)
                    in_mail = False
                    self.wfile.write(b"250 taken\r\n")
                elif line.upper() == "QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                elif not in_mail:
                    self.wfile.write(b"250 well\r\n")

    with socketserver.ThreadingTCPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"smtp://{HOST}:{server.server_address[1]}", lines
        finally:
            server.shutdown()
            thread.join(5)


def test_a_finding_is_sent_once_and_its_end_once(problem: Store) -> None:
    with hook() as webhook:
        config = Config(webhook=webhook.url)
        assert alerts.send_alerts(problem, config, NOW) == 1
        assert alerts.send_alerts(problem, config, NOW) == 0
        (finding,) = problem.findings.open()
        problem.findings.end(finding.finding_id, NOW + DAY)
        assert alerts.send_alerts(problem, config, NOW + DAY) == 1
        assert alerts.send_alerts(problem, config, NOW + DAY) == 0
        first, second = webhook.messages
    assert (first["event"], first["source"], first["kind"]) == ("finding", "a", "screened")
    assert "layout-changed" in first["text"]
    assert "8 of 8 pages" in first["text"]
    assert (second["event"], second["ended_at"]) == ("recovery", "2026-03-02T12:00:00+00:00")


def test_what_no_channel_took_comes_again(problem: Store) -> None:
    with hook() as webhook:
        config = Config(webhook=webhook.url)
        webhook.status = 500
        alerts.send_alerts(problem, config, NOW)
        webhook.status = 200
        assert alerts.send_alerts(problem, config, NOW) == 1
        assert alerts.send_alerts(problem, config, NOW) == 0
    nobody = Config(webhook=webhook.url)  # the server is gone
    problem.findings.begin("b", "failed", NOW)
    assert alerts.send_alerts(problem, nobody, NOW) == 1
    assert alerts.send_alerts(problem, nobody, NOW) == 1


def test_what_ended_before_anybody_was_reported_is_not_told(problem: Store) -> None:
    (finding,) = problem.findings.open()
    problem.findings.end(finding.finding_id, NOW)
    assert alerts.send_alerts(problem, Config(), NOW) == 0


def test_many_findings_at_once_are_summed_up(store: Store) -> None:
    names = [f"s{number}" for number in range(50)]
    store.sources.sync([source(name) for name in names], NOW)
    for name in names:
        store.findings.begin(name, "failed", NOW, detail="dns")
    with hook() as webhook:
        alerts.send_alerts(store, Config(webhook=webhook.url), NOW)
    assert len(webhook.messages) == alerts.MOST
    assert webhook.messages[-1]["text"] == "and 31 more: ingest health shows all"
    assert store.findings.unalerted() == ()


def test_one_mail_holds_all(problem: Store) -> None:
    problem.findings.begin("b", "failed", NOW, suspicion="site-down", detail="line\r\nBcc: evil@example.org")
    with mail_server() as (url, lines):
        config = Config(mail_to="me@example.org, you@example.org", mail_from="ingest@example.org", smtp_url=url)
        assert alerts.send_alerts(problem, config, NOW) == 2
    assert [line for line in lines if line.lower().startswith("rcpt")] == [
        "rcpt TO:<me@example.org>",
        "rcpt TO:<you@example.org>",
    ]
    assert "Subject: ingest: 2 unhealthy, 0 recovered" in lines
    assert not [line for line in lines if line.startswith("Bcc")]
    assert problem.findings.unalerted() == ()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries that apprise's hundred services import
def test_apprise_is_handed_one_notification(problem: Store) -> None:
    with hook() as webhook:
        config = Config(apprise=webhook.url.replace("http://", "json://"))
        alerts.send_alerts(problem, config, NOW)
    (message,) = webhook.messages
    assert "a: screened: 8 of 8 pages" in message["message"]
    assert problem.findings.unalerted() == ()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_sends_parts_that_the_service_takes(problem: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.custom_json import NotifyJSON

    monkeypatch.setattr(NotifyJSON, "body_maxlen", 300)
    names = [f"paper-{number}" for number in range(12)]
    problem.sources.sync([source(name) for name in names], NOW)
    for name in names:
        problem.findings.begin(
            name, "failed", NOW, detail=f"dns of {name} does not answer, since the morning of Monday"
        )
    with hook() as webhook:
        address = webhook.url.replace("http://", "json://")
        alerts.send_alerts(problem, Config(apprise=f"{address}/?+x=1,2  {address}"), NOW)
    bodies = [message["message"] for message in webhook.messages]
    assert max(map(len, bodies)) <= 300
    lines = "\n".join(bodies).splitlines()
    assert sum(line.startswith("paper-") for line in lines) == 2 * len(names), "each address got each line once"
    assert problem.findings.unalerted() == ()


@pytest.mark.parametrize(
    ("lines", "most", "parts"),
    [
        (["one", "two"], 100, ["one\ntwo"]),
        (["one", "two"], 5, ["one", "two"]),
        (["a long line of words"], 10, ["a long", "line of", "words"]),
        (["x" * 25], 10, ["x" * 10, "x" * 10, "x" * 5]),
        (
            [f"line {n}" for n in range(30)],
            8,
            [*[f"line {n}" for n in range(9)], "and 21 more: ingest health shows all"],
        ),
        ([f"line {n}" for n in range(10)], 8, [f"line {n}" for n in range(10)]),
    ],
)
def test_lines_are_parted_at_their_ends_then_at_spaces(lines: list[str], most: int, parts: list[str]) -> None:
    assert alerts.parts_of(lines, most) == parts


def test_a_setting_that_cannot_be_used_is_reported(problem: Store) -> None:
    with pytest.raises(SettingsError, match="INGEST_APPRISE holds"):
        alerts.send_alerts(problem, Config(apprise="nonsense"), NOW)
    with pytest.raises(SettingsError, match="INGEST_SMTP_URL cannot be read"):
        alerts.send_alerts(problem, Config(mail_to="me@example.org", smtp_url="localhost"), NOW)
    with pytest.raises(SettingsError, match="INGEST_WEBHOOK is no address of the web"):
        Config.from_settings({"INGEST_WEBHOOK": "file:///etc/passwd"})


def test_a_watcher_hears_of_the_beginning_and_of_every_end() -> None:
    with hook() as watcher:
        url = f"{watcher.url}/check?key=1"
        with beating(url):
            pass
        with beating(url) as beat:
            beat.code = 3
        with pytest.raises(Attention), beating(url):
            raise Attention("x")
        with pytest.raises(ValueError, match="x"), beating(url):
            raise ValueError("x")
    assert watcher.paths[::2] == ["/check/start?key=1"] * 4
    assert watcher.paths[1::2] == ["/check?key=1", "/check/3?key=1", "/check/3?key=1", "/check/1?key=1"]


def test_a_watcher_that_is_not_there_stops_nothing() -> None:
    with hook() as watcher:
        url = watcher.url
    with pytest.raises(IngestError), beating(url):
        raise IngestError("the run's own end")
