"""Finds, fetches, reads, cleans, tells apart and keeps articles."""

__version__ = "0.1.0"
