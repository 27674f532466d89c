"""Articles over several pages.

pagepeek.py       whether a page can have further pages, before it is parsed
pagenumbers.py    the next page and the first; pageaddresses.py what numbers in addresses mean
joining.py        the pages -> one article
"""
