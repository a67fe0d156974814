"""What an endpoint's answer means: arrived, to be tried again, or not wanted any more. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.outbound.failing import Failed
from lifecycle.outbound.fetching import Reply

TEAMS_FAULTS = (b"failed with error", b"Webhook Bad Request")
"""Teams says so under status 200."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ended. `gone`: the endpoint wants no more; `for_good`: this one never will."""

    arrived: bool = False
    status: int | None = None
    why: str = ""
    after: int | None = None
    gone: bool = False
    for_good: bool = False


def of(reply: Reply, *, teams: bool = False) -> Verdict:
    """Judge an answer. Nothing of its body is repeated: it may hold what was sent."""
    status = reply.status
    if 200 <= status < 300:
        if teams and any(words in reply.body for words in TEAMS_FAULTS):
            return Verdict(status=status, why="Teams answered that the message failed.")
        return Verdict(arrived=True, status=status)
    if status == 410:
        return Verdict(status=status, why="It answered 410: it wants no more.", gone=True)
    if 300 <= status < 400:
        return Verdict(
            status=status, why=f"It answered {status}, a redirect; those are not followed."
        )
    return Verdict(status=status, why=f"It answered {status}.", after=reply.retry_after)


def of_failure(error: Failed) -> Verdict:
    """Judge a request that got no answer."""
    return Verdict(why=str(error)[:300], after=error.after, for_good=error.for_good)
