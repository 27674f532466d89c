"""Pages, the frontier and what is stored about seeds and hosts.

pages.py          every URL met, and how it ended; frontier.py those still to be fetched
modifications.py  pages that a seed calls modified
seeds.py          validators and polls of seeds; hosts.py delays and robots.txt; snapshots.py where raw pages lie
"""
