"""Upkeep of the database: upgrade.py, check.py, backup.py, prune.py and forget.py."""
