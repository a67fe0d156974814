"""The facts about partners: who has registered the company, and whom touchpoints name."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, F, Func, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from governance.facts import Fact, FactType
from leads import partner_lookup, partner_naming
from leads.models import PartnerRegistration
from leads.partner_naming import Status


class Naming(Func):
    """What is made of the partner whom a lead's touchpoints named last since an instant."""

    output_field = CharField()
    template = f"""(
        SELECT %(told)s
          FROM (SELECT x.* FROM (SELECT %(expressions)s) AS x (lead, since)) AS x
         CROSS JOIN LATERAL (
               SELECT t.partner_key AS name, t.partner_domain AS domain
                 FROM (SELECT x.lead AS id UNION ALL
                       SELECT m.id FROM leads_lead m WHERE m.merged_into_id = x.lead) AS own
                CROSS JOIN LATERAL (
                      SELECT * FROM leads_touch t
                       WHERE t.lead_id = own.id AND {partner_lookup.STANDING}
                         AND t.occurred_at > x.since
                       ORDER BY t.occurred_at DESC, t.id DESC LIMIT 1) AS t
                ORDER BY t.occurred_at DESC, t.id DESC LIMIT 1) AS n
         CROSS JOIN LATERAL (
               SELECT count(*) AS fitting, min(p.name) AS name
                 FROM ({partner_lookup.MEANT}) AS p) AS meant)
    """  # noqa: S608 - fragments of ours

    def __init__(self, told: str, now: datetime) -> None:
        since = Value(now - partner_lookup.memory(), output_field=DateTimeField())
        super().__init__(F("pk"), since, told=told)


_WHICH = "CASE WHEN meant.fitting = 1 THEN meant.name END"
_STATUS = (
    f"CASE meant.fitting WHEN 0 THEN '{Status.UNKNOWN}' WHEN 1 THEN '{Status.KNOWN}' "
    f"ELSE '{Status.SEVERAL}' END"
)


def _registered(now: datetime) -> Any:
    """The registration of the lead's company that is in force."""
    return PartnerRegistration.objects.filter(
        account=OuterRef("account"), state="ACTIVE", from_at__lte=now, until_at__gt=now
    ).order_by()


def _partner_name(now: datetime) -> Subquery:
    name = Coalesce(
        NullIf("partner__name", Value("")),
        "partner__domain",
        Concat(Value("account "), "partner__id", output_field=CharField()),
    )
    return Subquery(_registered(now).values_list(name)[:1], output_field=CharField())


FACTS = (
    Fact(
        "partner.registered", "Registered by a partner", FactType.BOOLEAN,
        read=attrgetter("partner_registered"),
        sql=lambda now: Exists(_registered(now)),
        help="A partner has registered the company, and the registration is in force.",
    ),
    Fact(
        "partner.name", "Registering partner", FactType.TEXT,
        read=attrgetter("partner_name"),
        sql=_partner_name,
        help="The partner who has registered the company.",
    ),
    Fact(
        "lead.partner_status", "Named partner is known", FactType.CHOICE,
        read=attrgetter("named_status"),
        sql=lambda now: Naming(_STATUS, now),
        choices=partner_naming.CHOICES,
        help="What is made of the partner whom a touchpoint names. Missing where none does.",
    ),
    Fact(
        "lead.partner", "Named partner", FactType.TEXT,
        read=attrgetter("named_partner"),
        sql=lambda now: Naming(_WHICH, now),
        help="The partner whom a touchpoint named last. Missing where we know none of that name.",
    ),
)  # fmt: skip
