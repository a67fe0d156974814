"""Requests to servers that people name: where they never go, and how one is posted to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from lifecycle.outbound import fetching
from lifecycle.outbound.failing import Failed
from tests import provider_server
from tests.corpus import private_urls
from tests.provider_server import Behaviour, Server, refuses


@pytest.fixture
def server() -> Iterator[Server]:
    with provider_server.running() as running:
        yield running


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where connections were tried to; none is made."""
    tried: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have the resolver give these answers, one after the other, then the last again."""
    left = list(answers)

    def look_up(_host: str, port: int, **_more: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def post(url: str, **more: Any) -> fetching.Reply:
    return fetching.post(url, **{"body": b"{}", "headers": {}, "seconds": 0.4, **more})


@pytest.mark.parametrize("url", private_urls.BY_THEIR_TEXT)
def test_an_address_that_leads_inside_is_refused_by_its_text(
    url: str, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, ["93.184.216.34"])  # what it would resolve to does not save it
    for ask in (fetching.require_safe, post):
        with pytest.raises(Failed) as failed:
            ask(url)
        assert failed.value.for_good
    assert connected == []


@pytest.mark.parametrize(("host", "found"), private_urls.BY_WHAT_THEY_RESOLVE_TO)
def test_a_name_that_resolves_inside_is_refused_when_saved_and_when_sent(
    host: str, found: list[str], connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, found)
    with pytest.raises(Failed, match="not on the internet"):
        fetching.require_public(f"https://{host}/hook", seconds=0.4)
    with pytest.raises(Failed, match="not on the internet"):
        post(f"https://{host}/hook")
    assert connected == []


def test_a_name_that_is_bound_anew_is_connected_to_as_it_was_checked(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(Failed, match="refused"):
        post("https://rebound.example.com/")
    assert connected == [("93.184.216.34", 443)]
    with pytest.raises(Failed, match="not on the internet"):
        post("https://rebound.example.com/")
    assert len(connected) == 1


def test_all_addresses_of_a_host_are_tried_and_no_other(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, ["2606:4700::1111", "1.1.1.1"])
    with pytest.raises(Failed, match="refused"):
        post("https://two.example.com:443/")
    assert connected == [("2606:4700::1111", 443), ("1.1.1.1", 443)]


def test_a_host_that_cannot_be_resolved_now_may_be_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    fetching.require_public("https://later.example.com/", seconds=0.4)
    with pytest.raises(Failed, match="cannot be resolved") as failed:
        post("https://later.example.com/")
    assert not failed.value.for_good


def test_a_body_is_posted_with_its_headers(server: Server) -> None:
    server.behaviour = refuses(202)
    reply = post(f"{server.url}/in?x=1", body="{…}".encode(), headers={"webhook-id": "a"},
                 private_too=True)  # fmt: skip
    assert (reply.status, server.paths, server.bodies) == (202, ["/in?x=1"], ["{…}".encode()])
    assert server.headers[0]["webhook-id"] == "a"
    assert server.headers[0]["Host"] == f"127.0.0.1:{server.server_port}"


def test_an_endless_answer_is_read_up_to_a_bound(server: Server) -> None:
    server.behaviour = provider_server.floods
    reply = post(server.url, private_too=True)
    assert (reply.status, len(reply.body)) == (200, fetching.MOST_BYTES)


def test_a_redirect_is_told_and_not_followed(server: Server) -> None:
    server.behaviour = refuses(307, Location=f"{server.url}/elsewhere")
    assert post(f"{server.url}/here", private_too=True).status == 307
    assert server.paths == ["/here"]


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (provider_server.hangs, "within 0.4 seconds"),
        (provider_server.drips_headers, "within 0.4 seconds"),
        (provider_server.drips_body, "within 0.4 seconds"),
        (provider_server.hangs_up, "connection failed"),
    ],
)
def test_a_server_that_does_not_answer_in_time_has_failed(
    server: Server, behaviour: Behaviour, why: str
) -> None:
    server.behaviour = behaviour
    with pytest.raises(Failed, match=why) as failed:
        post(server.url, private_too=True)
    assert not failed.value.for_good


def test_nobody_at_the_port_is_a_failure_that_may_pass(server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Failed, match="refused") as failed:
            post(f"http://127.0.0.1:{free.getsockname()[1]}/", private_too=True)
    assert not failed.value.for_good
