"""OpsLevel's `opslevel.yml`, version 1: a service or component, a team, or a repository with its owner."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from antiphon.core.configuration.catalog import ENTITY
from antiphon.core.configuration.tree import Node
from antiphon.core.sources import nodes
from antiphon.core.sources.known import Catalog
from antiphon.core.sources.nodes import at, items, words
from antiphon.core.sources.rows import NEEDED_BY, Record, RowError

ALIASES: Final = "aliases"
"""The fact of one's own that holds an entity's other names."""

_KINDS: Final = {"service": "service", "component": "service", "team": "team", "repository": "component"}
_ENVIRONMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("pre-alpha", "alpha", "in_development", "development"), "development"),
    **dict.fromkeys(
        ("beta", "private_beta", "public_beta", "ga", "public_ga", "generally_available", "production",
         "end-of-life", "end_of_life", "deprecated"),
        "production",
    ),
}  # fmt: skip
_DOCUMENTS: Final = {
    "runbooks": "runbook", "runbook": "runbook", "metrics": "dashboard", "status_page": "dashboard",
    "architecture_diagram": "diagram", "health_checks": "dashboard", "observability": "dashboard",
}  # fmt: skip


def translate(files: tuple[tuple[str, tuple[Node, ...]], ...], known: Catalog) -> tuple[list[Record], list[RowError]]:
    """The rows of all files at once, so that an alias in one is found from another."""
    described = [
        (file, kind, found)
        for file, documents in files
        for node in documents
        for kind in _KINDS
        for found in items(at(node, kind))
    ]
    errors = [_empty(file, node) for file, documents in files for node in documents if not _says(node)]
    names = dict(known.aliases)
    for _, _, node in described:
        name = words(at(node, "name"))
        for other in (name, _slug(name), *map(words, items(at(node, "aliases")))):
            if other:
                names[other.lower()] = name
    return [record for file, kind, node in described for record in _records(file, kind, node, names)], errors


def _says(node: Node) -> bool:
    return node.value is None or any(at(node, kind) is not None for kind in _KINDS)


def _empty(file: str, node: Node) -> RowError:
    said = f"Nothing that we read stands here; it needs one of: {', '.join(_KINDS)}."
    return RowError(file, node.line, "", said)


def _slug(name: str) -> str:
    """The alias that OpsLevel makes of a name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _records(file: str, kind: str, node: Node, names: Mapping[str, str]) -> Iterator[Record]:
    owner = at(node, "owner")
    if owner is not None and words(owner):
        owner = nodes.text(owner.line, names.get(words(owner).lower(), words(owner)))
    if kind == "repository" and at(node, "name") is None:
        # The file of a repository says whose it is, not what it is called: there is no row in that.
        return
    tools = items(at(node, "tools"))
    values: dict[str, Node | None] = {
        "name": at(node, "name"),
        "kind": nodes.text(node.line, _KINDS[kind]),
        "description": at(node, "description") or at(node, "responsibilities"),
        "environment": _environment(at(node, "lifecycle")),
        "tier": _tier(at(node, "tier")),
        "owner": owner if kind != "team" else None,
        "documents": _documents(tools),
        "runbook": next((at(each, "url") for each in tools if _document(each) == "runbook"), None),
        **_dependencies(node, names),
    }
    extra = {
        ALIASES: at(node, "aliases"),
        **{key: at(node, key) for key in ("product", "system", "language", "framework")},
    }
    if any(extra.values()):
        values["extra"] = nodes.record(node.line, extra)
    path = f"{kind}.{words(at(node, 'name'))}"
    yield Record(file=file, noun=ENTITY, node=nodes.record(node.line, values), path=path, lenient=True)
    if kind != "team" and owner is not None and words(owner) and "@" not in words(owner):
        team = nodes.record(owner.line, {"kind": nodes.text(owner.line, "team"), "name": owner})
        yield Record(file=file, noun=ENTITY, node=team, path=f"team.{words(owner)}", implied=True)


def _environment(node: Node | None) -> Node | None:
    found = _ENVIRONMENTS.get(words(node).lower().replace(" ", "_"))
    return nodes.text(node.line, found) if node is not None and found else None


def _tier(node: Node | None) -> Node | None:
    """`tier_2` and “Tier 2” as 2."""
    if node is None or not isinstance(node.value, str):
        return node
    found = re.search(r"\d+", node.value)
    return nodes.text(node.line, found[0] if found else node.value, plain=True)


def _dependencies(node: Node, names: Mapping[str, str]) -> dict[str, Node | None]:
    """A list of aliases (or `{alias: …}`), or `{depends_on: …, dependency_of: …}`."""
    found = at(node, "dependencies")
    both = {"depends_on": at(found, "depends_on") if found is not None and isinstance(found.value, Mapping) else found,
            NEEDED_BY: at(found, "dependency_of")}  # fmt: skip
    return {key: _named(each, names) for key, each in both.items()}


def _named(node: Node | None, names: Mapping[str, str]) -> Node | None:
    if node is None:
        return None
    listed = (at(each, "alias") or at(each, "name") or each for each in items(node))
    called = ((each.line, words(each)) for each in listed)
    return Node(node.line, tuple(nodes.text(line, names.get(each.lower(), each)) for line, each in called if each))


def _documents(tools: tuple[Node, ...]) -> Node | None:
    found = [
        nodes.record(each.line, {
            "kind": nodes.text(each.line, _document(each)),
            "title": at(each, "name") or at(each, "url"),
            "url": at(each, "url"),
        })
        for each in tools
        if words(at(each, "url")).startswith(("https://", "http://"))
    ]  # fmt: skip
    return Node(found[0].line, tuple(found)) if found else None


def _document(tool: Node) -> str:
    return _DOCUMENTS.get(words(at(tool, "category")).lower(), "document")
