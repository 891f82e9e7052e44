"""Every address that Django answers. Alerts (`/in/`) and public pages (`/status/`) never get here."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
