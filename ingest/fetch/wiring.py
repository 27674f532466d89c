"""The lines settings.py needs so that all of this is at work, and Scrapy's impolite defaults are not."""

from __future__ import annotations

from typing import Any

from scrapy.settings import BaseSettings

from ingest import __version__
from ingest import config as configuration
from ingest.config import Config

FETCH_SETTINGS: dict[str, Any] = {
    "SCHEDULER": "ingest.fetch.frontier.Frontier",
    "TWISTED_DNS_RESOLVER": "ingest.fetch.guard.GuardedResolver",
    "DOWNLOAD_HANDLERS": {
        "http": "ingest.fetch.wire.BoundedHandler",
        "https": "ingest.fetch.wire.BoundedHandler",
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    # a request passes from top to bottom, its response from bottom to top
    "DOWNLOADER_MIDDLEWARES": {
        "ingest.fetch.guard.Gate": 50,  # what need not be asked at all
        "ingest.fetch.robots.Robots": 200,  # may we?
        "ingest.fetch.conditional.Conditional": 350,  # has it changed?
        "ingest.fetch.retry.Retry": 540,  # once more, later
        "ingest.fetch.redirects.Redirects": 560,  # elsewhere
        "ingest.fetch.limits.Limits": 600,  # unpacked within bounds
        "ingest.fetch.politeness.Politeness": 800,  # not now
        "ingest.fetch.guard.Guard": 900,  # not there
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # it would take any *_proxy variable
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    },
    "SPIDER_MIDDLEWARES": {
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    },
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0.0,  # ours is upwards only; Scrapy's would halve the delay at times
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_FAIL_ON_DATALOSS": True,
    "DOWNLOAD_WARNSIZE": 0,
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    "COOKIES_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REFERER_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "URLLENGTH_LIMIT": 8000,
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    },
}


def fetch_settings(config: Config) -> dict[str, Any]:
    """Return the settings that follow from the operator's: who we are, how many at once, how much."""
    contact = f" (+{config.contact})" if config.contact else ""
    return FETCH_SETTINGS | {
        "USER_AGENT": f"ingest/{__version__}{contact}",
        "CONCURRENT_REQUESTS": config.hosts_at_once,
        "DOWNLOAD_DELAY": config.delay_s,
        "DOWNLOAD_TIMEOUT": config.request_timeout_s,
        "DOWNLOAD_MAXSIZE": config.page_max_bytes,
    }


class FromConfig:
    """Scrapy add-on: sets what follows from the operator's settings."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Read the INGEST_ settings and set Scrapy's own."""
        for name, value in fetch_settings(configuration.load(settings)).items():
            settings.set(name, value, priority="addon")
