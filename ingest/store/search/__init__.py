"""Full-text search: one query for both databases.

search.py     the index and the query; snippets.py the part of a text that matched
counting.py   how many articles match, by day, week or source
"""
