"""Title, authors, dates and the other fields: claims from the page, and which one wins.

metadata.py     gathers the claims and resolves each field (claims.py records them)
structured.py   meta and link elements, microdata, JSON-LD; head.py the texts beside the title
titles.py       the title
authors.py      the authors; bylines.py finds bylines, names.py splits them, words.py holds their vocabulary
moments.py      published and modified; dates.py reads dates, datelines.py finds those that are shown
locales.py      country and language for dates; tags.py, sections.py, languages.py, addresses.py
pictures.py     the article's pictures with caption and credit; logos and placeholders by their address
"""
