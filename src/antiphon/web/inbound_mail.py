"""The door for mail that comes back: one mail as it came (RFC 5322), or a provider's JSON, is the body of one POST."""

from typing import Any

from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from antiphon.actions.reactions import posting, receiving
from antiphon.core.decision import Refusal
from antiphon.core.inbound import providers
from antiphon.core.observations import key_hash
from antiphon.db.models import Integration
from antiphon.web.guard import public


@csrf_exempt  # a mail server posts without our cookie; the key in the address is the proof
@public("mail servers and providers have no account; the secret key in the address lets them in")
def receive(request: Any, key: str) -> HttpResponse:
    """Take in one mail; `?to=` names the address that it came in for. Or what a provider tells of bounces and
    complaints. 200 also for what belongs to nothing."""
    known = Integration.objects.filter(key_hash=key_hash(key), kind=Integration.Kind.MAIL, enabled=True)
    if not known.exists():
        return _refused(404, "This address has no key for mail: make one under Settings, Keys.")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    data = request.read(receiving.LARGEST + 1)
    if not data:
        return _refused(400, "The body is empty: send the mail itself, headers first, with its length.")
    if len(data) > receiving.LARGEST:
        return _refused(413, f"The mail is larger than the {receiving.LARGEST:,} bytes that are taken.")
    if providers.is_json(data):
        posted = posting.receive(data, request.headers, now=request.now)
        if isinstance(posted, Refusal):
            return _refused(403, posted.sentence)
        return JsonResponse({"kind": posted.kind, "says": posted.says})
    taken = receiving.receive(data, to=request.GET.get("to", "")[:320], now=request.now)
    return JsonResponse({"kind": taken.kind, "says": taken.says})


def _refused(status: int, sentence: str) -> JsonResponse:
    return JsonResponse({"error": {"sentence": sentence, "field": ""}}, status=status)


urlpatterns = [path("in/<str:key>/mail", receive)]
