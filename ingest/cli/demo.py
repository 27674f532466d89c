"""`ingest demo`: the bundled site, end to end."""

from __future__ import annotations

import click

from ingest.cli.crawl import crawl_sites
from ingest.cli.support.app import App, common_options
from ingest.cli.support.planning import json_option


@click.command("demo", epilog="Example: ingest demo && ingest show 1")
@json_option
@common_options
def demo(app: App, as_json: bool) -> None:
    """Crawl a small news site that ships with the program and is served on loopback: no network is needed."""
    from ingest.demo import Demo

    with Demo().serve(port=None) as site:
        app.overrides |= {"INGEST_ALLOW_NETWORKS": f"{site.host}/32", "INGEST_DELAY_S": 0.01}
        if not as_json:
            click.echo(f"The Tarnwick Courier, a site of the demo, is served at {site.url}", err=True)
        crawl_sites(app, [site.url], as_json=as_json, names=["demo"])


COMMAND = demo
