"""How we behave on the wire: the Scrapy components between the spider's requests and the sockets.

scheduler.py     which request is next: one outstanding per polite unit, articles out of the store, budgets
politeness.py    when: delay, latency, Crawl-delay, Retry-After, hosts closed for the run (pace.py decides)
robots.py        whether: robots.txt by RFC 9309, kept over runs (rules.py reads it)
guard.py         where to: public addresses only, http and https only (addresses.py decides)
wire.py          the connection: one a host, bounded headers, bounded time
limits.py        what comes back: sizes, bombs, cut streams, statuses (decoding.py unpacks)
redirects.py, retry.py, conditional.py
render.py        pages that scripts build: render_browser.py and render_visit.py are Chromium and one page in it,
                 render_door.py is their only way out
private.py       headers of one source, for its own origin only
reasons.py       why there is no page: one slug for whatever went wrong
wiring.py        what Scrapy's settings follow from ours; the components themselves are named in settings.py
"""

from ingest.fetch.reasons import NotFetched, detail_of, kind_of, reason_of

__all__ = ["NotFetched", "detail_of", "kind_of", "reason_of"]
