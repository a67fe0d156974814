"""Every page of the console, by what it is about."""

from __future__ import annotations

from django.urls import path

from web.console.views import (
    found,
    governance,
    imports,
    inbox,
    kit_acts,
    kit_compare,
    kit_condition,
    kit_deputies,
    kit_drift,
    kit_editing,
    kit_shadow,
    kit_simulation,
    kit_version,
    leads,
    permission,
    reports,
)

app_name = "console"

urlpatterns = [
    path("", inbox.show, name="inbox"),
    path("queues/<slug:queue>/claim/", inbox.claim, name="claim"),
    path("leads/", leads.index, name="leads"),
    path("leads.csv", leads.download, name="leads-csv"),
    path("leads/<int:lead_id>/", leads.show, name="lead"),
    path("leads/<int:lead_id>/permission/", permission.of_lead, name="lead-permission"),
    path("leads/<int:lead_id>/<slug:action>/", leads.act, name="lead-action"),
    path("accounts/", found.accounts, name="accounts"),
    path("accounts/<int:account_id>/", found.account, name="account"),
    path("team/", governance.team, name="team"),
    path("reports/", reports.index, name="reports"),
    path("reports/sla/", reports.sla_attainment, name="report-sla"),
    path("reports/sla.csv", reports.sla_csv, name="report-sla-csv"),
    path("reports/<slug:name>/", reports.show, name="report"),
    path("reports/<slug:name>.csv", reports.download, name="report-csv"),
    path("kit/", governance.kit, name="kit"),
    path("kit/deputies/", kit_deputies.show, name="kit-deputies"),
    path("kit/deputies/<int:deputy_id>/end/", kit_deputies.end, name="kit-deputy-end"),
    path("kit/drift/", kit_drift.show, name="kit-drift"),
    path(
        "kit/drift/<int:alarm_id>/acknowledge/",
        kit_drift.acknowledge,
        name="kit-drift-acknowledge",
    ),
    path("kit/compare/", kit_compare.choose, name="kit-choose"),
    path("kit/versions/<int:number>/", kit_version.show, name="kit-version"),
    path("kit/versions/<int:number>/text/", kit_version.text, name="kit-text"),
    path("kit/versions/<int:number>/acts/<slug:name>/", kit_version.act, name="kit-version-act"),
    path("kit/versions/<int:number>/shadow/", kit_shadow.show, name="kit-shadow"),
    path("kit/versions/<int:number>/shadow/<slug:verb>/", kit_shadow.act, name="kit-shadow-act"),
    path("kit/compare/<int:before>/<int:after>/", kit_compare.show, name="kit-compare"),
    path("kit/condition/", kit_condition.act, name="kit-condition"),
    path("kit/versions/<int:number>/parts/", kit_editing.index, name="kit-parts"),
    path("kit/versions/<int:number>/parts/<slug:kind>/new/", kit_editing.add, name="kit-part-new"),
    path(
        "kit/versions/<int:number>/parts/<slug:kind>/<str:key>/", kit_editing.edit, name="kit-part"
    ),
    path(
        "kit/versions/<int:number>/parts/<slug:kind>/<str:key>/remove/",
        kit_editing.remove,
        name="kit-part-remove",
    ),
    path("kit/recalculate/", kit_acts.recalculate, name="kit-recalculate"),
    path("kit/recalculate.csv", kit_acts.recalculate_csv, name="kit-recalculate-csv"),
    path("kit/requalify/", kit_acts.requalify, name="kit-requalify"),
    path("kit/requalify.csv", kit_acts.requalify_csv, name="kit-requalify-csv"),
    path("kit/applied/<int:application_id>/", kit_acts.application, name="kit-application"),
    path("kit/versions/<int:number>/simulation/", kit_simulation.show, name="kit-simulation"),
    path(
        "kit/versions/<int:number>/simulation/start/",
        kit_simulation.start,
        name="kit-simulation-start",
    ),
    path(
        "kit/versions/<int:number>/simulation/cancel/",
        kit_simulation.cancel,
        name="kit-simulation-cancel",
    ),
    path(
        "kit/versions/<int:number>/simulation.csv",
        kit_simulation.download,
        name="kit-simulation-csv",
    ),
    path(
        "kit/versions/<int:number>/simulation/<int:lead_id>/",
        kit_simulation.lead,
        name="kit-simulation-lead",
    ),
    path("import/", imports.index, name="import"),
    path("import/<int:run_id>/", imports.show, name="import-run"),
    path("import/<int:run_id>/rows.csv", imports.download, name="import-csv"),
    path("import/<int:run_id>/<slug:name>/", imports.act, name="import-act"),
    path("suppressions/", permission.suppressions, name="suppressions"),
    path("suppressions/<int:suppression_id>/lift/", permission.lift, name="suppression-lift"),
    path("people/<int:person_id>/data/", permission.privacy, name="person-privacy"),
    path("people/<int:person_id>/data/export/", permission.export, name="person-export"),
    path("worker/", governance.worker, name="worker"),
    path("notices/", found.notices, name="notices"),
    path("notices/read/", found.read_notices, name="notices-read"),
    path("search/", found.search, name="search"),
]
