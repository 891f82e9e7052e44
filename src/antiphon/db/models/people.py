"""People inside the house, how to reach them, and the tokens that act in their place."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from antiphon.db.fields import InstantField, UidField


class PersonManager(BaseUserManager["Person"]):
    """Django's hook for looking a person up by e-mail."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this e-mail, whatever its case."""
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Someone who works here. Customers are never a Person: they are contacts."""

    uid = UidField()
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, default="responder")
    zone = models.CharField(max_length=64, default="", blank=True)
    language = models.CharField(max_length=16, default="", blank=True)
    is_active = models.BooleanField(default=True)
    last_login: Any = InstantField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager()

    class Meta:
        db_table = "person"

    def __str__(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """What a session holds on to: it ends with another password, another role, or when the person leaves."""
        held = f"{self.password} {self.role} {self.is_active}"
        return salted_hmac("antiphon.session", held, algorithm="sha256").hexdigest()


class ContactMethod(models.Model):
    """One way to reach a person: a channel's name and an address on it, tried in `position`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contact_methods")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "contact_method"
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "channel", "address"], name="contact_method_once")]


class ApiToken(models.Model):
    """A service account's key to the API. Kept as a hash; never approves anything."""

    uid = UidField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    hash = models.CharField(max_length=64, unique=True)
    created_at = InstantField()
    expires_at = InstantField(null=True)
    revoked_at = InstantField(null=True)

    class Meta:
        db_table = "api_token"


class SignInLink(models.Model):
    """A one-time link: signs a person in, or (`person` empty) opens the first-run set-up."""

    hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    created_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)

    class Meta:
        db_table = "sign_in_link"
