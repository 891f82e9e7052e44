"""What was promised outside of a text, written down by a script."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.db.models import Promise
from tests.edges.api.house import NOW, Caller, declared


def said(minutes: int, audience: str = "support", **more: Any) -> tuple[int, Any]:
    body = {"audience": audience, "due_at": (NOW + timedelta(minutes=minutes)).isoformat(), **more}
    return Caller().post("incidents/1/promises", body)


def test_a_word_of_mouth_stands_in_the_ledger_and_only_ever_comes_sooner() -> None:
    declared()
    status, answer = said(240, reason="Lea said so on the telephone.")
    assert status == 201, answer
    assert said(120)[0] == 201
    status, answer = said(180)
    assert (status, "sooner already" in str(answer)) == (422, True)
    (owed,) = Promise.objects.filter(audience="support", state="open")
    assert owed.due_at == NOW + timedelta(minutes=120)
    _, listed = Caller().get("incidents/1/promises")
    assert owed.uid in {each["uid"] for each in listed["items"]}


@pytest.mark.parametrize(("minutes", "audience", "field"), [(-5, "support", "due_at"), (30, "everybody", "audience")])
def test_what_cannot_be_promised_says_where(minutes: int, audience: str, field: str) -> None:
    declared()
    status, answer = said(minutes, audience)
    assert status == 422
    assert field in str(answer)
    assert not Promise.objects.filter(audience=audience).exists()
