"""`python -m ingest` is the same as `ingest`."""

from ingest.cli import main

main()
