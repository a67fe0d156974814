"""One person's way through the stages at one account."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from core import append_only, history
from leads import potential, stages
from leads.models.activity import Activity
from leads.models.touch import Channel, SourceCategory
from leads.stages import TRANSITIONS, Stage


def _sources(name: str) -> list[str]:
    return sorted(stage.value for stage in TRANSITIONS[name].sources)


def _targets(name: str) -> RETURN_VALUE:
    return RETURN_VALUE(*sorted(stage.value for stage in TRANSITIONS[name].targets))


HOT = ("version", "band", "decays_at", "next_due_at", "route_at", "kept_for", "last_touch_at")
"""Columns that change with every touch: kept by events, not by field history."""


class Lead(FSMModelMixin, models.Model):
    """The lead itself. Its stage moves only through `leads.services.move`.

    `owner`, `next_due_at` and `band` repeat what assignments, clocks and score say, for lists;
    `manage.py verify` proves them equal.
    """

    person = models.ForeignKey(
        "leads.Person", on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    account = models.ForeignKey(
        "leads.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="leads",
        db_index=False,
    )  # fmt: skip
    stage = FSMField(
        default=Stage.INQUIRY.value, choices=stages.CHOICES, protected=True, editable=False
    )
    cycle = models.PositiveSmallIntegerField(default=1, help_text="Passes through the stages.")
    version = models.PositiveIntegerField(default=0, help_text="Sequence of the last event.")
    entered_stage_at = models.DateTimeField()

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    queue = models.CharField(max_length=60, blank=True, help_text="Key of the pool it waits in.")
    route_at = models.DateTimeField(
        null=True, blank=True, help_text="When a waiting lead can next find an owner."
    )
    kept_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Whose a waiting lead is at that time, if they can take it then.",
    )
    sourced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads_sourced",
    )
    hand_raised_at = models.DateTimeField(
        null=True, blank=True, help_text="An open request for a person; empty once answered."
    )
    opportunity = models.ForeignKey(
        "leads.Opportunity",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
    )
    reason = models.CharField(max_length=60, blank=True, help_text="Key of the last reason given.")
    quarantined_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when its data is too thin to go on."
    )
    passed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a person let it pass although its data is thin; until its cycle ends.",
    )
    exclusion = models.CharField(
        max_length=60,
        blank=True,
        help_text="Key of the exclusion that disqualified it; empty when none did.",
    )
    before_exclusion = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Where it stood when that took it out: stage, since, reason, what wakes it.",
    )
    passed_exclusions = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="Keys of exclusions that a person let it pass; until its cycle ends.",
    )
    unheard_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When its buyer asked for a person while an exclusion held.",
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        db_index=False,
        help_text="The lead that carries on, while this one is MERGED.",
    )

    channel = models.CharField(max_length=14, choices=Channel)
    category = models.CharField(
        max_length=20, choices=SourceCategory, default=SourceCategory.UNKNOWN
    )
    campaign = models.CharField(max_length=160, blank=True)

    potential_value = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What it may be worth, in the base currency.",
    )
    own_fields = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="What people typed into the kit's own fields: key to [text, instant].",
    )
    provenance = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Field to [source, confidence, instant].",
    )

    band = models.CharField(max_length=20, blank=True)
    decays_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    next_step_at = models.DateTimeField(
        null=True, blank=True, help_text="By when whoever has it promised their next step."
    )
    next_step_kind = models.CharField(max_length=14, blank=True, choices=Activity.Kind)
    wake_at = models.DateTimeField(
        null=True, blank=True, help_text="When a nurtured lead is looked at again."
    )
    wake_on = models.CharField(
        max_length=80,
        blank=True,
        help_text="What wakes it sooner: signal:KEY of the kit, or band:KEY or a higher one.",
    )
    last_touch_at = models.DateTimeField()
    created_at = models.DateTimeField()
    history = history.records(
        excluded=(*HOT, "provenance", "before_exclusion"),
        unindexed=("person", "account", "owner", "sourced_by", "opportunity", "merged_into"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "account"],
                nulls_distinct=False,
                condition=~models.Q(stage="MERGED"),
                name="one_lead_per_person_and_account",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=[stage.value for stage in Stage]),
                name="lead_stage_known",
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True) | models.Q(queue=""),
                name="owner_or_queue_not_both",
            ),
            models.CheckConstraint(
                condition=models.Q(exclusion="") | models.Q(stage__in=["DISQUALIFIED", "MERGED"]),
                name="excluded_leads_are_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(before_exclusion={}) | ~models.Q(exclusion=""),
                name="only_excluded_leads_come_back",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=["NURTURE", "MERGED"])
                | (models.Q(wake_at__isnull=True) & models.Q(wake_on="")),
                name="only_nurtured_leads_wake",
            ),
            models.CheckConstraint(
                condition=models.Q(kept_for__isnull=True) | ~models.Q(queue=""),
                name="kept_for_somebody_while_it_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(stage="MERGED", merged_into__isnull=False)
                | (~models.Q(stage="MERGED") & models.Q(merged_into__isnull=True)),
                name="merged_into_a_lead",
            ),
            models.CheckConstraint(
                condition=models.Q(potential_value__isnull=True)
                | models.Q(potential_value__gte=0, potential_value__lt=potential.MOST),
                name="lead_potential_value_in_range",
            ),
        ]
        indexes = [
            # What a search or a list holds against others is told by these three alone.
            models.Index(fields=["owner", "next_due_at"], include=["id"], name="inbox_by_due"),
            models.Index(  # merged ones, too
                fields=["person"],
                include=["account", "stage", "created_at", "id"],
                name="leads_of_person",
            ),
            models.Index(
                fields=["account"], include=["stage", "created_at", "id"], name="leads_of_account"
            ),
            models.Index(fields=["stage", "-created_at", "-id"], name="leads_by_stage"),
            models.Index(
                fields=["-created_at", "-id"],
                name="leads_of_partners",
                condition=models.Q(channel=Channel.PARTNER),
            ),
            models.Index(fields=["-created_at", "-id"], name="leads_newest_first"),
            models.Index(fields=["route_at"], name="leads_to_route", condition=~models.Q(queue="")),
            models.Index(
                fields=["queue", "next_due_at"],
                name="leads_waiting_by_due",
                condition=~models.Q(queue=""),
            ),
            models.Index(
                fields=["queue", "kept_for"],
                name="leads_kept_for_somebody",
                condition=models.Q(kept_for__isnull=False),
            ),
            models.Index(
                fields=["decays_at"],
                name="leads_to_decay",
                condition=models.Q(decays_at__isnull=False),
            ),
            models.Index(
                fields=["wake_at"],
                name="leads_to_wake",
                condition=models.Q(wake_at__isnull=False),
            ),
            models.Index(fields=["band", "-created_at", "-id"], name="leads_by_band"),
            models.Index(
                fields=["reason", "-created_at", "-id"],
                name="leads_by_reason",
                condition=~models.Q(reason=""),
            ),
            models.Index(
                fields=["account"],
                name="leads_excluded",
                condition=~models.Q(exclusion=""),
            ),
            models.Index(
                fields=["quarantined_at"],
                name="leads_in_quarantine",
                condition=models.Q(quarantined_at__isnull=False),
            ),
            models.Index(
                fields=["merged_into"],
                name="leads_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="stage_equals_last_event",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("stage"),  # type: ignore[no-untyped-call]
                timing=pgtrigger.Deferred,
                declare=[("stage_now", "text"), ("stage_told", "text")],
                func="""
                    SELECT stage INTO stage_now FROM leads_lead WHERE id = NEW.id;
                    SELECT to_stage INTO stage_told FROM leads_leadevent
                     WHERE lead_id = NEW.id AND kind = 'STAGE' ORDER BY sequence DESC LIMIT 1;
                    IF FOUND IS NOT TRUE OR stage_now IS DISTINCT FROM stage_told THEN
                        RAISE EXCEPTION 'lead % stands at % but its last event says %',
                            NEW.id, stage_now, COALESCE(stage_told, 'nothing');
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Protect(name="leads_are_never_deleted", operation=pgtrigger.Delete),
            append_only.never_truncated("leads_are_never_truncated"),
            pgtrigger.ReadOnly(
                name="first_touch_is_kept", fields=["channel", "category", "campaign"]
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.stage}"

    @property
    def is_open(self) -> bool:
        """Whether something may still be owed to the buyer."""
        return self.stage not in stages.CLOSED

    # The state machine. Methods only change the stage; `leads.services.move` does the rest.

    @transition(field=stage, source=_sources("qualify"), target=Stage.MQL.value)
    def qualify(self) -> None:
        """Marketing's criteria are met."""

    @transition(field=stage, source=_sources("accept"), target=Stage.SAL.value)
    def accept(self) -> None:
        """The owner takes the lead."""

    @transition(field=stage, source=_sources("reject"), target=_targets("reject"))
    def reject(self, *, to: str) -> str:
        """The owner refuses the lead; the reason says where it goes."""
        return to

    @transition(field=stage, source=_sources("reinstate"), target=Stage.MQL.value)
    def reinstate(self) -> None:
        """Its rejection was disputed and overturned."""

    @transition(field=stage, source=_sources("self_source"), target=Stage.SAL.value)
    def self_source(self) -> None:
        """A rep brings the lead in themselves."""

    @transition(field=stage, source=_sources("sales_qualify"), target=Stage.SQL.value)
    def sales_qualify(self) -> None:
        """Sales' criteria are met."""

    @transition(field=stage, source=_sources("convert"), target=Stage.OPPORTUNITY.value)
    def convert(self) -> None:
        """An opportunity is created or joined."""

    @transition(field=stage, source=_sources("win"), target=Stage.WON.value)
    def win(self) -> None:
        """The opportunity is won."""

    @transition(field=stage, source=_sources("lose"), target=Stage.LOST.value)
    def lose(self) -> None:
        """The opportunity is lost."""

    @transition(field=stage, source=_sources("return_to_nurture"), target=Stage.NURTURE.value)
    def return_to_nurture(self) -> None:
        """Not now: Marketing keeps in touch."""

    @transition(field=stage, source=_sources("recycle"), target=Stage.NURTURE.value)
    def recycle(self) -> None:
        """Decayed or unreachable: back to Marketing."""

    @transition(field=stage, source=_sources("disqualify"), target=Stage.DISQUALIFIED.value)
    def disqualify(self) -> None:
        """Not a buyer."""

    @transition(field=stage, source=_sources("reopen"), target=Stage.INQUIRY.value)
    def reopen(self) -> None:
        """The buyer is back: the next cycle begins."""

    @transition(field=stage, source=_sources("readmit"), target=_targets("readmit"))
    def readmit(self, *, to: str) -> str:
        """The exclusion that took it out holds no more, or a person let it pass: same cycle."""
        return to

    @transition(field=stage, source=_sources("merge"), target=Stage.MERGED.value)
    def merge(self) -> None:
        """This lead was found to be another one."""

    @transition(field=stage, source=_sources("unmerge"), target=_targets("unmerge"))
    def unmerge(self, *, to: str) -> str:
        """The merge was wrong: back to where it stood."""
        return to

    @transition(
        field=stage,
        source=sorted({t.value for s in TRANSITIONS.values() if s.goes_back for t in s.targets}),
        target=RETURN_VALUE(
            *sorted({t.value for s in TRANSITIONS.values() if s.goes_back for t in s.sources})
        ),
    )
    def undo(self, *, to: str) -> str:
        """The last human step, or what followed from it, back."""
        return to
