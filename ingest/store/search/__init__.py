"""Full-text search: one query for both databases.

search.py     the index and the query; terms.py what a person types; snippets.py the part of a text that matched
"""
