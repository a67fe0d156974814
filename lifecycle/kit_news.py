"""Reads what is to be told about a step of the kit: whom, and what the sentence is made of.

The version is read as it stands now: nobody is asked for a signature that is given, and what has
been overtaken is shown but not mailed. No names: those are read when it is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from governance import deputies, drafts, signing
from governance.drafts import Pending
from governance.holding import UNDER_REVIEW
from governance.models import Deputy, KitEvent, KitStatus, KitVersion, Signature
from lifecycle import kit_recipients
from lifecycle.kit_recipients import Around, Recipient
from lifecycle.models import KitNews
from people.models import Role, User
from people.roles import playing

MOST_LINES = 8
LONGEST_LINE = 240
SIGNER_ROLES = frozenset(role for roles in signing.SIGNERS.values() for role in roles)


@dataclass(frozen=True, slots=True)
class Item:
    """One step, ready to be told.

    `settled`: overtaken, so nobody is mailed. `asked` can give a missing signature by now;
    `over` is the version whose place was taken, where nothing is left to sign.
    """

    step: int
    kit: int
    kind: KitNews
    matter: str
    at: dt.datetime
    recipients: tuple[Recipient, ...]
    words: dict[str, Any]
    settled: bool
    asked: tuple[int, ...]
    over: int | None


@dataclass(frozen=True, slots=True)
class _House:
    """The active people who have to do with kits, and for whom they sign just now."""

    people: Mapping[int, User]
    stands_in_for: Mapping[int, tuple[User, ...]]

    def may_sign(self, user: User, party: str, read: Pending) -> bool:
        """Whether this person could give that signature now."""
        deputised = self.stands_in_for.get(user.pk, ())
        return signing.may_sign(party, user, standing=read.consent, stands_in_for=deputised)


def gather(step_id: int, *, now: dt.datetime) -> Item:
    """What is to be told about this step. The number of queries is fixed."""
    event = KitEvent.objects.select_related("kit__base", "kit__restores").get(pk=step_id)
    version = event.kit
    (read,) = drafts.read([version])
    kind = kit_recipients.news_of(
        KitEvent.Kind(event.kind),
        by=event.by_id,
        missing=event.details.get("missing", ()),
        expires=version.expires_at is not None,
        restores=version.restores_id is not None,
    )
    around = _around(event, kind, read, now=now)
    return Item(
        step=event.pk,
        kit=version.pk,
        kind=kind,
        matter=kit_recipients.matter(
            kind,
            text=event.text,
            base=event.details["base"],
            step=event.pk,
            details=event.details,
        ),
        at=event.at,
        recipients=kit_recipients.decide(kind, around),
        words=_words(event, read),
        settled=_settled(event, kind, read),
        asked=around.asked,
        over=version.base_id if version.published_at else None,
    )


def _around(event: KitEvent, kind: KitNews, read: Pending, *, now: dt.datetime) -> Around:
    # Of a kit that reverted, those are told who brought in the emergency.
    version = read.version
    of = version.base if kind is KitNews.REVERTED and version.base else version
    scheduled_by = event.details["scheduled_by"] or of.scheduled_by_id
    begun_by = (of.submitted_by_id, scheduled_by, of.published_by_id)
    house = _house(begun_by, now=now)
    text = of.checksum if of is not version else event.text
    return Around(
        by=None if event.details.get("by_itself") else event.by_id,
        asked=_asked(read, house),
        signers=_signers(read, house),
        signed=tuple(
            Signature.objects.filter(kit=of, checksum=text).order_by("pk").values_list(
                "by_id", flat=True
            )
        ),
        submitted_by=of.submitted_by_id,
        begun_by=begun_by,
        revops=tuple(pk for pk, one in house.people.items() if one.plays(Role.REVOPS)),
        readers=frozenset(
            pk
            for pk, one in house.people.items()
            if version.published_at is not None
            or signing.works_on_kits(one)
            or pk in house.stands_in_for
        ),
    )  # fmt: skip


def _house(involved: Iterable[int | None], *, now: dt.datetime) -> _House:
    standing: dict[int, tuple[User, ...]] = {}
    for one in _current(deputies.current(at=now), now):
        standing[one.deputy_id] = (*standing.get(one.deputy_id, ()), one.signer)
    wanted = {pk for pk in involved if pk is not None} | standing.keys()
    found = User.objects.filter(
        playing(*SIGNER_ROLES) | Q(is_superuser=True) | Q(pk__in=wanted), is_active=True
    )
    return _House({one.pk: one for one in found.order_by("pk")}, standing)


def _current(named: Iterable[Deputy], now: dt.datetime) -> list[Deputy]:
    return [one for one in named if one.starts_at <= now and one.signer.is_active]


def _asked(read: Pending, house: _House) -> tuple[int, ...]:
    """Who can give a missing signature: by role or as deputy; superusers where nobody else can."""
    if not _awaits_signatures(read):
        return ()
    found: list[int] = []
    for party in read.consent.missing:
        able = [one for one in house.people.values() if house.may_sign(one, party, read)]
        ordinary = [one.pk for one in able if _has_role(one, party, house)]
        found += ordinary or [one.pk for one in able]
    return tuple(dict.fromkeys(found))


def _has_role(user: User, party: str, house: _House) -> bool:
    """Whether this person, or whom they stand in for, signs for that party by role."""
    hands = (user, *house.stands_in_for.get(user.pk, ()))
    return any(one.plays(*signing.SIGNERS[party]) for one in hands)


def _signers(read: Pending, house: _House) -> tuple[int, ...]:
    """Everybody who signs changes of this sort, and their deputies."""
    parties = read.consent.question.parties
    return tuple(
        pk
        for pk, one in house.people.items()
        if any(_has_role(one, party, house) for party in parties)
    )


def _awaits_signatures(read: Pending) -> bool:
    if _is_standing_emergency(read.version):
        return True
    return read.version.status in UNDER_REVIEW and not read.was_edited


def _is_standing_emergency(version: KitVersion) -> bool:
    in_force = version.status == KitStatus.ACTIVE and version.expires_at is not None
    return in_force and version.countersigned_at is None


def _settled(event: KitEvent, kind: KitNews, read: Pending) -> bool:
    version = read.version
    if kind in (KitNews.EMERGENCY, KitNews.HALF_TIME):
        return not _is_standing_emergency(version)
    if kind is KitNews.SCHEDULED:
        at = version.effective_from
        return version.status != KitStatus.SCHEDULED or event.details["at"] != (
            at.isoformat() if at else ""
        )
    if kind is KitNews.ALL_SIGNED:
        return version.status != KitStatus.IN_REVIEW
    return kind is KitNews.SIGNED and not (_awaits_signatures(read) and read.consent.missing)


def _words(event: KitEvent, read: Pending) -> dict[str, Any]:
    version, details = read.version, event.details
    changes = [told.sentence for told in read.changes] if event.text == read.text else []
    words: dict[str, Any] = {
        "by": event.by_id,
        "by_itself": bool(details.get("by_itself")) or event.by_id is None,
        "changes": len(changes),
        "lines": [_short(line) for line in changes[:MOST_LINES]],
        "first": version.base is None,
        "base": version.base.number if version.base else None,
        "restores": version.restores.number if version.restores else None,
        "emergency": bool(version.emergency_reason),
        "when_signed": version.publish_when_signed,
        "expires_at": version.expires_at.isoformat() if version.expires_at else None,
    }
    words |= {name: details[name] for name in ("at", "missing", "why") if name in details}
    if reason := version.emergency_reason or version.notes:
        words["reason"] = _short(reason)
    if "signature" in details:
        words |= _signature(details["signature"])
    return words


def _signature(pk: int) -> dict[str, Any]:
    row = Signature.objects.get(pk=pk)
    return {"party": row.party, "deputy_of": row.deputy_of_id}


def _short(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def people_in(words: Sequence[Mapping[str, Any]]) -> set[int]:
    """The ids of everybody whom these words speak of, to be named when they are shown."""
    return {one[name] for one in words for name in ("by", "deputy_of", "holder") if one.get(name)}
