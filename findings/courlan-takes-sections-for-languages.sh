#!/usr/bin/env bash
# Guess: check_url(url, language="en") refuses addresses that are plainly of another language, such as /de/, and keeps
# the rest of an English site.
#
# Seen (courlan 1.4.0, which trafilatura's crawler, feed and sitemap readers use for target_lang): any first folder of
# two letters that is a language's code is a language. /uk/politics... is Ukrainian and refused, so are /it/..., the
# section on computers, and /in/..., India; /us/, /tv/ and /ai/ pass because no language has those codes. Whatever has
# "gallery" as a folder is refused without any language.
#
# Why it matters: an English paper's whole section of home news is missing, with no error and no log at the usual
# level. Instead: leave the language out for discovery and judge by the text after extraction.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'courlan==1.4.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from courlan import check_url


def kept(path, **options):
    return check_url(f"https://news.example.org/{path}", **options) is not None


for path, any_language, english in (
    ("uk/budget-passed-today", True, False),
    ("it/phones-of-the-year", True, False),
    ("in/monsoon-arrives-early", True, False),
    ("us/budget-passed-today", True, True),
    ("ai/new-model-is-out", True, True),
    ("tv/show-is-renewed", True, True),
    ("gallery/storm-in-pictures", False, False),
):
    expect(f"/{path}", kept(path), any_language)
    expect(f"/{path} in English", kept(path, language="en"), english)
PY
