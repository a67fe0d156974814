"""Messages as workflows and incoming webhooks of Microsoft Teams take them: adaptive cards. Pure.

What people typed is escaped, so that no company can put a link of its own under a text.
"""

from __future__ import annotations

from typing import Any

from integrations.message import Line, Mentioned, Message

MARKS = "\\`*_{}[]()#+-.!~|"
CARD = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
MOST_BUTTONS = 1


def document(message: Message) -> dict[str, Any]:
    """The JSON of one message with one card: title, mentions, lines, and a link."""
    people = [one for one in message.people if one.teams_id]
    links = [line.url for line in message.lines if line.url]
    card: dict[str, Any] = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {**_block(_escaped(message.title)), "weight": "Bolder", "size": "Medium"},
            *([_block(" ".join(_at(one) for one in people))] if people else []),
            *(_block(_line(line, linked=len(links) > MOST_BUTTONS)) for line in message.lines),
        ],
        "msteams": {"width": "Full", "entities": [_entity(one) for one in people]},
    }
    if len(links) == MOST_BUTTONS:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": links[0]}]
    attachment = {"contentType": CARD, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _block(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


def _line(line: Line, *, linked: bool) -> str:
    text = _escaped(line.text)
    return f"{text} [Open]({line.url})" if linked and line.url else text


def _at(one: Mentioned) -> str:
    return f"<at>{_plain(one.name)}</at>"


def _entity(one: Mentioned) -> dict[str, Any]:
    name = _plain(one.name)
    return {"type": "mention", "text": f"<at>{name}</at>",
            "mentioned": {"id": one.teams_id, "name": name}}  # fmt: skip


def _plain(text: str) -> str:
    return text.replace("<", "‹").replace(">", "›").replace("&", "+")


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in MARKS else one for one in _plain(text))
