"""Inviting people: who may, what stands in the way of a row, and how somebody comes in.

A link is signed, names its invitation, works once and for some days; sending anew or withdrawing
ends the ones before. Whoever may sign a kit comes in by it, so RevOps invites only people at the
company's own mail domains; administrators invite anybody.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse

from core import errors, zones
from people import access_models, holders
from people.invitation_rows import MOST, Row
from people.models import AccessMail, Invitation, Role, Shift, Team, User

SALT = "people.invitation"
PAUSE = dt.timedelta(minutes=1)
"""So long after a mail the next one to the same person may be sent."""
GONE = (
    "This invitation is not valid: it was used, withdrawn or sent anew, or it has run out. "
    "Ask who invited you for another."
)
ADMINISTER = (Role.REVOPS, Role.MANAGER, Role.AUDITOR, Role.ADMIN)
"""Who works in parts of the administration as well, or reads there."""
NINE, FIVE = dt.time(9), dt.time(17)


def may_invite(user: User) -> bool:
    """RevOps, administrators and superusers bring people in."""
    return user.is_active and (user.is_superuser or user.plays(Role.REVOPS, Role.ADMIN))


def may_privilege(user: User) -> bool:
    """Who says what others may do: they invite administrators, and people from anywhere."""
    return user.is_active and (user.is_superuser or user.plays(Role.ADMIN))


def require_may(user: User) -> None:
    """Raises NotAllowed for everybody else."""
    if not may_invite(user):
        raise errors.NotAllowed("RevOps and administrators invite people.")


def checked(
    rows: Sequence[Row], *, by: User, role: str, team: Team | None, make_teams: bool
) -> list[Row]:
    """The rows with what was left open filled in, and what is wrong with each; five queries."""
    emails = [row.email.lower() for row in rows]
    known = _addresses(User.objects.all(), emails)
    waiting = _addresses(_open(), emails)
    teams = {one.name.lower(): one.name for one in Team.objects.all()}
    domains = own_domains()
    seen: set[str] = set()
    done = []
    for number, row in enumerate(rows):
        full = dataclasses.replace(
            row, role=_role(row.role) or ("" if row.role else role),
            team=teams.get(row.team.lower(), row.team) if row.team else (team.name if team else ""),
        )  # fmt: skip
        faults = [
            *_address_faults(full, by=by, known=known, waiting=waiting, domains=domains, seen=seen),
            *_other_faults(full, row, teams if not make_teams else None),
            *_privilege_faults(full, by=by),
        ]
        if number >= MOST:
            faults.append(f"More than {MOST} at once; send these afterwards.")
        seen.add(row.email.lower())
        done.append(dataclasses.replace(full, faults=tuple(faults)))
    return done


def own_domains() -> frozenset[str]:
    """The company's mail domains: those of the settings, else those of who is here already."""
    if settings.OWN_DOMAINS:
        return frozenset(one.lower() for one in settings.OWN_DOMAINS)
    people = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
    return frozenset(
        one.rpartition("@")[2].lower() for one in people.values_list("email", flat=True)
    )


@transaction.atomic
def invite(rows: Iterable[Row], *, by: User, now: dt.datetime) -> list[Invitation]:
    """Invite the people of these faultless rows; teams that are missing are made.

    Raises NotAllowed, or TooLate when somebody was invited by another a moment ago.
    """
    require_may(by)
    teams = {one.name.lower(): one for one in Team.objects.all()}
    made = []
    for row in rows:
        if row.team and row.team.lower() not in teams:
            teams[row.team.lower()] = Team.objects.create(name=row.team)
        first, _, last = row.name.partition(" ")
        invitation = Invitation(
            email=row.email.lower(), first_name=first, last_name=last.strip(), role=row.role,
            team=teams.get(row.team.lower()), time_zone=row.zone, invited_by=by, invited_at=now,
            expires_at=now + _lasts(),
        )  # fmt: skip
        try:
            with transaction.atomic():
                invitation.save()
        except IntegrityError:
            raise errors.TooLate(f"{row.email} was invited a moment ago.") from None
        _send(invitation, now=now)
        made.append(invitation)
    return made


@transaction.atomic
def resend(invitation_id: int, *, by: User, now: dt.datetime) -> Invitation:
    """A new link by a new mail, for as long again; the one before ends.

    Raises NotAllowed, TooLate when it was accepted or withdrawn, or within a minute of a mail.
    """
    row = _locked(invitation_id, by=by)
    if row.mail is not None and now - row.mail.made_at < PAUSE:
        raise errors.TooLate("A mail went to this person less than a minute ago.")
    row.nonce, row.expires_at = access_models.fresh_nonce(), now + _lasts()
    row.save(update_fields=["nonce", "expires_at"])
    _send(row, now=now)
    return row


@transaction.atomic
def withdraw(invitation_id: int, *, by: User, now: dt.datetime) -> Invitation:
    """The link ends at once. Raises NotAllowed, or TooLate when it was accepted or withdrawn."""
    row = _locked(invitation_id, by=by)
    row.withdrawn_at, row.withdrawn_by = now, by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _recall(row)
    return row


def token_of(invitation: Invitation) -> str:
    """What its link bears."""
    return signing.Signer(salt=SALT).sign_object([invitation.pk, invitation.nonce])


def of_token(token: str, *, now: dt.datetime, lock: bool = False) -> Invitation | None:
    """The invitation whose link this is, if it still lets in; with its row locked, if asked."""
    try:
        pk, nonce = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Invitation.objects.select_related("team", "invited_by").filter(pk=pk, nonce=nonce)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    return row if row is not None and row.is_valid(now=now) else None


@transaction.atomic
def accept(
    token: str, *, first_name: str, last_name: str, password: str, time_zone: str, now: dt.datetime
) -> User:
    """Make the account. Reps begin with Monday to Friday, 9 to 17, which they change themselves.

    Raises NotFound when the link does not let in any more, or the address has an account by now.
    """
    row = of_token(token, now=now, lock=True)
    if row is None or User.objects.filter(email__iexact=row.email).exists():
        raise errors.NotFound(GONE)
    user: User = User.objects.create_user(
        _free_name(row.email), row.email, password, first_name=first_name, last_name=last_name,
        role=row.role, team=row.team, time_zone=time_zone, is_staff=row.role in ADMINISTER,
    )  # fmt: skip
    if user.plays(*holders.ROLES):
        for weekday in range(5):
            Shift(user=user, weekday=weekday, starts=NINE, ends=FIVE).save()
    row.accepted_at, row.user = now, user
    row.save(update_fields=["accepted_at", "user"])
    return user


def _addresses(rows: QuerySet[Any], emails: Sequence[str]) -> set[str]:
    found = rows.annotate(low=Lower("email")).filter(low__in=emails)
    return set(found.values_list("low", flat=True))


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None)


def _role(said: str) -> str:
    """The role of that name or label; empty when there is none."""
    words = {value.lower(): value for value in access_models.ROLES}
    words |= {Role(value).label.lower(): value for value in access_models.ROLES}
    return words.get(said.lower(), "")


def _address_faults(
    row: Row, *, by: User, known: set[str], waiting: set[str], domains: frozenset[str],
    seen: set[str],
) -> list[str]:  # fmt: skip
    low = row.email.lower()
    try:
        validate_email(row.email)
    except ValidationError:
        return ["That is no e-mail address." if row.email else "The e-mail address is missing."]
    if low in known:
        return ["Has an account already."]
    if low in waiting:
        return ["Is invited already; send the mail anew below."]
    if low in seen:
        return ["Stands above already."]
    if not may_privilege(by) and low.rpartition("@")[2] not in domains:
        return [f"Is not at {' or '.join(sorted(domains))}; an administrator can invite them."]
    return []


def _other_faults(row: Row, written: Row, teams: dict[str, str] | None) -> list[str]:
    faults = []
    if not row.role:
        labels = ", ".join(Role(one).label for one in access_models.ROLES)
        faults.append(f"“{written.role}” is no role; there are {labels}.")
    if row.team and teams is not None and row.team.lower() not in teams:
        faults.append(f"There is no team “{row.team}”.")
    if len(row.team) > 80 or len(row.name) > 150:
        faults.append("The name is too long.")
    if row.zone and not zones.is_known(row.zone):
        faults.append(f"“{row.zone}” is no time zone; write it like Europe/Berlin.")
    return faults


def _privilege_faults(row: Row, *, by: User) -> list[str]:
    if row.role == Role.ADMIN and not may_privilege(by):
        return ["Only an administrator invites administrators."]
    return []


def _lasts() -> dt.timedelta:
    return dt.timedelta(days=settings.INVITATION_DAYS)


def _locked(invitation_id: int, *, by: User) -> Invitation:
    require_may(by)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("mail")
    row = rows.filter(pk=invitation_id).first()
    if row is None:
        raise errors.NotFound("There is no such invitation.")
    if not row.is_open:
        raise errors.TooLate("This invitation was accepted or withdrawn meanwhile.")
    return row


def _recall(invitation: Invitation) -> None:
    """Its mail, if it still waits, is sent no more."""
    if invitation.mail is not None:
        AccessMail.objects.filter(pk=invitation.mail.pk, sent_at=None).update(due_at=None, text="")


def _send(invitation: Invitation, *, now: dt.datetime) -> None:
    """Put its mail into the queue; one that still waits is sent no more."""
    _recall(invitation)
    path = reverse("console:invitation", args=[token_of(invitation)])
    said = {
        "invitation": invitation,
        "url": settings.BASE_URL.rstrip("/") + path,
        "days": settings.INVITATION_DAYS,
    }
    text = render_to_string("mail/invitation.txt", said).strip()
    subject = f"{invitation.invited_by} invites you to LeadGov"
    invitation.mail = AccessMail.objects.create(
        to=invitation.email,
        subject=" ".join(subject.split())[:200],
        text=text,
        made_at=now,
        due_at=now,
    )
    invitation.save(update_fields=["mail"])


def _free_name(email: str) -> str:
    """A user name from the address; with a number where somebody has it."""
    base = email.partition("@")[0][:140]
    taken = set(
        User.objects.filter(username__istartswith=base).values_list(Lower("username"), flat=True)
    )
    number, name = 1, base
    while name.lower() in taken:
        number += 1
        name = f"{base}{number}"
    return name
