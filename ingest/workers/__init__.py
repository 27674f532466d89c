"""Worker processes that extract pages: they use several cores, and a page that hangs, fills the memory or crashes its
process costs only itself.

limits.py             what one page may use, and the reason of a page that used more
worker.py             the process: one task after the other, within limits that the kernel enforces
forkserver.py         the process that imports once what all workers need, and forks them: 0.05 s each, not 1.2
prestart.py           starts the fork server while the crawl still imports its own parts
control.py            the fork server as seen from the crawl: requests and exits
pool.py               the workers as seen from the crawl: which are free, which died and are replaced
mapping.py            many tasks in their order, for a caller without an event loop
adaptive_executor.py  in the crawl's own process or, when it pays, in the pool: small crawls start no process

Own code, because the known pools lack what hostile pages need. concurrent.futures breaks as a whole when one process
dies and loses the tasks of all others; pebble kills by the clock, which on a busy machine hits the innocent, and
knows no limit on memory; both import the main module again, or fork one that has threads. multiprocessing's fork server
imports modules but warms nothing up, and says nothing when that fails; starting a process there holds the caller's
event loop up until the server is there; its processes are killed by a pid that may be another's by then, and when the
crawl dies it ends without them.
"""

from ingest.workers.adaptive_executor import MANY, AdaptiveExecutor, cores
from ingest.workers.control import PoolError
from ingest.workers.limits import PageLimits
from ingest.workers.mapping import OrderedResults
from ingest.workers.pool import Pool
from ingest.workers.prestart import begun

__all__ = ["MANY", "AdaptiveExecutor", "OrderedResults", "PageLimits", "Pool", "PoolError", "begun", "cores"]
