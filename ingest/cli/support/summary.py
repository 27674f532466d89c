"""What a crawl came to, for a person or as JSON: closing table, failures, next steps, samples."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.output import print_json, print_line, print_rows
from ingest.export.rows import row as article_row
from ingest.model import OutcomeKind
from ingest.text.normalize import counted, normalise
from ingest.web.javascript import NEEDS_RENDERING, how_to_render

if TYPE_CHECKING:
    from ingest.cli.support.app import App
    from ingest.crawl.plan import SourceResult
    from ingest.crawl.run import Run
    from ingest.model import Seed
    from ingest.store import StoredArticle

COLUMNS = (
    "found",
    "new",
    "stored",
    "revised",
    "duplicate",
    "screened",
    "refused",
    "gone",
    "failed",
    "stripped",
    "left",
)
LEFT = "left"  # for a single page that a run did not come to
UNREACHED = (*map(str, (OutcomeKind.FAILED, OutcomeKind.REFUSED, OutcomeKind.GONE)), LEFT)
ALWAYS = ("found", "new", "stored", "stripped")  # the others only where they are not nought


def rows_of(run: Run) -> list[dict[str, Any]]:
    """One row for each source that was crawled, in the order of the plan."""
    rows = []
    for source in run.due:
        result = run.results[source.name]
        counts = {name: getattr(result.counts, name) for name in COLUMNS if name not in ("stripped", "left")}
        row = {"source": source.name, "state": str(result.state), **counts}
        row |= {"stripped": result.stripped, "left": result.left, "requests": result.counts.requests}
        rows.append(row | {"cause": result.cause})
    return rows


def print_run(run: Run, *, as_json: bool) -> None:
    """The closing table. `stripped` counts blocks of boilerplate cut from the stored articles."""
    rows = rows_of(run)
    if as_json:
        print_json({"run": run.id, "dry_run": run.plan.dry_run, "sources": rows})
        return
    if len(rows) > 1:
        rows.append({"source": "all", **{name: sum(row[name] for row in rows) for name in COLUMNS}})
    shown = [name for name in COLUMNS if name in ALWAYS or any(row[name] for row in rows)]
    print_rows(rows, ("source", *shown), numbers=COLUMNS)
    for source in run.due:
        for note in run.results[source.name].notes:
            print_line(f"{source.name}: {note}")
        if (told := backfilled(run.results[source.name])) is not None:
            print_line(f"{source.name}: {told}")
    if not any(row["new"] for row in rows):
        known = sum(run.results[source.name].articles for source in run.due)
        stored = f"{counted(known, 'article')} {'is' if known == 1 else 'are'} stored from earlier runs"
        nothing = "nothing was found; try the address of a section or feed, or look with: ingest status --failed"
        click.echo(f"nothing new; {stored}" if known else nothing)
    if run.plan.dry_run:
        click.echo("dry run: nothing was fetched but the seeds, nothing was stored")


def backfilled(result: SourceResult) -> str | None:
    """Say how far a backfill has come; None for a run that was none."""
    if result.backfill is None:
        return None
    window, lists = result.backfill["window"], len(result.backfill["open"])
    if not lists and not result.left:
        return f"backfill {window} is complete"
    to_read = f"{counted(lists, 'list')} to read and {counted(result.left, 'page')} to fetch"
    return f"backfill {window}: {to_read}; the same command goes on"


def print_failures(run: Run, names: Iterable[str]) -> None:
    """One line on stderr for each of the sources that failed: what, why, what to do."""
    for name in names:
        cause = normalise(run.results[name].cause or "unknown")
        click.echo(f"ingest: {name}: failed: {cause.rstrip('.')}{advice(cause)}", err=True)


def advice(cause: str) -> str:
    """Return what to do about the cause of a failure, as the end of its line; "" where nothing special helps."""
    slug = cause.rpartition(": ")[2]
    if slug.startswith("robots-"):
        return "; the site's robots.txt cannot be read, which counts as forbidden; try later"
    if slug.startswith("http-5"):
        return "; the site does not work; try later"
    return "; " + ADVICE[slug] if slug in ADVICE else ""


ADVICE = {
    "dns": "check the address for typing errors",
    "refused-connection": "is the server up, is the port right?",
    "connect-timeout": "is the server up?",
    "address-refused": "the address is not public; INGEST_ALLOW_NETWORKS opens networks of your own",
    "robots": "the site's robots.txt forbids it",
    "port-refused": "no site serves pages at this port; is it right?",
    "scheme-refused": "only http and https are fetched",
    "redirect-loop": "the site redirects in a circle; open it in a browser and give the address where it ends",
    "redirect-too-many": "open it in a browser and give the address where it ends",
    "http-401": "the site wants a log-in; headers_file in sources.toml sends a cookie",
    "http-402": "the site wants to be paid",
    "http-403": "the site refuses us: set INGEST_CONTACT, raise delay_s, or write to them",
    "http-404": "check the address for typing errors",
    "http-410": "the site has taken it away",
    "http-429": "the site asks for fewer requests: raise delay_s, try later",
    "host-closed": "the site asked to wait; try later",
    "timeout": "the site is slow; try later, or raise INGEST_REQUEST_TIMEOUT_S",
    "too-large": "larger than a page may be; INGEST_PAGE_MAX_BYTES raises it",
    "forgotten": "it was taken down with ingest forget",
    "tls": "the site's certificate is not valid",
    NEEDS_RENDERING: f"JavaScript builds its pages: {how_to_render()}",
}


def print_next_steps(app: App, run: Run) -> None:
    """What to type next, after crawl and demo."""
    if not any(result.articles for result in run.results.values()):
        return
    program = _program() + ("" if app.home is None else f" --home {shlex.quote(str(app.home))}")
    with app.open_store() as store:
        one = next(iter(store.overview.newest(1)), None)
    if one is None:
        return
    click.echo(f"\nThe articles are in {run.store.name}. Next:")
    steps = (
        (f"{program} show {one.article_id}", "read one"),
        (f"{program} export -f jsonl -o articles.jsonl", "take them all out"),
        (f"{program} add URL", "have a site in sources.toml, for ingest run and cron"),
    )
    width = max(len(command) for command, _ in steps)
    for command, what in steps:
        click.echo(f"  {command:<{width}}  {what}")


def _program() -> str:
    """The program as it was called, so that what is printed can be typed."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m ingest"
    found = shutil.which(called.name)
    return called.name if found and Path(found).samefile(called) else str(called)


def print_pages(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """One row for each page that `ingest fetch` was asked for, and what to do about those that failed."""
    if as_json:
        print_json(rows)
        return
    print_rows(rows, ("outcome", "article", "url", "reason"), numbers=("article",))
    for reason in dict.fromkeys(row["reason"] for row in rows if row["outcome"] in UNREACHED):
        if hint := advice(reason or ""):
            print_line(f"{reason}: {hint.removeprefix('; ')}")


def unreached(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a page failed, was refused or not come to: something to look at."""
    return any(row["outcome"] in UNREACHED for row in rows)


def print_samples(
    name: str, seeds: Sequence[Seed], samples: Sequence[StoredArticle], file: Path, *, as_json: bool
) -> None:
    """What `ingest add` found."""
    if as_json:
        found = [{"kind": str(seed.kind), "url": seed.url} for seed in seeds]
        articles = [article_row(sample) for sample in samples]
        print_json({"source": name, "file": str(file), "seeds": found, "samples": articles})
        return
    for seed in seeds:
        print_line(f"{seed.kind:<8} {seed.url}")
    print_articles(samples)
    click.echo(f"\nwrote [sources.{name}] to {file}")
    click.echo(f"next: ingest run {name}")


def print_articles(samples: Sequence[StoredArticle]) -> None:
    """Title, date, length and the first words of each."""
    for sample in samples:
        article = sample.article
        published = article.published.iso() if article.published else "no date"
        click.echo()
        print_line(f"{article.title or '(no title)'}  ·  {published}  ·  {len(article.body.split())} words")
        first = next((block.text for block in article.kept), "")
        print_line(f"  {first[:160]}{'...' if len(first) > 160 else ''}")
