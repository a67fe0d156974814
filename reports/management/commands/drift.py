"""`manage.py drift`: what has drifted since a kit was published; exit 1 while an alarm stands."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import database
from governance.models import KitVersion
from reports.drift import alarms, publications, wording
from reports.drift.publications import Publication
from reports.drift.verdicts import Metric, Verdict
from reports.models import DriftAlarm


class Command(BaseCommand):
    help = "Judge the active kit now, as the hourly schedule does, and print every verdict."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kit", type=int, metavar="N", help="version N (the active one)")
        parser.add_argument("--json", action="store_true", help="all of it as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        now, number = database.now(), options["kit"]
        alarms.watch(now)
        if number is None:
            publication = publications.active(now=now)
        else:
            publication = publications.one(number, now=now)
        standing = list(alarms.open_alarms().select_related("kit"))
        if number is not None:
            standing = [one for one in standing if one.kit.number == number]
        if options["json"]:
            self.stdout.write(json.dumps(_data(publication, standing)))
        elif publication is None:
            self.stdout.write(_nothing(number))
        else:
            self._table(publication)
        if standing:
            raise CommandError(f"{wording.plural(len(standing), 'alarm')} open.")

    def _table(self, publication: Publication) -> None:
        window = publication.window
        self.stdout.write(
            f"Kit v{publication.version.number} since {window.first}: "
            f"{wording.plural(len(window.after), 'whole day')}, compared with "
            f"{len(window.before)} under v{publication.base.number}"
        )
        for verdict in publication.verdicts:
            self.stdout.write(self._line(publication, verdict))
        for metric in {one.metric: None for one in publication.verdicts if one.is_outside}:
            parts = [told.sentence for told in publication.parts(metric)]
            named = "; ".join(parts) or "no part that bears on it"
            self.stdout.write(
                f"{wording.NAMES[metric]}: v{publication.version.number} changed {named}"
            )

    def _line(self, publication: Publication, verdict: Verdict) -> str:
        style = self.style.ERROR if verdict.is_outside else self.style.SUCCESS
        word = style(f"{wording.STATES[verdict.state]:<8}")
        name = wording.subject(verdict.metric, publication.label(verdict.metric, verdict.slice))
        return f"{word} {name:<44} {_told(publication, verdict)}"


def _told(publication: Publication, verdict: Verdict) -> str:
    if verdict.lack is not None:
        return wording.too_few(
            verdict.lack, version=publication.version.number, base=publication.base.number
        )
    limits, metric = verdict.limits, verdict.metric
    if limits is None:
        return ""
    return (
        f"{wording.figure(metric, limits.observed)} {wording.basis(metric, limits.n)}, "
        f"was {wording.figure(metric, limits.expected)}, "
        f"limits {wording.span(metric, limits.low, limits.high)}"
    )


def _nothing(number: int | None) -> str:
    if number is None:
        return "No version has replaced another yet, so nothing can have drifted."
    known = KitVersion.objects.filter(number=number, published_at__isnull=False).exists()
    if not known:
        raise CommandError(f"There is no published kit v{number}.")
    return f"Kit v{number} replaced no version, so there is nothing to compare it with."


def _data(publication: Publication | None, standing: list[DriftAlarm]) -> dict[str, object]:
    if publication is None:
        return {"ok": not standing, "kit": None, "verdicts": []}
    window = publication.window
    return {
        "ok": not standing,
        "kit": publication.version.number,
        "base": publication.base.number,
        "before": [day.isoformat() for day in window.before],
        "after": [day.isoformat() for day in window.after],
        "verdicts": [_as_data(publication, one) for one in publication.verdicts],
        "open_alarms": [one.pk for one in standing],
    }


def _as_data(publication: Publication, verdict: Verdict) -> dict[str, object]:
    limits, lack = verdict.limits, verdict.lack
    return {
        "metric": verdict.metric.value,
        "slice": verdict.slice,
        "label": publication.label(Metric(verdict.metric), verdict.slice),
        "state": verdict.state.value,
        "observed": limits.observed if limits else None,
        "expected": limits.expected if limits else None,
        "low": limits.low if limits else None,
        "high": limits.high if limits else None,
        "n": limits.n if limits else None,
        "lacks": {"have": lack.have, "need": lack.need, "of": lack.unit, "side": lack.side}
        if lack
        else None,
        "parts": [told.sentence for told in publication.parts(verdict.metric)]
        if verdict.is_outside
        else [],
    }
