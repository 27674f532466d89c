"""UrlFormModel: the probability that a link is an article, learned per source from the outcomes of its links.

An address is generalised step by step: its form without names, its first directory, its form with the names of its
directories ("/town/<n>/<s>"). At each step the outcomes of links of that form correct the estimate of the step before,
as a Beta posterior whose prior is that estimate (shrinkage; Gelman et al., Bayesian Data Analysis, ch. 5). So one tag
page that was no article lowers the score of all tag pages, and a few articles at hexadecimal addresses raise the score
of the next one. Nothing is fetched or stored here: outcomes come in, a frozen value goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ingest.model import Link, OutcomeKind, SeedKind
from ingest.web.url_patterns import (
    ENDING,
    LISTING_NAMES,
    LONG_ID,
    SERVICE_NAMES,
    is_pagination,
    parameter_names,
    segments,
    slug_words,
)

# What an outcome says about the link that led there; the others (refused, failed, gone) say nothing.
ARTICLES = frozenset((OutcomeKind.STORED, OutcomeKind.REVISED, OutcomeKind.UNCHANGED, OutcomeKind.DUPLICATE))
NO_ARTICLES = frozenset((OutcomeKind.SCREENED,))
# Of what was screened, only what a page permanently is says something about similar pages: a consent wall, a log-in
# or a short text may replace every article of a site for a day.
LASTING = frozenset(("listing", "service", "forum", "product", "profile"))
# How many outcomes the estimate of the step before counts for: forms without names say little about a directory they
# were not learned in. So three listings in a row are needed to give up a directory of headlines, one for one of tags.
GENERAL_WEIGHT = 6.0
NAMED_WEIGHT = 4.0
MEMORY = 64  # outcomes of one form; beyond, all counts are halved, so that a site may change
MAX_REFUSED = 200  # links kept of those that were not fetched, with their scores
FORMS = "forms"  # key of the counts; as a form it would begin with "/" or "*"
NAMES = ("w", "l", "v")  # classes of segments that name a directory
MAX_FORMS = 5_000  # of one source; a site with more has names in its addresses that repeat nowhere
# Links with a lower score are not fetched. A section's links are our guess; sitemaps and feeds are the site's own
# statement; a list is written by a person.
ENOUGH = {SeedKind.SECTION: 0.5, SeedKind.SITEMAP: 0.3, SeedKind.FEED: 0.2, SeedKind.LIST: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlFormModel:
    """What links of each form turned out to be: form -> (articles, others). Empty before anything is learned."""

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    sets: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # of lists of links that were tried
    refused: dict[str, tuple[float, str]] = field(default_factory=dict)  # URL -> score and kind of its seed
    # of a backfill: {"window": "2024-01-01..2024-03-31", "open": [[URL, depth, whether it follows a listing], ...]}
    backfill: dict[str, Any] = field(default_factory=dict)
    patterns: str = ""  # digest of the match and exclude patterns that this was learned with

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self:
        """Take what `stored` gave for an earlier run, nothing when None. Earlier versions stored the counts alone."""
        stored = stored or {}
        if FORMS not in stored:
            return cls(counts=_pairs(stored))
        refused = {url: (float(score), str(kind)) for url, (score, kind) in stored.get("refused", {}).items()}
        return cls(
            counts=_pairs(stored[FORMS]),
            sets=_pairs(stored.get("sets", {})),
            refused=refused,
            backfill=dict(stored.get("backfill", {})),
            patterns=str(stored.get("patterns", "")),
        )

    def stored(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return {
            FORMS: {form: list(count) for form, count in self.counts.items()},
            "sets": {key: list(count) for key, count in self.sets.items()},
            "refused": {url: list(about) for url, about in self.refused.items()},
            "patterns": self.patterns,
            "backfill": self.backfill,
        }

    def reopened(self) -> bool:
        """Return whether a link that was refused would be wanted by what is known now."""
        return any(self._wants_again(url, *about) for url, about in self.refused.items())

    def with_refused(self, refused: Mapping[str, tuple[float, str]]) -> UrlFormModel:
        """Return the model with more links that were refused, without those that are wanted by now."""
        kept = {
            url: about for url, about in (self.refused | dict(refused)).items() if not self._wants_again(url, *about)
        }
        return replace(self, refused=dict(list(kept.items())[-MAX_REFUSED:]))

    def _wants_again(self, url: str, score: float, kind: str) -> bool:
        return self.wants(Link(url=url, found_in=url, found_by=SeedKind(kind), score=score))

    def score(self, link: Link) -> float:
        """Return the probability that a link is an article: the seed's estimate, corrected by earlier outcomes."""
        general, *named = forms(link.url)
        estimate = _corrected(link.score, self._counts(general), GENERAL_WEIGHT)
        if named:
            directory, whole = map(self._counts, named)
            others = (directory[0] - whole[0], directory[1] - whole[1])  # of the directory, not of this form
            estimate = _corrected(estimate, (max(others[0], 0), max(others[1], 0)), GENERAL_WEIGHT)
            estimate = _corrected(estimate, whole, NAMED_WEIGHT)
        return estimate

    def _counts(self, form: str) -> tuple[int, int]:
        return self.counts.get(form, (0, 0))

    def wants(self, link: Link) -> bool:
        """Return whether a link is worth a request."""
        return self.score(link) >= ENOUGH[link.found_by]

    def why(self, url: str) -> str:
        """Describe what is known about addresses of this form: "/tag/<n>: 0 of 8 were articles"."""
        known = [(form, self.counts[form]) for form in forms(url) if form in self.counts]
        if not known:
            return "nothing is known about addresses of this form"
        form, (yes, no) = known[-1]
        return f"{form}: {yes} of {yes + no} were articles"


def teaches(kind: OutcomeKind, reason: str) -> bool:
    """Return whether an outcome says something about other links of the same form."""
    return kind in ARTICLES or (kind in NO_ARTICLES and reason in LASTING)


def learn(outcomes: Iterable[tuple[str, OutcomeKind]], before: UrlFormModel | None = None) -> UrlFormModel:
    """Return the model with these addresses and their outcomes added.

    For the form without names each directory counts once: a shop with a hundred products must not decide for the
    magazine beside it.
    """
    before = before or UrlFormModel()
    counts = dict(before.counts)
    for url, kind in outcomes:
        if kind not in ARTICLES and kind not in NO_ARTICLES:
            continue
        is_article = kind in ARTICLES
        general, *named = forms(url)
        voted = bool(named) and counts.get(named[0], (0, 0))[0 if is_article else 1] > 0
        for form in named if voted else (general, *named):
            if form in counts or len(counts) < MAX_FORMS:
                counts[form] = _counted(counts.get(form, (0, 0)), is_article=is_article)
    return replace(before, counts=counts)


def _pairs(stored: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {form: (int(yes), int(no)) for form, (yes, no) in stored.items()}


def _counted(count: tuple[int, int], *, is_article: bool) -> tuple[int, int]:
    yes, no = (count[0] + 1, count[1]) if is_article else (count[0], count[1] + 1)
    return (yes, no) if yes + no <= MEMORY else (yes // 2, no // 2)


def _corrected(estimate: float, count: tuple[int, int], weight: float) -> float:
    """Return the mean of the Beta posterior whose prior has the estimate as mean and counts as `weight` outcomes."""
    yes, no = count
    return (yes + weight * estimate) / (yes + no + weight)


def forms(url: str) -> Iterator[str]:
    """Give the forms of an address, the most general first."""
    parts = segments(url)
    classes = [_class(part) for part in parts]
    query = "?" + ",".join(parameter_names(url)) if "?" in url else ""
    page = "#page" if is_pagination(url) else ""
    general = "/".join(classes)
    yield f"*/{general}{query}{page}"
    if len(parts) > 1 and classes[0] in NAMES:
        yield f"/{parts[0].lower()}/…"
        # directory names stay, what differs from text to text is generalised
        named = [
            part.lower() if kind in NAMES else f"<{kind}>" for part, kind in zip(parts[:-1], classes[:-1], strict=True)
        ]
        yield "/" + "/".join([*named, f"<{classes[-1]}>"]) + query + page


def _class(part: str) -> str:
    """Return what a path segment is: n(umber), i(d), s(lug), w(ord), l(isting), v (service), with its file ending."""
    bare = ENDING.sub("", part)
    ending = part[len(bare) :].lower()
    if bare.lower() in LISTING_NAMES:
        return "l" + ending
    if bare.lower() in SERVICE_NAMES:
        return "v" + ending
    if bare.isdigit():
        return ("n" if len(bare) > 2 else "nn") + ending
    words = slug_words(bare)
    if LONG_ID.search(bare):
        return ("si" if words > 1 else "i") + ending
    return ("s" if words > 2 else "ss" if words == 2 else "w") + ending
