"""Backstage's `catalog-info.yaml` (kinds Component, API, Resource, System, Domain, Group; User only as an owner).

Facts that Backstage does not know ride in annotations whose prefix begins with “antiphon”, such as
`antiphon.io/revenue-per-minute: "180"`; their names are the keys of our own file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from antiphon.core.configuration.catalog import ENTITY, ENTITY_SHAPE
from antiphon.core.configuration.tree import Node
from antiphon.core.sources import nodes
from antiphon.core.sources.known import Catalog
from antiphon.core.sources.nodes import at, items, keys, words
from antiphon.core.sources.rows import NEEDED_BY, Record, RowError

EXTRA: Final = "backstage"
"""The fact of one's own that holds an entity's reference there."""

ENVIRONMENTS: Final[Mapping[str, str]] = {
    "production": "production", "deprecated": "production", "staging": "staging", "test": "test",
    "experimental": "development", "development": "development",
}  # fmt: skip
_TYPES: Final = {"service": "service", "website": "application", "application": "application", "app": "application"}
_KINDS: Final = {"resource": "component", "group": "team", "system": "application", "domain": "application",
                 "api": "service"}  # fmt: skip
_FIRST: Final = ("component", "resource", "group", "system", "domain", "api")
"""Two things of one name: the earlier of these keeps it, the other gets its kind behind it."""
_LISTED: Final = ("data_classes", "regions")
_OURS: Final = frozenset(ENTITY_SHAPE.fields) - {"name", "kind", "owner", "extra", "documents", "redundancy"}
_DOCUMENTS: Final = (("runbook", "runbook|playbook"), ("dashboard", "dashboard|grafana"), ("diagram", "diagram|archit"))


@dataclass(frozen=True, slots=True)
class _Thing:
    """One document of a file that stands for an entity. `ref`: kind:namespace/name, in lower case."""

    file: str
    node: Node
    kind: str
    ref: str

    @property
    def plain(self) -> str:
        name = words(at(self.node, "metadata", "name"))
        namespace = self.ref.partition(":")[2].partition("/")[0]
        return name if namespace == "default" else f"{namespace}.{name}"


def translate(files: Iterable[tuple[str, tuple[Node, ...]]], known: Catalog) -> tuple[list[Record], list[RowError]]:
    """The rows of all files at once: references between them are found whatever their order."""
    errors: list[RowError] = []
    people: dict[str, str] = {}
    things: list[_Thing] = []
    for file, documents in files:
        for node in documents:
            _sort(file, node, things, people, errors)
    names = _Names(things, people, known)
    return [record for thing in things for record in _records(thing, names)], errors


def _sort(file: str, node: Node, things: list[_Thing], people: dict[str, str], errors: list[RowError]) -> None:
    kind, name = words(at(node, "kind")).lower(), words(at(node, "metadata", "name"))
    if node.value is None or kind in ("location", "template"):
        return
    if not kind or not name:
        said = "Neither “kind” nor “metadata.name” may be missing; write both."
        errors.append(RowError(file, node.line, "kind" if not kind else "metadata.name", said))
        return
    ref = _ref(name, kind, words(at(node, "metadata", "namespace")) or "default")
    if kind == "user":
        people[ref] = words(at(node, "spec", "profile", "email")).lower()
    elif kind == "component" or kind in _KINDS:
        things.append(_Thing(file, node, kind, ref))


def _ref(text: str, kind: str, namespace: str = "default") -> str:
    """A reference in full: `[kind:][namespace/]name` with what is meant where a part is left out."""
    head, found, rest = text.strip().rpartition(":")
    kind = head if found else kind
    space, found, name = rest.rpartition("/")
    return f"{kind}:{space if found else namespace}/{name}".lower()


class _Names:
    """What each reference is called in our catalog: the same whatever the order of the files."""

    def __init__(self, things: Iterable[_Thing], people: Mapping[str, str], known: Catalog) -> None:
        self.people = people
        refs = {name: ref for ref, name in known.aliases.items() if re.match(r"[a-z]+:[^/]+/.", ref)}
        self._names = {ref: name for name, ref in refs.items()}
        for thing in sorted(things, key=lambda each: (_FIRST.index(each.kind), each.ref)):
            if thing.ref not in self._names:
                other = refs.get(thing.plain, thing.ref)
                name = thing.plain if other == thing.ref else f"{thing.plain}-{thing.kind}"
                self._names[thing.ref] = name
                refs[name] = thing.ref
        self._refs = refs

    def of(self, text: str, kind: str, namespace: str = "default") -> str:
        """The name behind a reference; of one that no file describes, its last part."""
        ref = _ref(text, kind, namespace)
        plain = text.rpartition("/")[2].rpartition(":")[2].strip()
        if ref in self._names:
            return self._names[ref]
        # A component often has the name of its API: a reference to one is not taken for the other.
        strict = ":" in text or kind == "api"
        return ref.replace(":default/", ":") if strict and plain in self._refs else plain


def _records(thing: _Thing, names: _Names) -> Iterator[Record]:
    node, spec = thing.node, at(thing.node, "spec")
    metadata = at(node, "metadata")
    name = names.of(thing.ref, thing.kind)
    owner, implied = _owner(thing, names)
    values: dict[str, Node | None] = {
        "name": nodes.text(at(node, "metadata", "name").line, name),  # type: ignore[union-attr]
        "kind": nodes.text(node.line, _kind(thing)),
        "title": at(metadata, "title") or at(spec, "profile", "displayName"),
        "description": at(metadata, "description"),
        "environment": _environment(at(spec, "lifecycle")),
        "owner": owner,
        "documents": _documents(at(metadata, "links")),
        "runbook": _runbook(at(metadata, "links")),
        "contact": at(spec, "profile", "email"),
        **_links(thing, names),
        **_annotated(at(metadata, "annotations")),
    }
    values["extra"] = nodes.record(node.line, {
        EXTRA: nodes.text(node.line, thing.ref),
        "type": at(spec, "type"),
        "tags": at(metadata, "tags"),
    })  # fmt: skip
    path = f"{words(at(node, 'kind'))}.{name}"
    yield Record(file=thing.file, noun=ENTITY, node=nodes.record(node.line, values), path=path, lenient=True)
    if implied is not None and implied.value:
        team = nodes.record(implied.line, {"kind": nodes.text(implied.line, "team"), "name": implied})
        yield Record(file=thing.file, noun=ENTITY, node=team, path=f"Group.{implied.value}", implied=True)


def _kind(thing: _Thing) -> str:
    if thing.kind != "component":
        return _KINDS[thing.kind]
    return _TYPES.get(words(at(thing.node, "spec", "type")).lower(), "component")


def _owner(thing: _Thing, names: _Names) -> tuple[Node | None, Node | None]:
    """Who answers for it, and the team that this implies; a user is one by the mail address of their profile."""
    node = at(thing.node, "spec", "owner")
    if node is None or not isinstance(node.value, str) or thing.kind == "group":
        return (node if node is not None and node.value is not None else None), None
    ref = _ref(node.value, "group")
    if ref.startswith("user:"):
        address = names.people.get(ref, "")
        return (nodes.text(node.line, address) if address else None), None
    team = nodes.text(node.line, names.of(node.value, "group"))
    return team, team


def _environment(node: Node | None) -> Node | None:
    """Of the lifecycles whose meaning is known; others say nothing of it."""
    found = ENVIRONMENTS.get(words(node).lower())
    return nodes.text(node.line, found) if node is not None and found else None


def _links(thing: _Thing, names: _Names) -> dict[str, Node | None]:
    spec = at(thing.node, "spec")

    def named(key: str, kind: str) -> Iterator[Node]:
        for each in items(at(spec, key)):
            if words(each):
                yield replace(each, value=names.of(words(each), kind))

    def together(*found: Node) -> Node | None:
        return Node(found[0].line, found) if found else None

    wholes = [*named("system", "system"), *named("subcomponentOf", "component"), *named("domain", "domain"),
              *named("partOf", "system")]  # fmt: skip
    return {
        "depends_on": together(*named("dependsOn", "component"), *named("consumesApis", "api")),
        "part_of": together(*wholes),
        NEEDED_BY: together(*named("dependencyOf", "component"), *named("providesApis", "api")),
    }


def _documents(links: Node | None) -> Node | None:
    found = [
        nodes.record(each.line, {
            "kind": nodes.text(each.line, _document(each)),
            "title": nodes.text(each.line, words(at(each, "title")) or words(at(each, "url"))),
            "url": at(each, "url"),
        })
        for each in items(links)
        if words(at(each, "url")).startswith(("https://", "http://"))
    ]  # fmt: skip
    return Node(links.line, tuple(found)) if links is not None and found else None


def _document(link: Node) -> str:
    said = " ".join(words(at(link, key)) for key in ("title", "type", "icon")).lower()
    return next((kind for kind, pattern in _DOCUMENTS if re.search(pattern, said)), "document")


def _runbook(links: Node | None) -> Node | None:
    return next((at(each, "url") for each in items(links) if _document(each) == "runbook"), None)


def _annotated(annotations: Node | None) -> dict[str, Node]:
    """Our own facts. A list stands there as words parted by commas."""
    found = {}
    for key, node in keys(annotations).items():
        prefix, _, name = key.partition("/")
        name = name.replace("-", "_")
        if prefix.split(".")[0] != "antiphon" or name not in _OURS:
            continue
        if name in _LISTED:
            node = nodes.names(node.line, (each.strip() for each in words(node).split(",") if each.strip()))
        found[name] = node
    return found
