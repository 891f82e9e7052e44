"""Which processes there are: each reports itself, and is forgotten when it has been silent for long."""

from django.db import transaction

from antiphon.db import gate
from antiphon.db.models import Node
from antiphon.db.transactions import gate_path

FORGOTTEN_SECONDS = 3600.0
LEFT = "left: "
"""Before the kind of one that ended in order: its row stays a while, as a sign that somebody worked until then."""


def report(*, name: str, kind: str, version: str, started_real: float, real: float) -> None:
    """Say that a process is there. `real` is in real epoch seconds. No hint goes to the engine."""
    with gate.hold(gate_path()), transaction.atomic(durable=True):
        Node.objects.filter(seen_real__lt=real - FORGOTTEN_SECONDS).delete()
        Node.objects.update_or_create(
            name=name,
            defaults={"kind": kind, "version": version, "started_real": started_real, "seen_real": real},
        )


def leave(*, name: str, kind: str, real: float) -> None:
    """Say that a process ended in order."""
    with gate.hold(gate_path()), transaction.atomic(durable=True):
        Node.objects.filter(name=name).update(kind=f"{LEFT}{kind}", seen_real=real)
