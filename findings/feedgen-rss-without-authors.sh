#!/usr/bin/env bash
# Guess: an author given to a feedgen entry is in both feeds it can write, Atom and RSS.
#
# Seen (feedgen 1.0.0): RSS's <author> is a mail address by its specification, so feedgen writes it only for authors
# with one. A name alone, which is what article pages give, is in the Atom feed and silently left out of the RSS feed;
# nothing is written in its place. Only the extension "dc", loaded and filled separately, brings a dc:creator.
#
# Why it matters: a newsroom's feed that switches from Atom to RSS loses all its bylines, and no test of the Atom
# output notices. Instead: load the extension and set both, or write dc:creator yourself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'feedgen==1.0.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from feedgen.feed import FeedGenerator


def feed(with_dc):
    made = FeedGenerator()
    if with_dc:
        made.load_extension("dc")
    made.id("https://news.example/")
    made.title("News")
    made.link(href="https://news.example/")
    made.description("All the news")
    entry = made.add_entry()
    entry.id("https://news.example/a")
    entry.title("A flood")
    entry.link(href="https://news.example/a")
    entry.author(name="Ann Example")
    if with_dc:
        entry.dc.dc_creator("Ann Example")
    return made


plain = feed(with_dc=False)
expect("name in Atom", plain.atom_str().count(b"Ann Example"), 1)
expect("name in RSS", plain.rss_str().count(b"Ann Example"), 0)
expect("name in RSS with dc", feed(with_dc=True).rss_str().count(b"<dc:creator>Ann Example</dc:creator>"), 1)
PY
