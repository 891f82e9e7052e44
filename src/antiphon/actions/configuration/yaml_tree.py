"""YAML as a tree of values that know their line. Nothing in a file is ever executed or expanded."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import yaml

from antiphon.core.configuration import Node, Problem

DEEPEST = 40
"""Lists and keys within each other; a configuration file needs about six."""

_STANDARD = "tag:yaml.org,2002:"
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads about ten times as fast; where it finds a fault, the other reads again, for its words are those we mend."""


class Untaken(Exception):
    """Valid YAML that is not taken."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def parse(text: str) -> tuple[Node, list[Problem]]:
    """The file's tree and what is wrong with it as YAML. Where it cannot be read at all, the tree is empty."""
    documents, problems = _parse(text, lambda loader: [yaml.compose(text, Loader=loader)])
    return documents[0], problems


def parse_all(text: str) -> tuple[tuple[Node, ...], list[Problem]]:
    """The same for a file that may hold several documents, one behind the other; a list of them counts as such."""
    documents, problems = _parse(text, lambda loader: list(yaml.compose_all(text, Loader=loader)))
    lists = (each.value if isinstance(each.value, tuple) else (each,) for each in documents)
    return tuple(chain.from_iterable(lists)), problems


def _parse(text: str, compose: Callable[[Any], list[Any]]) -> tuple[list[Node], list[Problem]]:
    try:
        try:
            roots = _compose(text, compose, _FAST)
        except yaml.YAMLError:
            roots = _compose(text, compose, yaml.SafeLoader)
    except Untaken as untaken:
        return [Node(untaken.line, None)], [Problem(untaken.line, "", untaken.sentence)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return [Node(line, None)], [Problem(line, "", _mend(str(error.problem or error.context)))]
    except yaml.YAMLError as error:
        return [Node(1, None)], [Problem(1, "", f"The file is not text that YAML can hold: {error.args[0]}.")]
    problems: list[Problem] = []
    return [Node(1, None) if root is None else _node(root, "", problems) for root in roots] or [Node(1, None)], problems


def _compose(text: str, compose: Callable[[Any], list[Any]], loader: Any) -> list[Any]:
    _refuse_aliases(text, loader)
    return compose(loader)


def _refuse_aliases(text: str, loader: Any) -> None:
    """Refuse, before anything is built, aliases (they can blow up a file) and nesting without end."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise Untaken(line, "Aliases (*name) are not taken here; write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Untaken(line, f"More than {DEEPEST} levels stand within each other; flatten it.")


def _mend(problem: str) -> str:
    if "'\\t'" in problem:
        return "A tab stands here; indent with spaces."
    if "mapping values are not allowed" in problem or "could not find expected ':'" in problem:
        return f"This cannot be read ({problem}); check the indentation, and put text that holds a colon in quotes."
    if "another document" in problem:
        return "A second document begins here; put everything into one, without “---”."
    return f"This cannot be read: {problem}."


def _node(found: yaml.Node, path: str, problems: list[Problem]) -> Node:
    line = found.start_mark.line + 1
    if not str(found.tag).startswith(_STANDARD):
        problems.append(Problem(line, path, f"The tag {found.tag} is not taken here; write the plain value."))
    if isinstance(found, yaml.MappingNode):
        return _mapping(found, path, problems)
    if isinstance(found, yaml.SequenceNode):
        items = enumerate(found.value, start=1)
        return Node(line, tuple(_node(each, f"{path}[{number}]", problems) for number, each in items))
    if not isinstance(found, yaml.ScalarNode) or found.tag == f"{_STANDARD}null":
        return Node(line, None)
    # The text of a block (| or >) begins on the line after its sign.
    return Node(line + (found.style in ("|", ">")), found.value, plain=not found.style)


def _mapping(found: yaml.MappingNode, path: str, problems: list[Problem]) -> Node:
    values: dict[str, Node] = {}
    lines: dict[str, int] = {}
    for key, value in found.value:
        line, name = key.start_mark.line + 1, str(key.value)
        inner = f"{path}.{name}".removeprefix(".")
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(line, path, "A key must be one word or text."))
        elif name in values:
            said = f"“{name}” stands twice here, first on line {lines[name]}; keep one of the two."
            problems.append(Problem(line, inner, said))
        else:
            values[name], lines[name] = _node(value, inner, problems), line
    return Node(found.start_mark.line + 1, values, key_lines=lines)
