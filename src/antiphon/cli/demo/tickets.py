"""What some of the demo's customers wrote to the support desk, so that the page of customers has something to say.

Suggestions tell nobody anything: the story's counts are the same with and without them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from antiphon.cli.demo_data import demo_customers

ORIGIN: Final = "help desk"

_TECHNICAL: Final = (
    ("Deploy key", "Where do I upload the SSH key for our deploy user? We would like an API token for CI as well."),
    (
        "502 since the upgrade",
        "Every tenth call ends with HTTP 502; curl says ECONNREFUSED. What does your error log say?",
    ),
    ("Replica lag", "The replica is behind: 2026-10-04 02:14:07 ERROR replication stopped. Which MySQL version is it?"),
    ("Plan sizes", "How many vCPUs and IOPS does the next plan have, and which PHP version?"),
)
_BUSINESS: Final = (
    ("Our website is slow", "Our website took a minute on Saturday, our busiest day. Our customers cannot order so."),
    ("Wrong invoice", "The invoice of September names our old address. Could the account manager call us back?"),
    ("What is promised to us", "What does the SLA say for weekends, and do we get a service credit for Saturday?"),
)
_WROTE: Final[Mapping[str, tuple[tuple[tuple[str, str], ...], ...]]] = {
    "untagged": (_TECHNICAL[:2], _BUSINESS, _TECHNICAL[:1], _TECHNICAL, _BUSINESS[:1], _BUSINESS[:2], _TECHNICAL[1:3]),
    "business": (_TECHNICAL[:3], _BUSINESS, _BUSINESS[1:]),
    "technical": (_TECHNICAL,),
}
"""By segment, what the first contacts of it wrote, each a few tickets."""


def written(*, now: datetime) -> Iterator[dict[str, Any]]:
    """The tickets as a help desk exports them; the latest of them a day old."""
    waiting = {segment: iter(each) for segment, each in _WROTE.items()}
    number = 4100
    for customer in demo_customers():
        [contact] = customer["contacts"]
        for subject, text in next(waiting[contact["segment"]], ()):
            number += 7
            yield {
                "id": number,
                "requester": contact["email"],
                "subject": subject,
                "description": text,
                "created_at": (now - timedelta(days=1 + number % 90)).isoformat(),
            }
