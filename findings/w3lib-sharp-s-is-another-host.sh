#!/usr/bin/env bash
# Guess: w3lib.url.safe_url_string, which Scrapy puts every address through, makes of an address with letters beyond
# ASCII the one that a browser would open.
#
# Seen (w3lib 2.5.0; ada-url 4.0.0 follows the WHATWG URL standard as browsers do): the host goes through Python's
# codec for IDNA of 2003, which folds two letters away that have been letters of their own since 2008: the German
# sharp s becomes ss and the Greek final sigma becomes sigma. "fußball.example" and "fussball.example" are two
# registrable names with possibly two owners. furl 2.1.4 does the same, yarl 1.25.1 does not.
#
# Why it matters: the crawler asks a stranger's server, stores its page as the paper's, and no error says so. Instead:
# bring hosts to their xn-- form with a WHATWG or IDNA 2008 library before an address reaches w3lib; ASCII passes
# untouched.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'w3lib==2.5.0' 'ada-url==4.0.0' 'furl==2.1.4' 'yarl==1.25.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from ada_url import URL
from furl import furl
from w3lib.url import safe_url_string
from yarl import URL as Yarl

for typed, browser, w3lib in (
    ("http://fußball.example/", "http://xn--fuball-cta.example/", "http://fussball.example/"),
    ("http://νέος.example/", "http://xn--ixa5ahm.example/", "http://xn--ixa5ahq.example/"),
):
    expect(f"{typed} as browsers open it", URL(typed).href, browser)
    expect(f"{typed} by yarl", str(Yarl(typed)), browser)
    expect(f"{typed} by w3lib", safe_url_string(typed), w3lib)
    expect(f"{typed} by furl", furl(typed).url, w3lib)
    expect("the xn-- form passes unchanged", safe_url_string(browser), browser)
PY
