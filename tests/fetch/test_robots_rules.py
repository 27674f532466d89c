"""robots.txt by RFC 9309; the cases are data."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.robots_txt.robots_rules import decode, normal_path, read

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parents[1] / "data" / "robots.toml").read_text("utf-8"))[
    "case"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_robots_txt_means_what_the_rfc_says(case: dict[str, Any]) -> None:
    rules = read(case["robots"])
    wrong = [f"{path} allowed" for path in case.get("refused", ()) if rules.allows(f"https://x.test{path}")]
    wrong += [f"{path} refused" for path in case.get("allowed", ()) if not rules.allows(f"https://x.test{path}")]
    assert wrong == []
    assert list(rules.sitemaps) == case.get("sitemaps", [])
    assert rules.crawl_delay_s == case.get("crawl_delay_s")


def test_wildcards_made_to_hurt_are_matched_in_no_time() -> None:
    rules = read("User-agent: *\n" + "".join(f"Disallow: /{'*a' * 400}*{n}\n" for n in range(300)))
    begun = time.process_time()
    assert rules.allows("https://x.test/" + "a" * 7900)
    assert time.process_time() - begun < 5  # backtracking would take longer than the universe has


def test_a_line_cut_by_the_limit_says_nothing() -> None:
    body = b"User-agent: *\nDisallow: /a\nDisallow: /bcd"
    assert decode(body, len(body) - 2).splitlines() == ["User-agent: *", "Disallow: /a"]
    assert decode(body, len(body) + 1).splitlines()[-1] == "Disallow: /bcd"


def test_a_line_without_end_costs_itself_alone() -> None:
    text = "User-agent: *\nDisallow: /a\nDisallow: /" + "b" * 100_000 + "\nDisallow: /c"
    rules = read(text)
    assert [rules.allows(f"https://x.test/{path}") for path in ("a", "b", "c")] == [False, True, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_in_use_are_read(encoding: str) -> None:
    assert not read(decode("User-agent: *\nDisallow: /é".encode(encoding), 1000)).allows("https://x.test/%C3%A9")


@given(st.binary(max_size=400), st.text(max_size=40))
def test_any_bytes_are_read(body: bytes, path: str) -> None:
    rules = read(decode(body, 300))
    assert rules.allows(f"https://x.test/{path}") in (True, False)


PATTERN = st.text(alphabet="/a*b$%2 A", max_size=12)


@given(st.lists(st.tuples(st.booleans(), PATTERN), max_size=4), st.text(alphabet="/ab2A", max_size=12))
def test_the_answer_is_that_of_the_plain_definition(lines: list[tuple[bool, str]], path: str) -> None:
    import re

    text = "User-agent: *\n" + "".join(f"{'Allow' if allow else 'Disallow'}: /{value}\n" for allow, value in lines)
    best: tuple[int, bool] = (-1, True)
    for allow, value in lines:
        value = f"/{value}".rstrip(" ")
        to_end = value.endswith("$")
        plain = normal_path(value.removesuffix("$").replace("*", "\0")).replace("%00", "*")
        wanted = "".join(".*" if char == "*" else re.escape(char) for char in plain) + ("$" if to_end else "")
        if re.match(wanted, normal_path(f"/{path}")):
            best = max(best, (len(plain) + to_end, allow))
    assert read(text).allows(f"https://x.test/{path}") == best[1]
