"""Every address of the screens. Each view declares its action (`web.guard`)."""

from django.urls import URLPattern

from antiphon.web import (
    acknowledge,
    approve,
    customers,
    figures,
    find,
    gates,
    heard,
    impact,
    inbound_mail,
    incidents,
    knowing,
    maintenance,
    now,
    private_pages,
    reactions,
    reviews,
    room,
    subscribe,
    tell,
    urls_settings,
)
from antiphon.web.settings import channels

urlpatterns: list[URLPattern] = [
    *now.urlpatterns,
    *incidents.urlpatterns,
    *room.urlpatterns,
    *impact.urlpatterns,
    *tell.urlpatterns,
    *knowing.urlpatterns,
    *gates.urlpatterns,
    *reactions.urlpatterns,
    *reviews.urlpatterns,
    *figures.urlpatterns,
    *acknowledge.urlpatterns,
    *approve.urlpatterns,
    *heard.urlpatterns,
    *inbound_mail.urlpatterns,
    *find.urlpatterns,
    *customers.urlpatterns,
    *maintenance.urlpatterns,
    *private_pages.urlpatterns,
    *subscribe.urlpatterns,
    *channels.urlpatterns,
    *urls_settings.urlpatterns,
]
