#!/usr/bin/env bash
# Guess: a library that tells how long a text takes to read counts characters where a script has no spaces, or says
# that it cannot.
#
# Seen (readtime 3.0.0): a word is what stands between two characters that are no letters or digits. A Chinese or
# Japanese clause between two marks of punctuation is one word: 6,000 characters, some twelve minutes, are two. A text
# without punctuation takes a second. In Thai the vowel signs part words, in Hindi too, so that a word there counts
# two or three times.
#
# Why it matters: reading times beside articles, and every rule that drops "short" texts by them, are wrong for a
# fifth of the world's news, by a factor that depends on style. Instead: count characters of Han and kana (400 to 600
# a minute), and words of the rest by Unicode's rules for word borders.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'readtime==3.0.0' 'lxml_html_clean==0.4.6'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import readtime

chinese = "国家统计局周一公布的数据显示，十一月份制造业指数较上月上升。" * 200
english = "The index of industry rose in November against the month before. " * 200
expect("English, 2,200 words, seconds", readtime.of_text(english).seconds, 499)
expect("Chinese, characters", len(chinese), 6000)
expect("Chinese, seconds", readtime.of_text(chinese).seconds, 91)
expect("Chinese without punctuation, seconds", readtime.of_text(chinese.replace("，", "").replace("。", "")).seconds, 1)
hindi = "हिन्दी समाचार " * 500
expect("Hindi, 1,000 words, seconds as for English words", readtime.of_text(hindi).seconds > 2 * readtime.of_text("word " * 1000).seconds, True)
PY
