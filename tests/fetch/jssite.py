"""A site that is nothing without its scripts, and the ways out that its scripts try."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.fetch.server import Exchange, Server

ARTICLES = 4
SHELL = (
    "<!doctype html><html><head><title>Harbour Post</title></head><body><div id=root></div>"
    "<noscript>You need to enable JavaScript to run this app.</noscript><script src=/app.js></script></body></html>"
)
APP = """
const root = document.getElementById('root'), id = location.pathname.match(/article-(\\d+)/);
fetch(id ? '/api/' + id[1] + '.json' : '/api/list.json').then(answer => answer.json()).then(data => {
  const add = (under, tag, text) => { const made = document.createElement(tag); made.textContent = text;
    under.append(made); return made };
  if (!id) { for (const one of data) add(add(root, 'h2', ''), 'a', one.title).href = one.url; return }
  document.title = data.title;
  const article = add(root, 'article', '');
  add(article, 'h1', data.title);
  const time = add(article, 'time', data.day); time.setAttribute('datetime', data.day);
  for (const text of data.text) add(article, 'p', text);
});
"""
# HERE, SIX, OTHER, NAME: addresses of canaries, "127.0.0.1:PORT" and the like
WAYS_OUT = """
const tried = [], t = (name, act) => { tried.push(name);
  try { const answer = act(); if (answer && answer.catch) answer.catch(() => 0) } catch (_) {} };
const here = 'http://HERE/', put = (tag, set) => { const made = document.createElement(tag); set(made);
  document.body.append(made); return made };
t('fetch', () => fetch(here)); t('fetch https', () => fetch('https://HERE/')); t('fetch v6', () => fetch('http://SIX/'));
t('fetch name', () => fetch('http://NAME/')); t('fetch other', () => fetch('http://OTHER/'));
t('fetch number', () => fetch('http://' + 0x7f000001 + ':' + here.split(':')[2]));
t('fetch mapped', () => fetch('http://[::ffff:7f00:1]:' + here.split(':')[2]));
t('rebound name', () => fetch('http://127-0-0-1.rebind.test:' + here.split(':')[2]));
t('fetch redirect', () => fetch('/to?' + here, {mode: 'no-cors'}));
t('script redirect', () => put('script', e => e.src = '/to?' + here));
t('keepalive', () => fetch(here, {method: 'POST', body: 'x', keepalive: true, mode: 'no-cors'}));
t('xhr', () => { const x = new XMLHttpRequest(); x.open('GET', here); x.send() });
t('ws', () => new WebSocket('ws://HERE/')); t('wss', () => new WebSocket('wss://HERE/'));
t('eventsource', () => new EventSource(here)); t('beacon', () => navigator.sendBeacon(here, 'x'));
const code = `fetch('${here}').catch(() => 0); try { importScripts('${here}') } catch (_) {} new WebSocket('ws://HERE/')`;
t('worker', () => new Worker(URL.createObjectURL(new Blob([code]))));
t('shared worker', () => new SharedWorker(URL.createObjectURL(new Blob([code]))));
t('service worker', () => navigator.serviceWorker.register('/sw.js'));
t('iframe', () => put('iframe', e => e.src = here));
t('srcdoc', () => put('iframe', e => e.srcdoc = '<script>' + code + '</' + 'script><img src=' + here + '>'));
t('data frame', () => put('iframe', e => e.src = 'data:text/html,<script>' + code + '</' + 'script>'));
t('object', () => put('object', e => e.data = here)); t('embed', () => put('embed', e => e.src = here));
t('image', () => { new Image().src = here }); t('video', () => put('video', e => e.src = here));
t('track', () => put('audio', e => e.src = here));
t('css', () => put('style', e => e.textContent = `@import "${here}";`));
t('font', () => { const f = new FontFace('x', 'url(' + here + ')'); document.fonts.add(f); return f.load() });
const rels = 'prefetch preload preconnect dns-prefetch modulepreload stylesheet prerender icon manifest';
for (const rel of rels.split(' ')) t(rel, () => put('link', e => { e.rel = rel; e.as = 'script'; e.href = here }));
t('speculation', () => put('script', e => { e.type = 'speculationrules'; e.textContent = JSON.stringify(
  {prefetch: [{source: 'list', urls: [here]}], prerender: [{source: 'list', urls: [here]}]}) }));
t('import', () => import(here)); t('open', () => window.open(here)); t('download', () => put('a', e => {
  e.href = here; e.download = 'x' }).click()); t('ping', () => put('a', e => { e.href = '#'; e.ping = here }).click());
t('form', () => put('form', e => { e.action = here; e.target = '_blank' }).submit());
t('report', () => put('meta', e => { e.httpEquiv = 'Content-Security-Policy';
  e.content = 'img-src none; report-uri ' + here }));
t('rtc', () => { const p = new RTCPeerConnection({iceServers: [{urls: 'stun:HERE'},
  {urls: 'turn:HERE?transport=tcp', username: 'a', credential: 'b'}]}); p.createDataChannel('x');
  p.createOffer().then(offer => p.setLocalDescription(offer)) });
t('transport', () => new WebTransport('https://HERE/'));
t('file', () => fetch('file:///etc/hostname').then(a => a.text()).then(text => document.body.append('LEAK' + text)));
t('file frame', () => put('iframe', e => e.src = 'file:///etc/hostname'));
setTimeout(() => { location.href = here }, 300);
"""


def text_of(number: int) -> list[str]:
    """The paragraphs of an article; no two of the site's are alike."""
    ways = ("along the quay", "behind the fish market", "at the northern lock", "under the old crane")
    return [
        f"Report {number}, part {part}: the harbour board spoke for {number * 7 + part} minutes about the plans "
        f"{ways[(number + part) % 4]}, and {number + 3 * part} of its members voted for another survey before winter."
        for part in range(5)
    ]


def title_of(number: int) -> str:
    return f"Harbour board puts off survey number {number} until the spring tides"


def site(address: str = "127.3.0.1", *, ways_out: str = "") -> Server:
    """Return the host; its articles lie at /2026/11/article-N-harbour-board-puts-off-survey."""
    host = Server(address)

    def script(exchange: Exchange) -> None:
        tried = f"if (!id || id[1] === '0') {{ {ways_out} }}"  # on the front page and on one of the articles
        exchange.page(APP + tried, "200 OK", "Content-Type: text/javascript")

    def data(value: object) -> bytes:
        return json.dumps(value).encode()

    def answer_with(value: object) -> object:
        return lambda exchange: exchange.page(data(value), "200 OK", "Content-Type: application/json")

    paths = [f"/2026/11/article-{number}-harbour-board-puts-off-survey" for number in range(ARTICLES)]
    host.pages = {"/": SHELL, "/app.js": script, **dict.fromkeys(paths, SHELL)}
    listed = [{"title": title_of(number), "url": path} for number, path in enumerate(paths)]
    host.pages["/api/list.json"] = answer_with(listed)  # type: ignore[assignment]  # an answer, told as an object
    for number in range(ARTICLES):
        told = {"title": title_of(number), "day": f"2026-11-{number + 10}", "text": text_of(number)}
        host.pages[f"/api/{number}.json"] = answer_with(told)  # type: ignore[assignment]  # as above
    host.pages["/to"] = lambda exchange: exchange.redirect(exchange.asked.path.partition("?")[2])
    return host


@dataclass
class Canaries:
    """Addresses outside the allowed network, TCP and UDP; `met` is who was reached, in order."""

    met: list[str] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Put the canaries' addresses where the text names them."""
        here = self.ports["127.0.0.1"]
        names = {
            "HERE": f"127.0.0.1:{here}",
            "SIX": f"[::1]:{self.ports['::1']}",
            "OTHER": f"127.9.9.9:{self.ports['127.9.9.9']}",
            "NAME": f"localhost:{here}",
        }
        for name, address in names.items():
            text = text.replace(name, address)
        return text


@contextmanager
def canaries() -> Iterator[Canaries]:
    """Listen until the end of the block."""
    birds = Canaries()
    sockets: list[socket.socket] = []
    for address in ("127.0.0.1", "::1", "127.9.9.9"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, 0), family=family)
        birds.ports[address] = listener.getsockname()[1]
        told = socket.socket(family, socket.SOCK_DGRAM)
        told.bind((address, birds.ports[address]))
        sockets += [listener, told]
        threading.Thread(target=_listen, args=(listener, birds, address), daemon=True).start()
        threading.Thread(target=_hear, args=(told, birds, address), daemon=True).start()
    try:
        yield birds
    finally:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _listen(listener: socket.socket, birds: Canaries, address: str) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            birds.met.append(f"tcp {address}")
            connection.close()


def _hear(told: socket.socket, birds: Canaries, address: str) -> None:
    with suppress(OSError):
        while told.recvfrom(2048)[0]:
            birds.met.append(f"udp {address}")
