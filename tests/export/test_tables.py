"""Tables as pandas, polars and DuckDB read them: every row, times as times, texts as they were."""

from __future__ import annotations

import importlib
import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.export import export
from ingest.export.chunks import CHUNK_COLUMNS, chunks_of
from ingest.export.edition import Edition
from ingest.export.rows import COLUMNS, row
from ingest.model import Block, Precision
from tests.export.values import NOW, stored

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries that read

ARTICLES = stored(120)
EDITION = Edition(title="Articles", link="https://a.example/", made_at=NOW, home=Path("/nowhere"))
INSTANTS = [
    one.article.published.at.astimezone(UTC).replace(microsecond=0)
    if one.article.published and one.article.published.precision is Precision.INSTANT and one.article.published.at
    else None
    for one in ARTICLES
]
DAYS = [one.article.published.on if one.article.published else None for one in ARTICLES]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("tables")
    made = {}
    for form in ("jsonl", "csv", "json", "parquet", "xlsx", "sqlite"):
        file = folder / f"articles.{form}"
        assert export(ARTICLES, form, file, EDITION) == len(ARTICLES)
        made[form] = str(file)
    return made


def plain(values: Any) -> list[datetime | None]:
    return [None if value is None or value != value else value for value in values]


def test_pandas_reads_typed_times(files: dict[str, str]) -> None:
    pd = pytest.importorskip("pandas")
    frames = {
        "jsonl": pd.read_json(files["jsonl"], lines=True),
        "json": pd.read_json(files["json"]),
        "csv": pd.read_csv(files["csv"], parse_dates=["published_at", "published_on"]),
        "parquet": pd.read_parquet(files["parquet"]),
        "xlsx": pd.read_excel(files["xlsx"], engine="openpyxl"),
        "sqlite": pd.read_sql(
            "SELECT * FROM articles", sqlite3.connect(files["sqlite"]), parse_dates=["published_at", "published_on"]
        ),
    }
    for form, frame in frames.items():
        assert list(frame.columns) == list(COLUMNS), form
        assert "datetime64" in str(frame["published_at"].dtype), form
        found = [None if value is pd.NaT else value.to_pydatetime() for value in frame["published_at"]]
        naive = [one and one.replace(tzinfo=None) for one in INSTANTS]
        assert [one and one.replace(tzinfo=None) for one in found] == naive, form
        assert list(frame["id"]) == [one.article_id for one in ARTICLES], form


def test_polars_reads_typed_times(files: dict[str, str]) -> None:
    pl = pytest.importorskip("polars")
    times = pl.col("published_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
    frames = {
        "parquet": pl.read_parquet(files["parquet"]),
        "csv": pl.read_csv(files["csv"], try_parse_dates=True, infer_schema_length=None),
        "jsonl": pl.read_ndjson(files["jsonl"], infer_schema_length=None).with_columns(
            times, pl.col("published_on").str.to_date()
        ),
    }
    for form, frame in frames.items():
        assert frame.columns == list(COLUMNS), form
        assert isinstance(frame.schema["published_at"], pl.Datetime), form
        assert frame.schema["published_on"] == pl.Date, form
        found = [one and one.replace(tzinfo=UTC) for one in frame["published_at"].to_list()]
        assert (found, frame["published_on"].to_list()) == (INSTANTS, DAYS), form


def test_duckdb_reads_typed_times(files: dict[str, str]) -> None:
    duckdb = pytest.importorskip("duckdb")
    for form, source in {
        "parquet": f"read_parquet('{files['parquet']}')",
        "jsonl": f"read_json('{files['jsonl']}')",
        "json": f"read_json('{files['json']}')",
        "csv": f"read_csv('{files['csv']}', sample_size=-1)",
    }.items():
        found = duckdb.sql(f"SELECT id, epoch(published_at), published_on FROM {source} ORDER BY id")
        kinds = duckdb.sql(f"SELECT published_at, published_on FROM {source}").types
        assert str(kinds[0]).startswith("TIMESTAMP"), form
        assert str(kinds[1]) == "DATE", form
        rows = found.fetchall()
        assert [None if at is None else datetime.fromtimestamp(at, UTC) for _, at, _ in rows] == INSTANTS, form
        assert [on for _, _, on in rows] == DAYS, form


def test_a_workbook_holds_texts_and_no_formulas(files: dict[str, str], tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(files["xlsx"])["articles"]
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)
    assert [cell.value for cell in next(sheet.iter_rows())] == list(COLUMNS)
    titles = [one.article.title for one in ARTICLES]
    assert [cells[4].value for cells in sheet.iter_rows(min_row=2)] == titles


def test_a_database_file_holds_every_column(files: dict[str, str]) -> None:
    with sqlite3.connect(files["sqlite"]) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(one) for one in connection.execute("SELECT * FROM articles ORDER BY id")]
    for read, one in zip(rows, ARTICLES, strict=True):
        record = row(one)
        for name in ("title", "body", "url", "published", "published_on", "words"):
            assert read[name] == record[name]
        assert json.loads(read["authors"]) == record["authors"]


def test_json_is_one_array(files: dict[str, str], tmp_path: Path) -> None:
    assert json.loads(Path(files["json"]).read_text()) == [row(one) for one in ARTICLES]
    assert export([], "json", tmp_path / "none.json", EDITION) == 0
    assert json.loads((tmp_path / "none.json").read_text()) == []


# ---------------------------------------------------------------- chunks


def test_chunks_hold_all_words_in_order_and_know_their_place(tmp_path: Path) -> None:
    from dataclasses import replace

    edition = replace(EDITION, chunk_words=30)
    count = export(ARTICLES, "jsonl", tmp_path / "x.jsonl", edition)
    records = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert len(records) == count > len(ARTICLES)
    assert {tuple(record) for record in records} == {tuple(CHUNK_COLUMNS)}
    for one in ARTICLES:
        own = [record for record in records if record["id"] == one.article_id]
        assert [record["chunk"] for record in own] == list(range(1, len(own) + 1))
        assert "".join("".join(record["text"].split()) for record in own) == "".join(one.article.body.split())
        for record in own:
            assert one.article.body[record["start"] :].startswith(record["text"][:20].split("\n")[0])
    assert export(ARTICLES, "parquet", tmp_path / "x.parquet", edition) == count


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("One two three. Four five six. Seven eight nine.", 6),
        ("word " * 100, 10),
        ("\u6771\u4eac\u306e\u8a18\u4e8b\u3002" * 40, 30),
        ("x" * 500, 20),
    ],
)
def test_a_long_block_is_split_and_nothing_of_it_is_lost(text: str, most: int) -> None:
    found = chunks_of((Block(text=text.strip()),), most)
    assert "".join("".join(piece.split()) for _, piece, _ in found) == "".join(text.split())
    for start, piece, _ in found:
        assert text.strip()[start:].startswith(piece[:10])


def test_days_are_days() -> None:
    assert all(isinstance(one, date) or one is None for one in DAYS)
    assert importlib.import_module("ingest.export.xlsx").CELL_CHARS == 32_767
