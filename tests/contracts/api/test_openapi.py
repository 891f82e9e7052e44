"""The API keeps to its own description: hostile requests made from it are answered as it says, never by a fault."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel

from antiphon.api.door import api
from antiphon.api.shapes import Input, Shape
from antiphon.db import record
from antiphon.db.models import Incident
from tests.edges.api.house import ANN, Caller, alerted, declared, grouped

pytestmark = pytest.mark.patient

SCHEMA: Mapping[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_params={})))
OPERATIONS = [(path, method) for path, methods in SCHEMA["paths"].items() for method in methods]
FITTING = (
    "technical",
    "yes",
    "monitoring",
    "disruption",
    "symptoms",
    "real",
    "checkout",
    "SEV3",
    ANN,
    "2026-03-02T08:00Z",
)
HOSTILE = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "a\x00b", "\ud800", "x" * 400)
WORDS = st.sampled_from(FITTING + HOSTILE)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_the_description_is_served_to_everybody_and_names_each_route_once(client):
    served = client.get("/api/v1/openapi.json").json()
    assert list(served["paths"]) == list(SCHEMA["paths"])
    names = [each["operationId"] for methods in served["paths"].values() for each in methods.values()]
    assert not [name for name, times in Counter(names).items() if times > 1]
    ways = [each["security"] for methods in served["paths"].values() for each in methods.values()]
    assert all(way in ([{"Bearer": []}], [{"SignedIn": []}]) for way in ways)
    assert served["components"]["securitySchemes"]["SignedIn"]["name"] == "antiphon_session"


def test_no_two_shapes_share_a_name():
    """The description keeps shapes by their names alone: of two, one would be described wrongly."""
    names = Counter(cls.__name__ for cls in (*_below(Shape), *_below(Input)))
    assert not [name for name, times in names.items() if times > 1]


def test_the_page_of_the_description_asks_for_nothing_from_elsewhere(client):
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "https://" not in text
    assert text.count('<script src="/static/ninja/') == text.count("<script ") - 1
    assert '<script type="application/json"' in text


@pytest.mark.patient
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_hostile_requests_are_answered_as_described(path: str, method: str):
    _fill()
    described = SCHEMA["paths"][path][method]

    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(_paths(path), _query(described), _bodies(described))
    def asked(address: str, query: Mapping[str, str], body: str) -> None:
        caller = Caller("admin")
        whole = f"{address}?{urlencode(query)}" if query else address
        status, answer = caller.get(address, **query) if method == "get" else caller.send(method.upper(), whole, body)
        assert str(status) in described["responses"], answer
        assert status < 500
        if status >= 400:
            assert set(answer["error"]) == {"sentence", "field"}
            assert answer["error"]["sentence"].endswith(".")

    asked()
    for incident in Incident.objects.all():
        assert record.verify(record.incident_stream(incident.uid)) is None
    assert Caller("admin").get("incidents")[0] == 200


def _fill() -> None:
    alerted("Checkout 5xx", group=grouped("declared", "declared", incident=declared()))


def _paths(path: str) -> SearchStrategy[str]:
    """The address with its number or name filled in, mostly with one that is there."""
    relative = path.removeprefix("/api/v1/")
    numbers = st.just("1") | st.just("1") | st.integers().map(str) | st.text(max_size=5)
    names = st.just("checkout") | st.text(max_size=20).filter(lambda text: text not in (".", ".."))
    return st.builds(
        lambda number, name: relative.replace("{number}", quote(number, safe="")).replace("{name}", quote(name)),
        numbers.filter(lambda text: text not in ("", ".", "..") and "/" not in text),
        names.filter(bool),
    )


def _query(described: Mapping[str, Any]) -> SearchStrategy[dict[str, str]]:
    names = [each["name"] for each in described["parameters"] if each["in"] == "query"]
    values = st.text(max_size=20) | st.integers().map(str) | WORDS.filter(lambda text: text.isascii())
    return st.dictionaries(st.sampled_from(names), values, max_size=2) if names else st.just({})


def _bodies(described: Mapping[str, Any]) -> SearchStrategy[str]:
    """JSON that nearly fits, JSON that does not, and what is no JSON."""
    if "requestBody" not in described:
        return st.just("")
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    fields = _properties(schema)
    near = st.fixed_dictionaries({}, optional={name: _value(wanted) for name, wanted in fields.items()})
    full = st.fixed_dictionaries({name: _value(wanted) for name, wanted in fields.items()})
    return (near | full | full | ANYTHING).map(json.dumps) | st.text(max_size=20).map(
        lambda text: text.replace("\ud800", "")
    )


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for each in schema.get("anyOf", [schema]):
        if "$ref" in each:
            found: Mapping[str, Any] = SCHEMA["components"]["schemas"][each["$ref"].rpartition("/")[2]]
            return dict(found.get("properties", {}))
    return {}


def _value(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Mostly what the description asks for; sometimes anything."""
    kinds = {each.get("type") for each in schema.get("anyOf", [schema])}
    fitting: SearchStrategy[Any] = WORDS | st.text(max_size=30)
    if "integer" in kinds:
        fitting = st.integers(1, 6)
    elif "boolean" in kinds:
        fitting = st.booleans()
    elif "array" in kinds:
        fitting = st.lists(WORDS, max_size=3)
    return fitting | fitting | ANYTHING


def _below(cls: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in cls.__subclasses__():
        if each.__module__.startswith("antiphon.api"):
            yield each
            yield from _below(each)
