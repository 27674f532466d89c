"""Forty generated small sites without feeds and sitemaps: who finds their articles, and for how many requests.

    python -m benchmarks.discovery [--sites pelican,ghost] [--tools ingest,trafilatura]

`ingest crawl` beside trafilatura's focused crawler, which may visit as many pages of a site as the bound of
tests/crawl/test_small_sites.py. Found: articles stored by ingest, article addresses known to the focused crawler at its
end; precision: the share of articles among what was stored, or among the addresses known. A table comes out.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from configparser import ConfigParser
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.store import open_store
from tests.smallsites import forty
from tests.smallsites.server import NETWORK, Served, serving

REQUESTS_AN_ARTICLE, REQUESTS_A_SITE = 1.6, 7
DELAY_S = "0.01"  # the same for both

Found = dict[str, set[str]]  # name of a site -> addresses


def with_ingest(served: Sequence[Served]) -> Found:
    """Crawl all sites with one command; return what was stored."""
    with tempfile.TemporaryDirectory(prefix="bench-discovery-") as home:
        environment = os.environ | {"INGEST_HOME": home, "INGEST_ALLOW_NETWORKS": NETWORK, "INGEST_DELAY_S": DELAY_S}
        command = [sys.executable, "-m", "ingest", "crawl", *(f"{one.url}/" for one in served)]
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        store = open_store(f"sqlite:///{Path(home) / 'ingest.db'}")
        urls = {stored.article.url for stored in store.articles.each()}
        store.close()
    return {one.site.name: {url for url in urls if url.startswith(f"{one.url}/")} for one in served}


def with_trafilatura(served: Sequence[Served]) -> Found:
    """Let the focused crawler visit each site; return the addresses it knows at the end."""
    from trafilatura.settings import DEFAULT_CONFIG
    from trafilatura.spider import focused_crawler

    config: ConfigParser = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"]["SLEEP_TIME"] = DELAY_S
    config["DEFAULT"]["SSRF_PROTECTION"] = "no"  # the sites are on loopback
    found: Found = {}
    with _named(served) as names:
        for one in served:
            most = int(REQUESTS_AN_ARTICLE * len(one.articles) + REQUESTS_A_SITE)
            _, known = focused_crawler(f"{names[one.url]}/", max_seen_urls=most, config=config)
            urls = {url.replace(names[one.url], one.url) for url in known}
            found[one.site.name] = urls - {f"{one.url}/", one.url}
    return found


@contextmanager
def _named(served: Sequence[Served]) -> Iterator[dict[str, str]]:
    """Give the sites host names in this process: the crawler does not take an IP address for a site."""
    resolve = socket.getaddrinfo
    hosts = {f"small{number}.example.org": urlsplit(one.url) for number, one in enumerate(served)}

    def known(host: Any, *rest: Any, **more: Any) -> Any:
        return resolve(hosts[host].hostname if host in hosts else host, *rest, **more)

    socket.getaddrinfo = known
    try:
        yield {parts.geturl(): f"http://{host}:{parts.port}" for host, parts in hosts.items()}
    finally:
        socket.getaddrinfo = resolve


TOOLS: dict[str, Callable[[Sequence[Served]], Found]] = {"ingest": with_ingest, "trafilatura": with_trafilatura}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", default="", help="parts of their names, by commas")
    parser.add_argument("--tools", default=",".join(TOOLS))
    chosen = parser.parse_args()
    wanted = [part for part in chosen.sites.split(",") if part]
    sites = [site for site in forty() if not wanted or any(part in site.name for part in wanted)]
    print("| tool | articles found | recall | precision | requests an article |\n|---|--:|--:|--:|--:|")
    for name in chosen.tools.split(","):
        with serving(sites) as served:
            found = TOOLS[name](served)
            articles = sum(len(one.articles) for one in served)
            hit = sum(len(found[one.site.name] & one.articles) for one in served)
            given = sum(map(len, found.values()))
            asked = sum(one.asked.total() for one in served)
        precision = hit / given if given else 0.0
        print(
            f"| {name} | {hit} of {articles} | {hit / articles:.3f} | {precision:.3f} | {asked / articles:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
