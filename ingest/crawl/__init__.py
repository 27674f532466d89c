"""One crawl: what is planned, what is shared by its parts, how pages and sources end.

plan.py         what one run is to do, and the result of each source
run.py          the Scrapy extension that holds the store, the config and the recorder of outcomes
request_meta.py every key of `request.meta`, with its type
outcomes.py     records how each page ends: in the store, in the log, in the counters of its source
source_end.py   the end of a source in a run, and when it is due again
signals.py      signals beside Scrapy's own
one_text.py     one text at several addresses of a site
recrawl.py      when a page is fetched again, and how often an article may be revised
recovery.py     what a killed run left unfinished
lock.py         one run per database and shard
extensions.py   stages, seed readers and exports of one's own, by import path
cooperative.py  lets the event loop serve timers and sockets between two long pieces of work
"""
