"""`ingest rules`: try a person's rules on stored pages, have some proposed, take over those that others keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import Attention, WrongUse
from ingest.text.normalize import counted

if TYPE_CHECKING:
    from ingest.model import ExtractionRules, Source
    from ingest.sources.site_config import NameMatch, SiteConfig


@click.group("rules")
@common_options
def rules(app: App) -> None:
    """Look after the rules in sources.toml: what to keep and strip, where title, body and further pages are."""


@rules.command("test", epilog="Example: ingest rules test example")
@click.argument("names", metavar="[SOURCE]...", nargs=-1, shell_complete=source_names)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@common_options
def test(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Replay the rules on stored pages; exit code 3 when one matches nothing."""
    from dataclasses import asdict

    from ingest import sources
    from ingest.cli.support.output import print_json, print_rows
    from ingest.ops.rules import replay

    file = sources.load(app.config.home)
    chosen = [file.named(name) for name in names] if names else list(file.sources)
    with app.open_store() as store:
        storage = app.config.raw_place
        uses = [
            (source.name, use) for source in chosen for use in replay(store, app.config.home, source, storage=storage)
        ]
    rows = [{"source": name, **asdict(use)} for name, use in uses]
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, ("source", "kind", "rule", "pages", "matched"), numbers=("pages", "matched"))
    else:
        click.echo("no rules in sources.toml; `ingest rules suggest SOURCE` proposes some")
    dead = [f"{name} {use.kind} {use.rule}" for name, use in uses if use.pages and not use.matched]
    if dead:
        raise Attention(f"matches nothing on the stored pages: {'; '.join(dead)}; take it out or mend it")


@rules.command("suggest", epilog="Example: ingest rules suggest example")
@click.argument("source", shell_complete=source_names)
@common_options
def suggest(app: App, source: str) -> None:
    """Propose selectors for the places where learned boilerplate stands; printed as TOML to copy."""
    from ingest.cli.support.output import print_line
    from ingest.ops.rules import suggest as suggested

    with app.open_store() as store:
        if store.sources.get(source) is None:
            raise WrongUse(f'no source "{source}" in the database; `ingest status` shows them')
        found = suggested(store, source)
    if not found:
        click.echo(f"nothing to suggest for {source}: no place holds learned blocks only")
        return
    print_line(f"[sources.{source}.rules]")
    print_line("strip = [")
    for one in found:
        quoted = one.selector.replace("\\", "\\\\").replace('"', '\\"')
        print_line(f'    "{quoted}",  # on {one.articles} articles: {one.example[:60]}')
    print_line("]")


# ---------------------------------------------------------------- ingest rules import


@rules.command("import", epilog="Example: ingest rules import ~/ftr-site-config --dry-run")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Print the tables of sites that are no sources, too.")
@click.option(
    "--names",
    type=click.Choice(["part", "word"]),
    default="part",
    show_default=True,
    help="strip_id_or_class cuts where a class or id has it as a part (Full-Text RSS) or as a whole word (graby).",
)
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@common_options
def import_(app: App, folder: Path, everything: bool, names: str, dry_run: bool, as_json: bool) -> None:
    """Take rules over from files of the ftr-site-config kind, one a site, named after its host (example.com.txt).

    Written are those for the hosts of sources.toml. A kind of rule that is there already stays as it is. Each rule is
    tried on the stored pages of its source first: one that would empty an article is left out. Lines that are not
    taken are listed with their number and the reason; nothing in the files is run.
    """
    from ingest import sources
    from ingest.cli.support.output import print_json
    from ingest.sources import site_config

    files = {file.name.lower(): file for file in sorted(folder.glob(f"*{site_config.ENDING}")) if "." in file.stem}
    if not files:
        raise WrongUse(f"{folder}: no rule files such as example.com.txt; name the folder that holds them")
    declared = (sources.load_if_any if everything else sources.load)(app.config.home).sources
    how = site_config.NameMatch(names)
    results = []
    used = set()
    for source in declared:
        name = site_config.file_for(source.url, files)
        if name is not None:
            used.add(name)
            results.append(_imported(app, source, _config_of(files[name], how), files[name].name, dry_run=dry_run))
    if everything:
        results += [_shown(_config_of(files[name], how), name) for name in files if name not in used]
    if as_json:
        print_json(results)
        return
    for one in results:
        _print_imported(one, dry_run=dry_run)
    if not results:
        click.echo(f"nothing for a host of sources.toml in {counted(len(files), 'file')}; --all prints what they hold")


def _imported(app: App, source: Source, config: SiteConfig, file: str, *, dry_run: bool) -> dict[str, Any]:
    """Write what a file adds to a source's rules; return what was done."""
    from ingest import sources
    from ingest.sources.site_config import added

    new, kept = added(source.rules, config.rules)
    new, emptying = _tried(app, source, new)
    found = _result_of(source.name, file, config) | {"rules": _given(new), "kept": kept, "emptying": emptying}
    if found["rules"] and not dry_run:
        found["written"] = sources.write_rules(app.config.home, source.name, new).name
    return found


def _tried(app: App, source: Source, rules: ExtractionRules) -> tuple[ExtractionRules, list[dict[str, Any]]]:
    """Return the rules that empty none of the source's stored articles, and the others."""
    from dataclasses import asdict

    from ingest.ops.rules import harmless
    from ingest.store import file_of_database

    database = file_of_database(app.config.url_of_database)
    if database is not None and not database.exists():
        return rules, []
    with app.open_store() as store:
        if store.sources.get(source.name) is None:
            return rules, []
        left, found = harmless(store, app.config.home, source, rules, storage=app.config.raw_place)
    return left, [asdict(one) for one in found]


def _shown(config: SiteConfig, file: str) -> dict[str, Any]:
    """Return what a file of a site says that is no source, with the table that would make it one."""
    from ingest import sources
    from ingest.errors import UrlError
    from ingest.model import Source
    from ingest.sources.site_config import host_of
    from ingest.web.urls import complete

    found = _result_of(None, file, config) | {"rules": _given(config.rules), "emptying": []}
    host = host_of(file)
    try:
        if host is None:  # for all sub-domains: no site of its own
            return found
        url = complete(host)
    except UrlError:
        return found
    source = Source(name=sources.name_of(url), url=url, rules=config.rules)
    return found | {"table": sources.fragment(source) if found["rules"] else ""}


def _config_of(file: Path, names: NameMatch) -> SiteConfig:
    from ingest.sources.site_config import MAX_FILE_BYTES, read

    try:
        with file.open("rb") as opened:
            return read(opened.read(MAX_FILE_BYTES).decode("utf-8", "replace"), names=names)
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read: {error.strerror}") from error


def _result_of(source: str | None, file: str, config: SiteConfig) -> dict[str, Any]:
    from dataclasses import asdict

    not_taken = [asdict(one) for one in config.not_taken]
    return {"source": source, "file": file, "kept": (), "not_taken": not_taken, "written": None}


def _given(rules: ExtractionRules) -> dict[str, list[str]]:
    from dataclasses import asdict

    return {kind: list(written) for kind, written in asdict(rules).items() if written}


def _print_imported(one: dict[str, Any], *, dry_run: bool) -> None:
    from ingest.cli.support.output import print_line

    if one.get("table"):
        print_line(f"# {one['file']}")
        for line in one["table"].splitlines():
            print_line(line)
    elif one["source"]:
        kinds = ", ".join(f"{len(written)} {kind}" for kind, written in one["rules"].items())
        done = "nothing new" if not kinds else f"would take {kinds}" if dry_run else f"took {kinds}"
        print_line(f"{one['source']}: {done} from {one['file']}")
        for kind in one["kept"]:
            print_line(f"{one['source']}: its own {kind} stays as it is")
    for rule in one["emptying"]:
        where = f"{rule['pages']} of {rule['of']} stored articles"
        print_line(f"  left out: {one['file']}: {rule['kind']} {rule['rule']} (would empty {where})")
    for line in one["not_taken"]:
        text = f"{one['file']}:{line['line']} {line['text']} ({line['why']})"
        print_line(f"# {text}" if one["source"] is None else f"  not taken: {text}")


COMMAND = rules
