"""Progress in a real terminal, made by the operating system."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from tests.command import TIMEOUT_S, command, environment


def in_a_terminal(home: Path, *args: str, columns: int, env: dict[str, str]) -> tuple[int, str]:
    """Run the command with stderr a terminal of so many columns; return its exit code and what it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        command(home, *args), cwd="/", env=environment(env), stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    written = bytearray()
    try:
        while chunk := os.read(ours, 65536):
            written += chunk
    except OSError:  # EIO: the other side is closed
        pass
    finally:
        os.close(ours)
    return process.wait(TIMEOUT_S), written.decode()


def test_a_terminal_shows_how_a_crawl_comes_along_and_is_left_clean(home: Path) -> None:
    env = {"TERM": "xterm", "NO_COLOR": "1", "INGEST_DELAY_S": "0.1"}
    code, written = in_a_terminal(home, "demo", columns=60, env=env)
    assert code == 0
    assert "stored" in written
    assert "duplicate" not in written, "60 columns have no room for it"
    assert "\x1b[?25l" in written, "the cursor is hidden while lines change"
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l"), "and comes back"
    assert "\x1b[31m" not in written


def test_who_wants_events_as_json_gets_nothing_else(home: Path) -> None:
    shown = in_a_terminal(home, "--log-format", "json", "demo", columns=80, env={"TERM": "xterm"})[1]
    assert "\x1b" not in shown
