#!/usr/bin/env bash
# Guess: jusText can do without a stop list; its command has a "language-independent mode": empty list, stopword
# thresholds at 0, and blocks are judged by length and links, in any language.
#
# Seen (jusText 3.0.2): lengths are in characters, and a block is good from 200 on. A Japanese or Chinese paragraph of
# 85 characters says as much as an English one of 250: four of them in a row are "near good" each, none is good, so
# all four are "bad", and the article is empty. English in the same mode is kept. Neither language is among the 100
# stop lists.
#
# Why it matters: a pipeline with jusText behind another extractor (as a fallback, or by vote) silently adds nothing,
# or votes against, for all of East Asia. Instead: length_low and length_high of about a third for these scripts.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'jusText==3.0.2' 'lxml_html_clean==0.4.6'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from justext import get_stoplists, justext

JAPANESE = "東京都は新しい交通計画を正式に発表しました。地下鉄を三つの区に延伸し、二〇三五年までに開業する予定です。知事は記者会見で、住民の意見を聞きながら計画を進めると述べました。"
ENGLISH = (
    "The city presented its new transport plan on Monday. The underground is to reach three more districts and to open by "
    "2035. The governor told the press that the plan goes ahead while residents are heard, and that the money is there."
)


def classes(paragraph, **lengths):
    page = f"<html><body>{f'<p>{paragraph}</p>' * 4}</body></html>"
    return {found.class_type for found in justext(page, frozenset(), stopwords_low=0, stopwords_high=0, **lengths)}


expect("lists for Japanese or Chinese", [name for name in get_stoplists() if name in ("Japanese", "Chinese")], [])
expect("characters", (len(JAPANESE), len(ENGLISH)), (85, 231))
expect("English", classes(ENGLISH), {"good"})
expect("Japanese", classes(JAPANESE), {"bad"})
expect("Japanese with lengths of a third", classes(JAPANESE, length_low=23, length_high=66), {"good"})
PY
