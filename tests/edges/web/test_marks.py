"""What the lint marks on the Tell screen: the words it means, as they were typed, and nothing that acts."""

import html
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from antiphon.core.audiences import Audience, Moment
from antiphon.core.lint import lint
from antiphon.db.models import Version
from antiphon.queries.telling import pieces
from antiphon.web.tags import bold
from tests.edges.web import house

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
BODY = (
    "Ham & eggs’ <b>shop</b> 🛒 fails since 13:40 UTC. **John Smith** watches <https://status.example.com>. "
    "Payments \u202efail\u202c for customers; the **Kubernetes platform** may be slow. Next update at 14:30 UTC."
)


def read_of(body: str):
    return lint(body, audience=Audience.BUSINESS, severity=2, moment=Moment.PROGRESS, at=NOW)


def test_every_mark_holds_the_words_that_the_finding_means():
    found = read_of(BODY).findings
    marked = {(piece.text, piece.level) for piece in pieces(BODY, found) if piece.level}
    assert ("John Smith", "refused") in marked
    assert ("Kubernetes", "refused") in marked
    assert ("[U+202E]", "refused") in marked
    shown = "".join(piece.text for piece in pieces(BODY, found))
    assert shown == re.sub(r"\*\*|<(?=https)|(?<=com)>", "", BODY).replace("\u202e", "[U+202E]").replace(
        "\u202c", "[U+202C]"
    )


def test_bold_words_are_bold_and_nothing_else_acts():
    assert bold("**Next <i>update</i>:** by 14:30 & later, 2 ** 3") == (
        "<strong>Next &lt;i&gt;update&lt;/i&gt;:</strong> by 14:30 &amp; later, 2 ** 3"
    )


def test_within_a_warning_an_error_is_still_marked_as_one():
    long = (
        "Following unanticipated deterioration of redundant components our engineers are carrying out a comprehensive"
        " reconfiguration of interdependent authorization facilities on mysql-cluster-03 throughout geographically"
        " distributed installations, notwithstanding considerable precautionary preparations since this morning."
    )
    levels = {piece.text: piece.level for piece in pieces(long, read_of(long).findings)}
    assert levels["mysql-cluster-03"] == "refused"
    assert "warning" in levels.values()


@pytest.mark.django_db(transaction=True)
def test_the_page_shows_marks_around_the_words_and_escapes_once():
    here = house.build(now=NOW)
    uid = house.work(here, house.declare(here, now=NOW), now=NOW)
    cora = Client()
    cora.force_login(here.people["Cora"])
    cora.post(f"/incidents/1/updates/{uid}/business/text", {"subject": "Payments <i>", "body": BODY})
    assert Version.objects.get(update__uid=uid, audience="business").body == BODY
    page = cora.get("/incidents/1/tell").content.decode()
    assert '<mark class="refused"><strong>John Smith</strong></mark>' in page
    assert '<mark class="refused">[U+202E]</mark>fail' in page
    assert html.escape("Ham & eggs’ <b>shop</b>") in page
    assert "<b>shop" not in page
    assert "&amp;amp;" not in page
    assert "<q>John Smith</q>" in page
