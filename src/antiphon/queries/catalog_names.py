"""Names of the catalog for a field that proposes them while somebody types."""

from typing import Final

from antiphon.db.graph import graph

MOST: Final = 300
"""A browser lists so many without slowing down; whoever has more types the name as alerts send it."""


def readers() -> tuple[str, ...]:
    """The names of customers and segments: who may get a text of their own."""
    return tuple(
        sorted(name for name, kind in graph().entities.kinds.items() if kind in ("customer", "segment"))[:MOST]
    )


def some() -> tuple[str, ...]:
    """The names of what can be affected: everything that works or fails, in the alphabet's order."""
    people = ("customer", "segment", "partner", "team")
    return tuple(sorted(name for name, kind in graph().entities.kinds.items() if kind not in people)[:MOST])
