"""Page -> Article. The way through is `article.extract`; nothing is imported here.

The crawl's process needs the dates, the screen and the page numbers only; the rest, with numpy and the models, is for
processes that read pages.

article.py   page -> article; rules.py a person's rules; screen.py whether the page is an article; walls.py pages that
             stand in the place of an article
html/        the parsed page; metadata/ title, authors, dates; body/ the text; multipage/ further pages
"""
