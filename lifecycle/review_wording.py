"""What a notice about a governance review says, for the console and for mail. Pure.

Reviews stand in an app above: `words` name the review and the finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.models import ReviewNews
from lifecycle.wording import LONGEST_SUBJECT, one_line


def headline(kind: ReviewNews, words: Mapping[str, Any]) -> str:
    """The notice in a few words, on one line."""
    number, place = words.get("number", ""), words.get("place", "")
    text = {
        ReviewNews.OPENED: f"Governance review {number} is open",
        ReviewNews.GIVEN: f"Finding {number}/{place} is yours",
        ReviewNews.LATE: f"Finding {number}/{place} is overdue",
        ReviewNews.TO_SIGN: f"Governance review {number} awaits your signature",
        ReviewNews.CLOSED: f"Governance review {number} is closed",
    }[kind]
    return one_line(text)[:LONGEST_SUBJECT]


def sentence(kind: ReviewNews, words: Mapping[str, Any]) -> str:
    """The notice in one or two sentences."""
    told, due = one_line(str(words.get("text", ""))), words.get("due", "")
    by = f" It is due on {due}." if due else ""
    return {
        ReviewNews.OPENED: _found(int(words.get("findings", 0))),
        ReviewNews.GIVEN: f"{told}{by}",
        ReviewNews.LATE: f"{told} It was due on {due}. Report it as done once it is.",
        ReviewNews.TO_SIGN: "Every finding is decided. Read the text, then sign it.",
        ReviewNews.CLOSED: "Sales and Marketing have signed it. Its pack is ready.",
    }[kind]


def page(words: Mapping[str, Any]) -> str:
    """Where it leads to."""
    place = f"findings/{words['place']}/" if words.get("place") else ""
    return f"/reviews/{words.get('number', '')}/{place}"


def _found(count: int) -> str:
    if not count:
        return "Rules found nothing to decide. Add what you found."
    return f"{count} finding{'' if count == 1 else 's'} to decide, give to somebody, and date."
