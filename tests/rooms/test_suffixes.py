"""The public suffix list means to us what it means to the library that brings it along."""

from __future__ import annotations

import pytest
import tldextract

from ingest.suffixes import _rules, suffix_labels


def test_every_rule_is_read_as_tldextract_reads_it() -> None:
    theirs = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
    rules, ends = _rules()
    plain = {rule.replace("*", "any").replace("!", "") for rule in rules | ends}
    for name in sorted({f"{before}{rule}" for rule in plain for before in ("", "a.", "b.a.")}):
        labels = name.split(".")
        count = suffix_labels(labels)
        assert ".".join(labels[len(labels) - count :]) == theirs.extract_str(name).suffix, name


@pytest.mark.parametrize(
    ("host", "suffix"),
    [
        ("www.paper.co.uk", 2),
        ("someone.blogspot.com", 2),
        ("co.uk", 2),
        ("localhost", 0),
        ("paper.unknown", 0),
        ("a.b.ck", 2),  # "*.ck"
        ("a.www.ck", 1),  # "!www.ck"
        ("a.xn--p1ai", 1),
    ],
)
def test_suffix_of_a_host(host: str, suffix: int) -> None:
    assert suffix_labels(host.split(".")) == suffix
