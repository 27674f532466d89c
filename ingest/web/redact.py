"""Secrets taken out of text that people or logs will see: logins in addresses, passwords and tokens in queries."""

from __future__ import annotations

import re

HIDDEN = "***"
_LOGIN = re.compile(r"(?<=//)[^/?#\s\"'<>]*@")
_BARE_LOGIN = re.compile(
    r"(?<![\w/.@:+-])[^\s/@:\"'<>]+:[^\s/@\"'<>]+@(?=[\w.\[-])"
)  # user:password@host:8080, no scheme
_PARAMETER = re.compile(
    r"(?i)(?<=[?&;])((?:[\w.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|credential|api[_-]?key|signature)[\w.-]*"
    r"|sig|auth|authorization|key|access[_-]?key\w*)=)[^&;#\s\"'<>]*"
)


def redacted(text: str) -> str:
    """Return the text with *** in place of each login and each parameter whose name says that it is a secret."""
    text = _BARE_LOGIN.sub(f"{HIDDEN}@", _LOGIN.sub(f"{HIDDEN}@", text))
    return _PARAMETER.sub(rf"\g<1>{HIDDEN}", text)
