"""Where requests may go and what they may carry: names, changing names, proxies, certificates, secrets."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.errors import SourceError
from ingest.sources.secrets import read_headers
from tests.fetch.crawl import Job, run_jobs
from tests.fetch.server import Exchange, Server, serving

Key = ec.EllipticCurvePrivateKey


def reasons(facts: dict[str, Any]) -> dict[str, str]:
    return {answer["url"].partition("//")[2].partition(":")[0]: answer["reason"] for answer in facts["answers"]}


def test_a_name_is_refused_when_one_of_its_addresses_is_not_public(tmp_path: Path) -> None:
    good, inside = Server("127.3.5.1", {"/": "good"}), Server("127.0.0.1", {"/": "secret"})
    with serving(good, inside):
        names = {
            "good.test": [["127.3.5.1"]],
            "inside.test": [["127.0.0.1"]],
            "both.test": [["127.3.5.1", "127.0.0.1"]],
            "six.test": [["::1"]],
            "mapped.test": [["::ffff:127.0.0.1"]],
            "meta.test": [["169.254.169.254"]],
            "none.test": [[]],
            "xn--bcher-kva.test": [["10.0.0.1"]],
        }
        seeds = [{"url": f"http://{name}:{good.port}/"} for name in names]
        job = Job(home=str(tmp_path), sources=[{"name": "good", "url": good.url}], seeds=seeds, names=names)
        (facts,) = run_jobs([job])
    told = dict.fromkeys(names, "address-refused") | {"good.test": "", "none.test": "dns"}
    assert reasons(facts) == told
    assert inside.log == []
    assert "169.254.169.254 is link-local, cloud metadata" in {answer.get("detail") for answer in facts["answers"]}


def test_a_name_that_changes_to_an_inner_address_is_refused_then(tmp_path: Path) -> None:
    def once(exchange: Exchange) -> None:
        exchange.page("public", "200 OK", "Connection: close")
        exchange.close()

    outside = Server("127.3.5.1", {"/1": once, "/2": once, "/3": once}, robots=once)
    with serving(outside):
        seeds = [{"url": f"http://rebind.test:{outside.port}/{n}"} for n in (1, 2, 3)]
        job = Job(
            home=str(tmp_path),
            sources=[{"name": "good", "url": outside.url}],
            seeds=seeds,
            names={"rebind.test": [["127.3.5.1"], ["127.3.5.1"], ["127.0.0.1"]]},
            patches={"ingest.fetch.guard:KEPT_S": 0.0},
        )
        (facts,) = run_jobs([job])
    assert sorted(answer["reason"] for answer in facts["answers"]) == ["", "address-refused", "address-refused"]


def test_a_proxy_is_trusted_but_not_with_inner_addresses(tmp_path: Path) -> None:
    proxy = Server("127.0.0.1", {"http://public.test/": "by the proxy", "http://inner.test/": "secret"})
    with serving(proxy):
        job = Job(
            home=str(tmp_path),
            sources=[{"name": "good", "url": "http://public.test/"}],
            seeds=[{"url": f"http://{name}.test/"} for name in ("public", "inner")] + [{"url": "http://127.0.0.1/"}],
            names={"public.test": [["127.3.5.1"]], "inner.test": [["10.0.0.1"]]},
            settings={"INGEST_PROXY": f"http://me:op%C3%A9nsesame@127.0.0.1:{proxy.port}"},
        )
        environment = {**os.environ, "http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"}
        (facts,) = run_jobs([job], environment=environment)
    got = {answer["url"]: answer["reason"] for answer in facts["answers"]}
    assert got == {
        "http://public.test/": "",
        "http://inner.test/": "address-refused",
        "http://127.0.0.1/": "address-refused",
    }
    assert proxy.asked(robots=True) == ["http://public.test/robots.txt", "http://public.test/"]
    assert proxy.log[-1].headers["Proxy-Authorization"] == "Basic bWU6b3DDqW5zZXNhbWU="
    assert "nsesame" not in facts["log"]


def test_secrets_stay_with_their_host(tmp_path: Path) -> None:
    here, there = Server("127.3.5.1", {"/b": "here"}), Server("127.3.5.2", {"/": "there"})
    with serving(here, there):
        here.pages["/a"] = lambda exchange: exchange.redirect(f"{there.url}/")
        here.pages["/c"] = lambda exchange: exchange.redirect("/b")
        secret = {"Authorization": "Bearer opensesame", "Cookie": "id=opensesame"}
        seeds = [{"url": here.url + path, "headers": secret, "etag": '"v"'} for path in ("/a", "/c")]
        (facts,) = run_jobs([Job(home=str(tmp_path), sources=[{"name": "here", "url": here.url}], seeds=seeds)])
    sent = {asked.path: asked.headers for asked in here.log}
    assert {path: headers["Authorization"] for path, headers in sent.items()} == {
        "/robots.txt": None,
        **dict.fromkeys(("/a", "/b", "/c"), "Bearer opensesame"),
    }
    assert sent["/b"]["If-None-Match"] == '"v"'
    assert all(
        asked.headers[name] is None for asked in there.log for name in ("Authorization", "Cookie", "If-None-Match")
    )
    assert "opensesame" not in facts["log"]
    assert sent["/a"]["User-Agent"].startswith("ingest/")
    assert sent["/a"]["Referer"] is None


def test_a_connection_that_dies_on_its_second_request_costs_a_paced_repeat(tmp_path: Path) -> None:
    requests: dict[int, int] = {}

    def once_a_connection(exchange: Exchange) -> None:
        number = exchange.asked.connection
        requests[number] = requests.get(number, 0) + 1
        if requests[number] == 2:
            exchange.reset()
        else:
            exchange.page("page")

    host = Server("127.3.5.1", {f"/{n}": once_a_connection for n in range(3)}, robots="")
    with serving(host):
        job = Job(
            home=str(tmp_path),
            sources=[{"name": "host", "url": host.url}],
            seeds=[{"url": host.url + path} for path in host.pages],
            settings={"INGEST_RETRIES": 2, "INGEST_DELAY_S": 0.1},
        )
        (facts,) = run_jobs([job])
    assert [answer["reason"] for answer in facts["answers"]] == [""] * 3
    assert min(host.gaps_s()) >= 0.1
    assert host.most_at_once() == 1


def certificate(
    folder: Path, name: str, issuer: tuple[x509.Certificate, Key] | None, days: int = 30
) -> tuple[x509.Certificate, Key]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signer_name, signer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name.replace(".", "").isdigit():
        names = [x509.IPAddress(ip_address(name))]
    made = (
        x509.CertificateBuilder(signer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=name == "authority", path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / f"{name}.crt").write_bytes(pem)
    (folder / f"{name}.pem").write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made, key


def tls(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem")
    return context


def test_certificates_are_verified_against_the_operators_authorities(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority", None)
    certificate(tmp_path, "good.test", authority)
    certificate(tmp_path, "other.test", authority)
    certificate(tmp_path, "old.test", authority, days=-1)
    certificate(tmp_path, "self.test", None)
    hosts = {
        "good.test": Server("127.3.5.1", {"/": "good"}, tls=tls(tmp_path, "good.test")),
        "wrong.test": Server("127.3.5.2", {"/": "wrong"}, tls=tls(tmp_path, "other.test")),
        "old.test": Server("127.3.5.3", {"/": "old"}, tls=tls(tmp_path, "old.test")),
        "self.test": Server("127.3.5.4", {"/": "self"}, tls=tls(tmp_path, "self.test")),
    }
    with serving(*hosts.values()):
        job = Job(
            home=str(tmp_path / "home"),
            sources=[{"name": "good", "url": "https://good.test/"}],
            seeds=[{"url": f"https://{name}:{host.port}/"} for name, host in hosts.items()],
            names={name: [[host.address]] for name, host in hosts.items()},
        )
        environment = {**os.environ, "SSL_CERT_FILE": str(tmp_path / "authority.crt")}
        (facts,) = run_jobs([job], environment=environment)
    assert reasons(facts) == dict.fromkeys(hosts, "tls") | {"good.test": ""}
    assert [len(host.log) for host in hosts.values()][1:4] == [0, 0, 0]


def test_an_exception_takes_any_certificate_of_its_own_site_and_no_other(tmp_path: Path) -> None:
    for name in ("own.test", "sub.own.test", "other.test"):
        certificate(tmp_path, name, None)
    hosts = {
        "own.test": Server("127.3.5.5", {"/": "own"}, tls=tls(tmp_path, "own.test")),
        "sub.own.test": Server("127.3.5.6", {"/": "sub"}, tls=tls(tmp_path, "other.test")),
        "other.test": Server("127.3.5.7", {"/": "other"}, tls=tls(tmp_path, "other.test")),
    }
    hosts["own.test"].pages["/away"] = lambda exchange: exchange.redirect(f"https://other.test:{other.port}/")
    other = hosts["other.test"]
    with serving(*hosts.values()):
        seeds = [{"url": f"https://{name}:{host.port}/"} for name, host in hosts.items()]
        seeds.append({"url": f"https://own.test:{hosts['own.test'].port}/away"})
        job = Job(
            home=str(tmp_path / "home"),
            sources=[{"name": "own", "url": "https://own.test/", "verify_tls": False}],
            seeds=seeds,
            names={name: [[host.address]] for name, host in hosts.items()},
        )
        (facts,) = run_jobs([job])
    told = [answer["reason"] for answer in sorted(facts["answers"], key=lambda answer: str(answer["url"]))]
    assert told == ["tls", "", "tls", ""]  # other, own, own/away, sub
    assert other.log == []


def test_secret_headers_go_to_the_origin_of_their_source_only(tmp_path: Path) -> None:
    (tmp_path / "own.secret").write_text("# from the browser\nCookie: id=hush\nX-Token: hush\nUser-Agent: hush/1\n")
    own, other = Server("127.3.5.8"), Server("127.3.5.9")
    own.pages = {
        "/": "own",
        "/away": lambda exchange: exchange.redirect(f"{other.url}/back"),
        "/end": "end",
        "/own-again": lambda exchange: exchange.redirect("/end?2"),
    }
    other.pages = {"/back": lambda exchange: exchange.redirect(f"{own.url}/end"), "/": "other"}
    with serving(own, other):
        seeds = [{"url": own.url + path, "source": "own"} for path in ("/", "/away", "/own-again")]
        job = Job(
            home=str(tmp_path / "home"),
            sources=[
                {"name": "own", "url": f"{own.url}/", "headers_file": str(tmp_path / "own.secret")},
                {"name": "other", "url": f"{other.url}/"},
            ],
            seeds=[*seeds, {"url": f"{other.url}/", "source": "own"}, {"url": f"{own.url}/", "source": "other"}],
            settings={"LOG_LEVEL": "DEBUG"},
        )
        (facts,) = run_jobs([job])
    assert {answer["reason"] for answer in facts["answers"]} == {""}
    sent = [(asked.path, asked.headers["Cookie"], asked.headers["User-Agent"][:5]) for asked in own.log]
    mine = [(path, "id=hush", "hush/") for path in ("/", "/away", "/own-again", "/end", "/end?2")]
    assert sorted(sent, key=str) == sorted([*mine, ("/", None, "inges"), ("/robots.txt", None, "inges")], key=str)
    assert {(asked.headers["Cookie"], asked.headers["X-Token"]) for asked in other.log} == {(None, None)}
    assert "hush" not in " ".join(asked.headers["User-Agent"] for asked in other.log)
    assert "hush" not in facts["log"]
    kept = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert kept
    assert not [file for file in kept if b"hush" in file.read_bytes()]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read: No such file"),
        ("Cookie", "line 1: not a header"),
        ("\n: x", "line 2: not a header"),
        ("Cookie: a\x00b", "line 1: not a header"),
        ("X Y: a", "line 1: not a header"),
        ("Host: elsewhere", "Host is set by the program"),
        ("X: \u20ac", "not a header"),
        ("X: " + "a" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_file_of_secret_headers_that_is_wrong_is_named_and_nothing_of_it_shown(
    tmp_path: Path, text: str | None, told: str
) -> None:
    file = tmp_path / "own.secret"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SourceError) as caught:
        read_headers("own", file)
    assert told in str(caught.value)
    assert 'source "own"' in str(caught.value)
    assert "elsewhere" not in str(caught.value)
