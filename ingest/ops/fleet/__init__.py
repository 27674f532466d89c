"""Several machines on one PostgreSQL.

due_queue.py     due sources as jobs; worker.py takes batches of them; batch_crawl.py one batch
upkeep.py        queues what is due, rescues stalled jobs; state.py the numbers
"""
