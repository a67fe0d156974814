"""What forms of a kit's parts can offer about leads: stages, channels, proofs, reasons."""

from __future__ import annotations

from governance import part_choices
from leads import enrichment, kit_checks, stages
from leads.models import Activity, Channel, SourceCategory

STAGES = [(value, "Won" if value == "WON" else label) for value, label in stages.CHOICES]
CHANNELS = [(value, str(label)) for value, label in Channel.choices]


def register() -> None:
    """Make them known. Called once, when the app is ready."""
    for entry in ("stage", "stages"):
        part_choices.register(entry, lambda: STAGES)
    for entry in ("channel", "channels"):
        part_choices.register(entry, lambda: CHANNELS)
    part_choices.register("attribution_rule.category", lambda: list(SourceCategory.choices))
    part_choices.register("field_rule.field", lambda: [(one, one) for one in enrichment.FIELDS])
    part_choices.register("activity_kinds", lambda: list(Activity.Kind.choices))
    part_choices.register(
        "reason.used_for", lambda: _named(kit_checks.REASON_USES + kit_checks.MORE_USES)
    )
    part_choices.register("reason.outcome", lambda: _named(kit_checks.OUTCOMES))
    part_choices.register(
        "identity_rule.value",
        lambda: [
            ("EMAIL", "E-mail address"),
            ("PHONE", "Phone number"),
            ("EXTERNAL", "External id"),
            ("CONTACT", "Name at a shared mailbox or number"),
            ("NAME", "Name at a company"),
        ],
    )


def _named(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]
