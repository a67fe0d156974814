"""The parts about what comes in: channels, whose it is, what a good record has; and fixtures."""

from __future__ import annotations

from django.db import models

from governance.models import parts
from governance.models.part import KitPart


class ChannelPolicy(KitPart):
    """A way leads come to us, and whether coming that way asks for a person by itself."""

    kind = "channel"

    channel = models.CharField(max_length=14)
    label = models.CharField(max_length=80)
    prose = parts.words()
    asks_for_person = models.BooleanField(
        default=False, help_text="Who comes this way has asked for a person: phone, chat."
    )

    class Meta(KitPart.Meta):
        verbose_name = "channel"


class IdentityRule(KitPart):
    """What it means when a touch brings a value that somebody has already."""

    kind = "identity_rule"
    needs_both_signatures = False

    class Use(models.TextChoices):
        MERGE = "MERGE", "it is that person"
        SUGGEST = "SUGGEST", "it may be that person: suggest it"
        IGNORE = "IGNORE", "it says nothing"

    value = models.CharField(
        max_length=10,
        help_text="EMAIL, PHONE, EXTERNAL (an external id), CONTACT (a name at a shared mailbox or "
        "number) or NAME (a name at an account).",
    )
    use = models.CharField(max_length=8, choices=Use, default=Use.MERGE)
    strip_plus = models.BooleanField(
        default=True, help_text="E-mail: anna+news@… is the mailbox of anna@…"
    )
    gmail_dots = models.BooleanField(
        default=True, help_text="E-mail: dots in Gmail names do not count."
    )
    shared_after = models.PositiveSmallIntegerField(
        default=0,
        help_text="E-mail, phone: used by so many people, it tells nobody apart. 0: never.",
    )

    class Meta(KitPart.Meta):
        verbose_name = "identity rule"


class QualityRule(KitPart):
    """Something every good record has; the share that has it is the data quality score."""

    kind = "quality_rule"
    needs_both_signatures = False

    label = models.CharField(max_length=80)
    prose = parts.words()
    condition = parts.condition_column()

    class Meta(KitPart.Meta):
        verbose_name = "data quality rule"


class Fixture(KitPart):
    """An example the kit must decide as stated: given this lead, expect that outcome."""

    kind = "fixture"
    needs_both_signatures = False

    label = models.CharField(max_length=120)
    given = models.JSONField(default=dict, help_text="Facts, signals and the instant, of one lead.")
    expect = models.JSONField(default=dict, help_text="Stage, pool and due times of that lead.")

    class Meta(KitPart.Meta):
        pass
