"""The Scrapy spiders: they turn due sources into pages and leave everything else to rooms and stages."""
