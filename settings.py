"""The wiring: the stages in order, how polite we are, where the database is.

Values of your own go into the first section; INGEST_* environment variables outrank them, sources.toml outranks both.
`ingest config --show` tells every setting, its value and where it came from. Only this file reads the environment.
"""

import os
from pathlib import Path

# ---------------------------------------------------------------- yours: uncomment and change

# INGEST_CONTACT = "you@example.org"
# INGEST_DATABASE_URL = "postgresql://ingest@localhost/ingest"
# INGEST_DELAY_S = 2.0

# ---------------------------------------------------------------- what happens to one page, in this order

ITEM_PIPELINES = {
    "pipelines.snapshot.KeepSnapshot": 100,  # keep the raw page
    "pipelines.extract.ExtractArticle": 200,  # page -> article
    "pipelines.strip.StripBoilerplate": 300,  # cut what recurs on this site
    "pipelines.screen.ScreenArticle": 400,  # is it an article at all?
    "pipelines.identify.IdentifyArticle": 500,  # new, revision, duplicate?
    "pipelines.store.StoreArticle": 600,  # one transaction
}

# what happens to each crawled source after the run
AFTER_RUN = {
    "ingest.ops.relearn.after_run": 100,  # learn what recurs and cut it from the articles that taught it
}

# ---------------------------------------------------------------- the environment outranks what stands above

INGEST_ORIGINS = {name: "settings.py" for name in tuple(globals()) if name.startswith("INGEST_")}
for _name, _value in os.environ.items():
    if _name.startswith("INGEST_") and _name.endswith("_FILE"):  # a secret in a file, as containers hand them over
        _name, _value = _name.removesuffix("_FILE"), Path(_value).read_text(encoding="utf-8").strip()
    if _name.startswith("INGEST_"):
        globals()[_name] = _value
        INGEST_ORIGINS[_name] = "environment"
