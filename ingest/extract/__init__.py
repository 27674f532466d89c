"""Page -> Article. The way through is `article.extract`; nothing is imported here.

The crawl's process needs the dates, the screen and the page numbers of this room; the rest, with numpy and the models,
is for whoever reads pages.
"""
