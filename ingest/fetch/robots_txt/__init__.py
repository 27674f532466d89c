"""robots.txt by RFC 9309: middleware.py asks for it once a day and keeps to it, robots_rules.py reads it."""
