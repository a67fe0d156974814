"""Bringing the kit in force to leads that were there before it, on the command line.

Without `--apply` both verbs only say what they would do.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.management.base import CommandError

from core import database
from governance import selectors
from governance.kit import Kit
from leads.models import Channel, SourceCategory
from leads.stages import Stage
from lifecycle import (
    draft_clocks,
    kit_steps,
    permissions,
    recalculated,
    recalculating,
    requalifying,
)
from lifecycle.models import KitApplication
from lifecycle.permissions import Reach
from people.models import Team

Say = Callable[[str], object]
SHOWN = 20
WAYS = {
    "later": "due later",
    "earlier": "due earlier",
    "warning": "only warn otherwise",
    "ends": "not owed any more",
}


def declare(verbs: Any) -> None:
    """Add the two sub-commands."""
    clocks = _verb(verbs, "recalculate", "start running clocks again under the active kit")
    clocks.add_argument("--obligation", default="", help="only clocks of this obligation")
    clocks.add_argument("--owner", help="only leads of this owner: username or e-mail")
    clocks.add_argument("--team", help="only leads of this team, by its name")
    clocks.add_argument(
        "--if", dest="version", metavar="N", help="as if version N, a draft, were in force"
    )
    leads = _verb(verbs, "requalify", "judge leads by the criteria of the active kit")
    leads.add_argument("--source", default="", choices=["", *SourceCategory.values])
    leads.add_argument("--channel", default="", choices=["", *Channel.values])
    stages = (Stage.INQUIRY.value, Stage.NURTURE.value, Stage.MQL.value)
    leads.add_argument("--stage", default="", choices=["", *stages])
    leads.add_argument(
        "--recycle",
        action="store_true",
        help="also recycle MQLs without owner that do not meet the criteria",
    )


def _verb(verbs: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=words)
    parser.add_argument("--apply", action="store_true", help="do it, not only show it")
    parser.add_argument("--by", help="username or e-mail of who does it")
    parser.add_argument("--reason", default="", help="why; the owners of the leads read it")
    parser.add_argument("--show", type=int, default=SHOWN, help="how many lines to print")
    return parser


def _recalculate(options: dict[str, Any], say: Say) -> None:
    only = recalculated.Only(options["obligation"], _owner(options), _team(options))
    if options["version"] and options["apply"]:
        raise CommandError("--if only shows; what is done is always done under the kit in force.")
    shown = _preview(options, only, say)
    kit = shown.kit
    if not shown.lines and not shown.stays:
        say(f"Nothing would change: every running clock is due as kit v{kit.number} says.")
        return
    counts = shown.counts
    told = [f"{counts[key]:,} {words}" for key, words in WAYS.items() if counts[key]]
    say(f"Under kit v{kit.number} {_count(len(shown.lines), 'running clock')} would change:")
    say(f"  {', '.join(told) or 'none'}; {counts['overdue']:,} overdue at once")
    _list(map(_clock, shown.lines), len(shown.lines), options, say)
    if shown.stays:
        say(f"{_count(len(shown.stays), 'clock')} would change too, but may not:")
        _list(map(_stays, shown.stays), len(shown.stays), options, say)
    if options["apply"] and shown.lines:
        by = kit_steps.user_of(_by(options))
        _tell(
            recalculating.apply(
                None, by=by, reason=options["reason"], seen=shown.seen, only=only, limit=None
            ),
            "clocks recalculated",
            say,
        )


def _preview(options: dict[str, Any], only: recalculated.Only, say: Say) -> recalculated.Preview:
    """What would change under the kit in force, or under the version asked about."""
    reach, now = _reach(options), database.now()
    if not options["version"]:
        kit = selectors.active_kit()
        return recalculating.preview(kit, reach=reach, now=now, only=only, limit=None)
    version = kit_steps.version_of(options["version"])
    told = draft_clocks.look(version, reach=reach, now=now, only=only, limit=None)
    if told.paused:
        say(f"{_count(told.paused, 'clock')} stand still and are not moved.")
    return told.preview


def _requalify(options: dict[str, Any], say: Say) -> None:
    only = requalifying.Only(options["source"], options["channel"], options["stage"])
    kit, now = selectors.active_kit(), database.now()
    shown = requalifying.preview(kit, reach=_reach(options), now=now, only=only, limit=None)
    if not shown.gains and not shown.losses:
        looked = _count(shown.looked_at, "lead")
        say(f"Nothing would change: {looked} looked at under kit v{kit.number}.")
        return
    say(
        f"Under kit v{kit.number} {_count(len(shown.gains), 'lead')} would become MQL; "
        f"{_count(len(shown.losses), 'MQL')} without owner would be none:"
    )
    for source, (gained, lost) in shown.by_source().items():
        say(f"  {source.lower()}: {gained:,} gained, {lost:,} lost")
    lines = (*shown.gains, *shown.losses)
    _list((_lead(line, kit) for line in lines), len(lines), options, say)
    losses = [line.lead for line in shown.losses if line.movable] if options["recycle"] else []
    if options["apply"] and (shown.gains or losses):
        by = kit_steps.user_of(_by(options))
        _tell(
            requalifying.apply(
                None, by=by, reason=options["reason"], seen=shown.seen, recycle=losses, only=only,
                limit=None,
            ),
            "leads moved",
            say,
        )  # fmt: skip


def _list(lines: Iterable[str], count: int, options: dict[str, Any], say: Say) -> None:
    for place, line in enumerate(lines):
        if place >= options["show"]:
            say(f"  and {count - options['show']:,} more")
            return
        say(f"  {line}")


def _clock(line: recalculated.Line) -> str:
    if line.new_due_at is None:
        then = f"not owed any more{f': {line.verdict.why}' if line.verdict.why else ''}"
    else:
        then = f"due {_moment(line.new_due_at)}"
    late = ", overdue at once" if line.overdue_at_once else ""
    return f"lead {line.lead} {line.policy} (v{line.kit}): {_moment(line.due_at)} → {then}{late}"


def _stays(line: recalculated.Line) -> str:
    due = _moment(line.due_at)
    return f"lead {line.lead} {line.policy} (v{line.kit}), due {due}: {line.verdict.why}"


def _lead(line: requalifying.Line, kit: Kit) -> str:
    labels = {one.key: one.label for one in kit.all_criteria}
    told = "; ".join(
        f"{labels.get(one.criterion, one.criterion)} {'met' if one.met else 'not met'}"
        for one in line.judged
    )
    to = "MQL" if line.verb == requalifying.QUALIFY else "NURTURE, if --recycle"
    if not line.movable:
        to = "stays, the buyer asked for a person"
    return f"lead {line.lead} {line.stage} → {to}: {told}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _tell(application: KitApplication, what: str, say: Say) -> None:
    if application.state == KitApplication.State.WAITING:
        say(f"{application.total:,} are left to the worker (application {application.pk}).")
        return
    say(f"{application.changed:,} of {application.total:,} {what}.")
    if application.error:
        say(application.error)
    for failure in application.failures:
        say(f"  {failure['verb']} {failure['id']} failed: {failure['why']}")


def _reach(options: dict[str, Any]) -> Reach:
    if not options["by"] and not options["apply"]:
        return permissions.EVERYWHERE
    return permissions.reach(kit_steps.user_of(_by(options)))


def _by(options: dict[str, Any]) -> str:
    if not options["by"]:
        raise CommandError("Say who does it: --by USER.")
    return str(options["by"])


def _owner(options: dict[str, Any]) -> int | None:
    return kit_steps.user_of(options["owner"]).pk if options["owner"] else None


def _team(options: dict[str, Any]) -> int | None:
    if not options["team"]:
        return None
    team = Team.objects.filter(name=options["team"]).first()
    if team is None:
        raise CommandError(f"There is no team “{options['team']}”.")
    return int(team.pk)


VERBS: Mapping[str, Callable[[dict[str, Any], Say], None]] = {
    "recalculate": _recalculate,
    "requalify": _requalify,
}
