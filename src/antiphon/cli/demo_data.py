"""The demo's many small customers, as a configuration file to be applied after the example organisation's.

The same every time. With the example's own, an outage of `mysql-cluster-03` reaches 31 technical contacts and 226 who
read the business version: 214 tagged so and 12 untagged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import cycle, product
from typing import Any, Final

import yaml

from antiphon.cli.apply import example

CONTACTS: Final[Mapping[str, int]] = {"business": 214, "technical": 31, "untagged": 12}
"""Contacts in all, by segment; each is the only one of its customer but for the three strategic customers."""

_PLACES: Final = (
    "Birch", "Harbour", "Linden", "Copper", "Meadow", "River", "Summit", "Amber", "Willow", "Granite", "Maple",
    "Orchard", "Silver", "Heather", "Juniper", "Falcon", "Marble",
)  # fmt: skip
_TRADES: Final = (
    ("Bakery", "checkout"), ("Books", "checkout"), ("Cycles", "checkout"), ("Dental", "customer-portal"),
    ("Events", "web-application"), ("Furniture", "checkout"), ("Gardens", "web-application"),
    ("Hotel", "web-application"), ("Logistics", "customer-portal"), ("Optics", "checkout"),
    ("Press", "web-application"), ("Studio", "web-application"), ("Tea", "checkout"), ("Travel", "customer-portal"),
    ("Yoga", "web-application"),
)  # fmt: skip
_FIRST: Final = (
    "Ada", "Bruno", "Clara", "Dario", "Elif", "Femi", "Greta", "Hugo", "Iris", "Joris", "Kaja", "Luca", "Mila",
    "Nils", "Olga", "Pia", "Rafael", "Sana", "Tomas",
)  # fmt: skip
_LAST: Final = (
    "Adler", "Brandt", "Costa", "Duarte", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanova", "Jansen", "Keller",
    "Lopez", "Meyer", "Nowak", "Olsen", "Peters", "Rossi", "Santos", "Tanaka", "Ude", "Vogel", "Weber", "Zeman",
)  # fmt: skip
_TECHNICAL_USE: Final = ("api", "managed-databases")
_CONTRACT_EVERY: Final = 25


def demo_configuration(*, smtp_port: int) -> str:
    """YAML of the generated customers, with mail that goes to a server on this machine."""
    mail = {
        "host": "127.0.0.1",
        "port": smtp_port,
        "security": "none",
        "from_address": "incidents@lindenhof.example",
        "from_name": "Lindenhof Hosting",
        "reply_to": "support@lindenhof.example",
    }
    whole = {"customers": demo_customers(), "mail": mail}
    return str(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))


def demo_customers() -> list[dict[str, Any]]:
    """A customer for each contact that the example organisation lacks to make `CONTACTS`."""
    names, people = product(_TRADES, _PLACES), cycle(zip(_shuffled(_FIRST, 7), _shuffled(_LAST, 11), strict=False))
    found = []
    for number, (segment, ((trade, use), place), person) in enumerate(
        zip(_segments(), names, people, strict=False), start=1
    ):
        service = _TECHNICAL_USE[number % 2] if segment == "technical" else use
        found.append(_customer(number, f"{place} {trade}", " ".join(person), segment, service))
    return found


def _segments() -> Iterator[str]:
    """The segment of each generated contact, untagged and technical ones spread among the rest."""
    missing = Counter(CONTACTS) - Counter(
        contact.get("segment", "untagged")
        for customer in yaml.safe_load(example())["customers"]
        for contact in customer["contacts"]
    )
    places = [((index + 0.5) / missing[segment], segment) for segment in missing for index in range(missing[segment])]
    return (segment for _, segment in sorted(places))


def _shuffled(names: tuple[str, ...], step: int) -> Iterator[str]:
    """The names over and over, `step` apart; the step has no divisor in common with their number."""
    return (names[index * step % len(names)] for index in range(len(_FIRST) * len(_LAST)))


def _customer(number: int, title: str, person: str, segment: str, service: str) -> dict[str, Any]:
    name = title.lower().replace(" ", "-")
    address = f"{person.split()[0].lower()}@{name}.example"
    customer: dict[str, Any] = {
        "name": name,
        "title": title,
        "contacts": [{"name": person, "email": address, "segment": segment}],
        "uses": [service],
    }
    if number % _CONTRACT_EVERY == 0:
        contract = {"name": f"{title} standard", "service": service, "starts": "2025-01-01", "ends": "2029-12-31"}
        customer["contracts"] = [contract | {"resolution_minutes": 480, "downtime_minutes_per_month": 120}]
    return customer
