"""A web of our own on loopback: sites in five languages, a clock, named misbehaviours, a log of every request."""

from tests.site.server import NETWORK, Exchange, Web
from tests.site.sites import Site, SiteArticle

__all__ = ["NETWORK", "Exchange", "Site", "SiteArticle", "Web"]
