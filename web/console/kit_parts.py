"""The parts of a kit in words: proof, routing, score, reasons, records. Time is in `kit_time`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.texts import _
from governance import change_values, condition_prose
from governance.conditions import Node
from governance.kit import Checklist, Criterion, Kit, Reason, ScoreRule
from governance.models import IdentityRule as IdentityRuleModel
from governance.moments import Instead, Shown
from leads import own_fields
from leads.stages import CHOICES
from lifecycle import attempts
from people.models import Role, User
from routing import rule_words, rules
from routing.models import Pool
from web.console import own_words, wake_forms, words

ROLES = dict(Role.choices)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, what it says, a line beside it, and where more of it stands."""

    name: str
    text: str
    line: str = ""
    url: str = ""


ENDS = ".?…"


def sentence(text: str) -> str:
    """With a capital and a full stop; a dash for nothing."""
    if not text:
        return "–"
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1] in ENDS else '.'}"


def english(condition: Node | None, kit: Kit) -> str:
    """A condition as one sentence, nothing cut: this is what was signed."""
    if condition is None:
        return _("Always.")
    return sentence(condition_prose.english(condition, kit.registry, limit=0))


def owner_role(kit: Kit, stage: str) -> str:
    """Which role answers for a stage; empty where the kit names none."""
    defined = kit.stages.get(stage)
    return ROLES.get(defined.owner_role, defined.owner_role) if defined else ""


def stage_names(keys: Iterable[str]) -> str:
    """“MQL, Nurture”, in the order of a lead's way."""
    return ", ".join(label for key, label in CHOICES if key in set(keys))


def stages(kit: Kit, *, besides: Iterable[str]) -> list[Part]:
    """What the other stages mean, and who answers for them."""
    told = set(besides)
    return [
        Part(one.label, one.definition, _answers(kit, stage))
        for stage, one in kit.stages.items()
        if stage not in told
    ]


def _answers(kit: Kit, stage: str) -> str:
    role = owner_role(kit, stage)
    return _("{role} answers for it.").format(role=role) if role else ""


def criteria(kit: Kit) -> list[Part]:
    """What must be shown to enter a stage, how, and who answers for it."""
    return [_criterion(kit, one) for one in kit.all_criteria]


def _criterion(kit: Kit, criterion: Criterion) -> Part:
    proof = {
        "FACTS": _("Judged on facts, by the system."),
        "AFFIRMED": _("Affirmed by the owner."),
        "ACTIVITY": _("Shown by a completed activity: {listed}.").format(
            listed=_listed(criterion.activity_kinds)
        ),
        "CHECKLIST": _("Shown by a filled checklist: {checklist_names}.").format(
            checklist_names=_checklist_names(kit, criterion)
        ),
    }.get(criterion.proof, "")
    told = [sentence(criterion.prose)] if criterion.prose else []
    if criterion.condition is not None:
        told.append(_("Exactly: {english}").format(english=english(criterion.condition, kit)))
    if criterion.shown_by:
        shown = (Shown(one).label for one in criterion.shown_by if one in list(Shown))
        told.append(_("Shown beforehand by {shown}.").format(shown=", or ".join(shown)))
    line = " ".join(filter(None, (proof, _answers(kit, criterion.stage))))
    return Part(f"{criterion.stage} · {criterion.label}", " ".join(told) or "–", line)


def _checklist_names(kit: Kit, criterion: Criterion) -> str:
    found = (kit.checklists.get(key) for key in criterion.checklists)
    return " or ".join(one.label for one in found if one is not None)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ").lower() for name in names)


def routing(kit: Kit) -> list[Part]:
    """The rules in the order in which they are tried, moment by moment. Two queries at most."""
    found = rules.of_kit(kit)
    pools = Pool.objects.filter(key__in=[rule.pool for rule in found])
    labels = dict(pools.values_list("key", "label"))
    reps = [rule.rep for rule in found if rule.rep]
    people = User.objects.filter(username__in=reps) if reps else ()
    names = {one.username: str(one) for one in people}
    moments = {rule.moment for rule in found}
    return [
        Part(
            f"{_moment(moment, moments)}{place}. {rule.label}",
            english(rule.condition, kit),
            rule_words.goes(rule, labels, names),
        )
        for moment in rule_words.MOMENTS
        for place, rule in enumerate((one for one in found if one.moment == moment), start=1)
    ]


def _moment(moment: str, moments: Collection[str]) -> str:
    """Said where a kit has rules for more than one."""
    return f"{rule_words.MOMENTS[moment]} · " if len(moments) > 1 else ""


def scores(kit: Kit) -> list[Part]:
    """What adds points, and what the sums are called."""
    return [*(_score_rule(rule, kit) for rule in kit.score_rules), *_bands(kit)]


def _score_rule(rule: ScoreRule, kit: Kit) -> Part:
    fades = (
        _("Half of it is gone every {days}.").format(days=words.days(rule.half_life_days))
        if rule.half_life_days is not None
        else _("Does not fade.")
    )
    counts = (
        _(" Counts for {days}.").format(days=words.days(rule.within_days))
        if rule.within_days
        else ""
    )
    cap = _(" At most {cap}.").format(cap=f"{abs(rule.cap):g}") if rule.cap is not None else ""
    why = f" {english(rule.condition, kit)}" if rule.condition else ""
    signal = kit.signals.get(rule.signal)
    if signal is not None:
        why = " {label}: {words}.".format(
            label=signal.label, words=_("once") if rule.once else _("every time")
        )
    told = _("{points} point.{why}") if abs(rule.points) == 1 else _("{points} points.{why}")
    return Part(
        rule.label,
        told.format(points=f"{rule.points:+g}", why=why),
        f"{fades}{counts}{cap}",
    )


def _bands(kit: Kit) -> Iterable[Part]:
    above = ""
    for band in kit.bands:
        below = _("Below {above}. ").format(above=above) if above else ""
        left = band.left_below
        leaves = (
            _("Left below {left} points.").format(left=f"{left:g}") if left < band.at_least else ""
        )
        yield Part(
            _("Band {label}").format(label=band.label),
            _("From {at_least} points.").format(at_least=f"{band.at_least:g}"),
            f"{below}{leaves}",
        )
        above = band.label.lower()


def exclusions(kit: Kit) -> list[Part]:
    """Who is disqualified before anybody is asked, and for which reason."""
    return [
        Part(
            one.label,
            english(one.condition, kit),
            _("Reason: {label_of}.").format(label_of=_label_of(kit, one.reason)),
        )
        for one in kit.exclusions
    ]


def _label_of(kit: Kit, reason: str) -> str:
    return kit.reasons[reason].label if reason in kit.reasons else reason


def reasons(kit: Kit) -> list[Part]:
    """Why a lead leaves the path, and where it then goes."""
    known = {one.key: one.label for one in kit.all_criteria}
    return [_reason(one, known) for one in kit.reasons.values()]


def _reason(reason: Reason, known: dict[str, str]) -> Part:
    used = ", ".join(sorted(name.replace("_", " ") for name in reason.used_for))
    goes = _(" Leads to {title}.").format(title=reason.outcome.title()) if reason.outcome else ""
    note = _(" Needs a note.") if reason.note_required else ""
    note = f"{note} {attempts.words(reason)} {wake_forms.line(reason)}".rstrip()
    turn = _(" The owner's turn is given back.") if reason.returns_turn else ""
    if reason.instead:
        return Part(
            reason.label,
            _("For: {used}.{note}").format(used=used, note=note),
            _("No rejection: {meant}.").format(meant=_meant(reason)),
        )
    contests = (
        _("Contests “{known}”.").format(known=known[reason.criterion])
        if reason.criterion in known
        else ""
    )
    return Part(
        reason.label,
        _("For: {used}.{goes}{note}{turn}").format(used=used, goes=goes, note=note, turn=turn),
        contests,
    )


def _meant(reason: Reason) -> str:
    label = Instead(reason.instead).label if reason.instead in list(Instead) else reason.instead
    return f"{label[:1].lower()}{label[1:]}"


def checklists(kit: Kit) -> list[Part]:
    """What a discovery call must bring."""
    return [_checklist(one) for one in kit.checklists.values()]


def _checklist(checklist: Checklist) -> Part:
    asked = " ".join(f"{item.label}: {sentence(item.help)}" if item.help else f"{item.label}."
                     for item in checklist.items)  # fmt: skip
    line = _("At least {needed} of {items} answered.").format(
        needed=checklist.needed, items=len(checklist.items)
    )
    return Part(checklist.label, asked, line)


def signals(kit: Kit) -> list[Part]:
    """Behaviour the company listens to."""
    return [
        Part(one.label, _("A request for a person.") if one.hand_raise else _("Interest."))
        for one in kit.signals.values()
    ]


def channels(kit: Kit) -> list[Part]:
    """The ways leads come to us."""
    return [
        Part(
            one.label,
            sentence(one.prose),
            _("Who comes this way has asked for a person.") if one.asks_for_person else "",
        )
        for one in kit.channels.values()
    ]


def identity(kit: Kit) -> list[Part]:
    """What it means when a touch brings a value that somebody has already."""
    meanings = dict(IdentityRuleModel.Use.choices)
    found = []
    for value, rule in kit.identity.items():
        spelling = []
        if value == "EMAIL" and rule.strip_plus:
            spelling.append(_("What follows “+” in an address counts for nothing."))
        if value == "EMAIL" and rule.gmail_dots:
            spelling.append(
                _("Nor do dots in Gmail names.")
                if spelling
                else _("Dots in Gmail names count for nothing.")
            )
        if rule.shared_after:
            spelling.append(
                _(
                    "Used by {shared_after} people it tells nobody apart; until then "
                    "another name than its holder’s is somebody else."
                ).format(shared_after=rule.shared_after)
            )
        meaning = sentence(meanings.get(rule.use, rule.use))
        name = change_values.IDENTIFYING.get(value, value)
        found.append(
            Part(
                _("Known {name}{name2}").format(name=name[:1].lower(), name2=name[1:]),
                meaning,
                " ".join(spelling),
            )
        )
    return found


def own(kit: Kit) -> list[Part]:
    """The fields of our own, and what they are read from."""
    return [
        Part(one.label, sentence(one.help), own_words.declared(one))
        for one in own_fields.of_kit(kit)
    ]


def quality(kit: Kit) -> list[Part]:
    """What every good record has."""
    return [
        Part(one.label, sentence(one.prose), english(one.condition, kit) if one.condition else "")
        for one in kit.quality
    ]
