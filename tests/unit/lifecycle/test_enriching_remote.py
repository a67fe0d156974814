"""HTTP providers against a real server on loopback that behaves well and badly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.enriching import builtin, remote
from lifecycle.enriching.provider import Question
from lifecycle.outbound import addresses, fetching
from lifecycle.outbound.failing import Failed
from tests import provider_server
from tests.provider_server import Behaviour, Server, refuses, says, says_raw

ACME = Question(domain="acme.example", email="ada@acme.example", company="Acme & Söhne/../")
MAPPING = {"company.employees": "org.size", "company.country": "org.offices.0.country"}


@pytest.fixture
def server() -> Iterator[Server]:
    with provider_server.running() as running:
        yield running


def provider(server: Server, *, path: str = "/v1?d={domain}", **more: Any) -> remote.Remote:
    options = {"mapping": MAPPING, "confidence": 70, "seconds": 0.4, "private_too": True, **more}
    return remote.Remote(url=server.url + path, **options)


def test_an_answer_is_read_by_the_paths_of_the_mapping(server: Server) -> None:
    server.behaviour = says({"org": {"size": 420, "offices": [{"country": "DE"}], "more": []}})
    answer = provider(server, key="Bearer s3cret").ask(ACME)
    assert answer.values == {"company.employees": 420, "company.country": "DE"}
    assert answer.confidence == 70
    assert server.headers[0]["Authorization"] == "Bearer s3cret"


def test_what_is_filled_into_the_url_cannot_leave_its_place(server: Server) -> None:
    server.behaviour = says({})
    provider(server, path="/find/{company}?e={email}").ask(ACME)
    assert server.paths == ["/find/Acme%20%26%20S%C3%B6hne%2F..%2F?e=ada%40acme.example"]


@pytest.mark.parametrize("status", [204, 404])
def test_a_buyer_nobody_knows_is_an_empty_answer(server: Server, status: int) -> None:
    server.behaviour = lambda handler: handler.reply(status)
    assert provider(server).ask(ACME).values == {}


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (provider_server.hangs, "within 0.4 seconds"),
        (provider_server.drips_headers, "within 0.4 seconds"),
        (provider_server.drips_body, "within 0.4 seconds"),
        (provider_server.floods, "larger than 64 kB"),
        (provider_server.hangs_up, "connection failed"),
        (provider_server.counts_wrongly, "connection failed"),
        (refuses(500), "500"), (refuses(503), "503"), (refuses(429, Retry_After="90"), "429"),
        (refuses(401), "key"), (refuses(403), "key"), (refuses(400), "400"), (refuses(418), "418"),
        (refuses(301, Location="http://169.254.169.254/"), "redirect"),
        (refuses(307, Location="https://elsewhere.example/"), "redirect"),
        (says_raw(b"<html>"), "no JSON"), (says_raw(b""), "no JSON"),
        (says_raw(b"[" * 30_000), "no JSON"), (says_raw(b"\xff\xfe\x00"), "no JSON"),
        (says_raw(b'{"org": {"size": ' + b"9" * 5_000 + b"}}"), "no JSON"),
    ],
)  # fmt: skip
def test_a_bad_answer_fails_with_its_reason(server: Server, behaviour: Behaviour, why: str) -> None:
    server.behaviour = behaviour
    with pytest.raises(Failed, match=why) as failed:
        provider(server).ask(ACME)
    assert "ada" not in str(failed.value)
    assert len(server.paths) == 1


def test_the_time_a_provider_asks_for_is_told(server: Server) -> None:
    server.behaviour = refuses(429, Retry_After="90")
    with pytest.raises(Failed) as failed:
        provider(server).ask(ACME)
    assert (failed.value.after, failed.value.for_good) == (90, False)


@pytest.mark.parametrize("size", [None, True, [], {}, {"a": 1}, "x" * 401, "", 10**400])
def test_values_of_a_wrong_type_are_left_out(size: Any) -> None:
    document = {"org": {"size": size, "offices": {"0": {"country": "DE"}}}}
    assert remote.values_of(document, MAPPING) == {"company.country": "DE"}


def test_infinite_numbers_and_unknown_fields_are_left_out(server: Server) -> None:
    server.behaviour = says_raw(b'{"org": {"size": 1e999, "offices": NaN, "id": "7"}}')
    mapping = {**MAPPING, "lead.stage": "org.id", "person.email": "org.id"}
    assert provider(server, mapping=mapping).ask(ACME).values == {}


def test_a_key_with_a_line_end_is_sent_nowhere(server: Server) -> None:
    with pytest.raises(Failed, match="character"):
        provider(server, key="a\r\nHost: evil.example").ask(ACME)
    assert server.paths == []


def test_a_loopback_server_is_refused_unless_private_ones_are_allowed(server: Server) -> None:
    for url in (server.url, server.url.replace("http:", "https:"), "https://localhost/"):
        with pytest.raises(Failed):
            fetching.fetch(url, headers={}, seconds=0.4)
    assert server.paths == []


@pytest.mark.parametrize(
    "url",
    ["http://acme.example/", "ftp://acme.example/", "file:///etc/passwd", "gopher://a.example/",
     "https://user:pw@acme.example/", "https://acme.example:8443/", "https:///path", "//a.example",
     "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/",
     "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/",
     "https://169.254.169.254/latest/", "https://[fe80::1%25eth0]/", "https://a.example/\r\nX: 1",
     "https://a b.example/", "https://a.example:99999/", "https://[::1/"],
)  # fmt: skip
def test_an_unsafe_address_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(Failed):
        fetching.require_safe(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::",
     "::ffff:127.0.0.1", "::ffff:100.64.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
     "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "fe80::1", "fe80::1%eth0",
     "fc00::1", "fd00::1", "ff02::1", "2001:db8::1", "::127.0.0.1", "100::1", "4000::1", "", "x"],
)  # fmt: skip
def test_an_address_that_is_not_on_the_internet_is_not_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert addresses.is_public(address)


def test_one_private_address_among_several_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [(0, 0, 0, "", (one, 443)) for one in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_, **__: rows)
    connected: list[str] = []
    monkeypatch.setattr(fetching, "_connected", lambda address, *_: connected.append(address))
    with pytest.raises(Failed, match="not on the internet"):
        fetching.fetch("https://rebinding.example/", headers={}, seconds=1)
    assert connected == []


@pytest.mark.parametrize(
    "url", ["https://{domain}/", "https://a.example/{phone}", "https://a.example/{domain.x}",
            "https://a.example/{0}", "https://a.example/{domain!r}", "https://a.example/{"],
)  # fmt: skip
def test_a_template_with_odd_places_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        remote.places_of(url)


NAMES = st.sampled_from(["org", "size", "offices"])
PLAIN = st.none() | st.integers() | st.text()


@given(st.recursive(PLAIN, lambda one: st.lists(one) | st.dictionaries(NAMES, one)))
def test_any_document_gives_plain_values(document: Any) -> None:
    for value in remote.values_of(document, MAPPING).values():
        assert isinstance(value, str | int | float)


@pytest.mark.parametrize(
    ("phone", "country"),
    [("+49 30 1234567", "DE"), ("+1 212 555 0123", "US"), ("+1 604 555 0199", "CA"),
     ("+44 20 7946 0000", "GB"), ("030 1234567", ""), ("+", ""), ("+999 1", ""), ("", "")],
)  # fmt: skip
def test_the_country_of_a_number_is_read_from_its_code(phone: str, country: str) -> None:
    assert builtin.country_of_phone(phone) == country


@pytest.mark.parametrize(
    ("domain", "country"),
    [("acme.de", "DE"), ("acme.co.uk", "GB"), ("acme.fr", "FR"), ("acme.io", ""), ("acme.ai", ""),
     ("acme.co", ""), ("acme.com", ""), ("acme.eu", ""), ("acme.example", ""), ("", "")],
)  # fmt: skip
def test_the_country_of_a_domain_is_read_unless_anybody_registers_there(
    domain: str, country: str
) -> None:
    assert builtin.country_of_domain(domain) == country
