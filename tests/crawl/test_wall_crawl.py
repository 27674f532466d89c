"""Walls over time: in the first run, on a recheck, at every address, for days. The pages are our own, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.store import open_store
from tests.command import Ended, RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.unit.test_sniff import compressed, mp4, office, pdf, png

HOST = "127.0.0.1"
TITLES = (
    "Divers lift the bell of the steamer Halcyon",
    "Orchard cooperative sells more cider than ever",
    "Council votes nine to four for the tram depot",
    "Storks return to seventeen nests along the canal",
)
PLAN = {
    "A": "2026-03-02T10:00:00Z",
    "B": "2026-03-02T14:00:00Z",
    "C": "2026-03-03T20:00:00Z",
    "D": "2026-03-06T10:00:00Z",
}
# a wall of a kind that no phrase list has, with a number of its own in each answer
STRANGE = (
    "Ledovna harren vik",
    " ".join(["Sund arre mellon tavik ({number}) horrin delva, marrin os tellan ved lykka orrin falstad."] * 4),
)
WITHDRAWN = (
    "Story withdrawn",
    (
        "Editor's note: This article was withdrawn on 5 March because two of its figures were wrong and a source could "
        "not be reached again. We apologise to the cooperative and to our readers, and will report when it is settled."
    ),
)


@dataclass
class Paper:
    """A small news site whose articles a wall may replace."""

    wall: tuple[str, str] | None = None
    walled: tuple[int, ...] = (0, 1, 2, 3)
    withdrawn: int | None = None
    asked: int = 0
    port: int = 0
    log: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    def page(self, path: str) -> str | None:
        self.log.append(path)
        if path == "/":
            teasers = "".join(f'<div><h2><a href="/news/{n}-story">{t}</a></h2></div>' for n, t in enumerate(TITLES))
            return _html("Brenn Courier", f"<main>{teasers}</main>")
        if not path.startswith("/news/"):
            return None
        number = int(path.removeprefix("/news/").partition("-")[0])
        instead = WITHDRAWN if number == self.withdrawn else self.wall if number in self.walled else None
        if instead is not None:
            self.asked += 1
            title, text = instead
            return _html(
                title, f"<main><article><h1>{title}</h1><p>{text.format(number=7000 + self.asked)}</p></article></main>"
            )
        body = "".join(f"<p>{TITLES[number]}, paragraph {line}: {_own(number, line)}</p>" for line in range(5))
        time = '<time datetime="2026-03-02T08:00:00+01:00">2 March 2026</time>'
        return _html(TITLES[number], f"<main><article><h1>{TITLES[number]}</h1>{time}{body}</article></main>")


def _own(number: int, line: int) -> str:
    nouns = (
        "harbour",
        "pump",
        "ledger",
        "chapel",
        "meadow",
        "signal",
        "ferry",
        "archive",
        "quarry",
        "orchard",
        "lantern",
    )
    words = [
        f"{nouns[(3 * number + 5 * line + 7 * at) % 11]} {chr(97 + (number + at) % 26)}{at * line}x" for at in range(14)
    ]
    return " ".join(words) + "."


def _html(title: str, body: str) -> str:
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return f'<!DOCTYPE html><html lang="en">{head}<body>{body}</body></html>'


@pytest.fixture
def paper() -> Iterator[Paper]:
    made = Paper()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = made.page(self.path)
            body = (page or "").encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def run(run_ingest: RunIngest, sources_toml: Callable[[str], Path], paper: Paper) -> Callable[[str], Ended]:
    sources_toml(f'[sources.paper]\nurl = "{paper.url}"\nsections = ["{paper.url}"]\n')
    return lambda when: run_ingest(
        "run", "paper", env={"INGEST_CLOCK": PLAN[when], "INGEST_ALLOW_NETWORKS": f"{HOST}/32"}
    )


def titles(home: Path) -> dict[str, str | None]:
    return {url.rpartition("/")[2]: stored.article.title for url, stored in articles(sqlite_url(home)).items()}


EVERY = {f"{number}-story": title for number, title in enumerate(TITLES)}


def test_unknown_wall_in_the_first_run_leaves_no_article_and_the_articles_come_later(
    paper: Paper, run: Callable[[str], Ended], home: Path
) -> None:
    paper.wall = STRANGE
    run("A")
    assert titles(home) == {}
    paper.wall = None
    run("B")
    assert titles(home) == EVERY


def test_wall_on_a_recheck_keeps_the_articles_and_is_reported_once(
    paper: Paper, run: Callable[[str], Ended], home: Path
) -> None:
    run("A")
    assert titles(home) == EVERY
    paper.wall = (
        "Back shortly!",
        "Our website is offline while we move its servers. Please try again in a few minutes.",
    )
    assert run("B").code == 3
    assert titles(home) == EVERY
    with open_store(sqlite_url(home)) as store:
        assert [finding.kind for finding in store.findings.open()] == ["wall"]
    assert run("C").code == 0  # the same finding goes on
    assert titles(home) == EVERY
    paper.wall = None
    run("D")
    assert titles(home) == EVERY


def test_lost_text_is_believed_after_days_and_a_withdrawal_that_says_so_at_once(
    paper: Paper, run: Callable[[str], Ended], home: Path
) -> None:
    run("A")
    paper.walled, paper.wall = (
        (1,),
        ("Marrin tellan os", "Horrin delva vik marrin sund arre mellon tavik lykka orrin. " * 5),
    )
    paper.withdrawn = 2
    run("B")
    withdrawn = EVERY | {"2-story": "Story withdrawn"}
    assert titles(home) == withdrawn
    with open_store(sqlite_url(home)) as store:
        page = store.pages.known(f"{paper.url}news/1-story")
        assert page is not None
        assert page.reason == "text-lost"
        assert len(store.articles.revisions(page.article_id or 0)) == 1
    run("C")
    assert titles(home) == withdrawn
    run("D")
    assert titles(home) == withdrawn | {"1-story": "Marrin tellan os"}


def test_import_stores_no_binary_body(run_ingest: RunIngest, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for number, kind in enumerate((png, pdf, office, mp4, compressed)):
        (folder / f"{number}-story.html").write_bytes(kind(4_000))
    run_ingest("import", "--source", "saved", "--url", "https://saved.example/", str(folder))
    assert titles(home) == {}
    with open_store(sqlite_url(home)) as store:
        last = store.runs.last()
        assert last is not None
        (source,) = store.runs.of(last.run_id)
        assert set(source.reasons) <= {"screened not-a-page"}
