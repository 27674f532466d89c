#!/usr/bin/env bash
# Guess: without a tokenizer for the language, a full-text index of Japanese or Chinese finds whole clauses (what
# stands between two marks of punctuation is one token), and long words in any language are indexed like others.
#
# Seen (tantivy-py 0.27.0, tokenizer "default"): tokens of 40 bytes or more are thrown away at indexing. In UTF-8 that
# is 14 characters of Japanese: of a text, clauses up to 13 characters are found when asked for in full, longer ones,
# most of the text, are nowhere in the index. So are German compounds and most addresses. The document counts as
# indexed, and nothing warns.
#
# Why it matters: a search that finds nothing in half of the articles of a language looks like a search without hits.
# Instead: register an n-gram tokenizer for the scripts without spaces and a limit of one's own for the others.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'tantivy==0.27.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import tantivy


def hits(tokenizer, text, *queries):
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=True, tokenizer_name=tokenizer)
    index = tantivy.Index(builder.build())
    bigrams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(min_gram=2, max_gram=2)).filter(tantivy.Filter.lowercase()).build()
    index.register_tokenizer("bigrams", bigrams)
    writer = index.writer(heap_size=15_000_000, num_threads=1)
    writer.add_document(tantivy.Document(body=text))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    return [searcher.search(index.parse_query(f'"{query}"', ["body"]), 5).count for query in queries]


short, long = "地下鉄を延伸する", "東京都は新しい交通計画を正式に発表しました"
expect("bytes", [len(short.encode()), len(long.encode())], [24, 63])
expect("clauses found", hits("default", f"{long}。{short}。", short, long), [1, 0])
expect("clauses found by bigrams", hits("bigrams", f"{long}。{short}。", short, long), [1, 1])
words = "Bezirksschornsteinfegermeister", "Rindfleischetikettierungsüberwachungsgesetz"
expect("German words found", hits("default", " ".join(words), *words), [1, 0])
PY
