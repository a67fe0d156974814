"""What the doors keep of their own: hosted forms and how often they were sent."""

from __future__ import annotations

from web.models.hosted_form import FormQuestion, FormSendings, HostedForm
from web.models.inbound_hook import InboundHook
from web.models.site import Site

__all__ = ["FormQuestion", "FormSendings", "HostedForm", "InboundHook", "Site"]
