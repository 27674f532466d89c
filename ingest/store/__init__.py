"""The database: sources, pages and the frontier, articles, runs and their counters, in SQLite or PostgreSQL.

The only package that speaks SQL. Other packages call the methods of `Store` and get the values of ingest.model and of
`values.py`; rows stay inside. Writes happen in transactions that nest: the outermost commits, an error undoes all.

store.py     opens the database; values.py what it gives and takes; exports.py named exports; notices.py
             what is reported once; overview.py for the report
db/ articles/ pages/ runs/ search/ fleet/ maintenance/ migrations/    one package a subject
table_file.py    a table as an SQLite file of its own
"""

from ingest.store.articles.changes import ArticleChange
from ingest.store.articles.clusters import Copy
from ingest.store.db.engine import file_of_database
from ingest.store.maintenance.backup import backup
from ingest.store.maintenance.check import Fault
from ingest.store.maintenance.forget import REASON as FORGOTTEN
from ingest.store.maintenance.forget import Forgotten
from ingest.store.maintenance.prune import Prunable, RetentionLimits
from ingest.store.maintenance.upgrade import upgrade
from ingest.store.notices import NoticedArticle, NoticeWindow, WaitingArticles
from ingest.store.search.counting import CountBy
from ingest.store.store import Places, Store, check_database, open_store
from ingest.store.values import (
    UNLIKELY,
    Counts,
    DueEntry,
    FailedFetch,
    Finding,
    Hit,
    HostState,
    PageEnd,
    PageState,
    PageStatus,
    Period,
    QueuedPage,
    Revision,
    RunInfo,
    SearchFilter,
    SeedPoll,
    SeedState,
    SourceEnd,
    SourceRun,
    SourceRunEnd,
    SourceState,
    SourceSummary,
    StoredArticle,
)

__all__ = [
    "FORGOTTEN",
    "UNLIKELY",
    "ArticleChange",
    "Copy",
    "CountBy",
    "Counts",
    "DueEntry",
    "FailedFetch",
    "Fault",
    "Finding",
    "Forgotten",
    "Hit",
    "HostState",
    "NoticeWindow",
    "NoticedArticle",
    "PageEnd",
    "PageState",
    "PageStatus",
    "Period",
    "Places",
    "Prunable",
    "QueuedPage",
    "RetentionLimits",
    "Revision",
    "RunInfo",
    "SearchFilter",
    "SeedPoll",
    "SeedState",
    "SourceEnd",
    "SourceRun",
    "SourceRunEnd",
    "SourceState",
    "SourceSummary",
    "Store",
    "StoredArticle",
    "WaitingArticles",
    "backup",
    "check_database",
    "file_of_database",
    "open_store",
    "upgrade",
]
