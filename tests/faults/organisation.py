"""The organisation that the faults happen to, as `antiphon apply` reads it."""

from collections.abc import Sequence
from typing import Any

import yaml

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="


def organisation(*, people: int, services: int, smtp: int, hook: str = "", status_page: bool = False) -> str:
    """`services` internal services, `person-0` … on call for one after the other, mail to a server on this machine.

    Each person has a policy of their own with one step that waits for hours: a page per incident and no more. With
    `hook` everybody has a webhook at this URL beside the mail.
    """
    staff = [_person(number, hook) for number in range(people)]
    return _yaml(
        organisation={"name": "Lindenhof Hosting", "zone": "Europe/Berlin", "technical_policy": "policy-0"},
        people=staff,
        policies=[_policy(number) for number in range(people)],
        catalog=[_service(number, people, status_page) for number in range(services)],
        mail={
            "host": "127.0.0.1",
            "port": smtp,
            "security": "none",
            "from_address": "incidents@lindenhof.example",
            "from_name": "Lindenhof",
        },
        **({"webhook": {"secrets": [SECRET]}} if hook else {}),
        **({"status_page": {"name": "Lindenhof status"}} if status_page else {}),
    )


def service(number: int) -> str:
    """The name of a service, as alerts say it."""
    return f"service-{number:04}"


def alert(name: str, instance: str = "a", *, severity: str = "critical") -> dict[str, Any]:
    """An alert that fires until it is said to have ended."""
    labels = {"alertname": "Errors", "service": name, "instance": instance, "severity": severity}
    return {"labels": labels, "annotations": {"summary": f"{name} fails"}, "endsAt": "2099-01-01T00:00:00Z"}


def alerts(names: Sequence[str]) -> list[dict[str, Any]]:
    """One alert for each of the services."""
    return [alert(name) for name in names]


def _person(number: int, hook: str) -> dict[str, Any]:
    email = f"person-{number}@lindenhof.example"
    methods: list[dict[str, str]] = [{"mail": email}]
    if hook:
        methods.append({"webhook": hook})
    role = "admin" if number == 0 else "responder"
    return {"email": email, "name": f"Person {number}", "role": role, "contact_methods": methods}


def _policy(number: int) -> dict[str, Any]:
    email = f"person-{number}@lindenhof.example"
    return {"name": f"policy-{number}", "steps": [{"page": [email], "wait": "12h"}], "repeat": 0, "catch_all": email}


def _service(number: int, people: int, status_page: bool) -> dict[str, Any]:
    return {
        "kind": "service",
        "name": service(number),
        "title": f"Service {number}",
        "customer_facing": status_page,
        "on_status_page": status_page,
        "policy": f"policy-{number % people}",
    }


def _yaml(**sections: Any) -> str:
    return yaml.safe_dump(sections, sort_keys=False)
