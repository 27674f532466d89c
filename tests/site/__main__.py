"""`python -m tests.site`: serve the family for trying things by hand; a number and Enter sets the day."""

import sys

from tests.site.server import NETWORK, Web

if __name__ == "__main__":
    with Web() as web:
        print(f"INGEST_ALLOW_NETWORKS={NETWORK} INGEST_DELAY_S=0.01")
        for key in web.sites:
            print(key, web.url(key), flush=True)
        for line in sys.stdin:
            if line.strip().isdigit():
                web.day = int(line)
            for one in web.log:
                print(one.host, one.method, one.target, one.status)
            web.clear_log()
