"""The section `classification`: what of it a file mentions, as fields of `core.classification.Classification`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from antiphon.core.classification import DUTIES, HOUR, STANDARD, Classification, check, word_of
from antiphon.core.configuration import reading as read
from antiphon.core.configuration.fields import severity
from antiphon.core.configuration.reading import MISSING, Field, Reading, Shape
from antiphon.core.configuration.tree import Entry, Node
from antiphon.core.questions import QUESTIONS
from antiphon.core.severity import LEVELS

MINUTE: Final = timedelta(minutes=1)
SLUGS: Final = {question.slug: question.number for question in QUESTIONS}
_LEVELS: Final = tuple(map(str, LEVELS))


def _word(node: Node, path: str, reading: Reading) -> Any:
    found = read.name(40)(node, path, reading)
    return found if found is MISSING else word_of(found)


def _share(found: str) -> float:
    value = float(found.removesuffix("%")) / (100 if found.endswith("%") else 1)
    if not 0 < value <= 1:
        raise ValueError
    return value


_words = read.list_of(_word)
_roles = read.map_of(read.list_of(read.one_of(*DUTIES)), tuple(SLUGS), "list of questions")
_areas = Shape("list of areas", {name: Field(_words) for name in ("contracts", "compliance", "paperwork")})
_row = read.map_of(read.one_of(*_LEVELS), _LEVELS, "row of the matrix")
_shape = Shape(
    "classification",
    {
        "near_share": Field(read.from_text(_share, "Write a share such as 0.8 or 80%.")),
        "access_lost": Field(read.map_of(read.duration)),
        "areas": Field(read.record(_areas)),
        "percentile": Field(read.whole(1, 99)),
        "enough": Field(read.whole(1, 500)),
        "answer_within": Field(read.duration),
        "pulls_in": Field(_roles),
        "pulls_in_at_sev1": Field(_roles),
        "tell_stakeholders_at": Field(read.list_of(severity)),
        "not_production": Field(_words),
        "alert_severities": Field(read.map_of(severity)),
        "matrix": Field(read.map_of(_row, _LEVELS, "matrix")),
        "targets": Field(read.map_of(read.duration, _LEVELS, "list of targets")),
        "alert_priority_must_match": Field(read.yes_no),
    },
)


def section(node: Node, path: str, reading: Reading) -> Any:
    """The fields that the file mentions, each whole; noted and left out where they cannot hold."""
    faults = len(reading.problems)
    found = read.record(_shape)(node, path, reading)
    if found is MISSING or len(reading.problems) > faults:
        return MISSING
    values = _fields(found)
    for refusal in check(replace(STANDARD, **values), questions=SLUGS.values()):
        key = _KEYS.get(refusal.field.partition(".")[0], refusal.field.partition(".")[0])
        reading.refuse(found.at(key), f"{path}.{key}", refusal.sentence)
    return Entry(path, node.line, values, found.lines)


_KEYS: Final = {
    "tells": "tell_stakeholders_at",
    "must_match": "alert_priority_must_match",
    "contract_areas": "areas",
    "compliance_areas": "areas",
    "paperwork_areas": "areas",
}


def _fields(found: Entry) -> dict[str, Any]:
    """The keys of the file as the fields of the settings. Maps lie over the defaults, lists take their place."""
    areas: Mapping[str, Any] = found["areas"].values if "areas" in found else {}
    given = {
        **found.only("near_share", "percentile", "enough", "not_production"),
        **{_AREAS[name]: tuple(sorted(set(words))) for name, words in areas.items()},
        **{name: _numbered(found[name]) for name in ("pulls_in", "pulls_in_at_sev1") if name in found},
        **{field: read_field(found[key]) for key, (field, read_field) in _AS_FIELDS.items() if key in found},
    }
    if "not_production" in given:
        given["not_production"] = tuple(sorted(set(given["not_production"])))
    return given


_AREAS: Final = {
    "contracts": "contract_areas",
    "compliance": "compliance_areas",
    "paperwork": "paperwork_areas",
}


def _numbered(roles: Mapping[str, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    return {SLUGS[slug]: named for slug, named in roles.items()}


_AS_FIELDS: Final[Mapping[str, tuple[str, Any]]] = {
    "access_lost": ("access_lost", lambda found: {word_of(name): span / MINUTE for name, span in found.items()}),
    "answer_within": ("answer_within", lambda span: int(span / MINUTE)),
    "tell_stakeholders_at": ("tells", lambda found: tuple(sorted({each for each in found if each}))),
    "alert_severities": (
        "alert_severities",
        lambda found: {**STANDARD.alert_severities, **{word_of(word): each for word, each in found.items()}},
    ),
    "matrix": ("matrix", dict),
    "targets": ("targets", lambda found: {**STANDARD.targets, **{name: span / HOUR for name, span in found.items()}}),
    "alert_priority_must_match": ("must_match", bool),
}


def rules_of(entry: Entry, before: Classification) -> Classification:
    """The settings with what the file mentions in place of what held before."""
    return replace(before, **entry.values)
