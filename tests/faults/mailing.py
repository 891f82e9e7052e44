"""One publication to very many customers of an installation, made in a process of its own.

    python -m tests.faults.mailing RECIPIENTS        prints what it took as JSON

With the environment of the installation. Two people must be set up: one drafts, another approves.
"""

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.faults.installation import Installation

ROOT = Path(__file__).parent.parent.parent
PER_CUSTOMER = 10
FACTS = {
    "what_happens": "Payments by card fail",
    "symptoms": "The checkout shows an error after you press Pay",
    "scope": "About one in five payments",
    "detected": "Seen by our own monitoring at 09:00 UTC",
    "workaround": "Pay by bank transfer",
    "actions": "We moved payments to the second data centre",
    "customer_action": "Nothing; failed payments are not charged",
}


def told(house: Installation, recipients: int) -> dict[str, Any]:
    """Publish: `seconds` it took to queue, the instant `at` which it was, and the `size` of the text."""
    words = [sys.executable, "-m", "tests.faults.mailing", str(recipients)]
    environ = {**house.environment(), "DJANGO_SETTINGS_MODULE": "antiphon.wiring.settings"}
    done = subprocess.run(words, capture_output=True, text=True, env=environ, cwd=ROOT, check=False)
    assert done.returncode == 0, f"Telling failed: {done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _tell(recipients: int) -> None:
    import django

    django.setup()
    from antiphon import clock
    from antiphon.actions import facts, incidents, updates
    from antiphon.core.decision import Actor, Refusal
    from antiphon.db.models import Delivery, Organisation, Person, Update

    Organisation.objects.update(support="support@bench.example or +49 30 555 0100")
    entity = _seed(recipients, now=clock.now())
    drafts, approves = (Actor(kind="person", uid=each.uid, role="admin") for each in Person.objects.order_by("id")[:2])
    made = incidents.declare(
        title="Payments fail", severity=2, incident_type="disruption", reason="bench", entities=(entity,),
        actor=drafts, now=clock.now(),
    )  # fmt: skip
    assert not isinstance(made, Refusal), made
    for name, text in FACTS.items():
        facts.record(incident=made.uid, name=name, text=text, audiences=None, actor=drafts, now=clock.now())
    uid = updates.draft(incident=made.uid, moment="first_word", audiences=["business"], actor=drafts, now=clock.now())
    assert not isinstance(uid, Refusal), uid
    for version in Update.objects.get(uid=uid).versions.all():
        refused = updates.approve(
            update=uid, audience=version.audience, digest=version.digest, actor=approves, now=clock.now()
        )
        assert refused is None, refused
    started = time.perf_counter()
    refused = updates.publish(update=uid, actor=drafts, now=clock.now())
    took = time.perf_counter() - started
    assert refused is None, refused
    one = Delivery.objects.filter(outside=True).select_related("text").first()
    assert one is not None
    print(json.dumps({"seconds": took, "at": time.time(), "size": len(one.text.body_text + one.text.body_html)}))


def _seed(recipients: int, *, now: datetime) -> str:
    from antiphon.db import revisions
    from antiphon.db.models import Contact, Entity, Link

    shop = Entity.objects.create(
        kind="application", name="checkout", title="Checkout", customer_facing=True, updated_at=now
    )
    customers = Entity.objects.bulk_create(
        [
            Entity(kind="customer", name=f"customer-{n}", title=f"Customer {n}", updated_at=now)
            for n in range(max(recipients // PER_CUSTOMER, 1))
        ],
        batch_size=1000,
    )
    Link.objects.bulk_create(
        [Link(source=each, target=shop, kind="contracted_for") for each in customers], batch_size=1000
    )
    Contact.objects.bulk_create(
        [
            Contact(customer=customers[n % len(customers)], name=f"Reader {n}", email=f"reader-{n}@bench.example")
            for n in range(recipients)
        ],
        batch_size=1000,
    )
    revisions.bump(revisions.CATALOG)
    return shop.name


if __name__ == "__main__":
    _tell(int(sys.argv[1]))
