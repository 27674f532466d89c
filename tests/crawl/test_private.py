"""What is secret stays with its user: file modes, cookies, passwords in settings and errors."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.config import Config
from ingest.errors import SettingsError
from ingest.model import Page, RecordLocation
from ingest.snapshots import record_at
from ingest.snapshots.reading import read
from ingest.snapshots.warc_headers import without_session
from ingest.snapshots.writing import Writer
from ingest.store import open_store
from tests.command import RunIngest

NOWHERE = RecordLocation(file="raw/x.warc.gz", offset=0, length=10, digest="x")
NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def made(home: Path, *, private: bool) -> dict[str, int]:
    """The modes of what a run creates."""
    config = Config(home=home, private_files=private)
    config.make_home()
    with open_store(config.url_of_database, create=True), Writer(home, owner="x") as writer:
        writer.write(PAGE)
    files = [home, home / "ingest.db", home / "raw", *(home / "raw").rglob("*.warc.gz")]
    assert len(files) == 4
    return {file.name: mode(file) for file in files}


PAGE = Page(
    url="https://example.com/a",
    final_url="https://example.com/a",
    source="news",
    status=200,
    headers=(("Content-Type", "text/html"), ("Set-Cookie", "visit=s3cret"), ("set-cookie2", "s3cret"), ("ETag", "1")),
    body=b"<p>text Set-Cookie: of the body</p>",
    fetched_at=NOW,
)


def test_what_a_run_creates_is_for_its_user_only(tmp_path: Path) -> None:
    assert set(made(tmp_path / "home", private=True).values()) == {0o700, 0o600}


def test_the_umask_decides_where_the_setting_says_so(tmp_path: Path) -> None:
    assert set(made(tmp_path / "home", private=False).values()) == {0o755, 0o644}


def test_a_cookie_is_not_kept_with_the_raw_page(tmp_path: Path) -> None:
    with Writer(tmp_path, owner="x") as writer:
        place = writer.write(PAGE)
    names = [name for name, _ in read(tmp_path, place).headers]
    assert names == ["Content-Type", "ETag", "Content-Length"]


def test_a_cookie_of_an_older_record_is_not_exported() -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: visit=s3cret;\r\n more=s3cret\r\nETag: 1\r\n\r\n"
    body = b"<p>text Set-Cookie: of the body</p>"
    block = http + body
    head = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Block-Digest: sha1:X\r\nContent-Length: %d\r\n\r\n" % len(block)
    clean = without_session(head + block + b"\r\n\r\n")
    kept = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: 1\r\n\r\n" + body
    assert clean == (b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n" % len(kept) + kept + b"\r\n\r\n")
    assert without_session(clean) is clean


@pytest.mark.parametrize(
    "proxy", ["me:hunter2@proxy:31x8", "http://me:hunter2@:80", "ftp://me:hunter2@proxy", "me:hunter2@a b"]
)
def test_a_proxy_that_cannot_be_read_is_refused_without_its_password(proxy: str) -> None:
    with pytest.raises(SettingsError, match="INGEST_PROXY cannot be read") as refused:
        Config.from_settings({"INGEST_PROXY": proxy})
    assert "hunter2" not in str(refused.value)


def test_a_proxy_without_a_scheme_is_an_http_proxy() -> None:
    assert Config.from_settings({"INGEST_PROXY": "me:pw@proxy:3128"}).proxy == "http://me:pw@proxy:3128"


def test_no_command_prints_a_password(run_ingest: RunIngest, tmp_path: Path) -> None:
    secrets = {
        "INGEST_RAW_PLACE": "nosuch://me:hunter2@bucket/raw",
        "INGEST_PROXY": "me:hunter2@127.0.0.1:9",
        "INGEST_PING_URL": "http://127.0.0.1:9/hunter2 x",
        "INGEST_DATABASE_URL": "postgresql://127.0.0.1:9/x?password=hunter2&connect_timeout=1",
    }
    for words in (["config"], ["status"], ["run"], ["search", "word"]):
        done = run_ingest(*words, env=secrets)
        assert "hunter2" not in done.stdout + done.stderr
    with pytest.raises(SettingsError) as refused:
        record_at(
            tmp_path,
            RecordLocation(file="raw/x.warc.gz", offset=0, length=10, digest="x"),
            storage=secrets["INGEST_RAW_PLACE"],
        )
    assert "hunter2" not in str(refused.value)
