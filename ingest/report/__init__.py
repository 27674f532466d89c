"""Pages for people to look at, each one self-contained HTML file that loads nothing."""
