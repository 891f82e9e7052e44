"""The one Django app: everything the program keeps."""

from django.apps import AppConfig


class DbConfig(AppConfig):
    """The tables of Antiphon, under short names of their own."""

    name = "antiphon.db"
    label = "db"
    default_auto_field = "django.db.models.BigAutoField"
