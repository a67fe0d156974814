"""What is done to an act on many leads that is under way or over: doors to cancel and undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from web.api import bodies
from web.api.documents import REFUSALS
from web.api.views import Door


@dataclass(frozen=True, slots=True)
class OfActs:
    """One kind of act: how its steps and views are called, who may, and how it is shown."""

    operation: str
    view: str
    door: str
    number: Callable[[str], int]
    document: Callable[[Any], dict[str, Any]]
    shape: type[Any]

    def step(self, name: str, act: Callable[..., Any], summary: str) -> type[Door]:
        """The view of one step, which `act` takes for the number of an act and a person."""
        described = extend_schema_view(
            post=extend_schema(
                operation_id=f"{self.operation}_{name}",
                summary=summary,
                request=bodies.Empty,
                responses={200: self.shape, **REFUSALS},
            )
        )
        attributes: dict[str, Any] = {
            "__doc__": summary, "__module__": __name__, "door": self.door, "of": self,
            "act": staticmethod(act),
        }  # fmt: skip
        view: type[Door] = described(type(f"{self.view}{name.title()}View", (_Step,), attributes))
        return view


class _Step(Door):
    serializer_class = bodies.Empty
    of: ClassVar[OfActs]
    act: ClassVar[Callable[..., Any]]

    def post(self, request: Request, act_id: str) -> Response:
        """Refused with 409 where it is too late."""
        self.refuse_unknown(request, set())
        self.body(request)
        done = type(self).act(self.of.number(act_id), by=self.caller)
        return Response(self.of.document(done))
