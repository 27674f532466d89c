"""`ingest add` in a terminal: which of the found seeds to take, and what a run will ask of the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ingest.config import Config
    from ingest.crawl.plan import SeedAnswer
    from ingest.model import Seed

ALL = "all"
HOUR_MIN = 60


def chosen(found: Sequence[Seed], answers: Mapping[str, SeedAnswer]) -> tuple[Seed, ...]:
    """Print the found seeds with numbers and ask which to take; return those, in the order found.

    Raises click.Abort when the person ends it: nothing is written then.
    """
    from ingest.cli.support.output import print_line
    from ingest.text.normalize import counted

    click.echo()
    for number, seed in enumerate(found, start=1):
        answer = answers.get(seed.url)
        links = counted(answer.links, "link") if answer is not None and answer.links is not None else ""
        print_line(f"{number:>3}  {seed.kind:<8} {seed.url}{links and f'  ({links})'}")
    asked = "Which to take? Numbers such as 1,3 or 2-4, or all"
    numbers = click.prompt(asked, default=ALL, value_proc=lambda given: picked(given, len(found)))
    return tuple(seed for number, seed in enumerate(found, start=1) if number in numbers)


def picked(given: str, count: int) -> frozenset[int]:
    """Return the numbers that a person typed. Raises click.UsageError, after which the prompt asks again."""
    numbers: set[int] = set()
    for part in given.lower().replace(",", " ").split():
        first, dash, last = part.partition("-")
        if part == ALL:
            numbers.update(range(1, count + 1))
        elif first.isdecimal() and (last.isdecimal() or not dash) and len(part) < 20:
            numbers.update(range(int(first), min(int(last or first), count + 1) + 1))
        else:
            raise click.UsageError(f"{part!r} is no number; type numbers such as 1,3 or 2-4, or all")
    if not numbers or min(numbers) < 1 or max(numbers) > count:
        raise click.UsageError(f"type numbers from 1 to {count}, or all")
    return frozenset(numbers)


def outlook(config: Config, links: int) -> str:
    """Return what a run will ask of the site at most, and when there will be articles."""
    from ingest.text.normalize import counted

    articles = min(links, config.max_articles) if links else config.max_articles
    minutes = max(1, round(articles * config.delay_s / 60))
    first = "the first articles come within a minute"
    if links:
        first += f", the {counted(articles, 'newest link', 'newest links')} in about {counted(minutes, 'minute')}"
    every = f"{config.every_min} minutes" if config.every_min != HOUR_MIN else "hour"
    return (
        f"A run asks the site at most {config.max_requests} times, {config.delay_s:g} s apart or more, for at most "
        f"{config.max_articles} new articles: {first}.\n"
        f"From cron it is asked again every {every}, for what is new only: ingest schedule cron"
    )
