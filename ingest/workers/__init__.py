"""Processes that read pages: several cores at work, and a page that hangs, swells or crashes costs nothing but itself.

limits.py      what one page may use, and how a process that used more is told from one that died otherwise
worker.py      the process: one task after the other, within limits that the kernel holds
forkserver.py  the process that loads what all workers need, once, and forks them: a fresh one costs 0.05 s, not 1.2
early.py       the fork server begun while the crawl still imports its own parts
control.py     the fork server as seen from the crawl: who is asked for, who ended and how
pool.py        the workers as seen from the crawl: who has a place, who died and is replaced
crew.py        in the crawl's own process or, when it pays, in the pool: small crawls start no process

Own code, because the known pools lack what hostile pages ask for. concurrent.futures breaks as a whole when one process
dies and loses what all others had in hand; pebble kills by the clock, which on a busy machine hits the innocent, and
knows no limit on memory; both import the main module again, or fork one that has threads. multiprocessing's fork server
imports modules but warms nothing up, and says nothing when that fails; starting a process there holds the caller's
event loop up until the server is there; its processes are killed by a pid that may be another's by then, and when the
crawl dies it ends without them.
"""

from ingest.workers.adaptive_executor import MANY, AdaptiveExecutor, cores
from ingest.workers.control import PoolError
from ingest.workers.limits import PageLimits
from ingest.workers.pool import Pool
from ingest.workers.prestart import begun

__all__ = ["MANY", "AdaptiveExecutor", "PageLimits", "Pool", "PoolError", "begun", "cores"]
