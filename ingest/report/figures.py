"""The plots of the report, as SVG that takes its colours from the page: light and dark are one drawing.

matplotlib draws with stand-in colours, which are then replaced by the page's variables; text stays text.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from ingest.errors import WrongUse, how_to_install
from ingest.report.numbers import FUNNEL, OUTCOMES, Numbers, share

# stand-in -> variable of the page's style
COLOURS = {
    "#010101": "var(--ink)",
    "#020202": "var(--soft)",
    "#030303": "var(--line)",
    "#040404": "var(--plot-1)",
    "#050505": "var(--plot-2)",
    "#060606": "var(--plot-3)",
    "#070707": "var(--plot-bad)",
}
INK, SOFT, LINE, ONE, TWO, THREE, BAD = COLOURS
SIZE = (4.9, 2.9)  # inches at 72 dpi: the width of a phone held upright, so that nothing shrinks to be unreadable
FONT = 11.5
STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": FONT,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "text.parse_math": False,  # a $ in the name of a source is a $
    "axes.formatter.use_mathtext": False,
}
Draw = Callable[[Any, Numbers], None]
LEGEND_ROOM = 1.3  # of the height of the bars
SEARCHES = "searches"  # the figure that is there when there are some
LABEL_CHARS = 26  # of a host's name beside its bar


def draw(numbers: Numbers) -> dict[str, str]:
    """Return the figures by name. Raises WrongUse when matplotlib is not installed."""
    try:
        import matplotlib as mpl
    except ImportError as cause:
        raise WrongUse(f"the plots of the report need matplotlib and Jinja2; {how_to_install('report')}") from cause
    with warnings.catch_warnings(), mpl.rc_context(STYLE):
        warnings.simplefilter("ignore")  # of letters its own font lacks: the browser has others
        return {
            name: _svg(name, drawing, numbers)
            for name, drawing in FIGURES.items()
            if name != SEARCHES or numbers.searches
        }


def _svg(name: str, drawing: Draw, numbers: Numbers) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    drawing(axes, numbers)
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|xlink:href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', svg, count=1
    )
    svg = svg.replace('xlink:href="#', 'href="#')
    for stand_in, variable in COLOURS.items():
        svg = svg.replace(stand_in, variable)
    return re.sub(r"'DejaVu Sans'[^;\"]*|DejaVu Sans[^;\"]*", "inherit", svg)


# ---------------------------------------------------------------- one figure each


def _per_day(axes: Any, numbers: Numbers) -> None:
    days = numbers.days
    stored = [numbers.by_day[on].stored for on in days]
    revised = [numbers.by_day[on].revised for on in days]
    axes.bar(range(len(days)), stored, color=ONE, label="stored")
    axes.bar(range(len(days)), revised, bottom=stored, color=TWO, label="revised")
    _days(axes, days)
    axes.legend(loc="upper left", ncols=2)
    axes.set_ylabel("articles")
    _room_for_legend(axes)


def _runs(axes: Any, numbers: Numbers) -> None:
    days = numbers.days
    runs = [numbers.runs[on].runs if on in numbers.runs else 0 for on in days]
    broken = [numbers.runs[on].broken if on in numbers.runs else 0 for on in days]
    minutes = [numbers.runs[on].seconds / 60 if on in numbers.runs else 0 for on in days]
    whole = [all_of - some for all_of, some in zip(runs, broken, strict=True)]
    axes.bar(range(len(days)), whole, color=ONE, label="runs")
    axes.bar(range(len(days)), broken, bottom=whole, color=BAD, label="killed")
    other = axes.twinx()
    other.spines["right"].set_visible(True)
    other.plot(range(len(days)), minutes, color=THREE, linewidth=2, marker="o", markersize=3, label="minutes")
    other.set_ylim(0, (max(minutes) or 1) * LEGEND_ROOM)
    other.set_ylabel("minutes")
    axes.set_ylabel("runs")
    _days(axes, days)
    handles = axes.get_legend_handles_labels(), other.get_legend_handles_labels()
    axes.legend(handles[0][0] + handles[1][0], handles[0][1] + handles[1][1], loc="upper left", ncols=3)
    _room_for_legend(axes)


def _funnel(axes: Any, numbers: Numbers) -> None:
    counts = [getattr(numbers.total, name) for name in FUNNEL]
    _bars(axes, FUNNEL, counts, [ONE] * len(FUNNEL), "{:,.0f}")


def _outcomes(axes: Any, numbers: Numbers) -> None:
    bad = ("refused", "gone", "failed")
    good = ("stored", "revised")
    counts = [getattr(numbers.total, name) for name in OUTCOMES]
    colours = [BAD if name in bad else ONE if name in good else SOFT for name in OUTCOMES]
    _bars(axes, OUTCOMES, counts, colours, "{:,.0f}")


def _latency(axes: Any, numbers: Numbers) -> None:
    hosts = numbers.hosts
    names = [host if len(host) <= LABEL_CHARS else f"{host[:LABEL_CHARS]}..." for host, _ in hosts]
    _bars(axes, names, [seconds for _, seconds in hosts], [ONE] * len(hosts), "{:.2f} s")


def _cut(axes: Any, numbers: Numbers) -> None:
    days = numbers.days
    shares = [share(numbers.by_day[on].cut, numbers.by_day[on].blocks) for on in days]
    known = [(at, 100 * one) for at, one in enumerate(shares) if one is not None]
    axes.plot([at for at, _ in known], [one for _, one in known], color=ONE, linewidth=2, marker="o", markersize=3)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("% of blocks cut")
    _days(axes, days)


def _searches(axes: Any, numbers: Numbers) -> None:
    days = numbers.days
    for line, colour in zip(numbers.searches, (ONE, TWO, THREE), strict=False):
        name = line.name if len(line.name) <= LABEL_CHARS else f"{line.name[:LABEL_CHARS]}..."
        axes.plot(range(len(days)), line.found_on, color=colour, linewidth=2, marker="o", markersize=3, label=name)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("articles")
    _days(axes, days)
    axes.legend(loc="upper left", ncols=1)
    _room_for_legend(axes)


FIGURES: dict[str, Draw] = {
    "per-day": _per_day,
    "runs": _runs,
    "funnel": _funnel,
    "outcomes": _outcomes,
    "latency": _latency,
    "cut": _cut,
    SEARCHES: _searches,
}


def _days(axes: Any, days: Sequence[date]) -> None:
    from matplotlib.ticker import MaxNLocator

    step = max(1, -(-len(days) // 6))
    at = range(len(days) - 1, -1, -step)
    axes.set_xticks(list(at), labels=[f"{days[place].day} {days[place]:%b}" for place in at])
    axes.set_xlim(-0.7, len(days) - 0.3)
    axes.grid(visible=True, axis="y")
    if axes.get_ylabel() != "% of blocks cut":
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=2))


def _room_for_legend(axes: Any) -> None:
    axes.set_ylim(0, max(1, axes.dataLim.ymax) * LEGEND_ROOM)


def _bars(axes: Any, names: Sequence[str], values: Sequence[float], colours: Sequence[str], form: str) -> None:
    places = range(len(names))
    if not names:
        axes.text(0.5, 0.5, "nothing measured yet", ha="center", va="center", color=SOFT, transform=axes.transAxes)
    drawn = axes.barh(places, values, color=colours)
    axes.set_yticks(list(places), labels=names)
    axes.invert_yaxis()
    axes.bar_label(drawn, labels=[form.format(value) for value in values], padding=4, color=INK)
    axes.set_xlim(0, (max(values, default=0) or 1) * 1.22)
    axes.xaxis.set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
