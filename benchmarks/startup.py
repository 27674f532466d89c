"""Start-up: what a command costs before it does anything, in seconds of CPU.

    python -m benchmarks.startup [--rounds 7]

`ingest --help` beside importing Scrapy, trafilatura and SQLAlchemy (wanted: less than half), and `ingest run` with
nothing due beside --help and opening the database together (wanted: less than twice). In turns; the medians count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = '[sources.example]\nurl = "http://127.0.0.1:9/"\nfeeds = ["http://127.0.0.1:9/feed"]\n'
NEVER_DUE = "every_min = 1000000\n"
OPENING = "from ingest.store import open_store; open_store({url!r}).close()"


def cpu_s(*command: str, home: Path) -> float:
    """Return the seconds of CPU of one command."""
    before = os.times()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "INGEST_RETRIES": "0"}
    done = subprocess.run([sys.executable, *command], cwd=home, env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Measure in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-startup-") as folder:
        home = Path(folder)
        (home / "sources.toml").write_text(NEVER_DUE + SOURCES, encoding="utf-8")
        cpu_s("-m", "ingest", "--home", folder, "run", home=home)  # fails at once, and is due again in two years
        commands = {
            "importing Scrapy, trafilatura, SQLAlchemy": ("-c", "import scrapy, trafilatura, sqlalchemy"),
            "ingest --help": ("-m", "ingest", "--help"),
            "opening the database": ("-c", OPENING.format(url=f"sqlite:///{home / 'ingest.db'}")),
            "ingest run, nothing due": ("-m", "ingest", "--home", folder, "run"),
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(chosen.rounds):
            for name, command in commands.items():
                taken[name].append(cpu_s(*command, home=home))
    medians = [statistics.median(seconds) for seconds in taken.values()]
    for name, seconds in zip(taken, medians, strict=True):
        print(f"{name:<42} {seconds:6.3f} s")
    imports, helping, opening, idle = medians
    print(f"--help / imports {helping / imports:.2f} (wanted < 0.5)")
    print(f"nothing due / (--help + opening) {idle / (helping + opening):.2f} (wanted < 2)")


if __name__ == "__main__":
    main()
