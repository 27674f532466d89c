"""Which sites we ingest, as a person declared them; and what to suggest when only a home page is known.

sources.toml and sources.d/*.toml are the wish, the database is the memory: the files win for what shall be.

file.py      sources.toml; checks.py what it may hold; names.py only the names; secrets.py secret headers
             comments.py keeps the comments with their tables
ad_hoc.py    sources for typed addresses; probe.py seeds of a site; opml.py, site_config.py other tools' files
"""

from ingest.sources.ad_hoc import ad_hoc, source_for
from ingest.sources.file import (
    SourcesFile,
    changed_at,
    fragment,
    load,
    load_if_any,
    remove,
    template,
    write,
    write_all,
    write_rules,
)
from ingest.sources.opml import read_opml, read_subscriptions, unknown, write_opml
from ingest.sources.probe import common_paths, feed_pages, feeds_listed, name_of, suggest

__all__ = [
    "SourcesFile",
    "ad_hoc",
    "changed_at",
    "common_paths",
    "feed_pages",
    "feeds_listed",
    "fragment",
    "load",
    "load_if_any",
    "name_of",
    "read_opml",
    "read_subscriptions",
    "remove",
    "source_for",
    "suggest",
    "template",
    "unknown",
    "write",
    "write_all",
    "write_opml",
    "write_rules",
]
