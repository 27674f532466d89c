"""Logins, passwords and tokens never reach what people or logs see."""

from __future__ import annotations

import pytest

from ingest.web.redact import redacted

SECRET = "Gehe1m/"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:hunter2@db.example/articles", "postgresql://***@db.example/articles"),
        ("postgresql://db/articles?user=me&password=hunter2&sslmode=require", "?user=me&password=***&sslmode=require"),
        ("postgresql://db/articles?sslpassword=hunter2", "?sslpassword=***"),
        ("me:hunter2@proxy.example:3128", "***@proxy.example:3128"),
        ("http://me:hunter2@proxy.example:3128/", "http://***@proxy.example:3128/"),
        ("s3://KEYID:hunter2@bucket/raw?endpoint=x", "s3://***@bucket/raw?endpoint=x"),
        (
            "ValueError: cannot open s3://KEYID:hunter2@bucket/raw: denied",
            "ValueError: cannot open s3://***@bucket/raw",
        ),
        ("https://hook.example/x?token=hunter2#a", "https://hook.example/x?token=***#a"),
        ("abfs://c@account.example/raw?sig=hunter2&se=1", "?sig=***&se=1"),
        ("sftp://me:hun@ter2@host/raw", "sftp://***@host/raw"),
    ],
)
def test_a_secret_is_hidden_and_the_rest_stays(text: str, shown: str) -> None:
    assert shown in redacted(text)
    assert "hunter2" not in redacted(text)
    assert "ter2" not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "me@example.org",
        "10.0.0.0/8,fd00::/8",
        "/home/me/news",
        "https://example.com/?page=2&id=5",
        "2026-03-01T06:00:00",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text
