"""The Scrapy spiders: they turn due sources into pages; packages and stages do the rest."""
