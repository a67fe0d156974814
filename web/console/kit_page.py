"""The kit in force, in the words both sides signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from governance import condition_prose, facts
from governance import selectors as kits
from governance.conditions import Node
from governance.kit import Kit
from governance.models import KitStatus, KitVersion, Signature
from governance.terms import Criterion, Policy, Reason, ScoreRule
from routing import rules
from routing.models import Pool
from web.console import words

GOVERNED = ("MQL", "SAL", "SQL")
SHOWN_BY = {"MQL": ("route",), "SAL": ("accept",), "SQL": ("convert",)}
"""The obligation each line of the governance table promises."""

TONES = {KitStatus.DRAFT: "info", KitStatus.IN_REVIEW: "info", KitStatus.SCHEDULED: "warn"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part in words."""

    name: str
    text: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class StageRow:
    """One line of the governance table."""

    stage: str
    label: str
    definition: str
    criteria: tuple[Part, ...]
    clocks: tuple[Part, ...]

    @property
    def columns(self) -> tuple[tuple[Part, ...], ...]:
        """The two columns that hold parts."""
        return (self.criteria, self.clocks)


@dataclass(frozen=True, slots=True)
class Section:
    """Parts of one kind."""

    key: str
    title: str
    line: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, for whom, when."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Version:
    """Another version at the side."""

    number: int
    line: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class KitPage:
    """The page."""

    number: int
    sentence: str
    stages: tuple[StageRow, ...]
    sections: tuple[Section, ...]
    signers: tuple[Signer, ...]
    checksum: str
    versions: tuple[Version, ...]


def build(*, now: datetime, zone: tzinfo) -> KitPage | None:
    """The active kit in words; None before the first publishing."""
    version = kits.active_version()
    if version is None:
        return None
    kit = kits.kit_of(version.pk)
    since = words.moment(version.published_at or now, now=now, zone=zone)
    return KitPage(
        number=kit.number,
        sentence=f"In force since {since}. Every decision, owner and clock names its version.",
        stages=tuple(_stage_row(kit, stage) for stage in GOVERNED if stage in kit.stages),
        sections=_sections(kit),
        signers=_signers(version, now=now, zone=zone),
        checksum=" ".join(kit.checksum[i : i + 4] for i in range(0, 16, 4)),
        versions=_versions(version, now=now, zone=zone),
    )


def _stage_row(kit: Kit, stage: str) -> StageRow:
    defined = kit.stages[stage]
    promised = [one for one in kit.policies if one.obligation in SHOWN_BY.get(stage, ())]
    return StageRow(
        stage,
        defined.label,
        defined.definition,
        tuple(Part(one.label, one.prose) for one in kit.criteria(stage)),
        tuple(Part(f"{one.label} {_within(kit, one)}", one.prose) for one in promised),
    )


def _criterion_words(criterion: Criterion) -> str:
    return criterion.prose.rstrip(".") or criterion.label


def _within(kit: Kit, policy: Policy) -> str:
    calendar = kit.calendar_labels.get(policy.calendar, policy.calendar)
    return f"within {words.promise(policy.allowance)} ({calendar})"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else "–"


def _english(condition: Node | None) -> str:
    if condition is None:
        return "Always."
    return _sentence(condition_prose.english(condition, facts.registry))


def _sections(kit: Kit) -> tuple[Section, ...]:
    return (
        Section("criteria", "Acceptance criteria", "What must be shown to enter a stage",
                tuple(map(_criterion, kit.all_criteria))),
        Section("clocks", "Clocks", "By when each step must happen",
                tuple(_policy(kit, one) for one in kit.policies)),
        Section("routing", "Routing rules", "In this order; the first that matches decides",
                _routing(kit)),
        Section("scores", "Score", "What adds points, and how it fades",
                (*map(_score_rule, kit.score_rules), *_bands(kit))),
        Section("reasons", "Reasons", "Why a lead leaves the path, and where it goes",
                tuple(_reason(kit, one) for one in kit.reasons.values())),
        Section("checklists", "Checklists", "What a discovery call must bring",
                tuple(_checklists(kit))),
        Section("signals", "Signals", "Behaviour the company listens to",
                tuple(Part(one.label, "A request for a person." if one.hand_raise else "Interest.")
                      for one in kit.signals.values())),
    )  # fmt: skip


def _criterion(criterion: Criterion) -> Part:
    proofs = {
        "FACTS": "Judged on facts, by the system.",
        "AFFIRMED": "Affirmed by the rep.",
        "ACTIVITY": "Shown by a completed activity: "
        + ", ".join(kind.replace("_", " ").lower() for kind in criterion.activity_kinds)
        + ".",
        "CHECKLIST": "Shown by a filled checklist: "
        + " or ".join(key.upper() for key in criterion.checklists)
        + ".",
    }
    text = _english(criterion.condition) if criterion.condition else _criterion_words(criterion)
    return Part(f"{criterion.stage} · {criterion.label}", text, proofs.get(criterion.proof, ""))


def _policy(kit: Kit, policy: Policy) -> Part:
    when = f" Where {_english(policy.condition)[:-1]}." if policy.condition else ""
    stages = ", ".join(sorted(policy.stages))
    line = f"In {stages}. Warns at {policy.warn_percent} % of the time.{when}"
    return Part(policy.label, _sentence(_within(kit, policy)), line)


def _routing(kit: Kit) -> tuple[Part, ...]:
    found = rules.of_kit(kit)
    labels = dict(
        Pool.objects.filter(key__in=[rule.pool for rule in found]).values_list("key", "label")
    )
    return tuple(
        Part(
            f"{place}. {rule.label}",
            _english(rule.condition),
            f"Goes to pool {labels.get(rule.pool, rule.pool)}.",
        )
        for place, rule in enumerate(found, start=1)
    )


def _score_rule(rule: ScoreRule) -> Part:
    fades = (
        f"Half of it is gone every {rule.half_life_days:g} days."
        if rule.half_life_days is not None
        else "Does not fade."
    )
    cap = f" At most {rule.cap:g}." if rule.cap is not None else ""
    why = f" {_english(rule.condition)}" if rule.condition else ""
    return Part(rule.label, f"{rule.points:+g} points.{why}", f"{fades}{cap}")


def _bands(kit: Kit) -> Iterable[Part]:
    return (Part(band.label, f"From {band.at_least:g} points.", "Band") for band in kit.bands)


def _reason(kit: Kit, reason: Reason) -> Part:
    used = ", ".join(sorted(name.replace("_", " ") for name in reason.used_for))
    goes = f" Leads to {reason.outcome.title()}." if reason.outcome else ""
    note = " Needs a note." if reason.note_required else ""
    known = {one.key: one.label for one in kit.all_criteria}
    contests = f"Contests “{known[reason.criterion]}”." if reason.criterion in known else ""
    return Part(reason.label, f"For: {used}.{goes}{note}", contests)


def _checklists(kit: Kit) -> Iterable[Part]:
    for checklist in kit.checklists.values():
        asked = ", ".join(item.label for item in checklist.items)
        yield Part(checklist.label, f"{asked}.", f"At least {checklist.needed} answered.")


def _signers(version: KitVersion, *, now: datetime, zone: tzinfo) -> tuple[Signer, ...]:
    rows = Signature.objects.filter(kit=version, checksum=version.checksum).select_related("by")
    return tuple(
        Signer(
            str(row.by),
            f"For {row.get_party_display()}, {words.moment(row.signed_at, now=now, zone=zone)}",
        )
        for row in rows.order_by("signed_at")
    )


def _versions(active: KitVersion, *, now: datetime, zone: tzinfo) -> tuple[Version, ...]:
    rows = KitVersion.objects.exclude(pk=active.pk).defer("document").order_by("-number")[:12]
    found = []
    for row in rows:
        since = row.published_at or row.created_at
        what = "published" if row.published_at else "begun"
        line = f"{what.capitalize()} {words.moment(since, now=now, zone=zone)}"
        titled = f"{row.title} · {line}" if row.title else line
        tone = TONES.get(KitStatus(row.status), "none")
        found.append(Version(row.number, titled, row.get_status_display(), tone))
    return tuple(found)
