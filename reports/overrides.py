"""Where people sent leads elsewhere than the rules had, how often, and whether they were right.

A cohort: by when the rules decided, whatever came of the lead by now. Right means that the lead was
accepted, or got further, after the override; wrong that it was rejected, lost, disqualified or
given back once more. The same is told of the decisions that nobody overrode.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import selectors as leads
from people.models import User
from reports import cohort, intervals, measures, people_shown
from reports.declaration import Column, Declaration, Made, Slice
from reports.declaration import Value as Figure
from reports.periods import Period
from routing import overrides as standing_overrides
from routing.models import Assignment, Decision, Override, Pool

FEW = 10
"""Fewer decided overrides than this say nothing: the verdict says so in place of a comparison."""
RIGHT, WRONG, UNDECIDED = "RIGHT", "WRONG", "UNDECIDED"
GOOD = ("accept", "self_source", "sales_qualify", "convert", "win")
BAD = ("reject", "lose", "disqualify", "return_to_nurture")
OF_OVERRIDES = ("reason", "kind", "by")
"""Slices that only overridden decisions have."""

"""In place of a person, for readers who do not lead them: all others together."""

DECLARATION = Declaration(
    key="overrides",
    name="Overrides and misroutes",
    meaning=(
        "How often people sent a lead elsewhere than the rules had, and whether they were right: "
        "what came of those leads, beside the leads that stayed where the rules sent them."
    ),
    formula=(
        "Decisions of the period that gave a lead to somebody. Rate = overridden ÷ decisions, "
        "misroute rate = said not to be theirs ÷ decisions; by reason and kind, of all decisions. "
        "By person there is no rate: nobody knows which decisions they looked at. Right: accepted "
        "or further in the same cycle after the override. Wrong: rejected, lost, disqualified, "
        "returned to nurture, or given back again. The rest is undecided. Right rate = right ÷ "
        "(right + wrong); left alone: the same of leads of which no decision was. What was taken "
        "back overrides nothing. Reps see themselves by name, and colleagues together. Low and "
        "high bound 95 % after Wilson. Leads that people took out of a queue override no pick. "
        f"Fewer than {FEW} decided ones get no verdict."
    ),
    owner_role="RevOps",
    unit="count",
    slices=(
        Slice("rule", "Rule"),
        Slice("kit", "Kit version"),
        Slice("pool", "Pool"),
        Slice("reason", "Reason"),
        Slice("kind", "Kind"),
        Slice("by", "Overridden by"),
    ),
    columns=(
        Column("decisions", "Decisions"),
        Column("overridden", "Overridden"),
        Column("rate", "Rate", "share"),
        Column("rate_low", "Low", "share"),
        Column("rate_high", "High", "share"),
        Column("verdict", "Were they right?", "text"),
        Column("right", "Right"),
        Column("wrong", "Wrong"),
        Column("undecided", "Undecided"),
        Column("right_rate", "Right rate", "share"),
        Column("right_low", "Low", "share"),
        Column("right_high", "High", "share"),
        Column("others_right", "Left alone: went well"),
        Column("others_wrong", "went badly"),
        Column("others_rate", "well, rate", "share"),
        Column("misrouted", "Misrouted"),
        Column("misroute_rate", "Misroute rate", "share"),
        Column("misroute_low", "Low", "share"),
        Column("misroute_high", "High", "share"),
        Column("reassigned", "Reassigned"),
        Column("handed_over", "Handed over"),
        Column("returned", "Hand-offs returned"),
    ),
)

COUNTED = ("decisions", "overridden", "misrouted", "reassigned", "handed_over", "returned",
           "right", "wrong", "undecided", "others_right", "others_wrong")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `of` is how many decisions its rates are shares of, None where there are none."""

    key: str
    label: str
    counts: Mapping[str, int]
    of: int | None

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        n = self.counts
        decided = n["right"] + n["wrong"]
        others = n["others_right"] + n["others_wrong"]
        return {
            **{name: n[name] for name in COUNTED},
            "decisions": self.of,
            **_rate("rate", "rate", n["overridden"], self.of),
            **_rate("misroute_rate", "misroute", n["misrouted"], self.of),
            **_rate("right_rate", "right", n["right"], decided),
            "others_rate": n["others_right"] / others if others else None,
            "verdict": verdict(n["right"], n["wrong"], n["others_right"], n["others_wrong"]),
        }


Report: TypeAlias = Made[Row]
"""`kits` are the versions under which the rules decided."""


def verdict(right: int, wrong: int, others_right: int, others_wrong: int) -> str:
    """Whether overrides turned out better than leaving leads where they were, in words."""
    decided, others = right + wrong, others_right + others_wrong
    if not decided:
        return "None decided yet"
    if decided < FEW:
        return f"Too few to say: {decided} decided"
    if others < FEW:
        return f"Nothing to compare with: {others} others decided"
    low, high = intervals.wilson(right, decided) or (0.0, 1.0)
    least, most = intervals.wilson(others_right, others) or (0.0, 1.0)
    if low > most:
        return "Yes: better than leads left where they were"
    worse = "No: worse than leads left where they were"
    return worse if high < least else "No difference that chance would not make"


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """Overrides of decisions on leads this user may see, broken down `by` one slice (the rule).

    `only` keeps to one value of other slices, as `{"pool": "dach"}`. Raises InvalidInput when a
    slice is unknown.
    """
    chosen = DECLARATION.slice(by)
    rows = judged(user, period=period, only=only)
    groups = measures.rows(
        rows, {"slice": _column(chosen.key)}, label=_label(chosen.key), **_FIGURES
    )
    whole = rows.aggregate(**_FIGURES)
    names = _names(chosen.key)
    lines = [
        _row(group, chosen.key, names, whole["n_decisions"])
        for group in groups
        if group["slice"] or chosen.key not in OF_OVERRIDES
    ]
    active = kits.active_version()
    numbers = rows.order_by("kit__number").values_list("kit__number", flat=True).distinct()
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=tuple(sorted(lines, key=lambda row: cohort.place(row.key, row.label))),
        totals=Row("", "All", _counts(whole), whole["n_decisions"]),
        kit_version=active.number if active else None,
        kits=tuple(number for number in numbers if number is not None),
        generated_at=now or database.now(),
    )


def judged(
    user: User, *, period: Period, only: Mapping[str, str] | None = None
) -> QuerySet[Decision]:
    """The decisions of the period that picked somebody, with their override and its outcome."""
    first = standing_overrides.standing().filter(decision=OuterRef("pk")).order_by("pk")
    held = Assignment.objects.filter(decision=OuterRef("pk")).order_by("pk")
    rows = Decision.objects.filter(
        picked__isnull=False,
        at__gte=period.start,
        at__lt=period.end,
        lead__in=leads.counted_for(user).values("pk"),
    ).annotate(
        kind=Subquery(first.values("kind")[:1]),
        why=Subquery(first.values("why")[:1]),
        over=Subquery(first.values("by")[:1]),
        since=Coalesce(Subquery(first.values("at")[:1]), F("at")),
        cycle=Subquery(held.values("started_by_event__cycle")[:1]),
        left_alone=~Exists(standing_overrides.standing().filter(lead=OuterRef("lead"))),
    )
    rows = rows.annotate(over_by=_by(user))
    for name, value in (only or {}).items():
        column = Cast(_column(DECLARATION.slice(name).key), measures.TEXT)
        rows = rows.annotate(**{f"only_{name}": column}).filter(**{f"only_{name}": value})
    return rows.annotate(fate=_fate())


def chosen(user: User, *, period: Period, by: str, key: str, fate: str = "") -> QuerySet[Decision]:
    """The overridden decisions behind one line, newest first. Raises InvalidInput for no fate."""
    if fate and fate not in (RIGHT, WRONG, UNDECIDED):
        message = f"There is no outcome “{fate[:20]}”; use RIGHT, WRONG or UNDECIDED."
        raise errors.InvalidInput(message, errors=[FieldError("fate", message, "choice")])
    only = {DECLARATION.slice(by).key: key} if key else None
    wanted = Q(kind__isnull=False) & (Q(fate=fate) if fate else Q())
    rows = judged(user, period=period, only=only).filter(wanted)
    rows = rows.filter(lead__in=leads.visible_to(user).values("pk"))
    return rows.select_related("lead__person", "lead__account", "picked").order_by("-at", "-pk")


def _by(user: User) -> Any:
    """Who overrode it, as this reader is told it."""
    return people_shown.column(user, "over")


def _fate() -> Case:
    def came(steps: tuple[str, ...]) -> Exists:
        after = measures.taken().filter(
            lead=OuterRef("lead"), cycle=OuterRef("cycle"), at__gte=OuterRef("since")
        )
        return Exists(after.filter(transition__in=steps))

    again = standing_overrides.standing().filter(
        lead=OuterRef("lead"), kind=Override.Kind.MISROUTED, at__gt=OuterRef("since")
    )
    return Case(
        When(Exists(again), then=Value(WRONG)),
        When(came(("win",)), then=Value(RIGHT)),
        When(came(BAD), then=Value(WRONG)),
        When(came(GOOD), then=Value(RIGHT)),
        default=Value(UNDECIDED),
        output_field=CharField(),
    )


def _column(key: str) -> Any:
    return {
        "rule": KeyTextTransform("rule", KeyTransform("-1", "tried")),
        "kit": F("kit__number"),
        "pool": F("pool"),
        "reason": F("why"),
        "kind": F("kind"),
        "by": F("over_by"),
    }[key]


def _label(key: str) -> Any:
    """Rules are called as the record calls them: a kit since then may have none of that key."""
    if key == "rule":
        return Max(KeyTextTransform("label", KeyTransform("-1", "tried")))
    return Max(Value(""))


_OVER, _ALONE = Q(kind__isnull=False), Q(left_alone=True)
_FIGURES: dict[str, Any] = {
    "n_decisions": Count("pk"),
    "n_overridden": Count("pk", filter=_OVER),
    "n_misrouted": Count("pk", filter=Q(kind=Override.Kind.MISROUTED)),
    "n_reassigned": Count("pk", filter=Q(kind=Override.Kind.REASSIGNED)),
    "n_handed_over": Count("pk", filter=Q(kind=Override.Kind.HANDED_OVER)),
    "n_returned": Count("pk", filter=Q(kind=Override.Kind.RETURNED)),
    "n_right": Count("pk", filter=_OVER & Q(fate=RIGHT)),
    "n_wrong": Count("pk", filter=_OVER & Q(fate=WRONG)),
    "n_undecided": Count("pk", filter=_OVER & Q(fate=UNDECIDED)),
    "n_others_right": Count("pk", filter=_ALONE & Q(fate=RIGHT)),
    "n_others_wrong": Count("pk", filter=_ALONE & Q(fate=WRONG)),
}


def _names(key: str) -> Mapping[str, str]:
    if key == "pool":
        return dict(Pool.objects.values_list("key", "label"))
    if key == "by":
        who = User.objects.filter(pk__in=Override.objects.values("by"))
        return {str(one.pk): str(one) for one in who} | {
            str(people_shown.COLLEAGUES): people_shown.TOGETHER
        }
    named = {"reason": Override.Why.choices, "kind": Override.Kind.choices}.get(key, [])
    return {str(value): str(label) for value, label in named}


def _row(group: Mapping[str, Any], by: str, names: Mapping[str, str], whole: int) -> Row:
    key = "" if group["slice"] is None else str(group["slice"])
    label = group["label"] or names.get(key) or (f"v{key}" if by == "kit" else key) or "None"
    counts = _counts(group)
    of = {"by": None, "reason": whole, "kind": whole}.get(by, counts["decisions"])
    return Row(key, label, counts, of)


def _counts(group: Mapping[str, Any]) -> dict[str, int]:
    return {name: group[f"n_{name}"] for name in COUNTED}


def _rate(name: str, bounds: str, part: int, whole: int | None) -> dict[str, Figure]:
    low, high = (intervals.wilson(part, whole) if whole else None) or (None, None)
    share = part / whole if whole else None
    return {name: share, f"{bounds}_low": low, f"{bounds}_high": high}
