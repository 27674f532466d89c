"""Makes the two pictures of README.md from the bundled site: `python docs/readme_pictures.py` (needs a Chromium).

terminal.svg   what `ingest demo`, `show` and `blocks list` print
report.png     the page that `ingest report` writes
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ingest.fetch.render.browser import find

HERE = Path(__file__).resolve().parent
COLUMNS = 100
LINES = 9  # shown of each command
SHOWN = (("demo",), ("show", "1"), ("blocks", "list"))
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --window-size=1000,760"
)


def run(home: Path, *words: str) -> str:
    """Return what a command prints. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "ingest", "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=300).stdout  # noqa: S603 - our own command


def terminal(home: Path) -> str:
    """Return the session as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for words in SHOWN:
        console.print(Text.assemble(("$ ", "green"), (f"ingest {' '.join(words)}", "bold")))
        for line in run(home, *words).splitlines()[:LINES]:
            if " --home " not in line and not line.startswith("The articles are in"):  # paths of this machine
                console.print(Text(line), no_wrap=True, overflow="ellipsis")
        console.print()
    return console.export_svg(title="ingest", unique_id="ingest")


def main() -> None:
    """Write both pictures beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (HERE / "terminal.svg").write_text(terminal(home), encoding="utf-8")
        page = home / "report.html"
        run(home, "report", "-o", str(page))
        page.write_text(page.read_text(encoding="utf-8").replace(str(home), "~/news"), encoding="utf-8")
        target = HERE / "report.png"
        command = [find(""), *FLAGS.split(), f"--user-data-dir={home / 'browser'}", f"--screenshot={target}"]
        subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=120)  # noqa: S603 - a browser of the machine
    sys.stdout.write("wrote docs/terminal.svg and docs/report.png\n")


if __name__ == "__main__":
    main()
