"""Marking as SQL: what was learnt is kept between calls, and what is missing is listed."""

from __future__ import annotations

from core.texts import _, lazy
from lifecycle import actions, checklists, proofs
from web.console import fields
from web.console.action_form import ActionForm, Banner


class SalesQualify(ActionForm):
    """The points of each checklist, filled in as far as they are known."""

    title, submit, draft = lazy("Mark {} as SQL"), lazy("Mark as SQL"), lazy("Keep for later")
    undoable = True

    def build(self) -> None:
        known = checklists.kept(self.lead)
        for standing in checklists.standings(self.kit, known):
            one = standing.checklist
            heading = _("{label}: at least {needed} of {items}").format(
                label=one.label, needed=one.needed, items=len(one.items)
            )
            for place, item in enumerate(one.items):
                point = f"{one.key}.{item.key}"
                self.fields[point] = fields.GroupedField(
                    label=item.label,
                    help_text=item.help,
                    heading="" if place else heading,
                    missing="" if place else ", ".join(standing.missing),
                    group=one.key,
                    required=False,
                    max_length=checklists.LONGEST,
                    initial=known.get(point, ""),
                )
        for line in proofs.open_activities(self.kit, self.lead):
            self.banners.append(Banner("warn", line))

    def run(self) -> str:
        said = {key: text for key, text in self.cleaned_data.items() if key in self.fields}
        if "draft" in self.data:
            self.undoable = False
            checklists.save(**self.begin, checklist=said)
            told = checklists.standings(self.kit, said)
            return _("Kept what is known of {who}. {value}.").format(
                who=self.who, value=". ".join(one.words for one in told)
            )
        actions.sales_qualify(**self.begin, checklist=said)
        return _("Marked {who} as SQL.").format(who=self.who)
