"""Everything that can be set, as one file: what may stand in it, and every reason why it cannot be applied.

`understand` takes the file as a tree of values with line numbers and what the installation knows already; it answers
records to be written, or all problems at once. Nothing here reads files, the environment or the database.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from antiphon.core.configuration.checks import Known, check
from antiphon.core.configuration.reading import MISSING, Reading, nearest
from antiphon.core.configuration.sections import SECTIONS, readers
from antiphon.core.configuration.tree import Configuration, Entry, Node, Problem

__all__ = ["Configuration", "Entry", "Known", "Node", "Problem", "understand"]


def understand(root: Node, known: Known, *, problems: Iterable[Problem] = ()) -> Configuration | tuple[Problem, ...]:
    """The file's records, or everything that is wrong with it by line. `problems`: found while it was parsed."""
    reading = Reading(zone=ZoneInfo(_zone(root, known)), environ=known.environ, problems=list(problems))
    found = _sections(root, known, reading)
    channels = {name: found.pop(name) for name in known.settings if name in found}
    config = Configuration(**found, channels=channels)
    check(config, known, reading)
    return tuple(sorted(set(reading.problems))) or config


def _sections(root: Node, known: Known, reading: Reading) -> dict[str, Any]:
    if root.value is None:
        return {}
    if not isinstance(root.value, Mapping):
        reading.refuse(root.line, "", f"The file must begin with a section such as “{SECTIONS[0]}:”.")
        return {}
    shapes = readers(known.settings)
    found: dict[str, Any] = {}
    for name, node in root.value.items():
        if name not in shapes:
            near = nearest(name, shapes) or f" There are: {', '.join(shapes)}."
            reading.refuse(root.key_lines.get(name, node.line), name, f"There is no section “{name}”.{near}")
        elif node.value is not None and (value := shapes[name](node, name, reading)) is not MISSING:
            found[name] = value
    return found


def _zone(root: Node, known: Known) -> str:
    """The organisation's zone: the file's own where it names one that exists, else the one that is set."""
    section = root.value.get("organisation") if isinstance(root.value, Mapping) else None
    zone = section.value.get("zone") if section and isinstance(section.value, Mapping) else None
    if zone is None or not isinstance(zone.value, str):
        return known.zone
    try:
        return ZoneInfo(zone.value.strip()).key
    except (KeyError, ValueError, OSError):
        return known.zone
