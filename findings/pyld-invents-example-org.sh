#!/usr/bin/env bash
# Guess: without a base, JSON-LD expansion leaves relative addresses as they are, or drops them.
#
# Seen (PyLD 3.3.0): documents given as Python values get a base made up by the library. A relative "url" becomes an
# absolute address at example.org, "#article" as an @id becomes http://example.org/base/#article, and in RDF they are
# ordinary absolute names. Only an option `base` that is not empty puts another in its place; base="" counts as none.
#
# Why it matters: publishers write "url": "/2026/flood" and "@id": "#article" all the time. Two articles of two papers
# get one and the same @id and are merged in a graph, and nothing in the data says that the host was invented.
# Instead: always pass base=the address of the page, after redirects and <base href>.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'PyLD==3.3.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from pyld import jsonld

CONTEXT = {"@vocab": "https://schema.org/", "url": {"@type": "@id"}}
article = {"@context": CONTEXT, "@id": "#article", "@type": "NewsArticle", "url": "/2026/flood"}
other = {"@context": CONTEXT, "@id": "#article", "@type": "NewsArticle", "url": "/2026/fire"}


def addresses(document, **options):
    node = jsonld.expand(document, options)[0]
    return node["@id"], node["https://schema.org/url"][0]["@id"]


expect("no base", addresses(article), ("http://example.org/base/#article", "http://example.org/2026/flood"))
expect("another paper's article has the same @id", addresses(other)[0], addresses(article)[0])
known = ("https://news.example/a#article", "https://news.example/2026/flood")
expect("base given", addresses(article, base="https://news.example/a"), known)
expect("base empty", addresses(article, base=""), addresses(article))
PY
