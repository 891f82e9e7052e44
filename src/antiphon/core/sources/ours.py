"""Our own file: the sections catalog and customers, row by row. Other sections are for `antiphon apply`."""

from collections.abc import Mapping
from typing import Final

from antiphon.core.configuration.catalog import CUSTOMER, ENTITY
from antiphon.core.configuration.reading import nearest
from antiphon.core.configuration.sections import SECTIONS
from antiphon.core.configuration.tree import Node
from antiphon.core.sources.nodes import keys, words
from antiphon.core.sources.rows import CONTACT, CONTRACT, Record, RowError

_READ: Final = {"catalog": ENTITY, "customers": CUSTOMER}
_INSIDE: Final = {"contracts": CONTRACT, "contacts": CONTACT}


def translate(file: str, root: Node) -> tuple[list[Record], list[RowError]]:
    """The file's rows: those of customers apart from the contracts and contacts that stand in them."""
    records: list[Record] = []
    errors: list[RowError] = []
    for section, node in keys(root).items():
        line = root.key_lines.get(section, node.line)
        if section not in _READ:
            errors += [] if section in SECTIONS else [_strange(file, line, section)]
        elif node.value is not None and not isinstance(node.value, tuple):
            said = "A list is expected here; begin each line of it with a dash."
            errors.append(RowError(file, line, section, said, _READ[section]))
        else:
            for number, each in enumerate(node.value or (), start=1):
                records += _rows(file, _READ[section], each, f"{section}[{number}]", errors)
    return records, errors


def _strange(file: str, line: int, section: str) -> RowError:
    near = nearest(section, SECTIONS) or f" There are: {', '.join(SECTIONS)}."
    return RowError(file, line, section, f"There is no section “{section}”.{near}")


def _rows(file: str, noun: str, node: Node, path: str, errors: list[RowError]) -> list[Record]:
    values = keys(node)
    if noun != CUSTOMER or not values:
        return [Record(file=file, noun=noun, node=node, path=path)]
    name = words(values.get("name"))
    own = {key: value for key, value in values.items() if key not in _INSIDE}
    found = [Record(file=file, noun=noun, node=_with(node, own), path=path)]
    for key, inside in _INSIDE.items():
        part = values.get(key)
        if part is None or part.value is None:
            continue
        if not isinstance(part.value, tuple):
            errors.append(RowError(file, part.line, key, "A list is expected here; begin each with a dash.", inside))
            continue
        for number, each in enumerate(part.value, start=1):
            each = _segmented(each, values) if inside == CONTACT else each
            found.append(Record(file=file, noun=inside, node=each, path=f"{path}.{key}[{number}]", of=name))
    return found


def _segmented(contact: Node, customer: Mapping[str, Node]) -> Node:
    """A contact that does not say its segment is of its customer's, unless a person says otherwise."""
    segment = customer.get("segment")
    values = keys(contact)
    if segment is None or not values or "segment" in values:
        return contact
    return _with(contact, {**values, "usual_segment": segment})


def _with(node: Node, values: Mapping[str, Node]) -> Node:
    return Node(node.line, values, key_lines=node.key_lines)
