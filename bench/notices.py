"""How soon people hear: `python -m bench notices [--leads 60] [--every 0.5] [--hanging 2]`.

A real worker; leads are assigned one after the other. Measured is the time from the commit of the
assignment to the message in a team chat, and to the mail, at servers on loopback. Beside the chat
so many other channels never answer.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from email.message import Message
from typing import Any

from bench import _place, clocks

PATIENCE = 60.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=60, help="assigned one after the other")
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two")
    parser.add_argument("--hanging", type=int, default=2, help="channels that never answer")
    given = parser.parse_args()
    os.environ.setdefault("LEADGOV_ENCRYPTION_KEYS", secrets.token_hex(32))
    _place.prepare()
    with _place.database(), _listening(given.hanging) as (chat, mail), clocks.workers(1):
        print(_place.facts(), flush=True)
        clocks.until(clocks.beaten, seconds=120)
        began = _assign(given)
        clocks.until(lambda: len(chat()) >= given.leads <= len(mail()), seconds=PATIENCE)
        for name, arrived in (("chat message", chat()), ("mail", mail())):
            late = [arrived[lead] - began[lead] for lead in began]
            print(
                f"assignment to {name}, {given.leads} leads, {given.hanging} channels that hang: "
                f"{statistics.median(late):.2f} s in the middle, {clocks.at(late, 0.99):.2f} s for "
                f"99 of 100, {max(late):.2f} s at most",
                flush=True,
            )


def _assign(given: Any) -> dict[int, float]:
    """When each lead was somebody's; each another person's, who gets no digest so."""
    from core import database  # noqa: PLC0415 (after setup)
    from tests import small_company  # noqa: PLC0415

    began = {}
    for number in range(given.leads):
        owner = small_company.person(f"Rep{number}")
        lead = small_company.lead(owner=owner, now=database.now())
        began[lead.pk] = time.monotonic()
        time.sleep(given.every)
    return began


@contextlib.contextmanager
def _listening(
    hanging: int,
) -> Iterator[tuple[Callable[[], dict[int, float]], Callable[[], dict[int, float]]]]:
    """A company whose chat and mails end here; returns when each lead was first heard of."""
    from core import database, sealing  # noqa: PLC0415 (after setup)
    from integrations.models import Endpoint  # noqa: PLC0415
    from tests import mail_sink, provider_server, small_company  # noqa: PLC0415

    heard: dict[str, dict[int, float]] = {"chat": {}, "mail": {}}
    small_company.publish_kit(now=database.now())

    def takes(handler: provider_server.Handler) -> None:
        _note(heard["chat"], handler.server.bodies[-1].decode())
        handler.reply(200)

    with contextlib.ExitStack() as stack:
        chat = stack.enter_context(provider_server.running())
        chat.behaviour = takes
        slow = [stack.enter_context(provider_server.running()) for _ in range(hanging)]
        for number, server in enumerate([chat, *slow]):
            if number:
                server.behaviour = provider_server.hangs
            Endpoint.objects.create(
                label=f"Channel {number}", kind="SLACK", url=sealing.seal(server.url),
                host="127.0.0.1", kinds=["ASSIGNED"],
            )  # fmt: skip
        sink, port = stack.enter_context(mail_sink.serving())
        sink.messages = _Heard(heard["mail"])
        os.environ |= {
            "LEADGOV_ALLOW_PRIVATE_PROVIDERS": "1",
            "LEADGOV_SMTP_PORT": str(port),
        }
        yield lambda: heard["chat"], lambda: heard["mail"]


class _Heard(list[Message]):
    """Messages that were taken, and when each lead was first heard of."""

    def __init__(self, heard: dict[int, float]) -> None:
        super().__init__()
        self.heard = heard

    def append(self, message: Message) -> None:
        from tests import mail_sink  # noqa: PLC0415

        _note(self.heard, mail_sink.text_of(message))


def _note(heard: dict[int, float], said: str) -> None:
    """The leads to which a text links are heard of now."""
    for rest in said.split("/leads/")[1:]:
        heard.setdefault(int(rest.partition("/")[0]), time.monotonic())


if __name__ == "__main__":
    main()
