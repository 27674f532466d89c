"""`ingest why`: what is known of one address or article, and how every decision about it came to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import WrongUse

if TYPE_CHECKING:
    from ingest.model import Claim, Learned
    from ingest.store import Copy, PageState, SeedState, Store, StoredArticle

SHOWN_CHARS = 200  # of a block


@click.command("why", epilog="Example: ingest why https://example.com/story   or   ingest why 12 --json")
@click.argument("what", metavar="URL|ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def why(app: App, what: str, as_json: bool) -> None:
    """Explain where a page was found, how it ended, which claim won each field, which blocks were cut and why."""
    from ingest.cli.support.output import print_json, print_line

    with app.open_store() as store:
        stored = store.articles.get(int(what) if what.isdecimal() else what)
        pages = [known] if not what.isdecimal() and (known := store.pages.known(what)) else []
        if stored is not None:
            pages += [page for page in store.pages.of_article(stored.article_id) if page not in pages]
        revisions = store.articles.revisions(stored.article_id) if stored else ()
        cluster_id = stored.cluster_id if stored else None
        cut = _cut(stored, store.blocks.learned(stored.article.source)) if stored else []
        copies = () if cluster_id is None else store.clusters.copies(cluster_id)
        other = _other(store, what) if stored is None and not pages and not what.isdecimal() else []
    if other:
        if as_json:
            print_json(other)
        for about in () if as_json else other:
            print_line(about.pop("url"))
            _print_facts(about)
        return
    if stored is None and not pages:
        raise WrongUse(f"{what}: never met; `ingest fetch` fetches a page, `ingest status` shows the sources")
    if as_json:
        _print_json(pages, stored, len(revisions), copies, cut)
        return
    for page in pages:
        _print_page(page if page.url else replace(page, url=what))  # of one taken down the address is not kept
    if stored is not None:
        _print_article(stored, [revision.article.fetched_at for revision in revisions], copies, cut)


def _other(store: Store, what: str) -> list[dict[str, Any]]:
    """Return what is known of an address that is no page: a source's own, a seed, or a link that was not fetched."""
    from ingest.discover.url_form_model import ENOUGH, UrlFormModel
    from ingest.errors import UrlError
    from ingest.model import SeedKind
    from ingest.web.urls import complete, key

    try:
        wanted = key(complete(what))
    except UrlError:
        return []
    found: list[dict[str, Any]] = []
    for known in store.sources.all():
        source = known.source
        seeds = store.seeds.of(source.name)
        found += [_seed_facts(state) for state in seeds if key(state.seed.url) == wanted]
        if key(source.url) == wanted and not found:
            found.append({"url": source.url, "source": source.name, "is": "the address of the source, not read yet"})
        model = UrlFormModel.of(store.sources.sense(source.name))
        for url, (score, kind) in model.refused.items():
            if key(url) == wanted:
                least = ENOUGH[SeedKind(kind)]
                found.append(
                    {
                        "url": url,
                        "source": source.name,
                        "is": f"a link of a {kind} that was not fetched",
                        "score": f"{score:.2f}, a link of a {kind} needs {least:.2f}",
                        "known": model.why(url),
                        "advice": "name such addresses with match in sources.toml, or fetch it with ingest fetch",
                    }
                )
    return found


def _seed_facts(state: SeedState) -> dict[str, Any]:
    from ingest.cli.support.output import cell

    return {
        "url": state.seed.url,
        "source": state.source,
        "is": f"a {state.seed.kind}, {'declared' if state.declared else 'found'}: read for links, no article",
        "read": cell(state.read_at),
        "links": state.links,
        "new": state.new,
        "failure": state.reason,
        "next": cell(state.next_poll_at),
    }


def _print_page(page: PageState) -> None:
    from ingest.cli.support.output import cell, print_line

    print_line(page.url)
    link = page.link
    facts = {
        "source": page.source,
        "found": f"in {link.found_by} {link.found_in}" if link else "by hand or a redirect",
        "said": "; ".join(_hints(page)),
        "met": cell(page.met_at),
        "state": page.status,
        "outcome": " ".join(str(part) for part in (page.outcome, page.reason and f"({page.reason})") if part),
        "detail": page.detail,
        "http": page.http_status,
        "fetched": cell(page.fetched_at),
        "tried": f"{page.attempts} times" if page.attempts else None,
        "next": cell(page.not_before or page.recheck_at),
        "leads to": page.alias_of,
        "article": page.article_id,
        "run": page.run_id,
    }
    _print_facts(facts)


def _print_facts(facts: dict[str, Any]) -> None:
    from ingest.cli.support.output import print_line

    for name, value in facts.items():
        if value not in (None, ""):
            print_line(f"  {name:<9}{value}")


def _hints(page: PageState) -> list[str]:
    link = page.link
    if link is None:
        return []
    said = {
        "title": link.title,
        "published": link.published.iso() if link.published else None,
        "modified": link.modified.iso() if link.modified else None,
    }
    return [f"{name} {value}" for name, value in said.items() if value]


def _cut(stored: StoredArticle, learned: Learned) -> list[dict[str, str]]:
    """Return the cut blocks' texts, who cut them and why."""
    from ingest.boilerplate import why_cut

    return [{"text": b.text, "by": b.cut.by, "reason": why_cut(b, learned)} for b in stored.article.blocks if b.cut]


def _print_article(
    stored: StoredArticle, fetched: list[Any], copies: Sequence[Copy], cut: Sequence[dict[str, str]]
) -> None:
    from ingest.cli.support.output import cell, cut_reason, print_line

    article = stored.article
    click.echo()
    print_line(f"article {stored.article_id}: {article.title or '(no title)'}")
    print_line(f"  revisions {stored.revision}: fetched {', '.join(cell(moment) for moment in fetched)}")
    if article.parts:
        print_line(f"  joined from {1 + sum(not part.note for part in article.parts)} pages:")
    for part in article.parts:
        print_line(f"    {part.url}{f' came to nothing: {part.note}' if part.note else ''}")
    if copies:
        print_line(f"  one of {len(copies)} copies, the earliest first (cluster {stored.cluster_id}):")
    for copy in copies:
        print_line(f"    {copy.article_id} {copy.source} {copy.url}")
    click.echo("\nclaims")
    print_claims(article.claims)
    click.echo(f"\nblocks: {len(article.kept)} kept, {len(cut)} cut")
    for block in cut:
        print_line(f"  {cut_reason(block['by'], block['reason'])}: {block['text'][:SHOWN_CHARS]}")


def print_claims(claims: Iterable[Claim]) -> None:
    """Print who said what for each field, and who won."""
    from ingest.cli.support.output import print_rows

    rows = sorted(claims, key=lambda claim: (claim.field, not claim.won))
    shown = [
        {
            "field": claim.field,
            "won": "won" if claim.won else "lost",
            "origin": claim.origin,
            "value": claim.value if isinstance(claim.value, str) else ", ".join(claim.value),
        }
        for claim in rows
    ]
    print_rows(shown, ("field", "won", "origin", "value"))


def _print_json(
    pages: Iterable[PageState],
    stored: StoredArticle | None,
    revisions: int,
    copies: Sequence[Copy],
    cut: Sequence[dict[str, str]],
) -> None:
    from dataclasses import asdict

    from ingest.cli.support.output import print_json
    from ingest.export.rows import row

    article = None
    if stored is not None:
        claims = [asdict(claim) for claim in stored.article.claims]
        article = {**row(stored), "revisions": revisions, "claims": claims, "cut": cut}
        article["parts"] = [{"url": part.url, "note": part.note} for part in stored.article.parts]
        article["copies"] = [asdict(copy) for copy in copies]
    print_json({"pages": [asdict(page) for page in pages], "article": article})


COMMAND = why
