"""Which sites we ingest, as a person declared them; and what to suggest when only a home page is known.

sources.toml and sources.d/*.toml are the wish, the database is the memory: the files win for what shall be.
"""

from ingest.sources.file import SourcesFile, load, remove, template, write
from ingest.sources.probe import common_paths, name_of, suggest

__all__ = ["SourcesFile", "common_paths", "load", "name_of", "remove", "suggest", "template", "write"]
