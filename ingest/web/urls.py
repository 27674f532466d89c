"""Addresses: the one form we write them in, the key we know them by, and the polite unit they belong to.

Parsing is the WHATWG URL standard's (ada), so that an address means to us what it means to a browser. What is dropped
and what is alike beyond that standard is decided here. Nothing is looked up: the public suffix list is the bundled one.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from hashlib import blake2b
from importlib import resources
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ada_url import URL

from ingest.errors import UrlError

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

MAX_URL_CHARS = 8_000  # RFC 9110 4.1 asks for at least 8,000; longer ones are traps in practice
MAX_HOST_CHARS = 253  # RFC 1035 2.3.4, without the root's dot
KEY_BYTES = 16
SHOWN_CHARS = 200  # of a bad address in a message

# Parameters that say where a reader came from and never which text is shown. Whole names, lower case.
TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid yclid ymclid msclkid twclid ttclid igshid igsh li_fat_id epik rdt_cid
    mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv wickedid ml_subscriber
    ml_subscriber_hash ck_subscriber_id oly_anon_id oly_enc_id _openstat _branch_match_id _branch_referrer _ga _gl _ke
    __s s_kwcid s_cid ef_id spm xtor wt_mc wt.mc_id wtmc wt_zmc ocid cmpid icid ncid ns_mchannel ns_source ns_campaign
    ns_linkname ns_fee guccounter guce_referrer guce_referrer_sig trk trkcampaign
    trk_contact trk_msg trk_module trk_sid sc_campaign sc_channel sc_content sc_country sc_geo sc_medium sc_outcome
    piano_campaign soc_src soc_trk __twitter_impression fb_action_ids fb_action_types fb_ref fb_source action_object_map
    action_type_map action_ref_map ref_src ref_url srsltid cmp ito intcmp int_cmp ftag ito_source sref sr_share
    from_rss emc _rss smid smtyp nl_id cn-track
    """.split()  # noqa: SIM905 - a hundred quotes and commas would hide the words
)
TRACKING_START = ("utm_", "at_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "ga_", "itm_", "ceneo_", "stm_", "vgo_")
# Names that mean other things too, and the values by which feeds and newsletters mark their links.
FEED_NAMES = frozenset(("source", "partner", "from", "ref", "origin", "via"))
FEED_VALUE = re.compile(r"(?:rss|atom|feed|xml|newsletter|email)(?:$|[^a-z])|.*[-_.]rss$", re.IGNORECASE)
# Parameters that name a visit. The short names mean other things too, so their values must look drawn by lot.
SESSION = frozenset(
    ("phpsessid", "jsessionid", "sessionid", "session_id", "sessid", "cfid", "cftoken", "zenid", "oscsid")
)
SESSION_START = ("aspsessionid",)
MAYBE_SESSION = frozenset(("sid", "s", "ssid", "session", "sess"))
SCRIPT_ENDINGS = (".php", ".asp", ".aspx", ".jsp", ".cgi", ".cfm", ".pl", ".do", ".dll")
STATIC_ENDINGS = (".html", ".htm", ".shtml")
DRAWN_BY_LOT = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{16,}", re.IGNORECASE)
SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*|(?<=/)\([a-z]\([0-9a-z]+\)\)/", re.IGNORECASE)

# Most addresses of feeds and sitemaps are in our form already; seeing that takes a tenth of parsing them. No query, no
# percent sign, no dot segment, no session; a host of plain labels under an alphabetic top level.
PLAIN = re.compile(
    r"https?://((?=.{1,253}/)(?:[a-z0-9](?:[a-z0-9]|-(?!-))*\.)+[a-z]{2,})/(?!\.)(?:[A-Za-z0-9_~!$&'*+,=:@-]|\.(?!/)|/(?!\.))*",
    re.ASCII,
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)  # "localhost:80" has a port, not a scheme
WITH_HOST = re.compile(r"https?://", re.IGNORECASE)
FROM_ROOT = re.compile(r"/(?:[^/\\\t\n\r][^\t\n\r]*)?")  # browsers read a backslash as a slash and drop line ends
ROOT = re.compile(r"https?://[^/?#\\\s]+", re.IGNORECASE)
PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
# Characters that mean themselves in a path or query, written plain by one site and encoded by the next: "?x[y]=1".
ALIKE = re.compile(r"%(?:5B|5D|7C|21|27|28|29|2A|2C|3A|40|24|5E|60|7B|7D)")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 2.3


def normalise(url: str, base: str | None = None) -> str:
    """Return the one form we write an address in, resolved against `base` when relative.

    The WHATWG form, and from that: no credentials, fragment, default port, root dot, tracking or session parameters;
    percent-encoding by RFC 3986 6.2.2 (unreserved characters plain, hex in capitals). Order of parameters, `www.`,
    trailing slash and scheme stay: they may matter to the server. normalise(normalise(u)) == normalise(u).
    Raises UrlError for anything but http(s), for more than MAX_URL_CHARS, and for what no browser could open.
    """
    if PLAIN.fullmatch(url) and len(url) <= MAX_URL_CHARS:
        return url
    return _normalised(url, base if base is None else _base_for(url, base))


def _base_for(url: str, base: str) -> str | None:
    """Return what of a base decides where an address leads: most links of a site then need to be read once only."""
    if WITH_HOST.match(url):
        return None
    root = ROOT.match(base) if FROM_ROOT.fullmatch(url) else None
    return f"{root[0]}/" if root else base


@lru_cache(maxsize=2048)  # the links in the frame of some sites; 1 MB
def _normalised(url: str, base: str | None) -> str:
    parsed = _parse(url, base)
    host = parsed.hostname.removesuffix(".")
    if not host or len(host) > MAX_HOST_CHARS or ".." in host or "." in (host[0], host[-1]):
        raise UrlError(f"{_shown(url)}: no host a name server could know; give an address such as https://example.com/")
    port = f":{parsed.port}" if parsed.port else ""
    path = SESSION_IN_PATH.sub("", _plain_percent(parsed.pathname)) or "/"
    query = _kept_query(parsed.search.removeprefix("?"), path)
    written = f"{parsed.protocol}//{host}{port}{path}{query}"
    if len(written) > MAX_URL_CHARS:
        raise UrlError(f"{_shown(url)}: longer than {MAX_URL_CHARS:,} characters")
    # what was taken out may leave a "." or ".." segment behind; one more look settles it
    return written if path == parsed.pathname else _parse(written, None).href


def with_all_parameters(url: str, base: str | None = None) -> str | None:
    """Return the address with the tracking and session parameters that `normalise` drops; None when it drops none.

    Without credentials and fragment. Raises UrlError as `normalise` does.
    """
    if "?" not in url:
        return None
    parsed = _parse(url, base)
    query = parsed.search.removeprefix("?")
    if not any(part and _is_idle(part, parsed.pathname) for part in query.split("&")):
        return None
    return f"{parsed.protocol}//{parsed.host}{parsed.pathname}?{query}"


def complete(text: str) -> str:
    """Return the normalised address a person meant: "example.com/news" has no scheme, and means https.

    Loopback names and IP addresses mean http. Raises UrlError as `normalise` does.
    """
    text = text.strip()
    if SCHEME.match(text) or text.startswith("//"):
        return normalise(text, "https://example.com/")
    guess = f"https://{text}"
    name = host(normalise(guess))
    return normalise(f"http://{text}") if name == "localhost" or _is_ip(name) else normalise(guess)


def key(url: str) -> str:
    """Return the URL key: a hex digest alike for addresses that almost surely give the same page.

    Alike are: http and https, with and without `www.`, any case of the host, any order of parameters, with and
    without a trailing slash. Raises UrlError as `normalise` does.
    """
    return blake2b(identity_form(url).encode(), digest_size=KEY_BYTES).hexdigest()


def identity_form(url: str) -> str:
    """Return what `key` digests, to show why two addresses are alike: host, path and sorted parameters."""
    place, _, rest = normalise(url).partition("://")[2].partition("/")
    path, _, query = rest.partition("?")
    if "%" in rest or "+" in query:
        path, query = ALIKE.sub(_plain, path), ALIKE.sub(_plain, query.replace("+", "%20"))
    return f"{place.removeprefix('www.')}/{path}".rstrip("/") + "?" * bool(query) + "&".join(sorted(query.split("&")))


def _plain(match: re.Match[str]) -> str:
    return chr(int(match.group()[1:], 16))


def host(url: str) -> str:
    """Return the host name, lower case, punycode, without port and root dot; IPv6 in brackets. Raises UrlError."""
    plain = PLAIN.fullmatch(url)
    return plain.group(1) if plain else _parse(url, None).hostname.removesuffix(".")


def origin(url: str) -> str:
    """Return scheme, host and port, e.g. "https://example.com": what one robots.txt is for. Raises UrlError."""
    parsed = _parse(url, None)
    return f"{parsed.protocol}//{parsed.host}"


def polite_unit(url: str) -> str:
    """Return the registrable domain, the unit one delay and one connection belong to. Raises UrlError.

    By the bundled public suffix list with its private part. An IP address is its own unit; so is a host that is a
    public suffix itself; an unknown top level counts as one (rule "*"). The blogs of a service that is not in the
    list share its machines and so are one unit; whose pages they are, `site` tells.
    """
    return _unit_of_host(host(url))


def site(url: str) -> str:
    """Return the unit whose pages are one publisher's: the polite unit, or one user's part of a blog host.

    The public suffix list has the blog hosts that asked to be in it; blog_hosts.txt names others. Raises UrlError.
    """
    return _site_of_host(host(url))


def same_site(a: str, b: str) -> bool:
    """Tell whether two addresses belong to one site, see `site`. Raises UrlError."""
    return site(a) == site(b)


def _parse(url: str, base: str | None) -> URL:
    if len(url) > MAX_URL_CHARS:
        raise UrlError(f"{_shown(url)}: longer than {MAX_URL_CHARS:,} characters")
    try:
        parsed = URL(_encodable(url), _encodable(base) if base else None)
    except ValueError as cause:
        hint = "" if SCHEME.match(url.strip()) else "; give a whole one, such as https://example.com/"
        raise UrlError(f"{_shown(url)}: not an address{hint}") from cause
    if parsed.protocol not in ("http:", "https:"):
        raise UrlError(f"{_shown(url)}: only http:// and https:// addresses can be fetched")
    return parsed


def _encodable(url: str) -> str:
    """Put U+FFFD for lone surrogates, as the standard does."""
    return url if url.isascii() else url.encode("utf-8", "replace").decode() if _has_surrogate(url) else url


def _has_surrogate(url: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in url)


def _shown(url: str) -> str:
    """Return an address fit for a one-line message: short, no control characters, no credentials."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in url[: SHOWN_CHARS + 1])
    printable = re.sub(r"(//)[^/?#\s]*@", r"\1", printable)
    return f'"{printable[:SHOWN_CHARS]}…"' if len(url) > SHOWN_CHARS else f'"{printable}"'


def _plain_percent(text: str) -> str:
    """Write percent-encoding in one way; a bare % becomes %25, or decoding could make new encodings."""

    def one(match: re.Match[str]) -> str:
        digits = match.group(1)
        if digits is None:
            return "%25"
        code = int(digits, 16)
        return chr(code) if code in UNRESERVED else f"%{digits.upper()}"

    return PERCENT.sub(one, text) if "%" in text else text


def _kept_query(query: str, path: str) -> str:
    """Return "?..." without the parameters that do not choose the text, or "" when none is left."""
    if not query:
        return ""
    kept = [part for part in _plain_percent(query).split("&") if part and not _is_idle(part, path)]
    return "?" + "&".join(kept) if kept else ""


def _is_idle(parameter: str, path: str) -> bool:
    """Tell whether a parameter only follows a reader around."""
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name in TRACKING or name in SESSION or name.startswith(TRACKING_START + SESSION_START):
        return True
    if name in FEED_NAMES and FEED_VALUE.match(value):
        return True
    return name in MAYBE_SESSION and bool(DRAWN_BY_LOT.fullmatch(value) or _names_a_text(path))


def _names_a_text(path: str) -> bool:
    """Tell whether a path chooses a text without parameters: by a slug, a number or as a static file.

    "/story/three-word-slug?sid=5" does, "article.php?sid=5" does not.
    """
    last = path.rstrip("/").rpartition("/")[2].lower()
    if last.endswith(SCRIPT_ENDINGS):
        return False
    breaks = last.count("-") + last.count("_")
    return breaks > 1 or last.endswith(STATIC_ENDINGS) or sum(char.isdigit() for char in last) > 3


@lru_cache(maxsize=4096)  # a crawl asks for the same hosts again and again
def _unit_of_host(name: str) -> str:
    if _is_ip(name):
        return name
    name = name.rstrip(".").lower()  # as the list is read
    if _suffixes().publicsuffix(name, accept_unknown=False) is None:
        return ".".join(name.split(".")[-2:])
    return _suffixes().privatesuffix(name, accept_unknown=False) or name


@lru_cache(maxsize=4096)
def _site_of_host(name: str) -> str:
    labels = name.rstrip(".").lower().split(".")
    hosts = _blog_hosts()
    for at in range(1, len(labels) - 1):
        if shared := hosts.get(".".join(labels[at:])):
            return shared if labels[at - 1] == "www" else f"{labels[at - 1]}.{shared}"
    return _unit_of_host(name)


@cache
def _blog_hosts() -> dict[str, str]:
    """Return blog host -> the name that stands for it."""
    table: dict[str, str] = {}
    for line in resources.files("ingest.web").joinpath("blog_hosts.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            own, _, meant = line.partition(" = ")
            table[own] = meant or own
    return table


@cache
def _suffixes() -> PublicSuffixList:
    """Return the list that the library brings along, registries' and private owners' suffixes alike; never fetched."""
    from publicsuffixlist import PublicSuffixList  # 0.03 s that `--help` need not spend

    return PublicSuffixList()


def _is_ip(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
