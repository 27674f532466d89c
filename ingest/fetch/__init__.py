"""Fetching: the Scrapy components between the spider's requests and the sockets.

scheduler.py         which request is next; host_queues.py a queue for each polite unit and a budget for each source
host_leases.py       which polite units this process may ask, where several processes share a database
politeness.py        when: delay, Retry-After, hosts closed for the run; delays.py decides
robots_txt/          whether: robots.txt by RFC 9309
guard.py             where to: public addresses, http and https only; addresses.py decides
http_handler.py      the connection; scrapy_internals.py every use of Scrapy's private names
limits.py            sizes and times of responses; bodies.py responses with another body
redirects.py, retry.py, conditional.py, secret_headers.py, session_cookies.py
                     one middleware each
render/              pages that scripts build
reasons.py           why there is no page, as a slug; shutdown.py the end of a crawl within seconds
settings_addon.py    what Scrapy's settings follow from ours; the components are named in settings.py
"""

from ingest.fetch.reasons import NotFetched, detail_of, kind_of, reason_of

__all__ = ["NotFetched", "detail_of", "kind_of", "reason_of"]
