"""The sections on what readers see: own texts, status pages, branding; and what is looked at before they hold."""

from datetime import UTC, datetime
from typing import Final

from antiphon.core import own_texts
from antiphon.core.audiences import OUTSIDE
from antiphon.core.branding import FIELDS, checked
from antiphon.core.configuration import reading as read
from antiphon.core.configuration.catalog import ENTITY
from antiphon.core.configuration.fields import NAME
from antiphon.core.configuration.reading import Field, Reading, Shape
from antiphon.core.configuration.tree import Configuration, Entry
from antiphon.core.decision import Refusal
from antiphon.core.languages import LANGUAGES
from antiphon.core.wording import LONGEST_TEMPLATE

_LANGUAGE: Final = Field(read.one_of(*LANGUAGES))
_A_DAY: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""When the sample that a text is tried on happens: any day does."""

MESSAGE: Final = Shape(
    "message",
    {
        "audience": Field(read.one_of(*own_texts.AUDIENCES), required=True),
        "name": Field(read.name(80), required=True, because="Name it as in “name: first_word.security@sms”."),
        "language": _LANGUAGE,
        "text": Field(read.name(LONGEST_TEMPLATE), required=True),
        "why": Field(read.text(own_texts.LONGEST_WHY)),
    },
)
BRANDING: Final = Shape("branding", {name: Field(read.text(1_000)) for name in FIELDS})
STATUS_PAGE: Final = Shape(
    "status page",
    {
        "slug": Field(
            read.text(60, r"[a-z0-9]+(-[a-z0-9]+)*", "Write small letters, digits and hyphens, such as “partners”."),
            required=True,
        ),
        "name": NAME,
        "audience": Field(read.one_of(*sorted(str(each) for each in OUTSIDE))),
        "private": Field(read.yes_no),
        "reader": Field(read.ref(ENTITY)),
        "components": Field(read.list_of(read.ref(ENTITY))),
        "language": _LANGUAGE,
        "branding": Field(read.record(BRANDING)),
    },
    key="slug",
    defines="status page",
)


def check(config: Configuration, reading: Reading) -> None:
    """Note every text that could not be saved, and every value that no page or mail may hold."""
    for entry in config.messages:
        _message(entry, reading)
    brands = [config.branding, *(page.get("branding") for page in config.status_pages)]
    for entry in brands:
        wrong = checked(entry.values) if entry else None
        if entry and isinstance(wrong, Refusal):
            reading.refuse(entry.at(wrong.field), f"{entry.path}.{wrong.field}", wrong.sentence)


def _message(entry: Entry, reading: Reading) -> None:
    if not {"audience", "name", "text"} <= entry.values.keys():
        return
    name = own_texts.named(entry["audience"], entry["name"])
    if isinstance(name, Refusal):
        reading.refuse(entry.at("name"), f"{entry.path}.name", name.sentence)
        return
    language = entry.get("language", "en")
    for problem in own_texts.check(f"{entry['text']}\n", name, now=_A_DAY, language=language):
        reading.refuse(entry.at("text") + problem.line - 1, f"{entry.path}.text", problem.message)
