"""What stands against reaching a buyer by some way, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from leads.contact import Because, Way

NAMES = {Way.EMAIL: "E-mail", Way.PHONE: "Phone", Way.SOCIAL: "Social", Way.POST: "Post"}
MUST_NOT = {
    Way.EMAIL: "This address must not be written to",
    Way.PHONE: "This number must not be called",
    Way.SOCIAL: "They must not be written to on social networks",
    Way.POST: "They must not be sent letters",
}
_STOOD = {
    Because.SUPPRESSED: "it is on a suppression list",
    Because.DO_NOT_CONTACT: "the company is not to be contacted",
    Because.REFUSED: "they had said no",
    Because.WITHDRAWN: "they had taken it back",
}


def against(told: Mapping[str, str] | None) -> str:
    """The remark on a contact that was made all the same; empty where nothing stood against it."""
    if not told:
        return ""
    way, because = NAMES[Way(told["way"])], _STOOD[Because(told["because"])]
    return f"{way} was “Do not use”: {because}."
