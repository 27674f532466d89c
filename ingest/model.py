"""The values that travel: one frozen type per moment of an article's way, and the closed sets they speak in.

Source -> Seed -> Link -> Page -> Article (made of Blocks and Claims) -> Verdict -> Outcome
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

from ingest.fast_pickle import fast_pickle

# ---------------------------------------------------------------- where articles come from


class SeedKind(StrEnum):
    """What a seed's bytes are read as."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A URL we start from at every run. `depth`: 0 as declared, +1 per sitemap index, section or page behind it."""

    url: str
    kind: SeedKind
    depth: int = 0
    modified: Moment | None = None  # when the sitemap index says it changed last
    follows: bool = field(default=False, compare=False)  # a further page of the listing that it was found on


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionRules:
    """What a person wrote about one source's pages, as CSS or XPath selectors; `strip_text` are regular expressions.

    Of `title`, `body`, `next_page` and `single_page` the first that matches counts.
    """

    keep: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    strip_text: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()  # where the body is: nothing outside is part of it
    next_page: tuple[str, ...] = ()  # link to the article's page after this one
    single_page: tuple[str, ...] = ()  # link to the whole article on one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One site we ingest, as declared in sources.toml. None for a setting means: as set for all sources."""

    name: str
    url: str
    seeds: tuple[Seed, ...] = ()  # empty: found by looking at the home page and robots.txt
    match: tuple[str, ...] = ()  # regular expressions; a link must match one of them, if there are any
    exclude: tuple[str, ...] = ()  # regular expressions; a link must match none
    language: str | None = None  # what to assume where pages do not say
    timezone: str | None = None  # zone name for times that pages give without one
    delay_s: float | None = None
    every_min: int | None = None  # minutes between two runs
    max_articles: int | None = None  # new articles in one run
    max_requests: int | None = None
    max_runtime_s: float | None = None
    recheck_h: tuple[float, ...] | None = None  # hours after it was first seen at which an article is looked at again
    rules: ExtractionRules = field(default_factory=ExtractionRules)
    verify_tls: bool = True  # False: its site's certificates are taken as they come, which every report says
    headers_file: str | None = None  # path of a file of headers that are sent to the url's own origin only
    on_new: str | None = None  # command or URL for its new articles; "": none
    alert_changes: bool = False  # revised and removed articles are reported by the services of alerts
    render: bool = False  # its pages are what their scripts make of them, in a headless browser


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A search that sources.toml names: new articles that match it are reported. None stands for any."""

    name: str
    query: str
    source: str | None = None
    language: str | None = None  # a language tag; regional forms of it match too
    author: str | None = None  # a part of a name


# ---------------------------------------------------------------- links and pages


class Precision(StrEnum):
    """How exactly a moment is known."""

    INSTANT = "instant"  # date, time and zone
    WALL = "wall"  # date and time of an unknown zone
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something was published or modified, no more exactly than the page says.

    `on` is the calendar day where it was published. `at` is aware and UTC; for a wall clock it is that clock read as
    UTC; None for a day. `offset_min` is the zone's offset in minutes, for instants only.
    """

    on: date
    precision: Precision
    at: datetime | None = None
    offset_min: int | None = None

    @classmethod
    def of_instant(cls, moment: datetime) -> Moment:
        """Take an aware datetime as it is."""
        offset = moment.utcoffset()
        assert offset is not None, "an instant has a zone"
        minutes = round(offset.total_seconds() / 60)
        return cls(on=moment.date(), precision=Precision.INSTANT, at=moment.astimezone(UTC), offset_min=minutes)

    @classmethod
    def of_wall(cls, moment: datetime) -> Moment:
        """Take a naive datetime as the clock on an unknown wall."""
        return cls(on=moment.date(), precision=Precision.WALL, at=moment.replace(tzinfo=UTC))

    @classmethod
    def of_day(cls, day: date) -> Moment:
        """Take a calendar day."""
        return cls(on=day, precision=Precision.DAY)

    def iso(self) -> str:
        """ISO 8601: with offset for an instant, without for a wall clock, the bare date for a day."""
        if self.at is None:
            return self.on.isoformat()
        if self.precision is Precision.WALL:
            return self.at.replace(tzinfo=None).isoformat()
        return self.at.astimezone(timezone(timedelta(minutes=self.offset_min or 0))).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A URL a seed pointed to, normalised, with what the seed said about it; not yet fetched."""

    url: str
    found_in: str  # URL of the seed
    found_by: SeedKind
    title: str | None = None  # feed title, news sitemap title or anchor text
    published: Moment | None = None
    modified: Moment | None = None  # lastmod, atom:updated
    authors: tuple[str, ...] = ()
    language: str | None = None
    score: float = 0.5  # how sure the seed makes us that this is an article, 0..1
    linked: str | None = None  # the address with the parameters that `url` lost, where it lost any


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLocation:
    """Where a raw page lies: WARC file relative to the home, offset and length of the record, digest of the body."""

    file: str
    offset: int
    length: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask it later whether a document changed."""

    etag: str | None = None
    last_modified: str | None = None  # as sent, an HTTP date


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One fetched document."""

    url: str  # as asked for
    final_url: str  # after redirects
    source: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)  # decoded from its Content-Encoding, still in its charset
    fetched_at: datetime
    hint: Link | None = None
    place: RecordLocation | None = None  # None: not (yet) kept
    parts: tuple[FetchedPart, ...] = ()  # the further pages of the same article, in order

    def header(self, name: str) -> str | None:
        """Return the first header of that name, in any case."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def fetched(self) -> tuple[Page, ...]:
        """This page and those of its parts that there are."""
        return (self, *(part.page for part in self.parts if part.page is not None))

    @property
    def validators(self) -> Validators:
        """What the server gave for the next conditional GET."""
        return Validators(etag=self.header("ETag"), last_modified=self.header("Last-Modified"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPart:
    """A further page of an article that goes over several."""

    url: str  # as linked, normalised
    page: Page | None = None  # None: it came to nothing
    note: str = ""  # why it came to nothing, a slug
    whole: bool = False  # holds the whole article, not what follows


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherPage:
    """What became of a further page: where its raw page lies, and why nothing of it is in the text if so."""

    url: str
    place: RecordLocation | None = None  # None: nothing was fetched, or it was not to be kept
    note: str = ""
    whole: bool = False


# ---------------------------------------------------------------- articles


class BlockKind(StrEnum):
    """What a block of the body is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"  # of a list
    QUOTE = "quote"
    ROW = "row"  # of a table; cells parted by " | "
    CODE = "code"
    CAPTION = "caption"


class CutBy(StrEnum):
    """Who cut a block."""

    MODEL = "model"  # the block model or extraction itself
    RULE = "rule"  # a person's rule in sources.toml
    LEARNED = "learned"  # it recurs over the source's articles
    PERSON = "person"  # a person's verdict on a learned block


@fast_pickle
@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Why a block is not part of the body. `reason` is for people: "recurs on 37 of 40 articles", "model 0.04"."""

    by: CutBy
    reason: str


@fast_pickle
@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, heading, list item, quote, table row, code or caption, in reading order."""

    text: str  # plain, normalised; line breaks only in code
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0  # heading 1..6, list depth 1.., else 0
    path: str = ""  # tags, classes and ids from the body's root down, e.g. "article/div.text/p"
    markdown: str | None = None  # when it says more than the text: links, emphasis
    link_share: float = 0.0  # share of the text inside links, 0..1
    cut: Cut | None = None
    spared: Cut | None = None  # the cut that a person's `keep`, or what was learned of its place, took back
    number: int | None = None  # of an item of a numbered list; None also for an item's second paragraph


class Field(StrEnum):
    """The metadata fields that claims are made about."""

    TITLE = "title"
    DESCRIPTION = "description"
    AUTHORS = "authors"
    PUBLISHED = "published"
    MODIFIED = "modified"
    LANGUAGE = "language"
    CANONICAL_URL = "canonical_url"
    SITE_NAME = "site_name"
    SECTION = "section"
    TAGS = "tags"
    IMAGE = "image"
    PAYWALLED = "paywalled"
    ALTERNATE_URL = "alternate_url"


@fast_pickle
@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One value somebody asserts for one field. Times as ISO 8601, booleans as "true" and "false"."""

    field: Field
    value: str | tuple[str, ...]
    origin: str  # "json-ld", "opengraph", "meta", "microdata", "h1", "title", "byline", "feed", "url", "text" ...
    won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of an article."""

    url: str
    width: int | None = None
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None  # who took or owns it, without "Photo:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSignals:
    """What a page looks like as a whole, for the screen to decide by. Counts of words take a CJK character for half."""

    status: int = 200
    kinds: tuple[str, ...] = ()  # what the page says it is: og:type and schema.org types, lower case, distinct
    teasers: int = 0  # headings that link to other pages
    teaser_words: int = 0  # words that stand with such headings
    words: int = 0  # words of the page outside menus, footers and the like
    link_words: int = 0  # of these, inside links
    moments: int = 0  # distinct dates in time elements
    password: bool = False  # a field for a password
    captcha: bool = False  # a box that wants proof of a person
    refresh: bool = False  # sent on by meta refresh at once
    scripts: bool = False  # empty until its scripts have run
    consent: bool = False  # markup of a consent manager; most pages have it, walls have little else
    noindex: bool = False  # asks search engines to leave it out
    binary: str = ""  # what its bytes are when they are no page: "png", "pdf", "binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a reader would call an article, read from one page."""

    source: str
    url: str  # the page's address after redirects, normalised
    fetched_at: datetime
    asked_url: str | None = None  # the address it was asked for under
    validators: Validators = field(default_factory=Validators)
    title: str | None = None
    blocks: tuple[Block, ...] = ()  # without title; the cut ones marked
    canonical_url: str | None = None  # the site's own word for it, after checks
    alternate_urls: tuple[str, ...] = ()  # AMP, print, other addresses of the same text
    description: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    modified: Moment | None = None
    language: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None  # the lead image
    images: tuple[Image, ...] = ()  # all of them, the lead image first
    paywalled: bool | None = None  # None: not stated
    claims: tuple[Claim, ...] = ()
    signs: PageSignals | None = None  # None: not read from a page
    place: RecordLocation | None = None
    parts: tuple[FurtherPage, ...] = ()  # further pages that it was joined from; all else is the first one's word

    @property
    def kept(self) -> tuple[Block, ...]:
        """The blocks that are the body."""
        return tuple(block for block in self.blocks if block.cut is None)

    @property
    def body(self) -> str:
        """The kept blocks as plain text, one a line; code keeps its own line breaks."""
        return "\n".join(block.text for block in self.kept)


# ---------------------------------------------------------------- learned boilerplate


class BlockVerdict(StrEnum):
    """What is held about a recurring block; keep and cut are a person's and outrank the learner for good."""

    LEARNED = "learned"
    OWN = "own"  # learned too: a place where the articles' own headings stand
    KEEP = "keep"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBlock:
    """What one source's articles taught about a block that recurs in them, word for word or with words changing."""

    pattern: tuple[str, ...]  # folded words; an empty one stands for words that change
    text: str  # as last seen
    kind: BlockKind = BlockKind.PARAGRAPH
    path: str = ""
    articles: int  # it was seen in
    first_on: date
    last_on: date
    verdict: BlockVerdict | None = None  # None: only counted so far
    reason: str = ""  # "on 37 of 40 articles"
    id: int | None = None  # None: not stored


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """What is known about one source's boilerplate; picklable. Equal only to itself, so that it can be a cheap key."""

    source: str = ""
    articles: int = 0  # that taught it
    blocks: tuple[KnownBlock, ...] = ()  # those with a verdict


# ---------------------------------------------------------------- decisions


class VerdictKind(StrEnum):
    """What an article is to those already stored."""

    NEW = "new"
    REVISION = "revision"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an article is to those already stored, and to which of them. `of` is None for new ones only."""

    kind: VerdictKind
    of: int | None = None  # article id
    reason: str = ""  # slug: "same-url", "same-canonical", "same-text" ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stored article that a new one may be the same as.

    `keys` are those of the new article's URL keys (its address, canonical and alternate ones) that lead to this
    candidate: by its own address, by its canonical one, or as an address it is known to be reached by.
    """

    article_id: int
    source: str
    url: str
    url_key: str
    canonical_key: str | None
    keys: tuple[str, ...]
    body_digest: str  # of the latest revision
    title: str | None
    revision: int  # number of the latest revision, 1..
    revised_at: datetime  # when the latest revision was fetched
    fetched_at: datetime | None = None  # when the page of its latest revision was fetched
    published: Moment | None = None
    shingles: frozenset[str] = frozenset()  # of its text, when that may be nearly the new article's; else none


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What the store found for an article: what it may be the same as, and what saving it needs."""

    found: tuple[Candidate, ...] = ()  # in the order they were stored
    signature: bytes = b""  # MinHash of the article's text
    near_elsewhere: tuple[int, ...] = ()  # ids of articles of other sources that may have its text, the likest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """An article with the verdict about it. `candidates`: what it was compared with."""

    article: Article
    verdict: Verdict
    candidates: Candidates | None = None


class OutcomeKind(StrEnum):
    """How one page ended in one run."""

    STORED = "stored"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    SCREENED = "screened"
    REFUSED = "refused"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one page ended, with the reason as a slug."""

    kind: OutcomeKind
    reason: str = ""
    article_id: int | None = None
