"""The Scrapy spiders: they turn due sources into pages; packages and stages do the rest.

articles.py     the spider; discovery.py the seeds of a source, seed_schedule.py when they are asked
pagination.py   articles over several pages; pages.py response -> page; logs.py Scrapy's own log lines
archive.py      pages out of archives; linked.py addresses that answer only with all their parameters
"""
