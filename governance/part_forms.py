"""Which form a kind of part is edited with on the kit's pages."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from governance.calendar_form import CalendarForm
from governance.forms import PartForm, formfield
from governance.models import Calendar, KitPart

OWN: dict[str, type[PartForm]] = {Calendar.kind: CalendarForm}
"""Kinds whose form can do more than save."""


def part_form(model: type[KitPart]) -> type[PartForm]:
    """The form of a kind of part: everything but its kit and its place."""
    form = OWN.get(model.kind, PartForm)
    made: Any = forms.modelform_factory(
        model, form=form, exclude=("kit", "position"), formfield_callback=formfield
    )
    return cast("type[PartForm]", made)
