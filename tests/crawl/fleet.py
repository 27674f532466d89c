"""A fleet on loopback: workers in homes and process groups of their own, one database, one web."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.store import open_store
from ingest.store.fleet.queue import FleetState, Queue
from tests.command import command, environment
from tests.site import Site, Web
from tests.waiting import wait_until

END_S = 20.0  # within which a worker that is told to stop has stopped


def sites(count: int, articles: int) -> tuple[Site, ...]:
    """So many hosts; their articles stand in a sitemap."""
    return tuple(
        Site(
            key=f"site{number:02}",
            host=f"127.4.10.{number + 1}",
            language="en",
            count=articles,
            sitemap="plain",
            changed=(),
            removed=(),
        )
        for number in range(count)
    )


@dataclass(kw_only=True)
class Fleet:
    """Workers by name."""

    folder: Path
    database_url: str
    web: Web
    env: Mapping[str, str]
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    cpu_s: float = 0.0  # of all commands that came to their end, their children included

    @classmethod
    def made(cls, folder: Path, database_url: str, web: Web, **env: str) -> Fleet:
        boss = folder / "boss"
        boss.mkdir(parents=True)
        tables = (f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in web.sites)
        (boss / "sources.toml").write_text("\n".join(tables))
        budgets = {"INGEST_DELAY_S": "0.02", "INGEST_MAX_ARTICLES": "1000", "INGEST_MAX_REQUESTS": "5000"}
        return cls(
            folder=folder,
            database_url=database_url,
            web=web,
            env=environment({**budgets, "INGEST_DATABASE_URL": database_url, **env}),
        )

    def run(self, *args: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command in the home with the sources file, to its end; return what it printed."""
        with (self.folder / "boss.log").open("ab") as log:
            process = subprocess.Popen(
                command(self.folder / "boss", *args), env=self.env, cwd="/", stdout=subprocess.PIPE, stderr=log
            )
        assert process.stdout is not None
        with process.stdout:
            printed = process.stdout.read().decode()
        assert self._reap(process) in codes, (self.folder / "boss.log").read_text()[-2000:]
        return printed

    def start(self, name: str, *options: str) -> None:
        """Start a worker with its own home, the leader of a process group."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.workers[name] = subprocess.Popen(
                command(self.folder / name, "-vv", "work", *options),
                env=self.env,
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """SIGKILL a worker and its crawls, as a machine that loses its power."""
        process = self.workers.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> dict[str, int]:
        """Tell the workers to stop and return their exit codes."""
        for process in self.workers.values():
            process.terminate()
        codes = {name: self._reap(process) for name, process in self.workers.items()}
        self.workers.clear()
        return codes

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        _, status, usage = os.wait4(process.pid, 0)
        self.cpu_s += usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode

    @contextmanager
    def at_work(self) -> Iterator[Fleet]:
        """Leave nothing behind."""
        try:
            yield self
        finally:
            for name in list(self.workers):
                self.kill(name)

    # ------------------------------------------------------------ what is seen

    def state(self) -> FleetState:
        with Queue(self.database_url) as queue:
            return queue.state()

    def wait_until_done(self, most_s: float) -> None:
        """Wait until no source waits or is being crawled."""

        def done() -> bool:
            time.sleep(0.3)  # each look is a connection
            depth = self.state().depth
            return not (depth.todo or depth.later or depth.doing)

        assert wait_until(done, most_s=most_s), f"not done after {most_s} s: {self.state().depth}"

    def stored(self) -> int:
        with open_store(self.database_url) as store:
            assert store.check() == ()
            urls = [stored.article.url for stored in store.articles.each()]
        assert len(urls) == len(set(urls)), "no article twice"
        return len(set(urls) & set(self.web.expected()))

    def repeats(self) -> tuple[int, int]:
        """Return how many article requests there were, and how many of them were for one asked for before."""
        asked = Counter(f"{one.key}{one.target}" for one in self.web.articles_asked())
        return sum(asked.values()), sum(asked.values()) - len(asked)

    def most_at_once(self) -> int:
        """Return the largest number of requests open on one host at the same time."""
        return max(self.web.at_once(key) for key in self.web.sites)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()
