"""The report in words, for pages and terminals alike. Pure: reads the stored summary only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Summary = Mapping[str, Any]

KINDS = {
    "MQL_GAINED": "Becomes an MQL",
    "MQL_LOST": "No longer an MQL",
    "MQL_MOVED": "MQL at another time",
    "STAGE": "Ends at another stage",
    "POOL": "Goes to another pool",
    "OWNER": "Goes to another rep",
    "OWNER_GAINED": "Gets an owner",
    "OWNER_LOST": "Gets no owner",
    "UNROUTED": "Fits a rule or none",
    "WAITING": "Waits in a queue or not",
    "LEVEL": "Taken away by a level of escalation or not",
    "DUE": "Due at another time",
    "BREACH_CAUSED": "Breach caused",
    "BREACH_AVOIDED": "Breach avoided",
    "BAND": "Other score band",
}
"""In what a lead can differ, most weighty first."""

UNKNOWN = {
    "ERASED": "the person’s data was erased",
    "IMPORTED": "imported history is never judged",
    "NO_RECORD": "a fact has no record of that time",
    "MERGED": "two buyers became one, or parted, on the way",
}
RECORDS = {"lead": "the lead", "person": "the person", "account": "the company"}

BLIND = {
    "attribution_rule": "attribution rules: the source of a touchpoint is taken as it was decided",
    "identity_rule": "identity rules: whose touchpoint it was is taken as it was decided",
    "quality_rule": "data quality rules, but for whom a quality floor holds back",
    "checklist": "checklists: what people answered, they answered to the old ones",
    "criterion": "criteria of SAL and SQL: what people affirmed, they affirmed to the old ones",
    "escalation_level": "whom escalation levels tell",
    "hours": "working hours of whoever holds a lead: deadlines count on the calendar instead",
    "waits": "waits for customers and for who is on leave: clocks run on through them",
    "next_steps": "promised next steps: no clock counts from them",
    "reason": "what a reason says of wake-ups: leads wait for what they really waited for",
    "general_policy": "the score below which an unowned MQL is recycled",
}
"""What a replay does not show: kinds of parts that changed, and what it does not know."""

HOW = {
    "MET": "met",
    "LATE": "late",
    "OVERDUE": "overdue and open",
    "RUNNING": "still running",
    "CANCELLED": "no longer owed",
    "CANCELLED_LATE": "no longer owed, after its deadline",
    "NOT_KNOWN": "not known",
    "NEVER_DUE": "never due",
}
WHY = {
    "NOT_KNOWN": "the lead never went that way",
    "NEVER_DUE": "its calendar does not open",
}
"""More about some of the ends of a clock."""


def count(number: int, one: str, many: str = "") -> str:
    """`1 lead`, `7 leads`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(part: int, whole: int) -> str:
    """A share with one decimal; a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def unknown(code: str) -> str:
    """Why a lead was not replayed, from the code that is stored with it."""
    why, _, what = code.partition(":")
    words = UNKNOWN.get(why, why.lower())
    return f"{words} ({RECORDS.get(what, what)})" if what else words


def versions(summary: Summary) -> tuple[str, str]:
    """What the two sides are called: `v3` and `v4`, or `the draft` where it has no number."""
    draft = summary["kit"]["number"]
    return f"v{summary['base']['number']}", f"v{draft}" if draft else "the draft"


def replayed(summary: Summary) -> str:
    """What was looked at."""
    old, new = versions(summary)
    leads, differing = summary["leads"], summary["differing"]
    if not leads:
        return f"No lead was touched in this time that {old} and {new} could judge."
    if not differing:
        return f"{count(leads, 'lead')} replayed under {old} and {new}: none fares otherwise."
    verb = "fares" if differing == 1 else "fare"
    return (
        f"{count(leads, 'lead')} replayed under {old} and {new}: "
        f"{differing:,} {verb} otherwise ({percent(differing, leads)})."
    )


def mqls(summary: Summary) -> str:
    """MQLs gained and lost."""
    found = summary["mqls"]
    if not (found["gained"] or found["lost"] or found["moved"]):
        return f"{count(found['before'], 'MQL')} under both, the same ones."
    moved = f", {found['moved']:,} at another time" if found["moved"] else ""
    return (
        f"{count(found['before'], 'MQL')} before, {found['after']:,} after: "
        f"{found['gained']:,} gained, {found['lost']:,} lost{moved}."
    )


def owners(summary: Summary) -> str:
    """Who gets what."""
    kinds, asked = summary["kinds"], summary["routing"]
    told = [
        words
        for kind, words in (
            ("POOL", "{} to another pool"),
            ("OWNER", "{} to another rep of the same pool because turns shift"),
            ("OWNER_GAINED", "{} to an owner where nobody was looked for"),
            ("OWNER_LOST", "{} to nobody where somebody was looked for"),
        )
        if kinds.get(kind)
        for words in (words.format(count(kinds[kind], "lead")),)
    ]
    before, after = asked["before"]["asked"], asked["after"]["asked"]
    if not told:
        return f"Every lead goes to whom it went: {before:,} looked for an owner."
    return f"{', '.join(told)}; {before:,} looked for an owner before, {after:,} after."


def waiting(summary: Summary) -> str:
    """Leads that find nobody."""
    before, after = summary["routing"]["before"], summary["routing"]["after"]
    waited = summary["waited"]
    return (
        f"Fit no rule: {before['unrouted']:,} before, {after['unrouted']:,} after. "
        f"Had to wait for somebody: {waited['before']:,} before, {waited['after']:,} after; "
        f"found nobody at all: {before['waiting']:,} and {after['waiting']:,}."
    )


def levels(summary: Summary) -> str:
    """Owner changes by levels of escalation; empty where neither version has any that act."""
    if not summary.get("levels"):
        return ""
    moved, (old, new) = summary["moved"], versions(summary)
    told = [
        f"“{one['label']}” {one['before']['moved'] + one['before']['queued']:,} and "
        f"{one['after']['moved'] + one['after']['queued']:,} times"
        for one in summary["levels"]
    ]
    return (
        f"Levels of escalation gave {count(moved['before'], 'lead')} to somebody else under {old}, "
        f"{moved['after']:,} under {new}: {', '.join(told)}."
    )


UNPLAYED = {
    "NOT_KNOWN": "{} may have come on leads that never really went that way",
    "NO_POOL": "{} found no pool in whose queue the lead could have waited",
}
"""Why a level was not played."""


def unplayed(summary: Summary) -> Iterator[str]:
    """Levels of escalation that could not be played faithfully, and why."""
    found = summary.get("unplayed", {})
    for why, words in UNPLAYED.items():
        most = max((side.get(why, 0) for side in found.values()), default=0)
        if most:
            yield f"Not played: {words.format(count(most, 'level') + ' of escalation')}."
    if carried := summary.get("carried", 0):
        yield (
            f"Not played: the levels of escalation of clocks that ran on {count(carried, 'lead')} "
            "when the time began; these keep to the version that started them."
        )


def clocks(summary: Summary) -> str:
    """Deadlines moved, breaches caused and avoided."""
    total = totals(summary)
    moved = (
        f"{count(total['moved'], 'deadline')} moved, {total['earlier']:,} of them earlier"
        if total["moved"]
        else "No deadline moved"
    )
    breaches = (
        f"{count(total['caused'], 'breach', 'breaches')} caused, {total['avoided']:,} avoided"
    )
    unsure = f"; of {count(total['not_known'], 'clock')} nobody can know"
    changed = total["caused"] or total["avoided"]
    rest = breaches if changed else "no breach caused or avoided"
    return f"{moved}; {rest}{unsure if total['not_known'] else ''}."


def totals(summary: Summary) -> dict[str, int]:
    """The clocks of all obligations together."""
    names = ("both", "only_before", "only_after", "moved", "earlier", "caused", "avoided",
             "not_known")  # fmt: skip
    return {name: sum(int(one[name]) for one in summary["clocks"]) for name in names}


def bands(summary: Summary) -> str:
    """Leads whose score falls into another band."""
    changed = sum(one["leads"] for one in summary["bands"])
    if not changed:
        return "Every lead keeps its score band."
    return f"{count(changed, 'lead')} in another score band after the last touchpoint."


def fidelity(summary: Summary) -> str:
    """How true the replay of the version in force is to what was really decided."""
    found, leads = summary["fidelity"], summary["leads"]
    if not leads:
        return ""
    old, _ = versions(summary)
    same = (
        f"The replay under {old} agrees with what was really decided for {found['same']:,} of "
        f"{count(leads, 'lead')} ({percent(found['same'], leads)})"
    )
    older, rest = found["older_kit"], found["otherwise"]
    others = [f"{older:,} of the others were decided under an older kit"] if older else []
    others += [f"{rest:,} by acts that a replay does not repeat"] if rest else []
    return f"{'; '.join([same, ', '.join(others)]) if others else same}."


def not_replayed(summary: Summary) -> Iterator[str]:
    """What could not be evaluated, and why."""
    for code, leads in summary["unknown"].items():
        yield f"{count(leads, 'lead')} not replayed: {UNKNOWN.get(code, code.lower())}."
    if parked := summary["touches_parked"]:
        of = "belongs" if parked == 1 else "belong"
        yield f"{count(parked, 'touchpoint')} in the exception queue {of} to no lead yet."
    if aside := summary["touches_quarantined"]:
        stands = "is" if aside == 1 else "are"
        yield f"{count(aside, 'touchpoint')} {stands} set aside as suspected spam."


def blind(summary: Summary) -> Iterator[str]:
    """What the draft changes without its showing here."""
    for kind in summary["blind"]:
        yield f"Not shown by a replay: {BLIND.get(kind, kind.replace('_', ' '))}."


def sentences(summary: Summary) -> Iterator[str]:
    """The whole report, without its tables."""
    yield replayed(summary)
    if summary["leads"]:
        yield mqls(summary)
        yield owners(summary)
        yield waiting(summary)
        if told := levels(summary):
            yield told
        yield clocks(summary)
        yield bands(summary)
        yield fidelity(summary)
    yield from not_replayed(summary)
    yield from unplayed(summary)
    yield from blind(summary)
