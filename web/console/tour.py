"""The panel of the guided tour: where the reader is in it, and where it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse

from leads import stages
from leads.models import Lead
from people.models import User
from web.console import starts, tour_steps

ENDED = -1


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands above the page. An offer has no step yet."""

    step: int
    count: int
    title: str
    text: str
    is_here: bool

    @property
    def before(self) -> int:
        """The step before this one; 0 where there is none."""
        return self.step - 1

    @property
    def following(self) -> int:
        """The next step; 0 behind the last one."""
        return self.step + 1 if self.step < self.count else 0


def panel(reader: User, step: int | None, *, page: str) -> Panel | None:
    """What the reader sees of it on the page of this address' name.

    Who has begun sees their step everywhere; who has not, an offer on the page they begin with.
    """
    steps = tour_steps.of(reader)
    if step is None or step == ENDED or not steps:
        return None
    if step == 0:
        begins = page in ("start", starts.of(reader))
        return Panel(0, len(steps), "", "", is_here=True) if begins else None
    at = min(step, len(steps))
    one = steps[at - 1]
    here = page == one.page or (page == "start" and one.page == starts.of(reader))
    return Panel(at, len(steps), one.title, one.text, is_here=here)


def may_repeat(reader: User, step: int | None) -> bool:
    """Whether it is over, and may be taken again."""
    return step == ENDED and bool(tour_steps.of(reader))


def address(reader: User, step: int) -> str:
    """The page of a step; where it is that of one lead, the reader's first due."""
    steps = tour_steps.of(reader)
    page = steps[min(max(step, 1), len(steps)) - 1].page
    if page != "lead":
        return reverse(f"console:{page}")
    closed = [stage.value for stage in stages.CLOSED]
    mine = Lead.objects.filter(owner=reader).exclude(stage__in=closed)
    first = mine.order_by(F("next_due_at").asc(nulls_last=True), "pk").first()
    return reverse("console:lead", args=[first.pk]) if first else reverse("console:leads")
