"""What `kit check` tells: findings by severity, the examples that were tried, and the verdict."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from governance import documents, services
from governance.findings import Finding, Severity
from governance.kit import Kit, KitInvalid
from governance.models import KitVersion
from lifecycle import fixtures
from lifecycle.fixtures import Outcome

WIDTH = 100
HEADINGS = {
    Severity.ERROR: "Errors, which keep it from review",
    Severity.WARNING: "Warnings, which need a note that says why they are accepted",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One check of one kit. `outcomes` is None where the examples could not be tried."""

    name: str
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...] | None

    @property
    def errors(self) -> int:
        """How many findings keep the kit from review."""
        return sum(one.is_error for one in self.findings)

    @property
    def warnings(self) -> int:
        """How many need a note."""
        return len(self.findings) - self.errors

    def fails(self, *, strict: bool = False) -> bool:
        """Whether the exit code tells it: errors always do, warnings where one is strict."""
        return bool(self.findings if strict else self.errors)

    def as_json(self) -> Iterator[str]:
        """For machines."""
        yield json.dumps(self.as_data(), indent=2, ensure_ascii=False)

    def as_data(self) -> dict[str, Any]:
        """For machines, as plain data."""
        tried = self.outcomes or ()
        return {
            "kit": self.name,
            "errors": self.errors,
            "warnings": self.warnings,
            "findings": [
                {
                    "severity": one.severity.value,
                    "place": one.field,
                    "code": one.code,
                    "message": one.message,
                    "fix": one.fix,
                }
                for one in self.findings
            ],
            "fixtures": {
                "tried": len(tried),
                "failed": [one.key for one in tried if not one.passed],
            },
        }

    def lines(self) -> Iterator[str]:
        """For people in a terminal."""
        for severity, heading in HEADINGS.items():
            found = [one for one in self.findings if one.severity is severity]
            if found:
                yield from (f"{heading}:", "")
                for one in found:
                    yield from _finding(one)
        yield self._examples()
        yield self.verdict()

    def verdict(self) -> str:
        """One line."""
        if not self.findings:
            return f"{self.name}: nothing stands against it."
        counts = (_counted(self.errors, "error"), _counted(self.warnings, "warning"))
        return f"{self.name}: {', '.join(filter(None, counts))}."

    def _examples(self) -> str:
        if self.outcomes is None:
            return "Examples: not tried while other errors stand."
        tried = len(self.outcomes)
        if failed := sum(not one.passed for one in self.outcomes):
            return f"Examples: {failed} of {tried} failed."
        return f"Examples: all {tried} passed." if tried else "Examples: none."


def of_version(version: KitVersion) -> Report:
    """The report on a stored version."""
    found = services.check(version)
    return _of(f"Kit v{version.number}", found, lambda: services.compiled(version))


def of_document(document: dict[str, Any], name: str) -> Report:
    """The report on a document that is stored nowhere."""
    found = services.check_document(document)
    return _of(name, found, lambda: services.compiled_document(documents.completed(document)))


def _of(name: str, findings: Sequence[Finding], compiled: Callable[[], Kit]) -> Report:
    """As the check did, try the examples only where nothing else is an error."""
    if any(one.is_error and one.kind != "fixture" for one in findings):
        return Report(name, tuple(findings), None)
    try:
        outcomes = tuple(fixtures.run(compiled()))
    except KitInvalid:  # an example that cannot even be read
        outcomes = None
    return Report(name, tuple(findings), outcomes)


def _finding(one: Finding) -> Iterator[str]:
    yield f"  {one.field}"
    yield from textwrap.wrap(one.message, WIDTH, initial_indent="    ", subsequent_indent="    ")
    if one.fix:
        yield from textwrap.wrap(
            one.fix, WIDTH, initial_indent="    → ", subsequent_indent="      "
        )
    yield ""


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}" if count else ""
