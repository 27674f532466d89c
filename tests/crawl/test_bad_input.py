"""What people get wrong: one line that names the thing and what to do, the right exit code, nothing half-written."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import RunIngest, StartIngest
from tests.site import Web
from tests.site.sites import family
from tests.waiting import wait_until

SourcesToml = Callable[[str], Path]


def free_port() -> int:
    with socket.create_server(("127.4.8.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    assert line.startswith("ingest")
    assert len(line) < 700
    assert "Traceback" not in line
    return line


CASES = {
    "unknown key": (
        '[sources.post]\nurl = "http://127.4.1.1/"\nfeds = []\n',
        ("sources.toml", "post", "feds", "feeds"),
    ),
    "wrong type": ('[sources.post]\nurl = "http://127.4.1.1/"\nevery_min = "often"\n', ("post", "every_min", "often")),
    "no address": ("[sources.post]\nfeeds = []\n", ("post", "url")),
    "other scheme": ('[sources.post]\nurl = "ftp://127.4.1.1/"\n', ("post", "ftp://127.4.1.1/", "http")),
    "broken pattern": ('[sources.post]\nurl = "http://127.4.1.1/"\nmatch = ["("]\n', ("post", "match", "(")),
    "unknown zone": (
        '[sources.post]\nurl = "http://127.4.1.1/"\ntimezone = "Mars/Base"\n',
        ("post", "timezone", "Mars"),
    ),
    "not TOML": ("[sources.post\nurl = 3", ("sources.toml", "line 1")),
    "unknown setting": ('delay = 3\n[sources.post]\nurl = "http://127.4.1.1/"\n', ("delay", "delay_s")),
    "delay of nought": ('delay_s = 0\n[sources.post]\nurl = "http://127.4.1.1/"\n', ("0.001",)),
    "no sources": ("", ("sources.toml", "ingest add")),
}


@pytest.mark.parametrize(("text", "named"), CASES.values(), ids=CASES)
def test_a_mistake_in_sources_toml_is_named(
    text: str, named: tuple[str, ...], run_ingest: RunIngest, sources_toml: SourcesToml, home: Path
) -> None:
    sources_toml(text)
    done = run_ingest("run")
    assert done.code == 2, done.stderr
    line = only_line(done.stderr)
    assert [word for word in named if word not in line] == [], line
    assert [file.name for file in home.iterdir()] == ["sources.toml"]


def test_run_without_sources_toml_says_how_to_make_one(run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("run")
    assert done.code == 2
    assert str(home) in only_line(done.stderr)
    assert "ingest init" in done.stderr or "ingest add" in done.stderr
    assert not home.exists()


def test_a_source_that_is_not_there_is_named_with_the_nearest(run_ingest: RunIngest, sources_toml: SourcesToml) -> None:
    sources_toml('[sources.courier]\nurl = "http://127.4.1.1/"\n')
    done = run_ingest("run", "couriers")
    assert done.code == 2
    assert "couriers" in only_line(done.stderr)
    assert '"courier"' in done.stderr


@pytest.mark.parametrize(
    ("verb", "address"),
    [
        ("crawl", "ftp://127.4.1.1/"),
        ("crawl", "http://"),
        ("crawl", "not a url"),
        ("fetch", "javascript:alert(1)"),
        ("add", "file:///etc/passwd"),
    ],
)
def test_an_address_that_is_not_http_is_refused(verb: str, address: str, run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest(verb, address)
    assert done.code == 2, done.stderr
    line = only_line(done.stderr)
    assert address in line
    assert "http" in line
    assert not home.exists()


def test_a_site_that_cannot_be_reached_is_reported(run_ingest: RunIngest) -> None:
    done = run_ingest("crawl", f"http://127.4.8.1:{free_port()}/", env={"INGEST_RETRIES": "0"})
    assert done.code == 3
    line = only_line(done.stderr)
    assert "127.4.8.1" in line
    assert "refused-connection" in line


def test_a_name_that_does_not_resolve_is_reported(run_ingest: RunIngest) -> None:
    done = run_ingest("crawl", "http://no-such-host.invalid/", env={"INGEST_RETRIES": "0"})
    assert done.code == 3
    assert "no-such-host.invalid" in only_line(done.stderr)


def test_a_private_address_is_not_fetched_unless_its_network_is_allowed(web: Web, run_ingest: RunIngest) -> None:
    done = run_ingest("crawl", web.url("post"), env={"INGEST_ALLOW_NETWORKS": ""})
    assert done.code == 3
    assert "INGEST_ALLOW_NETWORKS" in only_line(done.stderr)
    assert web.log == ()


BAD_DATABASES = {
    "folder that is not there": ("sqlite:////no/such/folder/ingest.db", "/no/such/folder"),
    "server that is not there": ("postgresql://nobody@127.0.0.1:9/none", "127.0.0.1"),
    "unknown kind": ("mysql://nobody@127.0.0.1/none", "mysql"),
    "no URL": ("ingest.db", "INGEST_DATABASE_URL"),
}


@pytest.mark.parametrize(("url", "named"), BAD_DATABASES.values(), ids=BAD_DATABASES)
def test_a_database_that_cannot_be_opened_is_reported(url: str, named: str, run_ingest: RunIngest) -> None:
    for verb in (("crawl", "http://127.4.1.1/"), ("export",)):
        done = run_ingest(*verb, env={"INGEST_DATABASE_URL": url})
        assert done.code in (1, 2), done.stderr
        assert named in only_line(done.stderr)
        assert done.stdout == ""


def test_a_password_in_the_database_url_is_not_told(run_ingest: RunIngest) -> None:
    done = run_ingest("status", env={"INGEST_DATABASE_URL": "postgresql://me:geheim123@127.0.0.1:9/none"})
    assert done.code == 1
    assert "geheim123" not in done.stderr + done.stdout


def test_a_file_that_is_no_database_is_left_alone(run_ingest: RunIngest, home: Path) -> None:
    home.mkdir()
    (home / "ingest.db").write_text("dear diary\n" * 1000)
    done = run_ingest("crawl", "http://127.4.1.1/")
    assert done.code == 1
    assert "ingest.db" in only_line(done.stderr)
    assert (home / "ingest.db").read_text() == "dear diary\n" * 1000


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"INGEST_DELAY_S": "0"}, "INGEST_DELAY_S"),
        ({"INGEST_DELAY_S": "soon"}, "INGEST_DELAY_S"),
        ({"INGEST_ALLOW_NETWORKS": "home"}, "INGEST_ALLOW_NETWORKS"),
        ({"INGEST_DELAYS": "1"}, "INGEST_DELAY_S"),
    ],
)
def test_a_setting_that_cannot_be_is_named(env: dict[str, str], named: str, run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("crawl", "http://127.4.1.1/", env=env)
    assert done.code == 2
    assert named in only_line(done.stderr)
    assert not home.exists()


def test_a_command_that_is_not_there_is_named_with_the_nearest(run_ingest: RunIngest) -> None:
    done = run_ingest("craw")
    assert done.code == 2
    assert "'crawl'" in only_line(done.stderr)


def test_an_option_that_is_not_there_is_named(run_ingest: RunIngest) -> None:
    done = run_ingest("run", "--sinse", "7d")
    assert done.code == 2
    assert "--since" in only_line(done.stderr)


def test_a_second_run_while_one_is_going_exits_75(web: Web, run_ingest: RunIngest, start_ingest: StartIngest) -> None:
    web.latency_s = 0.3
    with start_ingest("crawl", web.url("post")) as first:
        assert wait_until(lambda: bool(web.log))
        second = run_ingest("crawl", web.url("lindtal"))
        assert second.code == 75
        assert "another" in only_line(second.stderr)
        assert first.poll() is None
        web.latency_s = 0
        assert first.wait(60) == 0
    assert not [one for one in web.log if one.key == "lindtal"]


def test_a_settings_module_of_somebody_else_is_not_taken(run_ingest: RunIngest, tmp_path: Path) -> None:
    """Scrapy's settings are named `settings` in many projects: one on PYTHONPATH or in the folder is not ours."""
    (tmp_path / "settings.py").write_text("raise SystemExit('a foreign settings.py was loaded')\n")
    with Web([replace(site, count=2) for site in family() if site.key == "post"]) as web:
        env = {"PYTHONPATH": str(tmp_path), "INGEST_WORKERS": "1"}
        done = run_ingest("crawl", web.url("post"), env=env, cwd=tmp_path)
        assert (done.code, done.stderr) == (0, "")
        assert done.table["127-4-1-1"]["stored"] == "2"
