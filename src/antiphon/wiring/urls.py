"""Every address that Django answers. Alerts (`/in/`, but for mail) and public pages (`/status/`) never get here."""

from django.urls import URLPattern, URLResolver, path

from antiphon.api import door as api
from antiphon.web import urls as web

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", api.urls), *web.urlpatterns]
