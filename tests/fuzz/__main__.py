"""Coverage-guided fuzzing of the readers: `python -m tests.fuzz feed -max_total_time=300`; needs the extra `fuzz`.

What follows the target's name goes to libFuzzer. What it finds is written to the working directory as crash-*; put it
into tests/fuzz/found/TARGET--what.bin, where it is a case of the suite from then on. Without a name it lists the
targets.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ingest"]):
    from tests.fuzz.targets import SEEDS, TARGETS


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        raise SystemExit(f"usage: python -m tests.fuzz TARGET [libFuzzer's options]; targets: {', '.join(TARGETS)}")
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, "-timeout=20", corpus], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
