"""One version of the kit with everything its page and its acts are judged by. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import reading
from governance import checks, deputies, drafts, findings, selectors, signing, texts
from governance.drafts import Pending
from governance.findings import Finding
from governance.kit import KitInvalid
from governance.models import KitStatus, KitVersion, Simulation
from people.models import User

UNDER_REVIEW = (KitStatus.IN_REVIEW, KitStatus.SCHEDULED)
OPEN = (KitStatus.DRAFT, *UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class Case:
    """A version before one reader at one instant."""

    reader: User
    now: datetime
    read: Pending
    active: KitVersion | None
    simulation: Simulation | None
    stands_in_for: Sequence[User]
    findings: tuple[Finding, ...]

    @property
    def version(self) -> KitVersion:
        """The version itself."""
        return self.read.version

    @property
    def looks_in(self) -> bool:
        """Whether the reader writes or signs kits, so sees more than the words."""
        return signing.works_on_kits(self.reader) or bool(self.stands_in_for)

    @property
    def is_open(self) -> bool:
        """Whether it may still come into force."""
        return self.version.status in OPEN

    @property
    def is_stale(self) -> bool:
        """Whether another version became active since it was drafted."""
        active = self.active.pk if self.active else None
        return self.is_open and self.version.base_id != active

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that keep it from review."""
        return tuple(one for one in self.findings if one.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that want a note."""
        return tuple(one for one in self.findings if not one.is_error)

    @property
    def is_emergency(self) -> bool:
        """Whether it is in force for a while only, and awaits more signatures."""
        row = self.version
        in_force = row.status == KitStatus.ACTIVE
        return in_force and row.expires_at is not None and row.countersigned_at is None

    @property
    def asks_for_signatures(self) -> bool:
        """Whether signing it means something now: not once another version became active."""
        under_review = self.version.status in UNDER_REVIEW
        return (under_review and not self.is_stale) or self.is_emergency

    @property
    def needs_simulation(self) -> bool:
        """Whether review waits for a report: not for a first kit, nor for a text that was known."""
        return self.active is not None and not texts.restores(self.version)

    @property
    def is_simulated(self) -> bool:
        """Whether the report there is speaks of this very text and of the active kit."""
        run = self.simulation
        return (
            run is not None
            and run.state == Simulation.State.DONE
            and run.checksum == self.read.text
            and run.base_checksum == (self.active.checksum if self.active else "")
        )

    def may_sign(self) -> list[str]:
        """The parties this reader may sign for, of those that are missing."""
        if not self.asks_for_signatures or self.read.was_edited:
            return []
        consent = self.read.consent
        return [
            party
            for party in consent.missing
            if signing.may_sign(
                party, self.reader, standing=consent, stands_in_for=self.stands_in_for
            )
        ]


def build(version: KitVersion, *, reader: User, now: datetime) -> Case:
    """Everything about one version; its findings only while it may still be mended."""
    (read,) = drafts.read([version])
    active = version if version.status == KitStatus.ACTIVE else selectors.active_version()
    runs = Simulation.objects.filter(kit=version).order_by("-requested_at", "-pk")
    speaks = {"checksum": read.text, "base_checksum": active.checksum if active else ""}
    of_text = runs.filter(state=Simulation.State.DONE, **speaks)[:1]
    newest, signers = runs[:1], deputies.signers_of(reader, at=now)
    reading.ask(of_text, newest, signers)
    return Case(
        reader=reader,
        now=now,
        read=read,
        active=active,
        # The newest report that speaks of this very text, else the newest run of any.
        simulation=next(iter([*of_text, *newest]), None),
        stands_in_for=tuple(row.signer for row in signers),
        findings=_findings(read) if version.status in OPEN else (),
    )


def _findings(read: Pending) -> tuple[Finding, ...]:
    version = read.version
    try:
        kit = texts.compiled_document(read.document, id=version.pk, number=version.number)
    except KitInvalid as refusal:
        return tuple(findings.from_faults(refusal.errors))
    return tuple(checks.run(kit))
