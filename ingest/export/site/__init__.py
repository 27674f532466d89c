"""Articles as a folder of web pages to read without a server or a network: `ingest report --articles`.

folder.py       writes the folder: one pass over the articles, then lists and search; memory does not grow with texts
pages.py        the HTML, everything from outside escaped; site.css its looks
search_index.py the words of all articles in small files; search.js finds them in the browser
"""

from ingest.export.site.folder import write_site

__all__ = ["write_site"]
