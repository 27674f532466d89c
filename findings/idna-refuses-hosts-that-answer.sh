#!/usr/bin/env bash
# Guess: idna.encode leaves a host of ASCII letters, digits, hyphens and underscores as it is; there is nothing to
# encode.
#
# Seen (idna 3.20): each label is held to IDNA 2008. "my_blog.example" raises InvalidCodepoint and "r3---sn.example"
# an IDNAError for its hyphens in third and fourth place, with uts46=True as well. Both kinds of name are looked up in
# the DNS every day (blog platforms, delivery networks), and browsers open them: ada-url 4.0.0, which follows the
# WHATWG standard, keeps them.
#
# Why it matters: code that normalises hosts with idna throws away every link to such blogs as invalid, or dies at
# one. Instead: encode only hosts with letters beyond ASCII or with xn-- labels, or let a WHATWG parser do it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'idna==3.20' 'ada-url==4.0.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import idna
from ada_url import URL


def encoded(host, **options):
    try:
        return idna.encode(host, **options).decode()
    except idna.IDNAError as error:
        return type(error).__name__


for host, refused in (("my_blog.example", "InvalidCodepoint"), ("r3---sn.example", "IDNAError")):
    expect(f"{host} by idna", encoded(host), refused)
    expect(f"{host} by idna with uts46", encoded(host, uts46=True), refused)
    expect(f"{host} by a browser's rules", URL(f"https://{host}/").hostname, host)
expect("bücher.example", encoded("bücher.example"), "xn--bcher-kva.example")
PY
