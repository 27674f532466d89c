"""A page beyond reading costs itself and is told, and no process is left behind."""

from __future__ import annotations

import pytest

from tests.command import RunIngest
from tests.fetch.server import Server, serving

FLOOD = b"<p " + b"".join(b"a%d=1 " % number for number in range(60_000)) + b">text</p>"  # 25 s in libxml2
PAGE = (
    "<html><head><title>Harvest</title></head><body><article><h1>Harvest</h1>"
    + "".join(
        f"<p>The apples of row {n} were early this year, and the pears of row {n} came late again.</p>"
        for n in range(9)
    )
    + "</article></body></html>"
)


@pytest.mark.slow
def test_a_page_that_takes_too_long_costs_itself_and_is_reported(run_ingest: RunIngest) -> None:
    with serving(host := Server("127.3.9.1", {"/2026/01/02/flood-of-attributes": FLOOD, "/2026/01/02/harvest": PAGE})):
        urls = [host.url + path for path in host.pages]
        env = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16", "INGEST_WORKERS": "1"}
        done = run_ingest("fetch", *urls, "--json", env=env)
    told = [(page["outcome"], page["reason"]) for page in done.json]
    assert told == [("failed", "extract-cpu"), ("stored", told[1][1])]
    assert done.code == 3
