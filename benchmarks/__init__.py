"""Numbers, not assertions: side by side with peers in one run."""
