"""Keeping it running: what is done beside and after a crawl."""
