"""The auditor in a story: it looks when it is told to, and once more at the story's end."""

from datetime import datetime
from ipaddress import ip_network

from antiphon import channels, clock
from antiphon.actions import auditing
from antiphon.core.auditing import EVERY_SECONDS, Rule
from antiphon.db.models import AuditFinding
from antiphon.delivery.straight import Straight
from antiphon.egress.guard import EgressPolicy
from antiphon.egress.transport import Transport
from antiphon.engine.auditor import Auditor

LOOPBACK = ip_network("127.0.0.0/8")
BY_PEOPLE = frozenset({Rule.UNKEPT, Rule.UNREACHABLE})
"""What people were to do: few stories go on for so long."""


def way_out() -> Transport:
    """To this machine only."""
    return Transport(EgressPolicy(allowed_private=(LOOPBACK,), allowed_to_strangers=(LOOPBACK,)))


class Audited:
    """`called`: the addresses outside that passed audits asked for."""

    now: datetime

    def __init__(self) -> None:
        self.called: list[str] = []
        self._left: set[str] = set()
        self._real = clock.real()

    def audit(self) -> list[str]:
        """The auditor looks; answers the rules by which it holds something against the house now."""
        self._real += EVERY_SECONDS + 1
        straight = Straight(channels.registry(), way_out, node="auditor", real=lambda: self._real)
        auditor = Auditor(lambda messages, now: straight.send(messages, now=now), self._call)
        assert auditor.audit(now=self.now, real=self._real) is not None
        found = AuditFinding.objects.filter(gone_at__isnull=True)
        return sorted(found.values_list("rule", flat=True))

    def _call(self, url: str) -> str:
        self.called.append(url)
        return "answered 200"

    def wrong(self) -> list[str]:
        """What the auditor would find now and the story did not name in `leaves`."""
        found = auditing.look(now=self.now, real=clock.real(), pace=1.0)
        return [one.sentence for one in found if one.rule not in self._left | BY_PEOPLE]

    def leaves(self, *rules: str) -> None:
        """The story ends with something that an audit holds against it, by these rules."""
        self._left |= set(rules)
