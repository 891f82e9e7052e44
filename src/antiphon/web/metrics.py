"""`/metrics` for Prometheus: with a token of `antiphon token add`, or for all where the set-up says so.

The text format is written here: every value comes from the database at the moment it is asked for, and so is the same
from each of several web processes; a registry inside the process would tell of that process alone.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpResponse
from django.urls import path

from antiphon import config
from antiphon.core.access import may
from antiphon.queries import metrics
from antiphon.queries.access import token_actor
from antiphon.queries.metrics import Metric, Sample
from antiphon.web import guard

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PREFIX: Final = "antiphon"
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@guard.public("monitoring asks with a token of its own; without one only where the set-up opens it")
def show(request: Any) -> HttpResponse:
    """The numbers; 401 without a token that may see incidents."""
    if request.method not in guard.SHOWS:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if not config.from_environment().open_metrics and not _known(request):
        said = "Send “Authorization: Bearer” and a token of `antiphon token add`.\n"
        return HttpResponse(said, status=401, content_type="text/plain; charset=utf-8")
    return HttpResponse(text(metrics.load(now=request.now)), content_type=TYPE)


def text(found: Iterable[Metric]) -> str:
    """Prometheus's text format."""
    lines = []
    for metric in found:
        name = f"{PREFIX}_{metric.name}"
        lines += [f"# HELP {name} {metric.says}", f"# TYPE {name} {metric.kind}"]
        lines += [f"{name}{_labels(sample)} {sample.value:g}" for sample in metric.samples]
    return "\n".join(lines) + "\n"


def _labels(sample: Sample) -> str:
    inside = ",".join(f'{name}="{value.translate(_ESCAPED)}"' for name, value in sample.labels)
    return f"{{{inside}}}" if inside else ""


def _known(request: Any) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    actor = token_actor(token.strip(), now=request.now) if kind.lower() == "bearer" and token.strip() else None
    return actor is not None and may(actor, "incident.see") is None


urlpatterns = [path("metrics", show)]
