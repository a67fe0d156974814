"""What sets of choices are called in the schema of the API, where a field alone does not tell."""

from __future__ import annotations

ENUMS = {
    "AccountStatusEnum": "leads.models.AccountStatus",
    "AliasKindEnum": "leads.models.AccountAlias.Kind",
    "BulkActStateEnum": "web.api.bulk_act.STATES",
    "AnsweredEnum": "web.api.documents.ANSWERED",
    "DecidedAtEnum": "web.api.decision_shown.DECIDED_AT",
    "CustomerStatusEnum": "web.api.customers.STATUSES",
    "OpportunityStatusEnum": "leads.models.Opportunity.Status",
    "ImportStateEnum": "lifecycle.models.ImportRun.State",
    "OverrideWhyEnum": "routing.models.Override.Why",
    "PartnerConflictStateEnum": "leads.models.PartnerConflict.State",
    "PartnerRegistrationStateEnum": "leads.models.PartnerRegistration.State",
    "PartnerVerdictEnum": "lifecycle.partnering.VERDICT_CHOICES",
    "RealignedKindEnum": "lifecycle.models.realigning.RealignedRow.Kind",
    "CategoryEnum": "leads.models.SourceCategory",
    "StatementKindEnum": "reports.models.statement.Kind",
    "StatementStatusEnum": "web.api.ledger_bodies.STATUSES",
}
