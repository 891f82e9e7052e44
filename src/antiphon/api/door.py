"""The API put together: `urls` is what the composition root mounts at /api/v1/."""

from typing import Final

from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.operation import Operation

from antiphon import __version__
from antiphon.api import (
    alerts,
    calls,
    cap,
    customers,
    entities,
    figures,
    follow_ups,
    impact,
    incidents,
    maintenance,
    oncall,
    reactions,
    status,
    telling,
    timeline,
    updates,
    verdicts,
)
from antiphon.api.access import Undeclared
from antiphon.api.answers import answer_errors, method_refused, nothing_here

DESCRIPTION = """Incidents on two tracks, for scripts. Send `Authorization: Bearer` and a token of
`antiphon token add`. Instants are ISO 8601 in UTC. An error is `{"error": {"sentence", "field"}}`. Fields of a body
that are not known are ignored and listed in `ignored`. Tokens never approve and never publish:
those routes take the session of a person who is signed in."""


class Api(NinjaAPI):
    """Ninja's, with operations named for their functions: generated clients call `list_incidents`."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the route's function."""
        return operation.view_func.__name__


api: Final = Api(
    title="Antiphon", version=__version__, description=DESCRIPTION, urls_namespace="api", auth=Undeclared()
)
for noun in (
    incidents,
    timeline,
    verdicts,
    telling,
    updates,
    calls,
    follow_ups,
    reactions,
    cap,
    alerts,
    status,
    impact,
    entities,
    customers,
    maintenance,
    oncall,
    figures,
):
    api.add_router("", noun.router)
answer_errors(api)


def _urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Ninja's addresses, each refusing a wrong method in the API's own shape, and an end for all others."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = method_refused(pattern.callback)
    return [path("", nothing_here), *patterns, re_path(r"", nothing_here)], app, namespace


urls: Final = _urls()
