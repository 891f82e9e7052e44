"""Error pages: what is wrong and what to do, in plain words and the frame's look."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than the session, or another site sent it."""
    return render(request, "error.html", {"code": 403, "kind": "csrf"}, status=403)
