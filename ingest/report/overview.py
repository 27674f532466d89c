"""`ingest report` as one HTML page that loads nothing: what its template is given, and writing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import WrongUse, how_to_install
from ingest.report.figures import SEARCHES, draw
from ingest.report.numbers import FUNNEL, OUTCOMES, Numbers, SourceLine, share
from ingest.store import StoredArticle
from ingest.text.normalize import normalise
from ingest.version import __version__

TEMPLATE = "overview.html.j2"
BLOCKS = 120  # of an article shown
BLOCK_CHARS = 1500  # of a block shown: a page of a size that a phone opens
MOST_SOURCES = 1000  # lines of the table of sources: half a megabyte
SPARKS = "▁▂▃▄▅▆▇█"
SOURCE_COLUMNS = ("articles", "found", "new", "stored", "revised", "screened", "failed", "cut", "dated", "signed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A figure and the numbers in it."""

    title: str
    svg: Any
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def page(numbers: Numbers) -> str:
    """Return the whole page. Raises WrongUse when what draws or writes it is not installed."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError as cause:
        raise WrongUse(f"the report needs Jinja2 and matplotlib; {how_to_install('report')}") from cause
    templates = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=templates, autoescape=True, undefined=StrictUndefined, finalize=_shown)
    figures = {name: Markup(svg) for name, svg in draw(numbers).items()}  # noqa: S704 - matplotlib escapes its texts
    return environment.get_template(TEMPLATE).render(
        numbers=numbers,
        tiles=_tiles(numbers),
        ended=[finding for finding in numbers.findings if finding.ended_at is not None],
        plots=_plots(numbers, figures),
        source_columns=SOURCE_COLUMNS,
        lines=[_line(line) for line in _shown_sources(numbers)],
        more_sources=max(0, len(numbers.sources) - MOST_SOURCES),
        articles=[_article(stored) for stored in numbers.newest],
        version=__version__,
    )


def _shown(value: Any) -> Any:
    """Take control characters out of what comes from outside; what is markup stays as it is."""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else "".join(_sound(value))


def _sound(text: str) -> str:
    return "\n".join(normalise(line) for line in text.split("\n")) if "\n" in text else normalise(text)


def _tiles(numbers: Numbers) -> list[tuple[str, str]]:
    total = numbers.total
    active = [line for line in numbers.sources if not line.summary.retired_at]
    return [
        ("sources", f"{len(active):,}"),
        ("unhealthy", f"{len(numbers.open):,}"),
        ("articles kept", f"{numbers.articles:,}"),
        ("new articles", f"{total.stored:,}"),
        ("revised", f"{total.revised:,}"),
        ("failed pages", f"{total.failed:,}"),
        ("requests", f"{total.requests:,}"),
        ("fetched", _megabytes(total.bytes)),
        ("blocks cut", percent(share(total.cut, total.blocks)) or "-"),
    ]


def _plots(numbers: Numbers, svg: dict[str, Any]) -> list[Plot]:
    days = [(on, numbers.by_day[on], numbers.runs.get(on)) for on in reversed(numbers.days)]
    total = numbers.total
    searches = Plot(
        title="Articles that saved searches find, by date",
        svg=svg.get(SEARCHES),
        columns=("search", "articles", "by day"),
        rows=tuple((line.name, line.found, spark(line.found_on)) for line in numbers.searches),
    )
    return [
        Plot(
            title="Articles stored and revised",
            svg=svg["per-day"],
            columns=("day", "stored", "revised"),
            rows=tuple((on.isoformat(), counts.stored, counts.revised) for on, counts, _ in days),
        ),
        Plot(
            title="Runs and the time they took",
            svg=svg["runs"],
            columns=("day", "runs", "killed", "minutes"),
            rows=tuple(
                (on.isoformat(), *((run.runs, run.broken, f"{run.seconds / 60:.1f}") if run else (0, 0, "0.0")))
                for on, _, run in days
            ),
        ),
        Plot(
            title="From link to article",
            svg=svg["funnel"],
            columns=("step", "pages"),
            rows=tuple((name, getattr(total, name)) for name in FUNNEL),
        ),
        Plot(
            title="How pages ended",
            svg=svg["outcomes"],
            columns=("outcome", "pages"),
            rows=tuple((name, getattr(total, name)) for name in OUTCOMES),
        ),
        Plot(
            title="Slowest hosts, time to answer",
            svg=svg["latency"],
            columns=("host", "seconds"),
            rows=tuple((host, f"{seconds:.2f}") for host, seconds in numbers.hosts),
        ),
        Plot(
            title="Share of blocks cut as boilerplate",
            svg=svg["cut"],
            columns=("day", "blocks", "cut", "share"),
            rows=tuple(
                (on.isoformat(), counts.blocks, counts.cut, percent(share(counts.cut, counts.blocks)))
                for on, counts, _ in days
            ),
        ),
        *([searches] if numbers.searches else []),
    ]


def _shown_sources(numbers: Numbers) -> list[SourceLine]:
    """Return the sources by name; of more than fit, the unhealthy ones and those with the most articles."""
    wanted = sorted(numbers.sources, key=lambda line: (line.finding is None, -line.summary.articles))[:MOST_SOURCES]
    return sorted(wanted, key=lambda line: line.summary.name)


def _line(line: SourceLine) -> dict[str, Any]:
    summary, counts = line.summary, line.counts
    problem = line.finding is not None
    state = (
        "retired" if summary.retired_at else line.finding.kind if line.finding else str(summary.state or "not run yet")
    )
    return {
        "name": summary.name,
        "state": state,
        "bad": problem or state == "failed",
        "cause": (line.finding.suspicion if line.finding else summary.cause) or "",
        "trend": spark(line.stored_on),
        "trend_label": "stored by day: " + ", ".join(map(str, line.stored_on)),
        "counts": (
            f"{summary.articles:,}",
            *(f"{getattr(counts, name):,}" for name in SOURCE_COLUMNS[1:7]),
            percent(share(counts.cut, counts.blocks)),
            percent(share(counts.dated, counts.stored)),
            percent(share(counts.authored, counts.stored)),
        ),
        "last_run": summary.last_run_at.strftime("%Y-%m-%d %H:%M") if summary.last_run_at else "",
        "next_due": "" if summary.retired_at or summary.ad_hoc else summary.next_due_at.strftime("%Y-%m-%d %H:%M"),
    }


def _article(stored: StoredArticle) -> dict[str, Any]:
    article = stored.article
    cut = sum(block.cut is not None for block in article.blocks)
    facts = (
        article.site_name or article.source,
        article.published.iso()[:16].replace("T", " ") if article.published else "no date",
        ", ".join(article.authors),
        f"{cut} of {len(article.blocks)} blocks cut" if cut else "",
    )
    return {
        "id": stored.article_id,
        "title": article.title or "(no title)",
        "about": " · ".join(fact for fact in facts if fact),
        "language": article.language,
        "url": article.url,
        "href": article.url if article.url.startswith(("http://", "https://")) else None,
        "blocks": [
            {
                "text": block.text if len(block.text) <= BLOCK_CHARS else f"{block.text[:BLOCK_CHARS]}...",
                "kind": block.kind.value,
                "cut": f"cut, {block.cut.by.value}: {block.cut.reason}" if block.cut else None,
            }
            for block in article.blocks[:BLOCKS]
        ],
        "more": max(0, len(article.blocks) - BLOCKS),
    }


def spark(counts: Sequence[int]) -> str:
    """Return numbers as a line of small bars; nothing is a dot."""
    most = max(counts, default=0)
    return "".join("·" if not one else SPARKS[(one * len(SPARKS) - 1) // most] for one in counts)


def percent(part: float | None) -> str:
    """Return a share as people read it, "" for none."""
    return "" if part is None else f"{100 * part:.0f} %"


def _megabytes(number: int) -> str:
    return f"{number / 1e6:,.1f} MB" if number < 1e9 else f"{number / 1e9:,.1f} GB"
