"""Addresses of the API."""

from __future__ import annotations

import importlib.util

from django.urls import URLPattern, URLResolver, path

from web.api import docs, kit

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", docs.SchemaView.as_view(), name="api-schema"),
    path("docs/", docs.DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/kit/", kit.KitView.as_view(), name="api-kit"),
]


def _are_there(*modules: str) -> bool:
    return all(importlib.util.find_spec(name) for name in modules)


if _are_there("lifecycle.pipeline", "leads.cleansing", "leads.selectors"):
    from web.api import capture

    urlpatterns += [
        path("v1/capture/", capture.CaptureView.as_view(), name="api-capture"),
        path("v1/capture/batch/", capture.CaptureBatchView.as_view(), name="api-capture-batch"),
    ]

if _are_there("leads.selectors", "lifecycle.actions"):
    from web.api import actions, leads

    urlpatterns += [
        path("v1/leads/", leads.LeadListView.as_view(), name="api-leads"),
        path("v1/leads/<str:lead_id>/", leads.LeadView.as_view(), name="api-lead"),
        path("v1/leads/<str:lead_id>/timeline/", leads.TimelineView.as_view(), name="api-timeline"),
        path(
            "v1/leads/<str:lead_id>/decisions/", leads.DecisionsView.as_view(), name="api-decisions"
        ),
        path("v1/leads/<str:lead_id>/clocks/", leads.ClocksView.as_view(), name="api-clocks"),
        path(
            "v1/leads/<str:lead_id>/activities/",
            actions.LogActivityView.as_view(),
            name="api-activities",
        ),
        *(
            path(f"v1/leads/<str:lead_id>/{name}/", view.as_view(), name=f"api-{name}")
            for name, view in actions.VIEWS.items()
        ),
    ]
