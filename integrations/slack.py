"""Messages as Slack's incoming webhooks take them. Pure.

What people typed is escaped, so that no company can call a channel together by its name.
"""

from __future__ import annotations

from typing import Any

from integrations.message import Line, Message

MOST_LETTERS = 2_900
"""In one section; Slack takes 3,000."""


def document(message: Message) -> dict[str, Any]:
    """The JSON of one message: a text for notifications, blocks for the channel."""
    shown = "\n".join(filter(None, [_mentions(message), *map(_line, message.lines)]))
    return {
        "text": _escaped(message.title),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*{_escaped(message.title)}*"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": shown[:MOST_LETTERS] or "–"}},
        ],
    }


def _mentions(message: Message) -> str:
    return " ".join(f"<@{one.slack_id}>" for one in message.people if one.slack_id)


def _line(line: Line) -> str:
    text = _escaped(line.text)
    return f"{text} <{line.url}|Open>" if line.url else text


def _escaped(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("*", "∗").replace("`", "'")
