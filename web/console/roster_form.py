"""Leave of one's people, entered from the leave calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from core.texts import _
from people.models import User
from web.console.time_forms import LeaveForm


class PersonLeaveForm(LeaveForm):
    """As the form on the page of somebody's time, with whose leave it is.

    `people` are whose it may be, at least one; whoever is named otherwise is refused.
    """

    def __init__(
        self, people: Sequence[User], data: Any = None, *, reader: User, now: dt.datetime
    ) -> None:
        self.people = people
        named = str(data.get("person", "")) if data is not None else ""
        of = next((one for one in people if str(one.pk) == named), people[0])
        super().__init__(data, of=of, reader=reader, now=now)

    def build(self) -> None:
        choices = [(str(one.pk), str(one)) for one in self.people]
        self.fields = {"person": forms.ChoiceField(label=_("Who"), choices=choices), **self.fields}
