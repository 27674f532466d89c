#!/usr/bin/env bash
# Guess: the private part of the public suffix list tells the blogs of one host apart: the large blog hosts, at least,
# are in it.
#
# Seen (list of 23 October 2026 in publicsuffixlist 1.1.2.20261023): hosts enter it by asking. blogspot.com,
# github.io, pages.dev, wixsite.com and hatenablog.com did, so ann.blogspot.com is a site of its own. wordpress.com,
# substack.com, tumblr.com, livejournal.com, squarespace.com and ghost.io are not in it, so ann.substack.com and
# bob.substack.com are one site; and the national names of Blogger, blogspot.co.uk and others, were taken out again.
# tldextract 5.4.0 knows even fewer unless include_psl_private_domains is set.
#
# Why it matters: "same site" by registrable domain lets a crawl of one blog on such a host take in all others that it
# links to, under the name of the first. Instead: for crawling, the host of the source and hosts below it, or a list
# of blog hosts of one's own beside the public one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'publicsuffixlist==1.1.2.20261023' 'tldextract==5.4.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from publicsuffixlist import PublicSuffixList
from tldextract import TLDExtract

suffixes = PublicSuffixList()
extract = TLDExtract(suffix_list_urls=())  # the list it brings along; nothing is fetched
LISTED = ("blogspot.com", "github.io", "pages.dev", "wixsite.com", "hatenablog.com")
OTHERS = ("wordpress.com", "substack.com", "tumblr.com", "livejournal.com", "squarespace.com", "ghost.io", "blogspot.co.uk")
for host in LISTED:
    expect(host, suffixes.privatesuffix(f"ann.{host}"), f"ann.{host}")
for host in OTHERS:
    expect(host, (suffixes.privatesuffix(f"ann.{host}"), suffixes.privatesuffix(f"bob.{host}")), (host, host))
expect("tldextract as it comes", extract("ann.github.io").top_domain_under_public_suffix, "github.io")
PY
