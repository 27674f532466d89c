"""Schedule: the cron line and the systemd units for a home, ready to be pasted, with absolute paths."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

MINUTE = timedelta(minutes=1)
HOUR_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is to be run, where, and how often. `every` is of the cron line; each source has its own schedule beside."""

    program: tuple[str, ...]  # absolute
    home: Path
    every: timedelta
    environment: tuple[tuple[str, str], ...] = ()  # settings that cron would not have otherwise

    @property
    def max_runtime(self) -> timedelta:
        """Return five sixths of the time between two runs: a run is over before the next begins."""
        return self.every * 5 // 6

    @property
    def command(self) -> tuple[str, ...]:
        """Return the words of the command."""
        minutes = max(self.max_runtime // MINUTE, 1)
        return (*self.program, "--home", str(self.home), "run", "--max-runtime", f"{minutes}m")

    @property
    def minute(self) -> int:
        """Return a minute of the hour that is the home's own, so that not all the world asks at the full hour."""
        return blake2b(str(self.home).encode(), digest_size=4).digest()[0] % HOUR_MIN


def cron_line(schedule: Schedule) -> str:
    """Return the line for `crontab -e`. Cron takes an unescaped % for a line break."""
    words = [f"{name}={shlex.quote(value)}" for name, value in schedule.environment]
    words += [shlex.quote(word) for word in schedule.command]
    return f"{_when(schedule)} {' '.join(words)}".replace("%", r"\%")


def _when(schedule: Schedule) -> str:
    minutes = schedule.every // MINUTE
    if minutes < HOUR_MIN:
        return f"{schedule.minute % minutes}-59/{minutes} * * * *"
    hours = minutes // HOUR_MIN
    if hours >= 24:
        return f"{schedule.minute} {schedule.minute % 6} * * *"
    return f"{schedule.minute} {'*' if hours == 1 else f'*/{hours}'} * * *"


def service(schedule: Schedule) -> str:
    """Return ingest.service. Exit code 3 is of a run that is done with something to report, 75 of one not needed."""
    given = "".join(f'Environment="{name}={_escaped(value)}"\n' for name, value in schedule.environment)
    return f"""\
# ~/.config/systemd/user/ingest.service
[Unit]
Description=Fetch new articles
After=network-online.target

[Service]
Type=oneshot
{given}ExecStart={" ".join(_quoted(word) for word in schedule.command)}
SuccessExitStatus=3 75
TimeoutStopSec=30
Nice=10
"""


def timer(schedule: Schedule) -> str:
    """Return ingest.timer; what was missed while the machine was off is made up for."""
    minutes = schedule.every // MINUTE
    if minutes < HOUR_MIN:
        when = f"*:{schedule.minute % minutes}/{minutes}"
    elif minutes < 24 * HOUR_MIN:
        when = f"0/{minutes // HOUR_MIN}:{schedule.minute:02}"
    else:
        when = f"{schedule.minute % 6:02}:{schedule.minute:02}"
    return f"""\
# ~/.config/systemd/user/ingest.timer
[Unit]
Description=Fetch new articles, again and again

[Timer]
OnCalendar={when}
RandomizedDelaySec=60
Persistent=true

[Install]
WantedBy=timers.target
"""


def _quoted(word: str) -> str:
    """Return a word as systemd reads it: % and $ stand for something there, quotes are doubled by a backslash."""
    word = _escaped(word).replace("$", "$$")
    return f'"{word}"' if not word or any(mark in word for mark in " \t'\"") else word


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
