"""Small sites as the usual generators write them, without feeds and sitemaps: what discovery has to find whole."""

from tests.smallsites.sites import SmallSite, forty

__all__ = ["SmallSite", "forty"]
