"""`ingest export` as it is typed: what it writes where, what it refuses, and that its memory does not grow."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import snapshots
from ingest.cli import main
from ingest.errors import IngestError, SnapshotError, WrongUse
from ingest.export import export
from ingest.export.edition import Edition
from ingest.export.whole_files import _zstd
from ingest.model import Article, Page, Verdict, VerdictKind
from ingest.store import Store, open_store
from tests.command import RunIngest
from tests.export.values import NOW, articles, stored
from tests.store.values import article, source

NEW = Verdict(kind=VerdictKind.NEW)


@pytest.fixture
def filled(home: Path) -> Path:
    """A home with ten articles and their raw pages."""
    with open_store_at(home) as store, snapshots.Writer(home) as raw:
        store.sources.sync([source("a"), source("b")], NOW)
        for number, read in enumerate(articles(10)):
            place = raw.write(page_of(read, number))
            store.articles.save(with_place(read, place), NEW, NOW)
        store.articles.save(article("none", source="b"), NEW, NOW)
    return home


def open_store_at(home: Path) -> Store:
    home.mkdir(exist_ok=True)
    return open_store(f"sqlite:///{home / 'ingest.db'}", create=True)


def page_of(read: Article, number: int) -> Page:
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"))
    body = f"<html><title>{number}</title><p>Gruß {number}</p></html>".encode()
    return Page(
        url=read.url, final_url=read.url, source="a", status=200, headers=headers, body=body, fetched_at=read.fetched_at
    )


def with_place(read: Article, place: object) -> Article:
    return replace(read, place=place)  # type: ignore[arg-type]  # a field by name


def test_names_tell_the_format_and_named_exports_go_on(filled: Path, run_ingest: RunIngest, tmp_path: Path) -> None:
    first = run_ingest("export", "--since-last", "weekly", "-o", str(tmp_path / "one.csv"), "-v")
    assert (first.code, first.stdout) == (0, "")
    assert 'the first export "weekly"' in first.stderr
    assert "11 articles" in first.stderr
    with (tmp_path / "one.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 11
    again = run_ingest("export", "--since-last", "weekly", "-f", "jsonl")
    assert (again.code, again.stdout, again.stderr) == (0, "", "")
    with open_store_at(filled) as store:
        store.articles.save(article("more", source="b"), NEW, NOW)
    third = run_ingest("export", "--since-last", "weekly")
    assert [record["url"] for record in third.json_lines] == ["https://a.example/more"]


BAD = (
    (("-f", "md"), 2, "name a folder"),
    (("-f", "parquet", "-o", "{tmp}/x.parquet.gz"), 2, "compressed by itself"),
    (("-o", "{tmp}"), 2, "is a folder"),
    (("--source", "nowhere"), 2, "nowhere"),
    (("--since", "yesterday"), 2, "no moment"),
    (("--since", "7d", "--since-last", "x"), 2, "exclude each other"),
    (("--language", "de", "--since-last", "x"), 2, "exclude each other"),
    (("-o", "{tmp}/x.docx"), 2, "no format has this suffix"),
    (("-o", "{tmp}/x.txt.gz"), 2, "no format has this suffix"),
    (("--chunks", "800", "-o", "{tmp}/x.csv"), 2, "jsonl and parquet"),
    (("--ids", "a-b"), 2, "numbers and ranges"),
    (("--since-last", " "), 2, "use a name"),
    (("-o", "{tmp}/no/such/folder/x.jsonl"), 1, "make it first"),
    (("-o", "{home}/ingest.db"), 2, "the database itself"),
    (("-f", "odt"), 2, "jsonl"),
)


@pytest.mark.parametrize(
    ("args", "code", "told"), BAD, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_what_cannot_be_is_reported_in_one_line(
    args: tuple[str, ...], code: int, told: str, filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(filled), "export", *(arg.format(tmp=tmp_path, home=filled) for arg in args)])
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (code, "")
    assert told in printed.err
    assert printed.err.count("\n") == 1


# ---------------------------------------------------------------- warc, failures, memory


def edition(home: Path) -> Edition:
    return Edition(title="a", link="https://a.example/", made_at=datetime.now(UTC), home=home)


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz", "pages.warc.zst"])
def test_warc_holds_five_hundred_raw_pages_as_they_were(name: str, tmp_path: Path) -> None:
    with snapshots.Writer(tmp_path) as raw:
        kept = [
            replace(one, article=with_place(one.article, raw.write(page_of(one.article, number))))
            for number, one in enumerate(stored())
        ]
    file = tmp_path / name
    assert export(kept, "warc", file, edition(tmp_path)) == 500
    if name.endswith("zst"):
        plain = tmp_path / "plain.warc"
        with _zstd().open(file) as packed:
            plain.write_bytes(packed.read())
        file = plain
    pages = list(snapshots.read_all(file))
    assert [(page.final_url, page.fetched_at, page.body, page.header("Content-Type")) for page in pages] == [
        (read.url, read.fetched_at, page_of(read, number).body, "text/html; charset=utf-8")
        for number, read in enumerate(articles())
    ]


def test_articles_without_a_raw_page_are_left_out_of_a_warc(filled: Path, tmp_path: Path) -> None:
    with open_store_at(filled) as store:
        assert export(store.articles.each(), "warc", tmp_path / "x.warc", edition(filled)) == 10
    assert len(list(snapshots.read_all(tmp_path / "x.warc"))) == 10


def test_a_raw_page_that_is_not_there_is_reported(filled: Path, tmp_path: Path) -> None:
    for file in (filled / "raw").glob("*.warc.gz"):
        file.unlink()
    with open_store_at(filled) as store, pytest.raises(SnapshotError, match="cannot read a raw page"):
        export(store.articles.each(), "warc", tmp_path / "x.warc", edition(filled))
    assert list(tmp_path.glob("*.warc")) == []


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "rss", "atom", "epub"])
def test_a_failure_leaves_the_older_file_as_it_was(filled: Path, form: str, tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("older")

    def refuse(_count: int) -> None:
        raise IngestError("the cursor would not move")

    with open_store_at(filled) as store, pytest.raises(IngestError, match="would not move"):
        export(store.articles.each(), form, target, edition(filled), refuse)
    assert target.read_text() == "older"
    assert [file for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_pipe_is_written_to_and_a_link_leads_to_what_is_replaced(filled: Path, tmp_path: Path) -> None:
    pipe, file, link = tmp_path / "pipe", tmp_path / "file.jsonl", tmp_path / "link.jsonl"
    os.mkfifo(pipe)
    link.symlink_to(file)
    with open_store_at(filled) as store, ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        export(store.articles.each(), "jsonl", pipe, edition(filled))
        export(store.articles.each(), "jsonl", link, edition(filled))
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert read.result() == file.read_bytes()
    assert len(file.read_bytes().splitlines()) == 11


def test_a_changed_title_leaves_no_second_file(filled: Path, tmp_path: Path) -> None:
    with open_store_at(filled) as store:
        export(store.articles.each(), "md", tmp_path / "md", edition(filled))
        first = store.articles.get(1)
        assert first is not None
        other = replace(first.article, title="Quite another title")
        store.articles.save(other, Verdict(kind=VerdictKind.REVISION, of=1), NOW)
        export(store.articles.each(), "md", tmp_path / "md", edition(filled))
    named = [file.name for file in (tmp_path / "md" / "a").glob("1-*.md")]
    assert named == ["1-quite-another-title.md"]


PEAK = """
    import resource, sys
    from itertools import islice, cycle
    from pathlib import Path
    from ingest.export import export
    from tests.export.test_command import edition
    from tests.export.values import stored
    made = stored(200)
    list(map(lambda form: export(made, form, Path(sys.argv[1]) / form, edition(Path("/"))), [sys.argv[2]]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    export(islice(cycle(made), 20_000), sys.argv[2], Path(sys.argv[1]) / "x", edition(Path("/")))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow  # twenty thousand articles a format: 10 to 30 s
@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "rss", "atom", "epub"])
def test_memory_does_not_grow_with_the_articles(form: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAK), str(tmp_path), form],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    grown_kib = int(json.loads(done.stdout))
    assert grown_kib < 40 * 1024, "a book's list of chapters is all that may grow"


@pytest.mark.parametrize(("form", "module"), [("parquet", "pyarrow"), ("epub", "mkepub"), ("xlsx", "xlsxwriter")])
def test_a_library_that_is_missing_is_named_with_how_to_have_it(
    form: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(WrongUse, match=rf"(?i)needs {module}; .*pip install ('{module}[<>]|\.\[{form}\])"):
        export([], form, tmp_path / "x", edition(tmp_path))
    assert list(tmp_path.iterdir()) == []


SELECTIONS = (
    (("--ids", "1,3-4"), {1, 3, 4}),
    (("--min-words", "1000"), set()),
    (("--until", "2020-01-01"), set()),
    (("--author", "nobody at all"), set()),
    (("--ids", "1-9", "--source", "b"), set()),
)


@pytest.mark.parametrize(("args", "ids"), SELECTIONS)
def test_a_choice_is_exported_and_counted(
    args: tuple[str, ...], ids: set[int], filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(filled), "export", "-o", str(tmp_path / "x.json"), *args])
    assert ended.value.code == 0
    assert {record["id"] for record in json.loads((tmp_path / "x.json").read_text())} == ids
    hint = "" if ids else "no article fits what was asked for; ask for less, or see what is stored: ingest status\n"
    counted = f"{len(ids)} article{'' if len(ids) == 1 else 's'} in {tmp_path / 'x.json'}\n"
    assert capsys.readouterr().err == counted + hint


def test_a_query_and_a_language_choose(filled: Path, run_ingest: RunIngest, tmp_path: Path) -> None:
    with open_store_at(filled) as store:
        every = {one.article_id: one.article for one in store.articles.each()}
        hits = set(store.search.ids("words"))
    found = run_ingest("export", "--query", "words", "--language", "de").json_lines
    assert {record["id"] for record in found} == {number for number in hits if every[number].language == "de"}
    assert hits
