"""Pages, the frontier and what is remembered of seeds and hosts.

pages.py      every URL met; frontier.py those still to be fetched; endings.py how pages end
changes.py    pages that a seed calls modified
seeds.py      validators and polls of seeds; hosts.py delays and robots.txt; snapshots.py where raw pages lie
"""
