"""Addresses of the API."""

from __future__ import annotations

from django.urls import URLPattern, path

from web.api import (
    account_parts,
    accounts,
    actions,
    bulk_act,
    bulk_reassign,
    capture,
    clocks,
    customers,
    decisions,
    docs,
    duplicates,
    escalations,
    imports,
    kit,
    leads,
    ledger,
    opportunities,
    opportunity_acts,
    opportunity_batches,
    partners,
    pools,
    products,
    queues,
    reports,
    restated,
    reviews,
    routes,
    scores,
    signals,
    territories,
)

urlpatterns: list[URLPattern] = [
    path("schema/", docs.SchemaView.as_view(), name="api-schema"),
    path("docs/", docs.DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/capture/", capture.CaptureView.as_view(), name="api-capture"),
    path("v1/capture/batch/", capture.CaptureBatchView.as_view(), name="api-capture-batch"),
    path("v1/signals/", signals.SignalView.as_view(), name="api-signal"),
    path("v1/signals/batch/", signals.SignalBatchView.as_view(), name="api-signal-batch"),
    path("v1/kit/", kit.KitView.as_view(), name="api-kit"),
    path("v1/routes/preview/", routes.RoutePreviewView.as_view(), name="api-route-preview"),
    path("v1/reports/", reports.ReportListView.as_view(), name="api-reports"),
    path("v1/reviews/", reviews.ReviewListView.as_view(), name="api-reviews"),
    path("v1/reviews/<str:number>/", reviews.ReviewView.as_view(), name="api-review"),
    path("v1/reports/<str:name>/", reports.ReportView.as_view(), name="api-report"),
    path(
        "v1/reports/<str:name>/as_told/", restated.RestatedView.as_view(), name="api-report-as-told"
    ),
    path("v1/costs/", ledger.CostListView.as_view(), name="api-costs"),
    path("v1/costs/batch/", ledger.CostBatchView.as_view(), name="api-cost-batch"),
    path("v1/quotas/", ledger.QuotaListView.as_view(), name="api-quotas"),
    path("v1/quotas/batch/", ledger.QuotaBatchView.as_view(), name="api-quota-batch"),
    path("v1/pools/", pools.PoolListView.as_view(), name="api-pools"),
    path("v1/pools/<str:key>/ledger/", pools.LedgerView.as_view(), name="api-pool-ledger"),
    path(
        "v1/pools/<str:key>/ledger/entries/",
        pools.EntryListView.as_view(),
        name="api-pool-ledger-entries",
    ),
    path("v1/territories/", territories.TerritoryListView.as_view(), name="api-territories"),
    path("v1/territories/holder/", territories.PlaceView.as_view(), name="api-territory-of"),
    path(
        "v1/territories/realignments/",
        territories.RealignmentListView.as_view(),
        name="api-realignments",
    ),
    path(
        "v1/territories/realignments/<str:act_id>/",
        territories.RealignmentView.as_view(),
        name="api-realignment",
    ),
    path(
        "v1/territories/realignments/<str:act_id>/cancel/",
        territories.CancelView.as_view(),
        name="api-realignment-cancel",
    ),
    path(
        "v1/territories/realignments/<str:act_id>/undo/",
        territories.UndoView.as_view(),
        name="api-realignment-undo",
    ),
    path("v1/queues/", queues.QueueListView.as_view(), name="api-queues"),
    path("v1/queues/<str:queue>/", queues.QueueView.as_view(), name="api-queue"),
    path("v1/queues/<str:queue>/retry/", queues.RetryView.as_view(), name="api-queue-retry"),
    path("v1/queues/<str:queue>/release/", queues.ReleaseView.as_view(), name="api-queue-release"),
    path("v1/escalations/", escalations.EscalationListView.as_view(), name="api-escalations"),
    path("v1/leads/", leads.LeadListView.as_view(), name="api-leads"),
    path("v1/leads/bulk_act/", bulk_act.BulkActView.as_view(), name="api-acts"),
    path("v1/leads/bulk_act/<str:act_id>/", bulk_act.BulkActStatusView.as_view(), name="api-act"),
    path(
        "v1/leads/bulk_act/<str:act_id>/cancel/",
        bulk_act.CancelView.as_view(),
        name="api-act-cancel",
    ),
    path("v1/leads/bulk_act/<str:act_id>/undo/", bulk_act.UndoView.as_view(), name="api-act-undo"),
    path("v1/leads/bulk_reassign/", bulk_reassign.BulkReassignView.as_view(), name="api-bulk"),
    path(
        "v1/leads/bulk_reassign/<str:act_id>/",
        bulk_reassign.ActView.as_view(),
        name="api-bulk-act",
    ),
    path(
        "v1/leads/bulk_reassign/<str:act_id>/cancel/",
        bulk_reassign.CancelView.as_view(),
        name="api-bulk-cancel",
    ),
    path(
        "v1/leads/bulk_reassign/<str:act_id>/undo/",
        bulk_reassign.UndoView.as_view(),
        name="api-bulk-undo",
    ),
    path("v1/leads/<str:lead_id>/", leads.LeadView.as_view(), name="api-lead"),
    path("v1/decisions/", decisions.DecisionListView.as_view(), name="api-decision-list"),
    path("v1/decisions/<str:decision_id>/", decisions.DecisionView.as_view(), name="api-decision"),
    path(
        "v1/decisions/<str:decision_id>/replay/",
        decisions.ReplayView.as_view(),
        name="api-decision-replay",
    ),
    path(
        "v1/decisions/<str:decision_id>/what_if/",
        decisions.WhatIfView.as_view(),
        name="api-decision-what-if",
    ),
    path("v1/accounts/", accounts.AccountListView.as_view(), name="api-accounts"),
    path("v1/accounts/<str:account_id>/", accounts.AccountView.as_view(), name="api-account"),
    path(
        "v1/accounts/<str:account_id>/absorb/",
        account_parts.AbsorbView.as_view(),
        name="api-account-absorb",
    ),
    path(
        "v1/accounts/<str:account_id>/part/",
        account_parts.PartView.as_view(),
        name="api-account-part",
    ),
    path(
        "v1/partner_registrations/",
        partners.RegistrationListView.as_view(),
        name="api-partner-registrations",
    ),
    path(
        "v1/partner_registrations/<str:registration_id>/withdraw/",
        partners.WithdrawView.as_view(),
        name="api-partner-withdraw",
    ),
    path(
        "v1/partner_registrations/<str:registration_id>/extend/",
        partners.ExtendView.as_view(),
        name="api-partner-extend",
    ),
    path(
        "v1/partner_extensions/<str:extension_id>/undo/",
        partners.UndoExtensionView.as_view(),
        name="api-partner-extension-undo",
    ),
    path(
        "v1/partner_conflicts/",
        partners.ConflictListView.as_view(),
        name="api-partner-conflicts",
    ),
    path(
        "v1/partner_conflicts/<str:conflict_id>/decide/",
        partners.DecideView.as_view(),
        name="api-partner-decide",
    ),
    path(
        "v1/partner_conflicts/<str:conflict_id>/undo/",
        partners.UndoView.as_view(),
        name="api-partner-undo",
    ),
    path("v1/customers/", customers.CustomerListView.as_view(), name="api-customers"),
    path("v1/customers/<str:customer_id>/", customers.CustomerView.as_view(), name="api-customer"),
    path(
        "v1/customers/<str:customer_id>/renew/",
        customers.RenewView.as_view(),
        name="api-customer-renew",
    ),
    path(
        "v1/customers/<str:customer_id>/churn/",
        customers.ChurnView.as_view(),
        name="api-customer-churn",
    ),
    path(
        "v1/customers/<str:customer_id>/undo/",
        customers.UndoView.as_view(),
        name="api-customer-undo",
    ),
    path(
        "v1/opportunities/",
        opportunities.OpportunityListView.as_view(),
        name="api-opportunities",
    ),
    path(
        "v1/opportunities/batch/",
        opportunity_batches.OpportunityBatchView.as_view(),
        name="api-opportunity-batch",
    ),
    path(
        "v1/opportunities/<str:opportunity_id>/",
        opportunities.OpportunityView.as_view(),
        name="api-opportunity",
    ),
    path(
        "v1/opportunities/<str:opportunity_id>/stage/",
        opportunity_acts.StageView.as_view(),
        name="api-opportunity-stage",
    ),
    path(
        "v1/opportunities/<str:opportunity_id>/win/",
        opportunity_acts.WinView.as_view(),
        name="api-opportunity-win",
    ),
    path(
        "v1/opportunities/<str:opportunity_id>/lose/",
        opportunity_acts.LoseView.as_view(),
        name="api-opportunity-lose",
    ),
    path(
        "v1/opportunities/<str:opportunity_id>/products/",
        products.OpportunityProductsView.as_view(),
        name="api-opportunity-products",
    ),
    path("v1/products/", products.ProductListView.as_view(), name="api-products"),
    path(
        "v1/opportunities/<str:opportunity_id>/undo/",
        opportunity_acts.UndoView.as_view(),
        name="api-opportunity-undo",
    ),
    path(
        "v1/leads/<str:lead_id>/references/",
        accounts.LeadReferencesView.as_view(),
        name="api-references",
    ),
    path("v1/leads/<str:lead_id>/timeline/", leads.TimelineView.as_view(), name="api-timeline"),
    path("v1/leads/<str:lead_id>/decisions/", decisions.OfLeadView.as_view(), name="api-decisions"),
    path("v1/leads/<str:lead_id>/score/", scores.ScoreView.as_view(), name="api-score"),
    path("v1/leads/<str:lead_id>/clocks/", clocks.ClocksView.as_view(), name="api-clocks"),
    path(
        "v1/leads/<str:lead_id>/activities/",
        actions.LogActivityView.as_view(),
        name="api-activities",
    ),
    *(
        path(f"v1/leads/<str:lead_id>/{name}/", view.as_view(), name=f"api-{name}")
        for name, view in (
            actions.VIEWS | actions.MERGE_VIEWS | actions.DISPUTE_VIEWS | actions.NURTURE_VIEWS
        ).items()
    ),
    path("v1/imports/", imports.ImportListView.as_view(), name="api-imports"),
    path("v1/imports/<str:import_id>/", imports.ImportView.as_view(), name="api-import"),
    path(
        "v1/imports/<str:import_id>/rows/",
        imports.ImportRowsView.as_view(),
        name="api-import-rows",
    ),
    path(
        "v1/imports/<str:import_id>/result/",
        imports.ImportResultView.as_view(),
        name="api-import-result",
    ),
    *(
        path(f"v1/imports/<str:import_id>/{name}/", view.as_view(), name=f"api-import-{name}")
        for name, view in imports.VIEWS.items()
    ),
    path("v1/duplicates/", duplicates.DuplicateListView.as_view(), name="api-duplicates"),
    path(
        "v1/duplicates/<str:pair_id>/merge/",
        duplicates.MergePairView.as_view(),
        name="api-duplicate-merge",
    ),
    path(
        "v1/duplicates/<str:pair_id>/dismiss/",
        duplicates.DismissPairView.as_view(),
        name="api-duplicate-dismiss",
    ),
]
