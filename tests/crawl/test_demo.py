"""`ingest demo`, the first command a new user types: every article stored, whole, without the site's furniture."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from ingest.demo import expected
from ingest.demo.articles import read_articles
from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url

# as shipped: it opens its own address, has a delay of its own, and reads in processes when that pays
DEFAULTS = {"INGEST_ALLOW_NETWORKS": "", "INGEST_DELAY_S": "1", "INGEST_WORKERS": ""}


def test_the_demo_ends_with_every_article_clean_in_the_database(run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("demo", env=DEFAULTS)
    assert done.code == 0, done.stderr
    assert done.table["demo"]["stored"] == str(len(expected()))
    assert int(done.table["demo"]["stripped"]) > len(expected())
    assert f"--home {home} show 1" in done.stdout
    stored = {urlsplit(url).path: one.article for url, one in articles(sqlite_url(home)).items()}
    assert set(stored) == set(expected())
    standfirsts = {article.path: article.standfirst for article in read_articles()}
    for path, (title, paragraphs) in expected().items():
        article = stored[path]
        assert article.title == title
        kept = [block.text for block in article.kept]
        assert [text for text in kept if text != standfirsts[path]] == list(paragraphs)
    for article in read_articles():
        assert stored[article.path].authors == article.authors
        published = stored[article.path].published
        assert published is not None
        assert published.at == article.published
