"""What Scrapy's own settings follow from the operator's INGEST_ settings, sources.toml included."""

from __future__ import annotations

from scrapy.settings import Settings

from ingest.config import Config
from ingest.crawl.extensions import with_order
from ingest.version import __version__

PRIORITY = "cmdline"  # above sources.toml, which speaks as the spider does


class SettingsAddon:
    """Scrapy add-on: who we are, how many hosts at once, how long and how much; settings.py names it in ADDONS."""

    def update_settings(self, settings: Settings) -> None:
        """Set them; called when the spider's settings are known."""
        config = Config.from_settings(settings)
        values: dict[str, object] = {
            "USER_AGENT": user_agent(config.contact),
            "CONCURRENT_ITEMS": 1,  # a response has one; Scrapy starts so many tasks for each, 100 take 1.3 ms
            "CONCURRENT_REQUESTS": config.hosts_at_once,
            "DOWNLOAD_DELAY": config.delay_s,
            "DOWNLOAD_TIMEOUT": config.request_timeout_s,
            "DOWNLOAD_MAXSIZE": config.page_max_bytes,
        }
        if config.stages:
            values["ITEM_PIPELINES"] = settings.getdict("ITEM_PIPELINES") | with_order(config.stages)
        for name, value in values.items():
            settings.set(name, value, priority=PRIORITY)


def user_agent(contact: str) -> str:
    """Return "ingest/VERSION (+contact)", in the bytes a header may have."""
    plain = "".join(char for char in contact if char.isascii() and char.isprintable() and char not in "()")
    return f"ingest/{__version__} (+{plain})" if plain else f"ingest/{__version__}"
