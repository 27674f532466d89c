"""Runs, sources and findings.

runs.py              the log of runs and the counters of each source in each
sources.py           what is declared and due; source_summaries.py one line a source
history.py           a source's counters over weeks; findings.py what needs a person
"""
