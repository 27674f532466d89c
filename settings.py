"""The settings of Scrapy and of ingest: stages, middlewares, politeness, database.

Values of your own go into the first section; INGEST_* environment variables outrank them, sources.toml outranks both.
`ingest config --show` shows every setting, its value and where it came from. Only this file reads the environment.
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

# what happens to each crawled source when its pages are done
AFTER_RUN = {
    "ingest.ops.relearn.relearn": 100,  # learn what recurs and cut it from the articles that taught it
}

# what happens to all of them together, then
AT_END = {
    "ingest.ops.health.look": 100,  # what is not as it was becomes a finding
}

# ---------------------------------------------------------------- what records the run

# Scrapy's own parts are named where they are wanted: what stands in a _BASE setting is imported even when it is turned
# off, and the libraries behind it (aiohttp, tldextract) cost a third of a second of CPU each run.
EXTENSIONS_BASE: dict[str, int] = {}
EXTENSIONS = {
    "ingest.crawl.run.Run": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,  # --max-runtime
}
SPIDER_MODULES = ["ingest.spiders"]
LOG_FORMATTER = "ingest.spiders.logs.QuietFormatter"  # our events say how each page ended

# ---------------------------------------------------------------- how requests are made

SCHEDULER = "ingest.fetch.scheduler.Scheduler"
TWISTED_DNS_RESOLVER = "ingest.fetch.guard.GuardedResolver"
DOWNLOAD_HANDLERS = {
    "http": "ingest.fetch.http_handler.BoundedHttpHandler",
    "https": "ingest.fetch.http_handler.BoundedHttpHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {  # a request passes from top to bottom, its response from bottom to top
    "ingest.fetch.guard.UrlFilterMiddleware": 50,  # what need not be asked at all
    "ingest.fetch.robots_txt.middleware.RobotsMiddleware": 200,  # may we?
    "ingest.fetch.secret_headers.SecretHeadersMiddleware": 300,  # what only this host may see
    "ingest.fetch.conditional.ConditionalGetMiddleware": 350,  # has it changed?
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,  # what we take
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,  # who we are
    "ingest.fetch.retry.RetryMiddleware": 540,  # once more, later
    "ingest.fetch.redirects.RedirectMiddleware": 560,  # elsewhere
    "ingest.fetch.render.middleware.RenderMiddleware": 580,  # as its scripts make it, for sources that say so
    "ingest.fetch.limits.BodyLimitsMiddleware": 600,  # unpacked within bounds
    "ingest.fetch.politeness.PolitenessMiddleware": 800,  # not now
    "ingest.fetch.guard.ProxyMiddleware": 900,  # not there
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,  # its errors end as outcomes
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": 800,
}
ADDONS = {
    "ingest.fetch.settings_addon.SettingsAddon": 0
}  # what follows from the INGEST_ settings: delay, timeouts, sizes
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY_JITTER = 0.0  # ours is upwards only; Scrapy's would halve the delay at times
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_FAIL_ON_DATALOSS = True
DOWNLOAD_WARNSIZE = 0
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the store knows which pages were met
COOKIES_ENABLED = False
# for components that are not loaded
METAREFRESH_ENABLED = False
REFERER_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
URLLENGTH_LIMIT = 8000
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

# ---------------------------------------------------------------- the environment outranks what stands above

INGEST_ORIGINS = {name: "settings.py" for name in tuple(globals()) if name.startswith("INGEST_")}
for _name, _value in os.environ.items():
    if _name.startswith("INGEST_") and _name.endswith("_FILE"):  # a secret in a file, as containers provide them
        _name, _value = _name.removesuffix("_FILE"), Path(_value).read_text(encoding="utf-8").strip()
    if _name.startswith("INGEST_"):
        globals()[_name] = _value
        INGEST_ORIGINS[_name] = "environment"
os.environ.setdefault("LESS", "-R")  # colours through the pager; click set it until 8.4, since 8.5 it does not
