"""`ingest show` in a terminal (a pseudo-terminal of any size) and into a pipe; completion and nearest names."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fcntl import ioctl
from pathlib import Path

import pytest

from ingest import snapshots
from ingest.cli import main
from ingest.cli.support.article_view import linked
from ingest.model import Block, BlockKind, Cut, CutBy, Page, Verdict, VerdictKind
from ingest.store import open_store
from tests.command import RunIngest, command, environment
from tests.store.values import NOW, article, source

NEW = Verdict(kind=VerdictKind.NEW)
LONG = "A paragraph with some forty words in it that would be much too wide for one line of any terminal " * 2
BLOCKS = (
    Block(text="What it says", kind=BlockKind.HEADING, level=2),
    Block(text=LONG.strip()),
    Block(text="See the report of Monday", markdown="See the [report](https://a.example/report) of **Monday**"),
    Block(text="one point", kind=BlockKind.ITEM, level=1),
    Block(text="a deeper point", kind=BlockKind.ITEM, level=2),
    Block(text="They said so.", kind=BlockKind.QUOTE),
    Block(text="def f():\n    return 1", kind=BlockKind.CODE),
    Block(text="東京都は日本の首都です。" * 8),
    Block(text="Sign up!", cut=Cut(by=CutBy.LEARNED, reason="recurs")),
    Block(text="evil \x1b[2J\x07 text"),
)
RAW = b"<html><p>Gr\xc3\xbc\xc3\x9fe \x1b[2J</p></html>"


@pytest.fixture
def home_with_article(home: Path) -> Path:
    home.mkdir()
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store, snapshots.Writer(home) as raw:
        store.sources.sync([source("a"), source("bbb")], NOW)
        page = Page(
            url="https://a.example/x",
            final_url="https://a.example/x",
            source="a",
            status=200,
            headers=(),
            body=RAW,
            fetched_at=NOW,
        )
        read = replace(article("x", title="A title", authors=("Ann", "Bo")), blocks=BLOCKS, place=raw.write(page))
        store.articles.save(read, NEW, NOW)
        store.articles.save(article("y", source="bbb"), NEW, NOW)
    return home


def in_terminal(
    home: Path, *args: str, columns: int = 60, lines: int = 200, env: Mapping[str, str] | None = None
) -> str:
    """What a terminal of that size is sent."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    given = environment({"TERM": "xterm-256color", **(env or {})})
    with subprocess.Popen(
        command(home, *args), stdin=theirs, stdout=theirs, stderr=theirs, env=given, cwd="/"
    ) as process:
        os.close(theirs)
        sent = b""
        with suppress(OSError):  # the other end is closed
            while data := os.read(ours, 65536):
                sent += data
        assert process.wait(60) == 0, sent
    os.close(ours)
    return sent.decode().replace("\r\n", "\n")


def bare(sent: str) -> list[str]:
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", sent).split("\n")]


def test_a_terminal_is_read_in(home_with_article: Path) -> None:
    sent = in_terminal(home_with_article, "show", "1")
    lines = bare(sent)
    assert lines[:3] == ["A title", "Ann, Bo · a", "https://a.example/x"]
    assert max(map(len, lines)) <= 60
    for wanted in (
        "What it says",
        "See the report [1] of Monday",
        " • one point",
        "   • a deeper point",
        "│ They said so.",
        "    def f():",
        "        return 1",
        "[1] https://a.example/report",
    ):
        assert wanted in lines, lines
    assert "\x1b[1mA title" in sent
    assert "\x1b[2J" not in sent
    assert "\x07" not in sent
    assert "Sign up!" not in sent
    assert max(sum(2 if char > "\u2e80" else 1 for char in line) for line in lines) <= 60, (
        "wide letters take two columns"
    )


def test_a_long_article_is_paged_and_a_short_one_is_not(home_with_article: Path) -> None:
    pager = {"PAGER": "sed s/^/paged:/"}
    assert "paged:" in in_terminal(home_with_article, "show", "1", lines=10, env=pager)
    assert "paged:" not in in_terminal(home_with_article, "show", "1", env=pager)


def test_without_colour_there_are_no_codes(home_with_article: Path) -> None:
    sent = in_terminal(home_with_article, "show", "1", env={"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", sent)
    assert "A title" in sent


def test_cut_blocks_are_shown_when_asked_for(home_with_article: Path, run_ingest: RunIngest) -> None:
    assert "Sign up! [cut, learned: recurs]" in " ".join(bare(in_terminal(home_with_article, "show", "1", "--cut")))
    assert "[cut, learned: recurs] Sign up!" in run_ingest("show", "1", "--cut").stdout


def test_a_pipe_gets_one_block_a_line(home_with_article: Path, run_ingest: RunIngest) -> None:
    done = run_ingest("show", "1")
    assert "\x1b" not in done.stdout
    assert LONG.strip() in done.stdout.split("\n")


def test_the_raw_page_comes_as_it_was_fetched(home_with_article: Path, run_ingest: RunIngest) -> None:
    done = run_ingest("show", "1", "--raw")
    assert done.stdout.encode() == RAW
    assert "\x1b[2J" not in in_terminal(home_with_article, "show", "1", "--raw")
    none = run_ingest("show", "2", "--raw")
    assert (none.code, none.stdout) == (2, "")
    assert "has no raw page" in none.stderr


@pytest.mark.parametrize(
    ("block", "text", "urls"),
    [
        (Block(text="a b", markdown="a [b](https://x.example/)"), "a b [1]", ["https://x.example/"]),
        (Block(text="2 * 3 * 4 b", markdown="2 * 3 * 4 [b](https://x.example/)"), "2 * 3 * 4 b", []),
        (Block(text="a b", markdown="a [b](https://x.example/) more"), "a b", []),
        (Block(text="a b", markdown="a **b**"), "a b", []),
        (Block(text="a and a", markdown="[a](https://x.example/) and [a](https://x.example/)"), "a [1] and a [1]",
         ["https://x.example/"]),
        (Block(text="a", markdown="[a](javascript:alert)"), "a", []),
    ],
)  # fmt: skip  # a table
def test_links_are_numbered_where_the_text_is_sure(block: Block, text: str, urls: list[str]) -> None:
    found: list[str] = []
    assert (linked(block, found), found) == (text, urls)


# ---------------------------------------------------------------- search, completion, nearest names


def test_a_search_prints_rows_and_json(home_with_article: Path, run_ingest: RunIngest) -> None:
    found = run_ingest("search", "paragraph", "forty")
    assert found.code == 0
    assert found.stdout.startswith("     1  A title\n        no date · a · https://a.example/x\n")
    (hit,) = run_ingest("search", '"some forty"', "--json").json
    assert (hit["id"], hit["source"], "**some forty**" in hit["snippet"]) == (1, "a", True)
    nothing = run_ingest("search", "sign")
    assert (nothing.code, nothing.stdout) == (0, "")
    assert nothing.stderr.startswith("nothing found; try fewer words")
    assert run_ingest("search", "title", "--", "-forty", "--until").code == 0
    assert run_ingest("search", "?").code == 2


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("exprot",), "did you mean 'export'"),
        (("db", "upgrad"), "Did you mean 'upgrade'"),
        (("show", "1", "--raaw"), "Did you mean '--raw'"),
        (("export", "--source", "bb"), 'did you mean "bbb"'),
        (("search", "x", "--source", "bb"), 'did you mean "bbb"'),
        (("export", "-f", "parket"), "'parquet'"),
    ],
)
def test_a_name_that_is_not_there_brings_the_nearest(
    args: tuple[str, ...], told: str, home_with_article: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home_with_article), *args])
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    assert told in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "number", "offered"),
    [
        ("ingest re", 1, {"plain,reextract", "plain,report"}),
        ("ingest export -f j", 3, {"plain,jsonl"}),
        ("ingest db ", 2, {"plain,upgrade", "plain,backup"}),
        ("ingest search --l", 2, {"plain,--language", "plain,--limit", "plain,--log-format"}),
    ],
)
def test_a_shell_completes_commands_options_and_choices(
    words: str, number: int, offered: set[str], run_ingest: RunIngest
) -> None:
    env = {"_INGEST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    done = run_ingest(env=env, at_home=False)
    assert offered <= set(done.stdout.split("\n")), done
