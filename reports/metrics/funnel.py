"""How far leads come: rates from one step to the next, by cohort."""

from __future__ import annotations

import datetime as dt

from people.models import Role
from reports.facts import cubes
from reports.metrics.declaring import (
    Benchmark,
    Better,
    Metric,
)
from reports.metrics.usual import ALL_SLICES, COHORT, ORIGINS, PEOPLE, WHEN, share

INQUIRY_TO_MQL = Metric(
    key="inquiry_to_mql",
    name="Inquiry to MQL",
    meaning=f"How many of the leads that came in during the period became MQLs. {COHORT}",
    formula=(
        "Leads of the period that were qualified at least once ÷ leads of the period that came to "
        "us. Leads that a rep found (self-sourced, never qualified) are left out of both."
    ),
    owner=Role.MARKETING,
    version=1,
    cube=cubes.LEADS,
    figures=share("mql", "MQL", "inbound", "Leads", "Inquiry to MQL"),
    slices=(*ORIGINS, *WHEN),
    better=Better.HIGHER,
)
MQL_TO_SAL = Metric(
    key="mql_to_sal",
    name="MQL to SAL",
    meaning=f"How many of the MQLs of the period were accepted by Sales. {COHORT}",
    formula=(
        "Passes that began in the period with a qualification and led to SAL ÷ all of these. A "
        "lead that is qualified again after it was nurtured begins another pass."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.MQLS,
    figures=share("sal", "SAL", "n", "MQL", "MQL to SAL"),
    slices=ALL_SLICES,
    better=Better.HIGHER,
)
SAL_TO_SQL = Metric(
    key="sal_to_sql",
    name="SAL to SQL",
    meaning=f"How many of the leads that Sales took on in the period became SQLs. {COHORT}",
    formula=(
        "Passes that reached SAL in the period, accepted or self-sourced, and led to SQL ÷ all of "
        "these."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.SALS,
    figures=share("sql", "SQL", "n", "SAL", "SAL to SQL"),
    slices=ALL_SLICES,
    better=Better.HIGHER,
)
MQL_TO_SQL = Metric(
    key="mql_to_sql",
    name="MQL to SQL",
    meaning=f"How many of the MQLs of the period became SQLs. {COHORT}",
    formula=("Passes that began in the period with a qualification and led to SQL ÷ all of these."),
    owner=Role.REVOPS,
    version=1,
    cube=cubes.MQLS,
    figures=share("sql", "SQL", "n", "MQL", "MQL to SQL"),
    slices=ALL_SLICES,
    better=Better.HIGHER,
)
SQL_TO_OPPORTUNITY = Metric(
    key="sql_to_opportunity",
    name="SQL to opportunity",
    meaning=f"How many of the SQLs of the period were converted to an opportunity. {COHORT}",
    formula="Passes that reached SQL in the period and led to an opportunity ÷ all of these.",
    owner=Role.MANAGER,
    version=1,
    cube=cubes.SQLS,
    figures=share("opportunity", "Opportunities", "n", "SQL", "SQL to opportunity"),
    slices=ALL_SLICES,
    better=Better.HIGHER,
)
OPPORTUNITY_TO_WON = Metric(
    key="opportunity_to_won",
    name="Opportunity to won",
    meaning=(
        f"How many of the leads whose opportunity was opened in the period were won by it. {COHORT}"
    ),
    formula="Passes that reached an opportunity in the period and were won ÷ all of these.",
    owner=Role.MANAGER,
    version=1,
    cube=cubes.OPPORTUNITIES,
    figures=share("won", "Won", "n", "Opportunities", "Opportunity to won"),
    slices=ALL_SLICES,
    better=Better.HIGHER,
)
LEAD_CONVERSION = Metric(
    key="lead_conversion",
    name="Lead conversion",
    meaning=f"How many of the leads that came in during the period became customers. {COHORT}",
    formula="Leads of the period that were won at least once, in any cycle ÷ leads of the period.",
    owner=Role.REVOPS,
    version=1,
    cube=cubes.LEADS,
    figures=share("won", "Won", "n", "Leads", "Lead conversion"),
    slices=(*ORIGINS, *PEOPLE, *WHEN),
    better=Better.HIGHER,
    benchmark=Benchmark(
        0.02, 0.05, "rule of thumb in B2B marketing, of all leads to customers", dt.date(2025, 1, 1)
    ),
)

METRICS = (
    INQUIRY_TO_MQL,
    MQL_TO_SAL,
    SAL_TO_SQL,
    MQL_TO_SQL,
    SQL_TO_OPPORTUNITY,
    OPPORTUNITY_TO_WON,
    LEAD_CONVERSION,
)
