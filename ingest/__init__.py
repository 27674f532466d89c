"""Finds, fetches, cleans and stores the articles of news sites and blogs.

`extract` is the one function for programs that have a page already; everything else is reached by the command line.
"""

import ingest.extract  # noqa: F401 - loaded first: when its modules are imported later, the function keeps the name
from ingest.api import Extracted, extract
from ingest.version import __version__

__all__ = ["Extracted", "__version__", "extract"]
