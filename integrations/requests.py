"""What is posted to an endpoint: the body it understands, with the proof it asks for."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field

from django.conf import settings

from core import sealing
from integrations import answers, chat, payloads, signing
from integrations.answers import Verdict
from integrations.models import Endpoint
from integrations.taking import Portion
from lifecycle.outbound import fetching
from lifecycle.outbound.failing import Failed

SECONDS = 8.0
"""Within which an endpoint must have answered, all in all."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that is needed to post once; the address is a secret and stays out of every text."""

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    private_too: bool
    teams: bool


def of(portion: Portion, *, now: dt.datetime) -> Request:
    """The request that tells an endpoint of these. Raises Failed when there is nothing to tell,
    and DomainError for an address or secret that cannot be unsealed.
    """
    endpoint = portion.endpoint
    headers = {"Content-Type": "application/json", "User-Agent": "LeadGov"}
    if endpoint.kind == Endpoint.Kind.EVENTS:
        (sending,) = portion.sendings
        body = payloads.body(sending, endpoint)
        secrets = [sealing.unseal(one) for one in (endpoint.secret, endpoint.former_secret)]
        headers |= signing.headers(sending.key, body, at=now, secrets=secrets)
    else:
        body = chat.body(portion.sendings, endpoint, now=now)
    return Request(
        url=sealing.unseal(endpoint.url),
        headers=headers,
        body=body,
        private_too=settings.ALLOW_PRIVATE_PROVIDERS,
        teams=endpoint.kind == Endpoint.Kind.TEAMS,
    )


def post(request: Request, *, seconds: float = SECONDS) -> tuple[Verdict, int]:
    """Post it; how that ended, and after how many milliseconds. Touches no database."""
    started = time.monotonic()
    try:
        reply = fetching.post(
            request.url,
            body=request.body,
            headers=request.headers,
            seconds=seconds,
            private_too=request.private_too,
        )
        verdict = answers.of(reply, teams=request.teams)
    except Failed as fault:
        verdict = answers.of_failure(fault)
    return verdict, round((time.monotonic() - started) * 1000)
