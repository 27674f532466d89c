"""What a site answers to a path on a day: pure, no sockets, no clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

from tests.site import pages, seeds
from tests.site.sites import Site
from tests.site.writing import texts


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it arrived; header names in lower case."""

    host: str
    method: str
    target: str  # path and query
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass(frozen=True, kw_only=True)
class Response:
    """One response; Content-Length is added when it is sent."""

    status: int = 200
    media_type: str = "text/html"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = Response(status=404, body=b"<!DOCTYPE html><title>404</title><h1>Not found</h1>")
GONE = Response(status=410, body=b"<!DOCTYPE html><title>410</title><h1>Gone</h1>")


def answer(site: Site, request: Request, day: int, base: str) -> Response:
    """Return what the site says, 304 where the request carries a validator that still holds."""
    response, modified = _plain(site, request, day, base)
    if response.status != 200:
        return response
    etag = f'"{hashlib.blake2b(response.body, digest_size=8).hexdigest()}"'
    validators: list[tuple[str, str]] = []
    if site.etag:
        validators.append(("ETag", etag))
    if site.last_modified and modified:
        validators.append(("Last-Modified", format_datetime(modified.astimezone(UTC), usegmt=True)))
    if _holds(site, request, etag, modified):
        return Response(status=304, headers=tuple(validators))
    return replace(response, headers=(*response.headers, *validators))


def is_known(request: Request, response: Response) -> bool:
    """Return whether the request carries the ETag that the answer would have."""
    etag = dict(response.headers).get("ETag")
    return etag is not None and etag in request.headers.get("if-none-match", "")


def _holds(site: Site, request: Request, etag: str, modified: datetime | None) -> bool:
    if site.etag and (tags := request.headers.get("if-none-match")):
        return etag in tags
    if site.last_modified and modified and (since := request.headers.get("if-modified-since")):
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    return False


def _plain(site: Site, request: Request, day: int, base: str) -> tuple[Response, datetime | None]:
    """Return the unconditional answer and when it last changed."""
    path = request.path.rstrip("/") or "/"
    if path == "/robots.txt":
        media_type, body = seeds.robots(site, base)
        return Response(media_type=media_type, body=body), None
    if path in site.extra:
        return _html(site, pages.prose_page(site, texts(site.language).name, site.extra[path])), None
    for article in site.articles:
        if article.path == path:
            part = _number(request)
            if article.is_there(day) and part <= max(site.paged.get(article.number, 1), 1):
                page = pages.article_page(site, article, day, base, part)
                return _html(site, page), article.modified_on(day)
            return (GONE if day >= article.gone_day else NOT_FOUND), None
    there = site.on(day)
    newest = max((one.modified_on(day) for one in there), default=None)
    if (found := seeds.documents(site, day, base).get(path)) is not None:
        return Response(media_type=found[0], body=found[1]), newest
    if (index := _listing(site, request, day)) is not None:
        return _html(site, index), newest
    if path in ("/about", "/search") or path.startswith("/private/"):
        return _html(site, pages.prose_page(site, path, f"<h1>{path}</h1><p>{texts(site.language).hint}</p>")), None
    return NOT_FOUND, None


def _listing(site: Site, request: Request, day: int) -> str | None:
    bank = texts(site.language)
    path = request.path.rstrip("/") or "/"
    number = _number(request)
    articles = site.on(day)
    if path == "/":
        return pages.listing(site, bank.name, articles[: site.per_page], day, path="/", page=1)
    if path.removeprefix("/s").isdigit() and int(path.removeprefix("/s")) <= len(bank.sections):
        section = int(path.removeprefix("/s")) - 1
        inside = tuple(article for article in articles if article.section == section)
        return pages.listing(site, bank.sections[section], inside, day, path=path, page=number)
    return None


def _number(request: Request) -> int:
    """Return which page of an article or a listing is asked for."""
    return int(parse_qs(urlsplit(request.target).query).get("page", ["1"])[0])


def _html(site: Site, html: str) -> Response:
    return Response(
        media_type=f"text/html; charset={site.charset}", body=html.encode(site.charset, errors="xmlcharrefreplace")
    )
