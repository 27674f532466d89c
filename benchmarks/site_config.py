"""How much of a collection of ftr-site-config files is understood, and does any rule empty a page of the corpus?

    python -m benchmarks.site_config FOLDER [--names word] [--pages 40]

FOLDER is a checkout of the collection. Counted are files and lines that gave rules, and the others by their reason.
Then the rules of every file are tried on the corpus pages of its host, as `ingest rules import` tries them: each rule
that would leave less than a tenth of an article's words is listed, and what is left is applied to all of those pages.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

from benchmarks.adapters import page_of
from benchmarks.blockset import SETS, raw, truths
from ingest.model import ExtractionRules, Page, Source
from ingest.ops.rules import EMPTY_SHARE, MIN_WORDS, taking_too_much, words_of
from ingest.sources.site_config import ENDING, NameMatch, SiteConfig, file_for, read

REASON_CHARS = 60


def understood(folder: Path, names: NameMatch) -> dict[str, SiteConfig]:
    """Read all files and print what was understood."""
    configs = {
        file.name.lower(): read(file.read_text("utf-8", "replace"), names=names)
        for file in sorted(folder.glob(f"*{ENDING}"))
        if "." in file.stem
    }
    lines = sum(one.lines for one in configs.values())
    not_taken = Counter(line.why[:REASON_CHARS] for one in configs.values() for line in one.not_taken)
    whole = sum(not one.not_taken for one in configs.values())
    some = sum(any(getattr(one.rules, kind.name) for kind in fields(one.rules)) for one in configs.values())
    taken = lines - not_taken.total()
    print(f"{len(configs):,} files: {some:,} give rules, {whole:,} are taken whole")
    print(f"{lines:,} lines: {taken:,} taken ({taken / max(lines, 1):.1%})")
    for why, count in not_taken.most_common(25):
        print(f"  {count:>6,} {why}")
    return configs


def emptied(configs: dict[str, SiteConfig], most: int) -> None:
    """Print the rules that would empty a corpus page of their host."""
    tried: Counter[str] = Counter()
    left_out = pages = bad = 0
    for set_name in SETS:
        for truth in truths(set_name):
            name = file_for(truth["url"], configs) if truth["url"].startswith("http") else None
            if name is None or tried[name] >= most:
                continue
            tried[name] += 1
            page = page_of(raw(set_name, truth), truth["url"])
            out, is_bad = _tried(page, configs[name].rules)
            pages += 1
            bad += is_bad
            left_out += len(out)
            for kind, rule in out:
                print(f"  left out for {truth['url']}: {kind} {rule} ({name})")
    print(f"{pages:,} pages of {len(tried):,} hosts: {left_out} rules left out, {bad} pages emptied by what is left")


def _tried(page: Page, rules: ExtractionRules) -> tuple[list[tuple[str, str]], bool]:
    source = Source(name="corpus", url=page.url)
    words = words_of(page, source, ExtractionRules())
    if words < MIN_WORDS:
        return [], False
    out = taking_too_much(page, source, rules, words)
    left = {kind: tuple(one for one in getattr(rules, kind) if (kind, one) not in out) for kind in ("strip", "body")}
    return out, words_of(page, source, replace(rules, **left)) < EMPTY_SHARE * words


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--names", type=NameMatch, default=NameMatch.PART, choices=list(NameMatch))
    parser.add_argument("--pages", type=int, default=40, help="corpus pages of one file at most")
    asked = parser.parse_args()
    emptied(understood(asked.folder, asked.names), asked.pages)


if __name__ == "__main__":
    main()
