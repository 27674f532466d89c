"""Keeping it running: what is done beside and after a crawl.

relearn.py      learn boilerplate after a run; reextract.py extract again; rules.py try rules on stored pages
source_wide.py  authors, tags and pictures that are the source's own
health.py       problems of sources; anomalies.py finds them, bands.py the usual range, likely_cause.py the reason
alerts.py       send findings; saved_searches.py new articles that match;
                article_changes.py revised and removed ones; hooks.py each new one;
                heartbeat.py, posting.py, prometheus.py
imports.py      import archives; cleaning.py clean documents; prune.py retention; schedule.py cron and systemd
fleet/          several machines
"""
