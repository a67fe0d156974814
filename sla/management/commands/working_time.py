"""`manage.py working_time`: working time on your own calendars, vectors and event logs.

Uses the arithmetic that clocks use, changes nothing, and needs a database only where a calendar
is named by its key in a kit. Rows that cannot be read are named and counted; exit code 1 then.
"""

from __future__ import annotations

import argparse
import datetime as dt
import zoneinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core import stamps, worktime, zones
from core.errors import DomainError
from sla.log_share import Asked, share
from sla.named_calendars import Calendars
from sla.row_files import Rows, read
from sla.vector_files import check

DOUBTS = {stamps.TWICE: "was shown twice", stamps.NEVER: "was never shown"}
"""What a wall clock may leave open, in words."""


class Command(BaseCommand):
    """Adds, measures, checks vectors, and takes the share of a log within a span."""

    help = __doc__ or ""
    requires_system_checks: Any = []
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One sub-command per question."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="when this much work ends")
        add.add_argument("start", help="ISO 8601; without an offset: the calendar's wall clock")
        add.add_argument("work", help="minutes, or 4h, 1h30m")
        elapsed = verbs.add_parser("elapsed", help="the open time between two instants")
        elapsed.add_argument("a")
        elapsed.add_argument("b")
        vectors = verbs.add_parser("check", help="hold vectors against the arithmetic")
        vectors.add_argument("file", type=Path, help="CSV, JSON, JSON lines; also .gz")
        log = verbs.add_parser("share", help="open time per row; the share within N minutes")
        log.add_argument("file", type=Path, help="CSV, JSON, JSON lines, XES; also .gz")
        for one in (add, elapsed, vectors, log):
            one.add_argument(
                "--calendar", default="", help="key in the kit, a JSON file, or a JSON document"
            )
            one.add_argument("--kit", type=int, help="a version's number; else the one in force")
        for one in (vectors, log):
            one.add_argument("--encoding", default="utf-8-sig")
            one.add_argument("--delimiter", default="", help="of the table; else seen by itself")
        _of_logs(log)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Answer one question."""
        doing = getattr(self, f"do_{options['verb']}")
        try:
            doing(options)
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        except UnicodeDecodeError as fault:
            raise CommandError(f"The file is no {options['encoding']}: {fault}") from None
        except DatabaseError as fault:
            raise CommandError(f"The kit cannot be read: {fault}") from None

    def do_add(self, options: dict[str, Any]) -> None:
        """When this much work ends, in UTC and as the calendar's wall clock shows it."""
        calendar = Calendars(kit=options["kit"]).of(_named(options))
        zone = zoneinfo.ZoneInfo(calendar.zone)
        start = self._instant(options["start"], zone)
        end = worktime.add(calendar, start, stamps.work(options["work"]))
        self.stdout.write(f"{end.isoformat()}  {end.astimezone(zone).isoformat()} {calendar.zone}")

    def do_elapsed(self, options: dict[str, Any]) -> None:
        """The open time between two instants, in seconds and as people say it."""
        calendar = Calendars(kit=options["kit"]).of(_named(options))
        zone = zoneinfo.ZoneInfo(calendar.zone)
        a, b = (self._instant(options[name], zone) for name in ("a", "b"))
        passed = worktime.elapsed(calendar, a, b)
        self.stdout.write(f"{stamps.seconds(passed)} s  {passed}")

    def _instant(self, text: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
        """The instant meant; what its wall clock leaves open is told beside the answer."""
        stamp = stamps.instant(text, zone=zone)
        if stamp.told:
            taken = f"taken as {stamp.at.astimezone(zone).isoformat()}"
            self.stderr.write(f"{text} {DOUBTS[stamp.told]} in {zone.key}: {taken}.")
        return stamp.at

    def do_check(self, options: dict[str, Any]) -> None:
        """Every vector that comes out otherwise, then how many there were."""
        with _rows(options) as rows:
            beside = rows.besides.get("calendars") or {}
            calendars = Calendars(kit=options["kit"], beside=beside)
            usual = options["calendar"] or rows.besides.get("calendar") or ""
            result = check(rows.rows, calendars, usual=usual, tell=self.stdout.write)
        if result.wrong or result.unreadable or not result.count:
            raise CommandError(result.sentence)
        self.stdout.write(result.sentence)

    def do_share(self, options: dict[str, Any]) -> None:
        """Each piece of work with its open time, and the share of them within the span."""
        calendar = Calendars(kit=options["kit"]).of(_named(options))
        names = ("case", "activity", "time", "start", "end", "by", "pattern", "whole", "steps")
        asked = Asked(
            within=stamps.work(options["within"]),
            zone=_zone(options["zone"]),
            begins=frozenset(options["begins"]),
            ends=frozenset(options["ends"]),
            **{name: options[name] for name in names},
        )
        with _rows(options) as rows:
            told = share(rows, calendar, asked, out=options["out"])
        for line in told.lines:
            self.stdout.write(line)
        if told.refused:
            raise CommandError(
                f"{told.refused} rows were not counted: the first are named above, with --out all "
                "of them stand in the file."
            )


def _rows(options: dict[str, Any]) -> Rows:
    return read(options["file"], delimiter=options["delimiter"], encoding=options["encoding"])


def _of_logs(log: argparse.ArgumentParser) -> None:
    log.add_argument("--within", default="60", help="minutes (60), or 4h; exactly so long counts")
    log.add_argument("--zone", default="", help="zone of times without an offset")
    log.add_argument("--pattern", default="", help="how times are written: %%d-%%m-%%Y %%H:%%M")
    for name, what in (
        ("start", "the start of a row's work"), ("end", "its end"), ("case", "the case"),
        ("activity", "the activity"), ("time", "the time"), ("by", "a group to count under"),
    ):  # fmt: skip
        log.add_argument(f"--{name}", default="", metavar="COLUMN", help=f"column of {what}")
    log.add_argument("--from", dest="begins", action="append", default=[], metavar="ACTIVITY",
                     help="what begins the work of a case; may be given again")  # fmt: skip
    log.add_argument("--to", dest="ends", action="append", default=[], metavar="ACTIVITY",
                     help="what ends it; may be given again")  # fmt: skip
    log.add_argument("--whole", action="store_true", help="cases from first to last event")
    log.add_argument("--steps", action="store_true", help="the waiting before each next event")
    log.add_argument("--out", type=Path, help="write each piece of work to this CSV file")


def _named(options: dict[str, Any]) -> str:
    if not options["calendar"]:
        raise CommandError("Say which calendar counts: --calendar KEY, FILE.json or a document.")
    return str(options["calendar"])


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    if not name:
        return None
    if not zones.is_known(name):
        raise CommandError(f"There is no zone “{name}”; write one like Europe/Berlin.")
    return zoneinfo.ZoneInfo(name)
