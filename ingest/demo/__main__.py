"""`python -m ingest.demo [PORT]`: serve the demo site until interrupted; prints its address."""

from __future__ import annotations

import contextlib
import sys
import threading

from ingest.demo.server import DEMO_PORT, Demo

if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else DEMO_PORT
    with Demo().serve(port=port) as running, contextlib.suppress(KeyboardInterrupt):
        print(running.url, flush=True)
        threading.Event().wait()
