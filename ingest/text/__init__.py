"""Text as values: what is done with characters, words and phrases, whatever page they come from.

normalize.py    one normal form to keep, one folded form to compare, digests and shingles
search_folding.py  the form in which words are searched for, on every database alike
search_terms.py    what a person types into a search, and whether a text holds it
word_diff.py       what changed between two texts, word by word
date_lines.py   lines that only give a date, a time, a count of comments or minutes of reading
phrases.py      phrases that ask the reader for something (phrases.toml), and notes that belong to the article
minhash.py      MinHash signatures and the exact resemblance of two texts
"""
