"""Messages in the forms of Slack and Teams: who is called, where they lead, nothing smuggled in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from integrations import slack, teams
from integrations.message import Line, Mentioned, Message

URL = "https://leads.example.com/leads/7/"
EVIL = "<!channel> <https://evil.example|Open> *[x](https://evil.example)* <at>Boss</at>"


def message(text: str = "Acme is yours now.", *, lines: int = 1) -> Message:
    people = (Mentioned("Ana <b>", "U012ABCDEF", "ana@example.com"), Mentioned("Bo"))
    return Message("New lead: Acme", people, tuple(Line(text, URL) for _ in range(lines)))


def test_slack_calls_by_member_id_and_links_the_lead() -> None:
    told = slack.document(message())
    assert told["text"] == "New lead: Acme"
    assert told["blocks"][1]["text"]["text"] == f"<@U012ABCDEF>\nAcme is yours now. <{URL}|Open>"


def test_teams_calls_by_user_name_and_has_a_button_to_the_lead() -> None:
    (attachment,) = teams.document(message())["attachments"]
    card = attachment["content"]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": URL}]
    assert card["body"][1]["text"] == "<at>Ana ‹b›</at>"
    assert card["msteams"]["entities"] == [
        {"type": "mention", "text": "<at>Ana ‹b›</at>",
         "mentioned": {"id": "ana@example.com", "name": "Ana ‹b›"}}
    ]  # fmt: skip


def test_many_leads_in_teams_have_a_link_each_and_no_button() -> None:
    card = teams.document(message(lines=3))["attachments"][0]["content"]
    assert "actions" not in card
    assert sum(f"[Open]({URL})" in block["text"] for block in card["body"]) == 3


@pytest.mark.parametrize(
    ("form", "tricks"),
    [(slack.document, ("<!channel>", "<https://evil", "*[x]")),
     (teams.document, ("<at>", "[x](https"))],
)  # fmt: skip
def test_what_a_company_is_called_calls_nobody_and_links_nowhere(
    form: Callable[[Message], dict[str, Any]], tricks: tuple[str, ...]
) -> None:
    said = json.dumps(form(Message(EVIL, (), (Line(EVIL, URL),))), ensure_ascii=False)
    for trick in tricks:
        assert trick not in said.replace('"*&lt;', '"&lt;')


def test_a_long_message_fits_into_a_section_of_slack() -> None:
    told = slack.document(message("x" * 400, lines=20))
    assert len(told["blocks"][1]["text"]["text"]) <= 3_000
