"""How long things take, and whether they were done in time."""

from __future__ import annotations

from people.models import Role
from reports.facts import cubes
from reports.metrics.declaring import (
    Better,
    Count,
    Figure,
    Metric,
    Quantile,
    Share,
    Spans,
    Total,
)
from reports.metrics.usual import ALL_SLICES, span_of

CYCLE_LENGTH = Metric(
    key="cycle_length",
    name="Sales cycle length",
    meaning=(
        "How long it took from the first touchpoint, and from the first contact, to the win, of "
        "leads won in the period."
    ),
    formula=(
        "From when the lead came in to when it was won for the first time, calendar time; on "
        "weekdays: of it what lies on Mondays to Fridays, holidays included; from the contact: "
        "since the first contact that stands, where there was one before the win."
    ),
    owner=Role.MANAGER,
    version=2,
    cube=cubes.WINS,
    figures=(
        *span_of("cycle", "Won"),
        Figure("weekdays", "Median on weekdays", Quantile("cycle_weekdays", 0.5)),
        Figure("contacted", "Contacted before", Spans("from_contact")),
        Figure("contact_median", "Median from the contact", Quantile("from_contact", 0.5)),
        Figure(
            "contact_weekdays",
            "From the contact, on weekdays",
            Quantile("from_contact_weekdays", 0.5),
        ),
    ),
    slices=ALL_SLICES,
    better=Better.LOWER,
)
TIME_IN_STAGE = Metric(
    key="time_in_stage",
    name="Time in stage",
    meaning="How long leads stayed at each stage, of the stays that ended in the period.",
    formula=(
        "From entering a stage to leaving it, calendar time. A step that was taken back did not "
        "end a stay."
    ),
    owner=Role.REVOPS,
    version=1,
    cube=cubes.VISITS,
    figures=span_of("stay", "Stays"),
    slices=("stage", *ALL_SLICES),
    better=Better.LOWER,
)

SPEED_TO_LEAD = Metric(
    key="speed_to_lead",
    name="Speed to lead",
    meaning=(
        "How long buyers waited for the first contact, from what they did, of the first contacts "
        "that became due in the period, and what this time is put down to."
    ),
    formula=(
        "From what the buyer did to the earliest contact that counts, of answered clocks that a "
        "first contact ends and that began in the period. The time by cause is the sum over these; "
        "to the second it adds up to the time in all. Whoever still waits is counted beside."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.CLOCKS,
    figures=(
        Figure("n", "Answered", Spans("answered")),
        Figure("waiting", "Waiting", Count("waiting")),
        Figure("median", "Median", Quantile("answered", 0.5)),
        Figure("p90", "90th percentile", Quantile("answered", 0.9)),
        Figure("working_median", "Median working time", Quantile("answered_working", 0.5)),
        Figure("verified", "Verified", Share("verified", "answered")),
        *(
            Figure(key, label, Total(key, "seconds"))
            for key, label in (
                ("intake", "On its way to us"),
                ("routing", "Being taken in"),
                ("promised", "Until the promised time"),
                ("queue", "Waiting for somebody"),
                ("off_shift", "Off shift"),
                ("with_rep", "With somebody at work"),
                ("customer", "Waiting for the customer"),
            )
        ),
    ),
    slices=(*ALL_SLICES, "policy", "stage"),
    better=Better.LOWER,
)
RESPONSE_TIME = Metric(
    key="response_time",
    name="Lead response time",
    meaning=(
        "How long buyers waited for an answer, to their first request or to a later one, of the "
        "obligations that began in the period."
    ),
    formula=(
        "From what the buyer did to the contact that ended the clock, of clocks that a contact "
        "ended and that began in the period; working: the open time of their calendar in it."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.CLOCKS,
    figures=(
        *span_of("response", "Answered"),
        Figure("working_median", "Median working time", Quantile("response_working", 0.5)),
    ),
    slices=("obligation", *ALL_SLICES, "policy", "stage"),
    better=Better.LOWER,
)
SLA_ATTAINMENT = Metric(
    key="sla_attainment",
    name="SLA attainment",
    meaning="How many of the obligations that began in the period were met by their deadline.",
    formula=(
        "Met ÷ (met + late + breached and open). What each holder owes for themselves counts only "
        "where nobody owes the whole. Running and cancelled obligations are shown apart; those "
        "whose end was undone are left out."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.CLOCKS,
    figures=(
        Figure("n", "Decided", Count("decided")),
        Figure("met", "Met", Count("met")),
        Figure("late", "Late", Count("late")),
        Figure("breached", "Breached and open", Count("breached")),
        Figure("running", "Running", Count("running")),
        Figure("cancelled", "Cancelled", Count("cancelled")),
        Figure("rate", "Attainment", Share("met", "decided")),
    ),
    slices=("obligation", "policy", "stage", *ALL_SLICES),
    better=Better.HIGHER,
)

METRICS = (
    CYCLE_LENGTH,
    TIME_IN_STAGE,
    SPEED_TO_LEAD,
    RESPONSE_TIME,
    SLA_ATTAINMENT,
)
