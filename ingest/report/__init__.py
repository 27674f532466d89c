"""Pages for people to look at, each one self-contained HTML file that loads nothing.

numbers.py   the numbers; figures.py the plots; overview.py the page; page.py its frame
blocks.py    learned blocks; cuts.py one text with its cuts; datasette.py settings for Datasette
"""
