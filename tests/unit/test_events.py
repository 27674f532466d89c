"""Log lines: one event a line, nothing from outside that could break out of it."""

import json
import logging

from ingest.events import JsonFormatter, TextFormatter, event


def lines_of(formatter, **about):
    shown = []
    handler = logging.Handler()
    handler.emit = lambda record: shown.append(formatter.format(record))
    log = logging.Logger("ingest.test", logging.INFO)
    log.addHandler(handler)
    event(log, logging.INFO, "page ended", **about)
    return shown


def test_an_event_is_one_line_of_key_and_value():
    (line,) = lines_of(TextFormatter(), source="example", outcome="stored", reason="", count=3)
    assert line.endswith("INFO page ended  source=example  outcome=stored  count=3")


def test_a_value_from_outside_cannot_end_the_line_or_reach_the_terminal():
    (line,) = lines_of(TextFormatter(), url="http://a/\n2026 ERROR forged", title="\x1b[2Jgone")
    assert "\n" not in line
    assert "\x1b" not in line


def test_json_holds_the_same_keys():
    (line,) = lines_of(JsonFormatter(), source="example", count=3)
    row = json.loads(line)
    assert (row["event"], row["source"], row["count"], row["level"]) == ("page ended", "example", 3, "info")


def test_json_holds_nothing_a_terminal_obeys_and_any_text():
    (line,) = lines_of(JsonFormatter(), url="http://a/\x9b31m\u202e\x1b[2J\ud83d", count=3)
    assert json.loads(line)["url"] == "http://a/31m[2J"
    assert json.loads(line)["count"] == 3


def test_what_is_below_the_level_costs_nothing_and_says_nothing():
    log = logging.Logger("ingest.test", logging.WARNING)
    log.addHandler(logging.NullHandler())
    event(log, logging.INFO, "page ended", source="example")
