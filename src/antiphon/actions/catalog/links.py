"""Links between entities, changed one at a time."""

from datetime import datetime

from antiphon.actions.catalog import changed
from antiphon.actions.catalog.authors import origin_of, place_of
from antiphon.core.configuration.catalog import LINKS
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Entity, Link
from antiphon.db.transactions import write


def add_link(*, source: str, kind: str, target: str, actor: Actor, now: datetime) -> Refusal | None:
    """`source` depends on, serves, is part of, is contracted for or is owned by `target`; both by name."""
    if kind not in LINKS:
        return Refusal(f"“{kind}” is no kind of link: choose {', '.join(LINKS)}.", "kind")
    with write():
        found = Entity.objects.in_bulk([source, target], field_name="name")
        for name, at in ((source, "source"), (target, "target")):
            if name not in found:
                return Refusal(f"The catalog knows no “{name}”: add it first, or correct the name.", at)
        if source == target:
            return Refusal(f"“{source}” cannot be linked with itself: name another.", "target")
        ends = {"source": found[source], "target": found[target], "kind": kind}
        _, new = Link.objects.get_or_create(**ends, defaults={"origin": origin_of(actor, now=now)})
        if not new:
            return Refusal(f"“{source}” {kind.replace('_', ' ')} “{target}” already.", "target")
        changed.here(f"{source} {kind} {target}", {source, target}, source=place_of(actor), actor=actor, now=now)
    return None


def remove_link(*, link: int, actor: Actor, now: datetime) -> Refusal | None:
    """Take one link away."""
    with write():
        row = Link.objects.select_related("source", "target").filter(pk=link).first()
        if row is None:
            return Refusal("This link is gone already.", "link")
        needed = [each for group in row.source.redundancy for each in group["of"]]
        if row.kind == "depends_on" and row.target.name in needed:
            said = f"“{row.source.name}” counts “{row.target.name}” among its spares: take it out of these first."
            return Refusal(said, "link")
        hit = changed.around([row.source.name, row.target.name])
        row.delete()
        said = f"{row.source.name} no longer {row.kind} {row.target.name}"
        changed.here(said, hit, source=place_of(actor), actor=actor, now=now)
    return None
