"""The Tarnwick Courier: a small news site that ships with the package, so that the first try needs no network.

The town, its people and every article were written for this purpose. `articles/` holds them as data, `articles.py`
reads them, `pages.py` and `seeds.py` turn them into the documents of a site, `server.py` serves those on loopback.
What a perfect extraction of the site would give comes from the same data: `expected()`.
"""

from ingest.demo.articles import expected
from ingest.demo.server import DEMO_PORT, Demo, Running

__all__ = ["DEMO_PORT", "Demo", "Running", "expected"]
