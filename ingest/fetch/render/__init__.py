"""Pages that scripts build, in one headless Chromium.

middleware.py     the downloader middleware; browser.py the browser; visit.py one page in it
egress_proxy.py   the browser's only way to the network
"""
