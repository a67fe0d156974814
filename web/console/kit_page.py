"""The kit in force, in the words both sides signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _
from governance import selectors as kits
from governance import signing
from governance.kit import Kit
from governance.models import KitVersion
from lifecycle import permissions
from people.models import User
from reports.drift import alarms
from web.console import kit_links, kit_matrix, kit_parts, kit_side, kit_time, words
from web.console.kit_matrix import Matrix
from web.console.kit_parts import Part
from web.console.kit_side import Side

GOVERNED = ("MQL", "SAL", "SQL")
SHOWN_BY = {"MQL": ("route",), "SAL": ("accept",), "SQL": ("convert",)}
"""The obligation each line of the governance table promises."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """One line of the governance table."""

    stage: str
    label: str
    definition: str
    owner: str
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
class Link:
    """Somewhere to go from here."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Text:
    """What a kit says, whole and in reading order."""

    stages: tuple[StageRow, ...]
    matrix: Matrix | None
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class KitPage:
    """The page."""

    number: int
    title: str
    sentence: str
    text: Text
    side: Side
    links: tuple[Link, ...]
    new_draft: str


def build(reader: User, *, now: datetime, zone: tzinfo) -> KitPage | None:
    """The active kit in words; None before the first publishing."""
    version = (
        KitVersion.objects.filter(status="ACTIVE")
        .select_related("published_by", "created_by", "base", "restores")
        .first()
    )
    if version is None:
        return None
    kit, opens = kits.kit_of(version.pk), kit_links.sees_drafts(reader, now=now)
    since = words.moment(version.published_at or now, now=now, zone=zone)
    return KitPage(
        number=kit.number,
        title=version.title,
        sentence=_(
            "In force since {since}. Every decision, owner and clock names its version."
        ).format(since=since),
        text=text(kit, now=now),
        side=kit_side.build(version, opens=opens, now=now, zone=zone),
        links=_links(version, reader) if opens else (),
        new_draft=kit_links.url("kit-version-act", version.number, "clone")
        if signing.may_write(reader)
        else "",
    )


def text(kit: Kit, *, now: datetime) -> Text:
    """Any kit in words. One query."""
    return Text(
        stages=tuple(_stage_row(kit, stage) for stage in GOVERNED if stage in kit.stages),
        matrix=kit_matrix.of_kit(kit),
        sections=_sections(kit, now=now),
    )


def _stage_row(kit: Kit, stage: str) -> StageRow:
    defined = kit.stages[stage]
    promised = [one for one in kit.policies if one.obligation in SHOWN_BY.get(stage, ())]
    return StageRow(
        stage,
        defined.label,
        defined.definition,
        kit_parts.owner_role(kit, stage),
        tuple(Part(one.label, one.prose) for one in kit.criteria(stage)),
        tuple(Part(f"{one.label} {kit_time.within(kit, one)}", one.prose) for one in promised),
    )


def _sections(kit: Kit, *, now: datetime) -> tuple[Section, ...]:
    told = (
        ("criteria", _("Acceptance criteria"), _("What must be shown to enter a stage"),
         kit_parts.criteria(kit)),
        ("clocks", _("Clocks"), _("By when each step must happen"), kit_time.clocks(kit)),
        ("escalation", _("Escalation"), _("Who hears of a breach"), kit_time.escalations(kit)),
        ("channels", _("Channels"), _("How leads come to us"), kit_parts.channels(kit)),
        ("routing", _("Routing rules"), _("In this order; the first that matches decides"),
         kit_parts.routing(kit)),
        ("scores", _("Score"), _("What adds points, how it fades, what the sums are called"),
         kit_parts.scores(kit)),
        ("exclusions", _("Exclusions"), _("Who is no buyer; the first that holds decides"),
         kit_parts.exclusions(kit)),
        ("reasons", _("Reasons"), _("Why a lead leaves the path, and where it goes"),
         kit_parts.reasons(kit)),
        ("checklists", _("Checklists"), _("What a discovery call must bring"),
         kit_parts.checklists(kit)),
        ("signals", _("Signals"), _("Behaviour the company listens to"), kit_parts.signals(kit)),
        ("own_fields", _("Own fields"), _("What touchpoints carry beside our fields"),
         kit_parts.own(kit)),
        ("identity", _("Identity"), _("When a touch belongs to somebody known"),
         kit_parts.identity(kit)),
        ("quality", _("Data quality"), _("What every good record has"), kit_parts.quality(kit)),
        ("calendars", _("Calendars"), _("When time counts"), kit_time.calendars(kit, now=now)),
        ("stages", _("Other stages"), _("What else a lead can be"),
         kit_parts.stages(kit, besides=GOVERNED)),
        ("settings", _("Settings"), _examples(kit), kit_time.settings(kit)),
    )  # fmt: skip
    return tuple(
        Section(key, title, line, tuple(parts))
        for key, title, line, parts in told
        if parts or key != "own_fields"
    )


def _examples(kit: Kit) -> str:
    count = words.plural(len(kit.fixtures), "worked example")
    return _("One value for the whole company; {count} guard the kit").format(count=count)


def _links(version: KitVersion, reader: User) -> tuple[Link, ...]:
    found = [
        Link(_("Preview a lead's route"), kit_links.url("routes")),
        *_bringing(reader),
        Link(_("Score lab"), kit_links.url("score-lab")),
        Link(_("Deputies"), kit_links.url("kit-deputies")),
        Link(_drift(), kit_links.url("kit-drift")),
    ]
    if version.base is not None:
        other = kit_links.url("kit-compare", version.base.number, version.number)
        found.insert(0, Link(_("What v{number} changed").format(number=version.number), other))
    return tuple(link for link in found if link.url)


def _bringing(reader: User) -> tuple[Link, ...]:
    """The ways to bring the kit to leads of before, as far as they are the reader's."""
    if not permissions.brings_kits(reader):
        return ()
    found = (
        Link(_("Recalculate running clocks"), kit_links.url("kit-recalculate")),
        Link(_("Re-qualify leads"), kit_links.url("kit-requalify")),
    )
    if permissions.reach(reader).everywhere:
        return (*found, Link(_("Rescore leads"), kit_links.url("kit-rescore")))
    return found


def _drift() -> str:
    """The way to the drift monitor, with what stands there."""
    count = alarms.open_alarms().count()
    return (
        _("Drift: {plural}").format(plural=words.plural(count, "open alarm"))
        if count
        else _("Drift after publications")
    )
