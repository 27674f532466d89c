"""Serve the demo site on loopback from a background thread: a real HTTP/1.1 server with validators and 304."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from ingest.demo import pages, seeds
from ingest.demo.articles import SECTIONS, read_articles

DEMO_PORT = (
    8374  # tried first, so that the articles of a second run have the addresses of the first; unassigned at IANA
)
IDLE_S = 5.0  # a connection that says nothing for so long is closed

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedDocument:
    """What one path answers with."""

    media_type: str
    body: bytes
    modified: datetime

    @property
    def etag(self) -> str:
        """A strong validator: digest of the body."""
        return f'"{hashlib.blake2b(self.body, digest_size=8).hexdigest()}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A site being served: `url` ends without a slash."""

    url: str
    host: str
    port: int


MISSING = ServedDocument(
    media_type=HTML,
    body=b"<!DOCTYPE html><title>Not found</title><h1>Not found</h1>",
    modified=datetime(1970, 1, 1, tzinfo=UTC),
)


class Demo:
    """The bundled site."""

    @contextmanager
    def serve(self, host: str = "127.0.0.1", port: int | None = 0) -> Iterator[Running]:
        """Serve until the block is left. Port 0: any free one; None: DEMO_PORT, or any free one if that is taken.

        Raises OSError when a port asked for by number cannot be had.
        """
        server = _listen(host, port)
        base = f"http://{host}:{server.server_port}"
        server.documents = documents(base)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="demo-site", daemon=True)
        thread.start()
        try:
            yield Running(url=base, host=host, port=server.server_port)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def documents(base: str) -> dict[str, ServedDocument]:
    """Return every document of the site by path, with absolute addresses under `base`."""
    articles = read_articles()
    newest = max(article.modified for article in articles)
    texts = {
        "/": (HTML, pages.home_page(articles)),
        "/about": (HTML, pages.about_page()),
        f"/tags/{pages.TAG}": (HTML, pages.tag_page(articles)),
        "/robots.txt": ("text/plain; charset=utf-8", seeds.robots(base)),
        "/feed.xml": (RSS, seeds.feed(articles, base)),
        "/sitemap.xml": (XML, seeds.sitemap_index(articles, base)),
        "/sitemap-articles.xml": (XML, seeds.article_sitemap(articles, base)),
        "/sitemap-pages.xml": (XML, seeds.page_sitemap(articles, base)),
        **{f"/{section}": (HTML, pages.section_page(section, articles)) for section in SECTIONS},
    }
    found = {
        path: ServedDocument(media_type=media_type, body=text.encode(), modified=newest)
        for path, (media_type, text) in texts.items()
    }
    for article in articles:
        body = pages.article_page(article, articles, base).encode()
        found[article.path] = ServedDocument(media_type=HTML, body=body, modified=article.modified)
        drawing = pages.picture(article).encode()
        found[f"/pictures/{article.slug}.svg"] = ServedDocument(
            media_type="image/svg+xml", body=drawing, modified=article.modified
        )
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an idle keep-alive connection must not hold up the end
    documents: dict[str, ServedDocument]


class _Handler(BaseHTTPRequestHandler):
    """Answer GET and HEAD from the server's documents."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
        """Stay silent: the terminal belongs to the command that runs the demo."""

    def _answer(self) -> None:
        path = urlsplit(self.path).path
        document = self.server.documents.get(path.rstrip("/") or "/")
        if document is None:
            self._send(HTTPStatus.NOT_FOUND, MISSING, {})
            return
        last_modified = format_datetime(document.modified.astimezone(UTC), usegmt=True)
        validators = {"ETag": document.etag, "Last-Modified": last_modified}
        if self._unchanged(document):
            self._send(HTTPStatus.NOT_MODIFIED, None, validators)
        else:
            self._send(HTTPStatus.OK, document, validators)

    def _unchanged(self, document: ServedDocument) -> bool:
        """Decide as RFC 9110, section 13.2.2 does: If-None-Match outranks If-Modified-Since."""
        if tags := self.headers.get("If-None-Match"):
            return document.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        if since := self.headers.get("If-Modified-Since"):
            try:
                return document.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
            except (ValueError, TypeError):
                return False
        return False

    def _send(self, status: HTTPStatus, document: ServedDocument | None, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if document is not None:
            self.send_header("Content-Type", document.media_type)
            self.send_header("Content-Length", str(len(document.body)))
        self.end_headers()
        if document is not None and self.command != "HEAD":
            self.wfile.write(document.body)


def _listen(host: str, port: int | None) -> _Server:
    if port is not None:
        return _Server((host, port), _Handler)
    try:
        return _Server((host, DEMO_PORT), _Handler)
    except OSError:
        return _Server((host, 0), _Handler)
