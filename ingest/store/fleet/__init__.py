"""The queue of several machines, on procrastinate's tables."""
