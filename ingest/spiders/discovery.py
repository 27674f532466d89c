"""Discovery: which seeds of one source are fetched in one run, and what their answers add to the frontier.

In waves, the next only when the one before was not enough: first what a person declared or an earlier run found; else
the home page, and the feeds and sitemaps that it and robots.txt name; without a sitemap that answers, the home page and
the listings it links to are read for links.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from ingest import discover, sources
from ingest.clock import plausible
from ingest.crawl.recrawl import believable
from ingest.crawl.run import Run
from ingest.discover.exploration import Exploration
from ingest.discover.found import Found
from ingest.discover.links import MATCHED_SCORE
from ingest.discover.listings import Listings
from ingest.discover.url_form_model import ARTICLES, MAX_REFUSED, UrlFormModel, learn, teaches
from ingest.discover.window import BackfillWindow
from ingest.errors import SeedUnreadable
from ingest.events import event
from ingest.model import Link, Moment, Page, Seed, SeedKind, Source, Validators
from ingest.spiders.seed_schedule import SeedSchedule
from ingest.text.normalize import digest
from ingest.web.javascript import NEEDS_RENDERING
from ingest.web.url_patterns import is_pagination
from ingest.web.urls import origin

log = logging.getLogger(__name__)

NOT_MODIFIED = 304
PIECE_LINKS = 1_000  # taken at once: 0.1 s of CPU

Taking = Generator[None, None, list[Seed]]


class Wave(Enum):
    """What is being asked."""

    KNOWN = auto()  # declared, or found by an earlier run
    HOME = auto()  # the home page, to look around
    NAMED = auto()  # feeds and sitemaps that the site names, and the usual place of a sitemap
    SECTIONS = auto()  # the home page as a section
    FEED_PAGES = auto()  # pages that may list feeds, where nothing else led to an article
    FEEDS = auto()  # what these list, else where feeds usually are
    LISTINGS = auto()  # those behind sections, one by one while they bring news
    DONE = auto()


MAX_BACKFILLED = 100_000  # listings of a backfill in one run: its requests are bounded by the source's budget
MAX_BACKFILL_FRUITLESS = 12  # listings in a row that lie wholly before the window
MAX_BACKFILL_OPEN = 2_000  # listings remembered for the next run
GUESSING = (Wave.FEED_PAGES, Wave.FEEDS)  # whose failures are no faults of the site
MAX_GUESSED_FEEDS = 4


class Discovery:
    """One source in one run. Every method returns the seeds to fetch now."""

    def __init__(self, run: Run, source: Source) -> None:
        self.run = run
        self.source = source
        self.result = run.results[source.name]
        self.wave = Wave.KNOWN
        self.asked: set[str] = set()  # URLs of this run
        self.guesses: set[str] = set()  # of these, those nobody named: their failure is no fault
        self.named: set[str] = set()  # URLs of links that the seeds of this run gave
        self.waiting = 0  # asked and not answered
        self.alive: set[SeedKind] = set()  # kinds of the seeds that gave links or had not changed
        self.home: Page | None = None
        self.window = BackfillWindow(since=run.plan.since, until=run.plan.until)
        self.listings = Listings()
        if run.plan.backfill:
            self.listings = Listings(most=MAX_BACKFILLED, most_fruitless=MAX_BACKFILL_FRUITLESS)
        self.listed: tuple[Seed, ...] = ()  # feeds that pages of feeds list
        self._forms = UrlFormModel.of(run.store.sources.sense(source.name))
        self._learned_to = 0  # outcomes of this run that the model has learned from
        patterns = digest("\n".join((*source.match, "", *source.exclude)).encode())
        self.reread = self._forms.reopened() or self._forms.patterns not in ("", patterns)
        self.exploration = Exploration({} if self._forms.patterns != patterns else self._forms.sets)
        self.chosen: set[str] = set()  # URLs of links fetched because of the set that they belong to
        self.result.patterns = patterns
        self.schedule = SeedSchedule(run, source)
        self.home_is_old = False  # the first section has not changed; those it links to may have
        self.fell_back = False  # the known seeds gave nothing, and discovery began again at the home page
        self.empty: list[str] = []  # URLs of known seeds that were read and named no article

    def begin(self) -> list[Seed]:
        """Return what a person declared, else what an earlier run found, else the home page."""
        store, name = self.run.store, self.source.name
        cut_short = self._was_cut_short()
        self.schedule.thorough = cut_short or self.run.plan.backfill
        if cut_short:  # what a killed run had seen counts as seen by this one
            before = store.pages.ended_by_the_killed(name)
            self.result.ended += [(url, kind) for url, kind, reason in before if teaches(kind, reason)]
        store.runs.source_began(self.run.id, name, self.run.now())
        if self._is_read_back():
            self.alive.add(SeedKind.SECTION)
            self.result.alive = True
            return self._done()
        seeds = self._backfill_left() or self.schedule.begin()
        for state in self.schedule.resting:
            if state.failures:
                self.result.fault(f"{state.seed.url}: {state.reason}")
        return self._ask(seeds) or self._next()

    def _was_cut_short(self) -> bool:
        """Return whether the last run ended before every seed had answered.

        The seeds that a read seed named (the sitemaps of an index) may then never have been fetched.
        """
        history = self.run.store.runs.history(self.source.name)
        last = next((run for run in history if run.begun_at is not None), None)  # others asked no seeds
        if last is None or last.begun_at is None:
            return False
        state = self.run.store.sources.get(self.source.name)
        return state is None or state.last_run_at is None or state.last_run_at < last.begun_at

    def validators(self, seed: Seed) -> Validators | None:
        """Return the validators for a seed's request; None where its bytes are needed even if unchanged."""
        if self.schedule.thorough or self.reread or self.wave is Wave.HOME:
            return None  # also where links that were refused before are wanted now
        state = self.schedule.state(seed)
        return state.validators if state else None

    def read(self, page: Page, seed: Seed) -> list[Seed]:
        """Take a seed's page at once; see `taking`."""
        return _at_once(self.taking(page, seed, parsed(page, seed, self.source, self.run.seed_readers)))

    def taking(self, page: Page, seed: Seed, found: Found | SeedUnreadable) -> Taking:
        """Take a seed's page by pieces: queue its links, at last remember its validators; return the seeds to ask now.

        `found` is what `parsed` made of it. The caller lets other tasks run between two pieces: 50,000 links take
        seconds. Killed in between, it leaves links without validators, and the next run asks the seed again.
        """
        if self.wave is Wave.HOME:
            self.home = page
            self.result.alive = True
            return self._answered()
        if self.wave is Wave.FEED_PAGES:
            self.listed += sources.feeds_listed(page)
            return self._answered()
        return (yield from self._take(page, seed, found))

    def unchanged(self, seed: Seed) -> list[Seed]:
        """Take a 304."""
        self.schedule.remember(seed, status=NOT_MODIFIED)
        self.alive.add(seed.kind)
        self.result.alive = True
        if self.wave is Wave.LISTINGS and self.home_is_old:  # behind one with news the search goes on past it
            self.listings = self.listings.gave(seed, new=0)
        elif self.wave is Wave.KNOWN and seed.kind is SeedKind.SECTION:
            self.home_is_old = True
            self.listings = self.listings.with_listings(self.schedule.sections())
        return self._answered()

    def failed(self, seed: Seed, reason: str, detail: str = "", status: int | None = None) -> list[Seed]:
        """Take a seed that could not be fetched or read."""
        event(log, logging.INFO, "seed failed", source=self.source.name, reason=reason, detail=detail, url=seed.url)
        if seed.url not in self.guesses and self.wave not in GUESSING:
            self.result.fault(f"{seed.url}: {reason}")
        if self.wave is not Wave.HOME and self.wave not in GUESSING:
            self.schedule.remember(seed, status=status, reason=reason)
        if self.wave is Wave.LISTINGS:
            self.listings = self.listings.gave(seed, new=0)
        return self._answered()

    def wants(self, link: Link) -> bool:
        """Return whether a link is worth a request, by its seed's score and the outcomes of links of its form."""
        self.reconsider()
        if link.url in self.chosen:
            return True
        if self.source.match and link.score >= MATCHED_SCORE:
            return True  # a person says what articles look like
        return self._forms.wants(link)

    def reconsider(self) -> int:
        """Learn from the pages that ended since; queue the rest of the sets whose first links were articles.

        Returns how many links were queued.
        """
        ended = self.result.ended
        if self._learned_to == len(ended):
            return 0
        fresh = ended[self._learned_to :]
        self._learned_to = len(ended)
        self._forms = learn(fresh, self._forms)
        released = self.exploration.learn((url, kind in ARTICLES) for url, kind in fresh)
        self.result.sets = self.exploration.learned()
        if released:
            event(log, logging.INFO, "set believed", source=self.source.name, links=len(released), url=released[0].url)
            new = self._queue(released, depth=0)
            self.run.store.runs.add(self.run.id, self.source.name, found=len(released), new=new)
        return len(released)

    def too_old(self, link: Link) -> bool:
        """Return whether the plan skips a link because its seed or address gives a date outside of its window."""
        return self.window.leaves_out(link)

    # ------------------------------------------------------------ waves

    def _ask(self, seeds: Iterable[Seed]) -> list[Seed]:
        fresh = [seed for seed in dict.fromkeys(seeds) if seed.url not in self.asked]
        self.asked.update(seed.url for seed in fresh)
        self.waiting += len(fresh)
        return fresh

    def _answered(self) -> list[Seed]:
        self.waiting -= 1
        return self._next()

    def _next(self) -> list[Seed]:
        while not self.waiting and self.wave is not Wave.DONE:
            if seeds := self._next_wave():
                return seeds
        return []

    def _next_wave(self) -> list[Seed]:
        """Move on by one wave and return its seeds; none when it has none."""
        if self.wave is Wave.KNOWN and not self.asked and self.schedule.resting:
            self.result.alive = True
            return self._done()
        if self.wave is Wave.KNOWN and self.alive:
            self.wave = Wave.LISTINGS
        if self.wave is Wave.LISTINGS:
            seed, self.listings = self.listings.next()
            if seed is not None:
                return self._ask([seed])
            return self._guess_feeds()
        if self.wave in GUESSING:
            return self._guess_feeds()
        if self.wave is Wave.KNOWN:
            for url in self.empty:
                self.result.fault(f"{url}: no links to articles")
            self.fell_back = bool(self.asked)
            self.wave = Wave.HOME
            self.asked.discard(self.source.url)  # it may have been a section that failed
            return self._ask([Seed(url=self.source.url, kind=SeedKind.SECTION)])
        if self.wave is Wave.HOME and self.home is not None and (kind := discover.kind_of(self.home)) is not None:
            self.wave = Wave.SECTIONS  # the address is a feed's or a sitemap's own
            self.waiting += 1
            own = Seed(url=self.source.url, kind=kind)
            return _at_once(self._take(self.home, own, parsed(self.home, own, self.source)))
        if self.wave is Wave.HOME and self.home is not None:
            self.wave = Wave.NAMED
            return self._ask(self._named(self.home))
        if self.wave is Wave.NAMED and self.home is not None and SeedKind.SITEMAP not in self.alive:
            self.wave = Wave.SECTIONS
            self.waiting += 1
            section = Seed(url=self.source.url, kind=SeedKind.SECTION)
            return _at_once(
                self._take(self.home, section, parsed(self.home, section, self.source, self.run.seed_readers))
            )
        if self.wave is Wave.SECTIONS:
            self.wave = Wave.LISTINGS
            return []
        return self._done()

    def _guess_feeds(self) -> list[Seed]:
        """Look where feeds may be that the home page does not declare, when nothing else led to an article."""
        if self.alive or self.home is None or self.schedule.resting:
            return self._done()
        if self.wave is Wave.LISTINGS:
            self.wave = Wave.FEED_PAGES
            return self._ask(Seed(url=url, kind=SeedKind.SECTION) for url in sources.feed_pages(self.home))
        if self.wave is Wave.FEED_PAGES:
            self.wave = Wave.FEEDS
            usual = (seed for seed in sources.common_paths(self.home.final_url) if seed.kind is SeedKind.FEED)
            return self._ask(self.listed or tuple(usual)[:MAX_GUESSED_FEEDS])
        return self._done()

    def _done(self) -> list[Seed]:
        self.wave = Wave.DONE
        self.result.discovered = True
        if self.run.plan.backfill and self.alive:
            self._note_backfill(done=True)
        if not self.alive and not self.schedule.resting:
            said = any(cause.endswith(NEEDS_RENDERING) for cause in self.result.causes)
            if not said and (self.home is not None or not self.result.causes):  # else the cause says why
                self.result.fault(self._nothing())
            if not self.run.store.articles.count(self.source.name):
                self.result.alive = False  # nothing was ever read of it: that is a failure, not a quiet day
        if self.fell_back and self.alive:
            self.result.fault(f"read instead: {', '.join(sorted(f'its {kind}s' for kind in self.alive))}")
        return []

    def _nothing(self) -> str:
        """Describe in one line what was found and refused, and what to set."""
        refused = self.result.refused
        said = f"{self.source.url}: no feed, sitemap or links to articles found"
        if refused:
            url, (score, _) = max(refused.items(), key=lambda pair: pair[1][0])
            said = f"{self.source.url}: none of {len(refused)} links looks like an article, best {url} ({score:.2f})"
            return f"{said}; name them with match, or give a section or feed"
        if self.home is not None and not self.home.body.strip():
            return f"{said}: the page is empty; give another address, a section or a feed"
        media = (self.home.header("Content-Type") or "").partition(";")[0].strip().lower() if self.home else ""
        if media and not any(name in media for name in ("html", "xml", "text")):
            return f"{said}: the address answers with {media}; give the address of a page"
        return f"{said}; give a section, a feed or a sitemap"

    def _named(self, home: Page) -> list[Seed]:
        known = self.run.store.hosts.get(origin(home.final_url))
        named = [
            seed for seed in sources.suggest(home, known.robots if known else None) if seed.kind is not SeedKind.SECTION
        ]
        if all(seed.kind is not SeedKind.SITEMAP for seed in named):
            usual = next(seed for seed in sources.common_paths(home.final_url) if seed.kind is SeedKind.SITEMAP)
            self.guesses.add(usual.url)
            named.append(usual)
        return named

    # ------------------------------------------------------------ backfill

    def _is_read_back(self) -> bool:
        """Return whether an earlier run of the same backfill read all its lists and left articles to fetch."""
        before = self._forms.backfill
        same = self.run.plan.backfill and before.get("window") == str(self.window) and before.get("done")
        return bool(same) and self.run.store.frontier.backlog(self.source.name) > 0

    def _backfill_left(self) -> list[Seed]:
        """Return the listings that an earlier run of the same backfill had still to read, none for a new one."""
        before = self._forms.backfill
        if not self.run.plan.backfill or before.get("window") != str(self.window) or not before.get("open"):
            return []
        left = [
            Seed(url=url, kind=SeedKind.SECTION, depth=depth, follows=bool(on)) for url, depth, on in before["open"]
        ]
        self.wave = Wave.LISTINGS
        first, self.listings = self.listings.with_listings(left).next()
        event(log, logging.INFO, "backfill goes on", source=self.source.name, listings=len(left))
        return [] if first is None else [first]

    def _go_back(self, found: Found, seed: Seed) -> None:
        """Take the archives of the window; leave what lies before it; note how far the backfill has come."""
        if not self.run.plan.backfill:
            return
        archives = [one for one in found.archives if self.window.wants_seed(one)]
        self.listings = self.listings.with_listings(replace(one, depth=1) for one in archives)
        if self.window.is_past(found.links):
            self.listings = self.listings.without_following(seed)
        self._note_backfill()

    def _note_backfill(self, *, done: bool = False) -> None:
        """Store which listings are still to be read: a run that is killed is continued there."""
        left = [[one.url, one.depth, one.follows] for one in self.listings.open[:MAX_BACKFILL_OPEN]]
        self.result.backfill = {"window": str(self.window), "open": left, "done": done}
        if not self.run.plan.dry_run:
            self._forms = replace(self._forms, backfill=self.result.backfill)
            self.run.store.sources.learn_sense(self.source.name, self._forms.stored())

    # ------------------------------------------------------------ what a seed gives

    def _take(self, page: Page, seed: Seed, found: Found | SeedUnreadable) -> Taking:
        if isinstance(found, SeedUnreadable):
            return self.failed(seed, found.reason, str(found), page.status)
        links = [link for link in found.links[:PIECE_LINKS] if self._is_wanted(link)]
        met = new = 0
        for start in range(PIECE_LINKS, len(found.links), PIECE_LINKS):
            new += self._meet(tuple(links[met:]), seed)
            met = len(links)
            yield
            links += [link for link in found.links[start : start + PIECE_LINKS] if self._is_wanted(link)]
        with self.run.store.transaction():
            new += self._meet(tuple(links[met:]), seed)
            tried = self._chosen_of(found)
            new += self._queue(tried, depth=seed.depth)
            changed = self._recheck(tuple(links))
            newest = max((link.published.at for link in links if link.published and link.published.at), default=None)
            self.schedule.remember(
                seed,
                changed=changed,
                behind=len(found.seeds),
                status=page.status,
                validators=page.validators,
                links=len(links) + len(tried),
                new=new,
                newest_at=newest,
            )
            self.run.store.runs.add(self.run.id, self.source.name, found=len(links) + len(tried), new=new)
        about = {
            "kind": seed.kind,
            "links": len(links),
            "tried": len(tried) or None,
            "new": new,
            "notes": ",".join(found.notes),
            "url": seed.url,
        }
        event(log, logging.INFO, "seed read", source=self.source.name, **about)
        if new or changed:
            self.run.announce_links(self.source.name)
        self.result.alive = True
        news = self._news(tuple(links), new)
        if seed.kind is SeedKind.SECTION:
            if self.run.plan.backfill:
                news = int(bool(found.links) and not self.window.is_past(found.links))
            if news or self.wave is not Wave.SECTIONS:  # a home page that only leads on says nothing about the others
                self.listings = self.listings.gave(seed, new=news)
            self.listings = self.listings.with_listings(self._near(self._no_articles(found)))
            self._go_back(found, seed)
        children = self._ask(self._changed(found.seeds))
        if links or tried or (self.run.plan.backfill and found.links):
            self.alive.add(seed.kind)
        elif self.wave is Wave.KNOWN and not children:
            self.empty.append(seed.url)
        return children + self._answered()

    def _is_wanted(self, link: Link) -> bool:
        if self.too_old(link):
            return False
        if self.wants(link):
            self.result.refused.pop(link.url, None)
            return True
        if len(self.result.refused) < MAX_REFUSED:
            self.result.refused[link.url] = (link.score, str(link.found_by))
        return False

    def _chosen_of(self, found: Found) -> list[Link]:
        """Return a few links of each doubtful set, all of a set that is believed; note the others as refused."""
        chosen = [link for link in self.exploration.add(found.doubtful) if not self.too_old(link)]
        self.result.sets = self.exploration.learned()
        urls = {link.url for link in chosen}
        for link in (link for one in found.doubtful for link in one.links[:MAX_REFUSED]):
            if link.url not in urls and link.url not in self.chosen and len(self.result.refused) < MAX_REFUSED:
                self.result.refused.setdefault(link.url, (link.score, str(link.found_by)))
        return chosen

    def _queue(self, links: list[Link], *, depth: int) -> int:
        """Queue links whatever their own score; return how many are new."""
        if not links:
            return 0
        self.chosen.update(link.url for link in links)
        for link in links:
            self.result.refused.pop(link.url, None)
        new = self._meet(tuple(links), Seed(url=links[0].found_in, kind=links[0].found_by, depth=depth))
        if new:
            self.run.announce_links(self.source.name)
        return new

    def _meet(self, links: tuple[Link, ...], seed: Seed) -> int:
        frontier = self.run.store.frontier
        if self.run.plan.dry_run:
            return len(frontier.unseen(link.url for link in links))
        new = frontier.meet(self.source.name, links, self.run.now(), self.run.id, depth=seed.depth)
        self.run.expect(self.source, new)
        return new

    def _news(self, links: tuple[Link, ...], new: int) -> int:
        """Return how many links count as new for the search through listings.

        After a run that was cut short, these are the links that this run had not seen yet: the search repeats its way,
        past listings whose links are known but whose further listings were never read.
        """
        fresh = {link.url for link in links} - self.named
        self.named |= fresh
        return len(fresh) if self.schedule.thorough else new

    def _recheck(self, links: tuple[Link, ...]) -> int:
        """Have known articles looked at again that the seed says were modified; return how many."""
        if self.run.plan.dry_run:
            return 0
        modifications = self.run.store.modifications
        modified = modifications.compare(links)
        if not modified.changed or not believable(len(modified.changed), modified.known):
            return 0
        modifications.recheck(modified, self.run.now())
        return len(modified.changed)

    def _no_articles(self, found: Found) -> Iterator[Seed]:
        """Yield the further seeds without sections that earlier runs stored as articles: members of doubtful lists."""
        known = self.run.store.pages.known
        for seed in found.seeds:
            if seed.kind is SeedKind.SECTION and (page := known(seed.url)) is not None and page.article_id is not None:
                continue
            yield seed

    def _near(self, children: Iterable[Seed]) -> Iterator[Seed]:
        """Yield the listings that are not too many steps from the source; pages of one listing are no step."""
        deepest = self.run.config.max_depth
        return (child for child in children if child.depth <= deepest or child.follows or is_pagination(child.url))

    def _changed(self, children: Iterable[Seed]) -> Iterator[Seed]:
        """Yield the sitemaps of an index, unless it says that they have not changed since they were read."""
        for child in children:
            if child.kind is not SeedKind.SITEMAP or child.depth > self.run.config.max_depth:
                continue
            if self.run.plan.backfill and not self.window.wants_seed(child):
                continue
            state = self.schedule.state(child)
            untouched = None
            polled_at = state.last_polled_at if state is not None else None
            if child.modified is not None and polled_at is not None and plausible(polled_at, self.run.now()):
                untouched = _before(child.modified, polled_at)
            if self.schedule.wants_behind(child, untouched):
                yield child


def parsed(
    page: Page, seed: Seed, source: Source, readers: Sequence[discover.SeedReader] = ()
) -> Found | SeedUnreadable:
    """Return what a seed's bytes give, or why they give nothing; in any thread. `readers`: the operator's own."""
    try:
        return discover.read(page, seed, source, readers)
    except SeedUnreadable as unreadable:
        return unreadable.with_traceback(None)  # which would keep the bytes


def _at_once(taking: Taking) -> list[Seed]:
    try:
        while True:
            next(taking)
    except StopIteration as done:
        seeds: list[Seed] = done.value
        return seeds


def _before(moment: Moment, limit: datetime) -> bool:
    """Return whether a moment certainly lies before a limit; on the limit's own day only an instant can."""
    return moment.at < limit if moment.at is not None else moment.on < limit.date()
