"""The steps of a kit version on the command line: submit, sign, schedule, publish, take back."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from core import database
from governance import rebasing, rollback, selectors, services
from governance.models import KitVersion, Signature
from people.models import User

ACTIVE = "active"

Say = Callable[[str], object]
Verb = Callable[[dict[str, Any], Say], None]


def declare(verbs: Any) -> None:
    """Add the sub-commands of these steps."""
    submit = _step(verbs, "submit", "put a draft up for review")
    submit.add_argument("--note", default="", help="why the warnings of the check are accepted")
    submit.add_argument("--emergency", default="", help="why one signature has to do for a while")
    submit.add_argument(
        "--publish-when-signed", action="store_true", help="in force with the last signature"
    )
    sign = _step(verbs, "sign", "sign a version in review as it stands")
    parties = [party.lower() for party in Signature.Party.values]
    sign.add_argument("--as", required=True, dest="party", choices=parties)
    schedule = _step(verbs, "schedule", "bring a signed version into force at an instant")
    schedule.add_argument("--at", required=True, help="ISO 8601 with its offset")
    publish = _step(verbs, "publish", "put a signed version in force")
    publish.add_argument("--emergency", default="", help="why one signature has to do for a while")
    _step(verbs, "reopen", "take a version in review back to draft")
    _step(verbs, "withdraw", "give a version up")
    rebase = _step(verbs, "rebase", "put a draft onto the version that is active by now")
    rebase.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="KIND.KEY=mine|theirs",
        help="whose text stands where both changed a part; may be given more than once",
    )
    back = verbs.add_parser("rollback", help="put the version before the active one up again")
    back.add_argument("--by", required=True, help="username or e-mail of who asks for it")
    back.add_argument("--reason", required=True, help="why; the signers read it")
    back.add_argument("--to", help="another earlier version than the one before")


def version_of(name: str) -> KitVersion:
    """The version of a number, with or without a “v”, or the active one."""
    if name == ACTIVE:
        active = selectors.active_version()
        if active is None:
            raise selectors.NoActiveKit
        return active
    number = name.removeprefix("v")
    version = KitVersion.objects.filter(number=number).first() if number.isdecimal() else None
    if version is None:
        raise CommandError(f"There is no kit version “{name}”: give a number, or “active”.")
    return version


def user_of(name: str) -> User:
    """The active user of a username or an e-mail address."""
    user = User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{name}”: give a username or an e-mail.")
    return user


def _step(verbs: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=words)
    parser.add_argument("version", help="number of the version")
    parser.add_argument("--by", required=True, help="username or e-mail of who does it")
    return parser


def _both(options: dict[str, Any]) -> tuple[KitVersion, User]:
    return version_of(options["version"]), user_of(options["by"])


def _submit(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    version = services.submit(
        version,
        by=by,
        now=database.now(),
        note=options["note"],
        emergency_reason=options["emergency"],
        publish_when_signed=options["publish_when_signed"],
    )
    awaited = " and ".join(
        Signature.Party(party).label for party in services.consent(version).missing
    )
    say(f"Kit v{version.number} is in review. It awaits: {awaited or 'nobody'}.")


def _sign(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    party = options["party"].upper()
    signature = services.sign(version, party=party, by=by, now=database.now())
    what = f"{signature.get_party_display()} on kit v{version.number}"
    say(f"{by} has signed for {what}, text {signature.checksum[:12]}.")
    version.refresh_from_db(fields=["status", "setback"])
    if version.setback:
        raise CommandError(f"It could not come into force: {version.setback}")
    say(f"Kit v{version.number} is {version.get_status_display().lower()}.")


def _schedule(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    at = _instant(options["at"])
    services.schedule(version, by=by, at=at, now=database.now())
    say(f"Kit v{version.number} comes into force at {at.isoformat()}.")


def _publish(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    reason = options["emergency"]
    version = services.publish(version, by=by, now=database.now(), emergency_reason=reason)
    say(f"Kit v{version.number} is active, text {version.checksum[:12]}.")
    if version.expires_at is not None:
        say(f"It reverts at {version.expires_at.isoformat()} unless it is countersigned.")


def _reopen(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    services.reopen(version, by=by, now=database.now())
    say(f"Kit v{version.number} is a draft again.")


def _withdraw(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    services.withdraw(version, by=by, now=database.now())
    say(f"Kit v{version.number} is withdrawn.")


def _rebase(options: dict[str, Any], say: Say) -> None:
    version, by = _both(options)
    keep = dict(one.rpartition("=")[::2] for one in options["keep"])
    version = rebasing.rebase(version, by=by, now=database.now(), keep=keep)
    say(f"Kit v{version.number} is a draft on v{version.base.number if version.base else 0} now.")


def _rollback(options: dict[str, Any], say: Say) -> None:
    to = version_of(options["to"]) if options["to"] else None
    version = rollback.start(
        by=user_of(options["by"]), now=database.now(), reason=options["reason"], to=to
    )
    missing = services.consent(version).missing
    awaited = " and ".join(Signature.Party(party).label for party in missing)
    say(f"Kit v{version.number} “{version.title}” comes into force when signed by {awaited}.")


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is no instant; write 2027-01-04T08:00+01:00.") from None
    if at.tzinfo is None:
        raise CommandError(f"“{text}” has no offset; write {text}+00:00 for UTC.")
    return at.astimezone(dt.UTC)


VERBS: Mapping[str, Verb] = {
    "submit": _submit,
    "sign": _sign,
    "schedule": _schedule,
    "publish": _publish,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "rebase": _rebase,
    "rollback": _rollback,
}
