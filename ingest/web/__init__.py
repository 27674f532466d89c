"""Addresses and markup, before a page is parsed.

urls.py           normal form of an address, its key, its origin, its polite unit and its site (blog_hosts.txt)
suffix_countries.py   the country of a host name
url_patterns.py   what an address alone says: article, listing, pagination or trap
charset.py        which encoding bytes are in, and the bytes as UTF-8
decoding.py       Content-Encoding undone within bounds; gunzip.py gzip alone
html_limits.py    bounds for markup that a parser would take too long over
operator_patterns.py  patterns of sources.toml, searched for within a time limit
redact.py         secrets taken out of what people or logs will see
sniff.py          bytes that are no page, whatever they are called
page_redirects.py  where a page leads on to by itself
javascript.py     whether a page is empty until its scripts have run
"""
