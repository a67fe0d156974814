"""What must be right about field rules: each speaks of a field there is, and no two of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from governance import checks
from governance.findings import Finding, unresolved
from governance.kit import Kit
from leads import enrichment, overwriting


def register() -> None:
    """Hold every kit against the fields there are."""
    checks.register(of_kit)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about what may overwrite what."""
    entries = kit.part_documents("field_rule")
    counts = Counter(str(one.get("field")) for one in entries)
    for one in entries:
        place, field = f"field_rule.{one.get('key')}", str(one.get("field"))
        yield from unresolved(f"{place}.field", field, enrichment.FIELDS, "field")
        rule = str(one.get("overwrite", overwriting.NEVER))
        yield from unresolved(f"{place}.overwrite", rule, overwriting.RULES, "way to overwrite")
        if counts[field] > 1:
            message = f"Several rules speak of {field}; only the last one would hold."
            yield Finding(f"{place}.field", message, "twice", "Keep one of them.")
