"""What a check of a kit found: which part, what about it, how to mend it, how grave it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import FieldError
from governance.facts import did_you_mean

UNREADABLE = "Mend this entry. Until the kit can be read, nothing else of it is checked."


class Severity(StrEnum):
    """An error keeps a kit from review; a warning needs a note that says why it is accepted."""

    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Finding(FieldError):
    """One finding. `field` is `kind.key.attribute`, `message` a sentence, `fix` what to do."""

    fix: str = ""
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether it keeps the kit from review."""
        return self.severity is Severity.ERROR

    @property
    def kind(self) -> str:
        """The kind of part it is about."""
        return self.field.partition(".")[0]


def warning(field: str, message: str, code: str, fix: str) -> Finding:
    """A finding that needs a note, and blocks nothing."""
    return Finding(field, message, code, fix, Severity.WARNING)


def unresolved(field: str, value: str, known: Collection[str], what: str) -> Iterator[Finding]:
    """One finding when a name stands for nothing, with the nearest one there is."""
    if value not in known:
        hint = did_you_mean(value, known).removeprefix("; ")
        listed = ", ".join(sorted(known)[:20]) or "there is none"
        fix = f"{hint[:1].upper()}{hint[1:]}" if hint else f"Name one of these: {listed}."
        yield Finding(field, f"“{value}” is no {what}.", "unresolved", fix)


def errors_of(findings: Iterable[Finding]) -> list[FieldError]:
    """Those that keep a kit from review, as faults an interface can show."""
    return [
        FieldError(one.field, f"{one.message} {one.fix}".strip(), one.code)
        for one in findings
        if one.is_error
    ]


def from_faults(faults: Iterable[FieldError]) -> list[Finding]:
    """Faults of reading a document as errors."""
    return [
        fault
        if isinstance(fault, Finding)
        else Finding(fault.field, fault.message, fault.code, UNREADABLE)
        for fault in faults
    ]
