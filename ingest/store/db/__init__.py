"""The database itself: engine, transactions, tables and column types.

engine.py         SQLite and PostgreSQL, and their errors as one line; locks.py advisory locks
unit_of_work.py   nested and grouped transactions
schema.py         the tables; types.py the column types; codec.py model values in columns
counters.py       counters of a source in a run
keys.py           URL keys, cached; source_ids.py names of sources and their row ids
"""
