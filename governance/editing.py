"""Changing the parts of a draft: the one door for the administration and the kit's own pages.

Every change holds the version's row until it is written, so nobody submits it in between, and
leaves a row of history that names who did it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from core import errors
from core.errors import FieldError
from governance import signing
from governance.models import KitPart, KitStatus, KitVersion
from governance.models.part import part_models
from people.models import User


class NoDraft(errors.TooLate):
    """The version is no draft, so its parts stay as they are."""

    code = "no_draft"


def model_of(kind: str) -> type[KitPart]:
    """The table of a kind of part. Raises `NotFound`."""
    model = next((one for one in part_models() if one.kind == kind), None)
    if model is None:
        raise errors.NotFound(f"There is no kind of part called “{kind}”.")
    return model


def part_of(version: KitVersion, kind: str, key: str) -> Any:
    """One part of a version. Raises `NotFound`."""
    part = model_of(kind)._default_manager.filter(kit=version, key=key).first()
    if part is None:
        raise errors.NotFound(f"Kit v{version.number} has no {words_of(kind)} “{key}”.")
    part.kit = version
    return part


def words_of(kind: str) -> str:
    """“clock policy”."""
    return str(model_of(kind)._meta.verbose_name)


def require_may_edit(version: KitVersion, by: User) -> None:
    """Raise `NotAllowed` unless this person edits drafts, `NoDraft` unless this is one."""
    if not signing.may_write(by):
        raise errors.NotAllowed(f"{by} does not edit kits: that takes RevOps.")
    if version.status == KitStatus.DRAFT:
        return
    way = (
        "Take it back to draft first; its signatures then no longer count."
        if version.status in (KitStatus.IN_REVIEW, KitStatus.SCHEDULED)
        else "It never changes: clone it to a draft and change that."
    )
    status = version.get_status_display().lower()
    raise NoDraft(f"Kit v{version.number} is {status}. {way}", state={"status": version.status})


def hold(version_id: int, by: User) -> KitVersion:
    """The draft's row, locked until the end of the transaction; see `require_may_edit`."""
    version = KitVersion.objects.select_for_update(of=("self",)).filter(pk=version_id).first()
    if version is None:
        raise errors.NotFound("There is no such kit version.")
    require_may_edit(version, by)
    return version


@transaction.atomic
def save_part(
    part: KitPart, *, changed: Collection[str], by: User, now: datetime, because: str = ""
) -> None:
    """Write these columns of a part. Raises `InvalidInput` when its key is taken."""
    hold(part.kit_id, by)
    columns = {field.name for field in part._meta.concrete_fields} - {"id", "kit"}
    if names := [name for name in changed if name in columns]:
        _require_own_key(part)
        _sign(part, by, now, because).save(update_fields=names)


@transaction.atomic
def add_part(
    part: KitPart, *, by: User, now: datetime, at_end: bool = True, because: str = ""
) -> None:
    """Write a new part: behind the others of its kind, or where its kind says it belongs.

    Raises `InvalidInput` for a taken key.
    """
    version = hold(part.kit_id, by)
    _require_own_key(part)
    if at_end:
        part.position = _make_room(part, version, by, now)
    _sign(part, by, now, because).save()


@transaction.atomic
def remove_part(part: KitPart, *, by: User, now: datetime, because: str = "") -> None:
    """Take a part out of its draft; its history stays."""
    hold(part.kit_id, by)
    _sign(part, by, now, because).delete()


@transaction.atomic
def move_part(part: KitPart, *, up: bool, by: User, now: datetime) -> bool:
    """Change places with the part before it (`up`) or behind it; False when there is none."""
    version = hold(part.kit_id, by)
    rows = list(type(part)._default_manager.filter(kit=version).order_by("position", "key"))
    at = next((place for place, row in enumerate(rows) if row.pk == part.pk), None)
    if at is None:
        raise errors.NotFound(f"“{part.key}” is no longer in kit v{version.number}.")
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return False
    places = [row.position for row in rows]
    if len(set(places)) < len(places):  # parts that share a position: give each its own
        places = list(range(len(rows)))
    rows[at], rows[to] = rows[to], rows[at]
    for row, place in zip(rows, places, strict=True):
        if row.position != place:
            row.position = place
            _sign(row, by, now, "").save(update_fields=["position"])
    return True


def _make_room(part: KitPart, version: KitVersion, by: User, now: datetime) -> int:
    """The position of a new part; those it goes in front of make way."""
    rows = list(type(part)._default_manager.filter(kit=version).order_by("position", "key"))
    behind = next((at for at, row in enumerate(rows) if part.comes_before(row)), len(rows))
    free = rows[behind - 1].position + 1 if behind else 0
    place = free + 1
    for row in rows[behind:]:
        if row.position < place:
            row.position = place
            _sign(row, by, now, "").save(update_fields=["position"])
        place = row.position + 1
    return free


def _require_own_key(part: KitPart) -> None:
    taken = type(part)._default_manager.filter(kit=part.kit_id, key=part.key).exclude(pk=part.pk)
    if taken.exists():
        message = f"“{part.key}” is taken; keys are unique in their kind."
        raise errors.InvalidInput(message, errors=[FieldError("key", message, "taken")])


def _sign(part: Any, by: User, now: datetime, because: str) -> Any:
    """The part with who changes it, when and why, for its history."""
    part._history_user, part._history_date = by, now
    part._change_reason = because or None
    return part
