"""Whatever answers at the address of a webhook or heartbeat, the run goes on, and the address is never printed."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from ingest.config import Config
from ingest.ops import alerts, posting
from ingest.ops.heartbeat import beating
from ingest.ops.posting import post
from tests.ops.hook import hook

TOKEN = "t0ken-of-ours"


@contextmanager
def answering(answer: bytes, *, drip_s: float = 0.0) -> Iterator[str]:
    """A server that gives every connection these bytes, whatever it is asked."""
    with socket.create_server(("127.4.9.8", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    taken, _ = listening.accept()
                    with taken, suppress(OSError):
                        for byte in [answer] if not drip_s else [answer[at : at + 1] for at in range(len(answer))]:
                            taken.sendall(byte)
                            time.sleep(drip_s)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.4.9.8:{listening.getsockname()[1]}/{TOKEN}"


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example.org ESMTP ready\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_server_that_speaks_no_http_ends_no_run(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    ran = False
    with answering(answer) as url, caplog.at_level(logging.DEBUG):
        with beating(url):
            ran = True
        assert post(url, {"text": "x"}, what="webhook") in (True, False)
    assert ran
    assert TOKEN not in caplog.text + "".join(str(getattr(record, "about", "")) for record in caplog.records)


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.4.9.9:1/{TOKEN} and more",
        f"http://{TOKEN}@ [/",
        f"http://[{TOKEN}",
        f"http://127.4.9.9:{TOKEN}/",
        f"http://bücher.invalid/{TOKEN}/ä",
        f"https:///{TOKEN}",
        f"http://127.4.9.9:1/{TOKEN}\r\nX: y",
    ],
)
def test_an_address_that_cannot_be_used_ends_no_run_and_is_not_printed(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), beating(url) as beat:
        beat.code = 3
    assert len(caplog.records) == 2
    assert TOKEN not in caplog.text + "".join(str(getattr(record, "about", "")) for record in caplog.records)


def test_a_space_in_an_address_is_sent_as_browsers_send_it() -> None:
    with hook() as watcher, beating(f"{watcher.url}/my check "):
        pass
    assert watcher.paths == ["/my%20check/start", "/my%20check"]


def test_a_server_that_answers_a_byte_at_a_time_holds_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WHOLE_S", 0.3)
    with answering(b"HTTP/1.1 200 OK\r\nX-Slow: yes\r\n\r\n", drip_s=0.2) as url:
        begun_s = time.monotonic()
        assert not post(url)
        assert time.monotonic() - begun_s < 3


def test_a_mail_server_that_is_none_ends_no_run() -> None:
    message = alerts.Message(text="news: failed", over=False)
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        port = url.rpartition(":")[2].partition("/")[0]
        config = Config(mail_to="me@example.org", smtp_url=f"smtp://127.4.9.8:{port}")
        assert alerts._by_mail([message], config) is False
