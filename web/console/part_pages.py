"""The parts of a draft to look through and to edit: what the pages show, and what a form does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from core import database, reading
from core.errors import InvalidInput, NotAllowed, NotFound
from core.texts import _
from governance import editing, kit_words, kit_yaml, own_facts, part_forms, signing
from governance.condition_field import ConditionField
from governance.forms import PartForm
from governance.models import KitPart, KitStatus, KitVersion
from governance.models.part import part_models
from people.models import Role, User
from web.console import condition_words, draft_clocks_page, pages

LINE = 160
OF_TIME = ("calendar", "clock_policy", "clock_exemption")
"""Kinds whose change may move clocks."""

WORDS = ("definition", "prose", "because")


@dataclass(frozen=True, slots=True)
class Row:
    """One part in the list."""

    place: str
    key: str
    title: str
    line: str
    url: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Section:
    """All parts of one kind."""

    kind: str
    title: str
    one: str
    new_url: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PartPage:
    """The form of one part with what stands around it."""

    version: KitVersion
    form: PartForm
    title: str
    kind: str
    one: str
    is_new: bool
    back: str
    url: str
    remove_url: str
    clocks: str = ""


def version_of(number: int, reader: User) -> KitVersion:
    """A version by its number, for who works on kits or audits. Raises NotFound, NotAllowed."""
    if not (signing.works_on_kits(reader) or reader.plays(Role.AUDITOR)):
        raise NotAllowed(_("Drafts are read by RevOps, sales managers and Marketing."))
    version = KitVersion.objects.filter(number=number).defer("document").first()
    if version is None:
        raise NotFound(_("There is no kit version {number}.").format(number=number))
    return version


def may_edit(version: KitVersion, reader: User) -> bool:
    """Whether the page offers to change parts of this version."""
    return version.status == KitStatus.DRAFT and signing.may_write(reader)


def sections(version: KitVersion) -> Iterator[Section]:
    """Every kind of part with the parts this version has, in the order of the kit's text."""
    order = {kind: place for place, kind in enumerate(kit_yaml.ORDER_OF_KINDS)}
    asked = {
        model: reading.rows(model, "WHERE kit_id = %s ORDER BY position, key", version.pk)
        for model in sorted(part_models(), key=lambda one: (order.get(one.kind, 99), one.kind))
    }
    reading.ask(*asked.values())
    for model, found in asked.items():
        parts: Sequence[KitPart] = found.found
        meta = model._meta
        new_url = reverse("console:kit-part-new", args=[version.number, model.kind])
        yield Section(
            kind=model.kind,
            title=str(meta.verbose_name_plural).capitalize(),
            one=str(meta.verbose_name),
            new_url=new_url,
            rows=tuple(
                _row(version, part, first=at == 0, last=at == len(parts) - 1)
                for at, part in enumerate(parts)
            ),
        )


def form_of(request: HttpRequest, version: KitVersion, part: KitPart) -> PartForm:
    """The form of a part, filled with what is stored or what was sent."""
    data = (request.POST,) if request.method == "POST" else ()
    return part_forms.part_form(type(part))(*data, instance=part, version=version)


def page_of(request: HttpRequest, version: KitVersion, form: PartForm, *, back: str) -> PartPage:
    """What stands around a part's form. Conditions are counted."""
    part: Any = form.instance
    kind, is_new = part.kind, part._state.adding
    one = editing.words_of(kind)
    for bound in form:
        if isinstance(bound.field, ConditionField):
            widget, now = bound.field.widget, database.now()
            about = widget.catalogue.about
            widget.count = condition_words.count(
                widget.editor(bound.value()),
                now=now,
                about=about,
                registry=widget.catalogue.registry,
            )
    stored = form.initial.get("key", part.key)
    address = [version.number, kind] if is_new else [version.number, kind, stored]
    return PartPage(
        version=version,
        form=form,
        title=_("New {one}").format(one=one)
        if is_new
        else str(form.initial.get("label") or stored),
        kind=kind,
        one=one,
        is_new=is_new,
        back=back,
        url=reverse(f"console:kit-part{'-new' if is_new else ''}", args=address),
        remove_url="" if is_new else reverse("console:kit-part-remove", args=address),
        clocks=draft_clocks_page.link(version, pages.reader(request)) if kind in OF_TIME else "",
    )


def require_form(version: KitVersion, reader: User, *, sent: bool) -> None:
    """Raise unless this person may edit this draft.

    What was sent for a version that is no draft any more is shown again with why, not thrown away.
    """
    try:
        editing.require_may_edit(version, reader)
    except editing.NoDraft:
        if not sent:
            raise


@transaction.atomic
def saved(form: PartForm, by: User) -> bool:
    """Write what was sent; False when it cannot be, and the form says why."""
    try:
        editing.require_may_edit(form.instance.kit, by)
    except editing.NoDraft:
        form.is_valid()  # its own words say so, beside what was typed
        return False
    is_new = form.instance._state.adding
    if not form.is_valid():
        return False
    hand: Any = {"by": by, "now": database.now()}
    try:
        if is_new:
            editing.add_part(form.instance, **hand)
        else:
            editing.save_part(form.instance, changed=form.changed_data, **hand)
    except InvalidInput as refusal:
        for fault in refusal.errors:
            form.add_error(fault.field if fault.field in form.fields else None, fault.message)
        return False
    return True


def acted(form: PartForm) -> bool:
    """Whether the form came back because something in it was to be changed, not saved."""
    return any("acted" in {one.code for one in faults.as_data()} for faults in form.errors.values())


def move(version: KitVersion, asked: Any, by: User) -> str:
    """Move the part that a button names; the address that leads back to that button."""
    up = "up" in asked
    place = asked.get("up") or asked.get("down") or ""
    kind, _rest, key = place.partition("/")
    part = editing.part_of(version, kind, key)
    editing.move_part(part, up=up, by=by, now=database.now())
    query = urlencode({"moved": place, "up" if up else "down": "1"})
    return f"{reverse('console:kit-parts', args=[version.number])}?{query}#{kind}"


def remove(version: KitVersion, kind: str, key: str, by: User) -> str:
    """Take a part out; what was done, in words."""
    part = editing.part_of(version, kind, key)
    editing.remove_part(part, by=by, now=database.now())
    return _("Removed {words_of} “{key}” from kit v{number}.").format(
        words_of=editing.words_of(kind), key=key, number=version.number
    )


def _row(version: KitVersion, part: Any, *, first: bool, last: bool) -> Row:
    words = next((text for name in WORDS if (text := getattr(part, name, ""))), "")
    if getattr(part, "condition", None) is not None:
        words = kit_words.english(part.condition, own_facts.registry_for(part))
    line = words if len(words) <= LINE else f"{words[:LINE].rstrip()}…"
    return Row(
        place=f"{part.kind}/{part.key}",
        key=part.key,
        title=str(getattr(part, "label", "") or part.key),
        line=line,
        url=reverse("console:kit-part", args=[version.number, part.kind, part.key]),
        is_first=first,
        is_last=last,
    )
