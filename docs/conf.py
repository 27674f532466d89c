"""How the documentation is built: `make docs`, with warnings as errors."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import pictures  # noqa: E402 - the path is set above
import reference  # noqa: E402 - the path is set above

from ingest.version import __version__  # noqa: E402 - the path is set above

project = "ingest"
author = "the people who work on ingest"
release = version = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"ingest {__version__}"
html_show_copyright = False
html_static_path: list[str] = []
nitpicky = True

generated = Path(__file__).resolve().parent / "generated"
reference.write(generated)
(generated / "cleaning.svg").write_text(pictures.cleaning(), encoding="utf-8")
