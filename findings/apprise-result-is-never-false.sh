#!/usr/bin/env bash
# Guess: Apprise.notify() returns True, False, or None when no service matches, and code may tell the three apart with
# "is".
#
# Seen (apprise 2.3.0): it returns an AppriseResult. In a condition it is true or false as before, but it is not, and
# does not equal, True, False or None. "No service was there to tell" is a status, NOMATCH, and in a condition the
# same as a failure.
#
# Why it matters: alerting is what nobody looks at. `if sent is False: log.error(...)` never fires again after the
# upgrade, and `if sent is None` (nothing configured) neither, so a monitor goes quiet without a test that fails:
# mocks still return booleans. Instead: bool(result) for failure, result.status for the reason.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'apprise==2.3.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from apprise import Apprise

result = Apprise().notify(title="ingest", body="a feed is dead")
expect("type", type(result).__name__, "AppriseResult")
expect("as a condition", bool(result), False)
expect("is None, is False, == False", (result is None, result is False, result == False), (False, False, False))  # noqa: E712
expect("status", str(result.status.name), "NOMATCH")
PY
