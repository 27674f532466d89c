#!/usr/bin/env bash
# Guess: a language identifier says English, or nothing, for a text without words, and Chinese for a Chinese headline.
#
# Seen (py3langid 0.4.0): "", "...", "ok", "Sport" and "Live" are Afrikaans, the first label of the list, with a score
# of the smallest number there is. Chinese headlines are Wu ("wuu") in simplified and Cantonese ("yue") in traditional
# characters, though both are written for all of China and Taiwan; articles of a few sentences are "zh". Digits alone
# are Indonesian or "zxx".
#
# Why it matters: rubrics, tickers and video pages are filed as Afrikaans; a filter on "zh" loses headlines. A score
# that is a sum over features says nothing by its size. Instead: ask only for texts of 200 characters or more, take
# probabilities (norm_probs), and restrict the labels (set_languages) to those that papers are printed in.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'py3langid==0.4.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import sys

from py3langid import classify

smallest = -3.4028234663852886e38
for text in ("", "...", "ok", "Sport", "Live"):
    language, score = classify(text)
    expect(repr(text), (language, float(score)), ("af", smallest))
for text, language in (
    ("总统选举", "wuu"), ("北京", "wuu"), ("選舉結果", "yue"), ("大選結果出爐", "yue"),
    ("国家统计局周一公布的数据显示，十一月份制造业采购经理指数较上月上升，新订单和生产均有所恢复，市场预期好转。", "zh"),
    ("2026", "id"), ("12345", "zxx"),
):
    expect(repr(text), classify(text)[0], language)
PY
