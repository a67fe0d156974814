"""What stands against reaching a buyer by some way, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.texts import _, lazy
from leads.contact import Because, Way

NAMES = {
    Way.EMAIL: lazy("E-mail"),
    Way.PHONE: lazy("Phone"),
    Way.SOCIAL: lazy("Social"),
    Way.POST: lazy("Post"),
}
MUST_NOT = {
    Way.EMAIL: lazy("This address must not be written to"),
    Way.PHONE: lazy("This number must not be called"),
    Way.SOCIAL: lazy("They must not be written to on social networks"),
    Way.POST: lazy("They must not be sent letters"),
}
_STOOD = {
    Because.SUPPRESSED: lazy("it is on a suppression list"),
    Because.DO_NOT_CONTACT: lazy("the company is not to be contacted"),
    Because.REFUSED: lazy("they had said no"),
    Because.WITHDRAWN: lazy("they had taken it back"),
}


def against(told: Mapping[str, str] | None) -> str:
    """The remark on a contact that was made all the same; empty where nothing stood against it."""
    if not told:
        return ""
    way, because = NAMES[Way(told["way"])], _STOOD[Because(told["because"])]
    return _("{way} was “Do not use”: {because}.").format(way=way, because=because)
