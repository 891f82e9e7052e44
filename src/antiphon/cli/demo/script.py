"""What is said and written in the play: the alerts, the facts and the sentences of its people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

CLUSTER: Final = "MySQLCannotWrite"
LASTS: Final = timedelta(hours=2)


def copy_stopped(since: datetime) -> dict[str, Any]:
    """The first alert: a copy of the database that no customer waits for."""
    labels = {"alertname": "ReplicationStopped", "component": "mysql-reports-03"}
    return _alert(labels, "The copy of the database that our reports read has stopped", since)


def cluster_full(since: datetime) -> dict[str, Any]:
    """The second alert: the cluster itself."""
    labels = {"alertname": CLUSTER, "cluster": "mysql-cluster-03"}
    return _alert(labels, "mysql-cluster-03 does not take writes", since)


def ended(alert: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The same alert once it is over."""
    return alert | {"endsAt": at.isoformat()}


def _alert(labels: dict[str, str], summary: str, since: datetime) -> dict[str, Any]:
    """As Prometheus sends it: an `endsAt` that lies ahead says that it still fires. Nobody sends it again here, so it
    lies further ahead than Prometheus would say."""
    return {
        "labels": labels | {"job": "mysql", "severity": "critical"},
        "annotations": {"summary": summary},
        "startsAt": since.isoformat(),
        "endsAt": (since + LASTS).isoformat(),
        "generatorURL": "http://prometheus.lindenhof.example:9090/graph",
    }


AFFECTED: Final[Mapping[str, str]] = MappingProxyType(
    {"entity": "mysql-cluster-03", "reason": "its primary takes no writes, so the copy has nothing to read"}
)
FOUND: Final = (
    "diagnostics",
    "The copy is healthy; the log volume of the primary mysql-cluster-03-a is full, so no write is taken.",
)
FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "what_happens": "Writes to the database fail with “no space left on device”; reads work.",
        "scope": "All customers who order, pay or use the customer portal, in every region.",
        "symptoms": "Orders and payments fail or take very long",
        "hypothesis": "A nightly report kept one transaction open, and the log volume filled up behind it.",
        "actions": "We are making room on the full storage and moving the load to a healthy copy.",
        "customer_action": "You need to do nothing; please do not send an order twice.",
        "expectation": "Orders may fail now and then until the move is done.",
    }
)
INSIDE: Final = ("metrics", "Checkout loses about 180 EUR per minute; two large customers have called already.")
CHANGE: Final = "Log volume of mysql-cluster-03 enlarged from 200 to 400 GB, old logs removed"
CORRECTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "symptoms": "Some orders and payments still take longer than usual",
        "actions": "We made room on the full storage and moved the load; we go on watching every order.",
        "expectation": "A few orders may still be slow while the delayed ones are worked through.",
    }
)
LEARNT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cause": "A report kept one transaction open all night; the log volume of the primary filled up behind it.",
        "changed": "The volume was enlarged, and reports may run for ten minutes at most.",
        "prevention": "We now watch how fast this storage fills, and act long before it is full.",
        "verified": "Test orders have gone through every minute since the change.",
    }
)
RESOLVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "how": "The log volume was enlarged and the endless transaction of the report ended.",
        "verified": "Test orders went through every minute for a quarter of an hour; replication is back in step.",
    }
)
