"""What bodies and answers are made of: inputs that keep unknown fields apart, texts and instants that can be stored."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Number = Annotated[int, Field(ge=1, le=2_147_483_647, description="The incident's number, as people say it")]
Limit = Annotated[int, Field(ge=1, le=200, description="At most so many items")]


NO_INSTANT: Final = "That is no instant: write one such as 2026-03-01T09:30:00Z."


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("A text holds the character NUL, which cannot be kept; leave it out.")
    return text


def _sensible(instant: datetime) -> datetime:
    if not 2000 < instant.year < 2999:
        raise ValueError(f"{instant.isoformat()} is no instant to work with: give one between 2001 and 2998.")
    return instant.astimezone(UTC)


def _written(said: Any) -> Any:
    """Bare numbers are no instants: nobody sees whether they count seconds or milliseconds."""
    if isinstance(said, datetime) or (
        isinstance(said, str) and not said.strip().lstrip("+-").replace(".", "").isdecimal()
    ):
        return said
    raise ValueError(NO_INSTANT)


def _severity(said: Any) -> Any:
    """SEV2 and 2 mean the same."""
    if isinstance(said, str) and said.strip().upper().removeprefix("SEV").isascii():
        digits = said.strip().upper().removeprefix("SEV")
        return int(digits) if digits.isdecimal() and len(digits) < 3 else said
    return said


Word = Annotated[str, Field(max_length=40), AfterValidator(_storable)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_storable)]
Text = Annotated[str, Field(max_length=20_000), AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=120), AfterValidator(_storable)]
Email = Annotated[str, Field(max_length=254), AfterValidator(_storable)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_sensible)]
Severity = Annotated[
    int,
    BeforeValidator(_severity),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"enum": [f"SEV{n}" for n in range(1, 6)]}]}
    ),
]


def sev(severity: int) -> str:
    """A severity as people write it."""
    return f"SEV{severity}"


class Input(BaseModel):
    """A body. Fields that we do not know are no error: `ignored` lists them for the answer."""

    model_config = ConfigDict(extra="allow")

    @property
    def ignored(self) -> list[str]:
        """The names of the fields that nothing was done with."""
        return sorted(self.model_extra or ())

    @classmethod
    def inputs(cls) -> frozenset[str]:
        """The names of the fields that something is done with."""
        return frozenset(cls.model_fields)


class Shape(BaseModel):
    """An answer, made from a query's dataclass or field by field."""

    model_config = ConfigDict(from_attributes=True)


class Mistake(Shape):
    """What is wrong, and which field of the request to mend (empty: none)."""

    sentence: str
    field: str


class Error(Shape):
    """Every error's body."""

    error: Mistake


ERRORS: Final = {400: Error, 401: Error, 403: Error, 404: Error, 409: Error, 422: Error, 503: Error}
"""The errors that any route may answer with, for the description of the API."""
