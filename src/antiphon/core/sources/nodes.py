"""Picking values out of a file's tree, and making a tree of our own words from them."""

from collections.abc import Iterable, Mapping

from antiphon.core.configuration.tree import Node


def at(node: Node | None, *keys: str) -> Node | None:
    """The value below these keys; None where one of them is not there."""
    for key in keys:
        if node is None or not isinstance(node.value, Mapping):
            return None
        node = node.value.get(key)
    return node


def words(node: Node | None) -> str:
    """The text of a value; empty when there is none."""
    return node.value.strip() if node is not None and isinstance(node.value, str) else ""


def items(node: Node | None) -> tuple[Node, ...]:
    """What a list holds; a single value is a list of one."""
    if node is None or node.value is None:
        return ()
    return node.value if isinstance(node.value, tuple) else (node,)


def keys(node: Node | None) -> Mapping[str, Node]:
    """A value's keys; none where it is something else."""
    return node.value if node is not None and isinstance(node.value, Mapping) else {}


def text(line: int, value: str, *, plain: bool = False) -> Node:
    """A value of our own words."""
    return Node(line, value, plain=plain)


def names(line: int, found: Iterable[str]) -> Node:
    """A list of names, each once."""
    return Node(line, tuple(Node(line, name) for name in dict.fromkeys(found)))


def record(line: int, values: Mapping[str, Node | None]) -> Node:
    """Keys with values; those without one are left out."""
    there = {key: value for key, value in values.items() if value is not None}
    return Node(line, there, key_lines={key: value.line for key, value in there.items()})
