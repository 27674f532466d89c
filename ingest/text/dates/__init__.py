"""Dates and times in text: one reader for feeds, sitemaps, pages and structured data.

reader.py     reads a moment from a text, or finds all of them; months.txt names of months
clocks.py     times of day; day_periods.txt words for the halves of the day
zones.py      offsets and zone names; zones.txt the abbreviations
calendars.py  Persian, Hebrew, Buddhist, Republican and Japanese years
relative.py   "3 hours ago"; relative.toml its words
labels.py     words that call a date published or modified
"""
