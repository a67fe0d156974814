"""The form that puts a draft onto the active version: what is taken over, what must be chosen."""

from __future__ import annotations

from typing import Any

from core.texts import _, lazy
from governance import change_values, change_words, describing, facts, merging, rebasing
from governance.merging import Conflict
from governance.models import KitVersion
from governance.rebasing import Plan
from web.console import fields, words
from web.console.fields import Choice
from web.console.kit_forms import KitForm


class Rebase(KitForm):
    """Parts only one side changed are merged; for the others somebody chooses."""

    title, submit = lazy("Rebase v{} onto the active version"), lazy("Rebase")

    def permit(self) -> None:
        describing.require_may_write(self.case.reader)

    def build(self) -> None:
        self.plan = rebasing.plan(self.version)
        for conflict in self.plan.conflicts if self.plan else ():
            self.fields[conflict.place] = fields.PickField(
                label=_subject(conflict), picks=_picks(conflict, self.plan)
            )

    def lines(self) -> tuple[str, ...]:
        """What is taken over, and what becomes of the signatures."""
        if self.plan is None:
            return (_("It stands on the active version already."),)
        count = words.plural(len(self.plan.taken), "part")
        taken = (
            [
                _("{count} taken over from v{number}.").format(
                    count=count, number=self.plan.onto.number
                )
            ]
            if self.plan.taken
            else []
        )
        told = [sentence for place, sentence in _theirs(self) if place in self.plan.taken]
        after = _("It is a draft then, to be simulated, submitted and signed anew.")
        return (*taken, *told, after)

    def run(self) -> tuple[str, KitVersion]:
        """One call with every choice."""
        made = rebasing.rebase(self.version, keep=self.cleaned_data, **self.by)
        base = made.base.number if made.base else "–"
        return _("v{number} stands on v{base} now.").format(number=made.number, base=base), made


def _theirs(form: Rebase) -> list[tuple[str, str]]:
    """What the active version changed, by place."""
    base, active = form.version.base, form.case.active
    before = (base.document or {}) if base else {}
    after = (active.document or {}) if active else {}
    told = change_words.between(before, after, facts.registry)
    return [(f"{one.part}.{one.key}", one.sentence) for one in told]


def _subject(conflict: Conflict) -> str:
    if conflict.key == merging.ORDER:
        return _("Order of {kind_label}").format(
            kind_label=change_values.kind_label(conflict.kind, many=True).lower()
        )
    entry = conflict.mine or conflict.theirs or conflict.base
    return change_values.subject(conflict.kind, entry)


def _picks(conflict: Conflict, plan: Plan | None) -> list[Choice]:
    theirs = _("Take v{number}’s").format(number=plan.onto.number) if plan else _("Take theirs")
    return [
        Choice(merging.MINE, _("Keep mine"), _told(conflict, conflict.mine)),
        Choice(merging.THEIRS, theirs, _told(conflict, conflict.theirs)),
    ]


def _told(conflict: Conflict, side: Any) -> str:
    """What this side made of the part, against what both began with."""
    if conflict.key == merging.ORDER:
        return ", ".join(map(str, side))
    before, after = (
        {"parts": {conflict.kind: [entry] if entry else []}} for entry in (conflict.base, side)
    )
    told = change_words.between(before, after, facts.registry)
    lines = [line.text for one in told for line in one.lines]
    if not told:
        return _("As it was.")
    if not (side and conflict.base):
        return told[0].kind.title()
    text = "; ".join(lines)
    return f"{text[:1].upper()}{text[1:]}"
