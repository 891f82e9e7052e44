"""One incident, told in the language of each reader and in words for each channel, on one approval."""

from typing import Any

import pytest

from antiphon.actions import configuration, facts, updates
from antiphon.actions import texts as making
from antiphon.core.audiences import Translation
from antiphon.core.decision import SYSTEM
from antiphon.core.sending import NotSent
from antiphon.db import public_page
from antiphon.db.models import Contact, Delivery, Subscriber, Text, Update, Version
from antiphon.db.public import PublicIncident, PublicPage
from antiphon.delivery.approved import approved
from tests.world import World

pytestmark = pytest.mark.patient


def opened(world: World, *, translated: bool = True) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    Contact.objects.filter(name="Bo").update(language="de-CH")
    world.declare(severity=2, entities=["checkout"])
    world.knows_all()
    if translated:
        correct(world, "Payments may fail", {"de": "Zahlungen können fehlschlagen"})


def correct(world: World, text: str, translations: dict[str, str]) -> None:
    old = world.incident.facts.get(name="symptoms", superseded_by="")
    known: dict[str, Any] = {"incident": world.incident.uid, "actor": world.acts(world.ann), "now": world.now}
    assert facts.correct(fact=old.uid, text=text, translations=translations, **known) is None


def edit(world: World, update: Update, **changes: Any) -> None:
    version = world.version(update, "business")
    words: dict[str, Any] = {"subject": version.subject, "body": version.body} | changes
    assert (
        updates.edit(update=update.uid, audience="business", actor=world.acts(world.lea), now=world.now, **words)
        is None
    )


def sent(world: World, update: Update) -> dict[str, Text]:
    """The text that went to each contact, by their name."""
    world.approve(update)
    assert updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now) is None
    rows = Delivery.objects.filter(text__version__update=update, outside=True).select_related("text")
    names = dict(Contact.objects.values_list("uid", "name"))
    return {names[row.recipient]: row.text for row in rows if row.recipient in names}


def test_each_reader_gets_their_language_and_the_approval_is_of_all(world: World) -> None:
    opened(world)
    update = world.draft("business", "technical")
    version = world.version(update, "business")
    assert "Zahlungen können fehlschlagen" in version.translations["de"]["body"]
    assert {"sms", "chat", "voice"} <= set(version.channels)
    found = sent(world, update)
    bo, tess = found["Bo"], found["Tess"]
    assert (bo.language, tess.language) == ("de", "en")
    assert "Nächste Meldung" in bo.body_text
    assert "Nächste Meldung" in bo.channels["sms"]
    assert "Next update" in tess.channels["sms"]
    assert not isinstance(approved(bo), NotSent)
    assert "Guten Tag Bo," in Delivery.objects.get(text=bo).slots["greeting"]
    Text.objects.filter(pk=bo.pk).update(channels={"sms": "Something else"})
    bo.refresh_from_db()
    assert approved(bo) is NotSent.UNAPPROVED
    Version.objects.filter(pk=bo.version_id or 0).update(translations={})
    tess.refresh_from_db()
    assert not isinstance(approved(tess), NotSent)
    assert approved(Text.objects.get(language="en", audience="business")) is NotSent.UNAPPROVED


def test_a_changed_byte_in_any_language_or_channel_voids_the_approval(world: World) -> None:
    opened(world)
    update = world.draft("business")
    german = world.version(update, "business").translations["de"]
    same = Translation(subject=german["subject"], body=german["body"], channels=german["channels"])
    for changes in (
        {"channels": {**world.version(update, "business").channels, "sms": "Next update by 23:59 UTC today."}},
        {"translations": {"de": Translation(subject="Anders", body=same.body, channels=same.channels)}},
        {"translations": {"de": Translation(subject=same.subject, body=same.body, channels={"sms": "Anders."})}},
    ):
        world.approve(update)
        assert world.version(update, "business").approved_digest
        edit(world, update, **changes)
        assert not world.version(update, "business").approved_digest


def test_a_translation_of_words_that_were_changed_waits_until_somebody_looked(world: World) -> None:
    opened(world)
    update = world.draft("business")
    version = world.version(update, "business")
    edit(world, update, body=version.body.replace("may fail", "often fail"))
    rules = [each["rule"] for each in world.version(update, "business").translations["de"]["findings"]]
    assert "not_looked_at" in rules
    german = Translation(**{name: version.translations["de"][name] for name in ("subject", "body", "channels")})
    edit(world, update, body=version.body.replace("may fail", "often fail"), translations={"de": german})
    assert sent_language(world, update) == "en"


def test_whoever_says_that_it_means_the_same_lets_it_go(world: World) -> None:
    opened(world)
    update = world.draft("business")
    version = world.version(update, "business")
    words = {name: version.translations["de"][name] for name in ("subject", "body", "channels")}
    same = Translation(**words, of=making.SAME)
    edit(world, update, body=version.body.replace("may fail", "often fail"), translations={"de": same})
    assert sent_language(world, update) == "de"


def test_a_gap_in_one_language_keeps_that_language_alone_back(world: World) -> None:
    opened(world)
    update = world.draft("business")
    words = world.version(update, "business").translations["de"]
    gap = Translation(subject=words["subject"], body=words["body"] + "\n\n[[was noch?]]")
    edit(world, update, translations={"de": gap})
    assert sent_language(world, update) == "en"


def test_what_is_not_translated_is_said(world: World) -> None:
    opened(world, translated=False)
    said = world.version(world.draft("business"), "business").translations["de"]["findings"]
    assert any(each["rule"] == "untranslated" and "symptoms" in each["message"] for each in said)


def test_a_page_shows_its_own_language(world: World) -> None:
    opened(world)
    public_page.page(now=world.now)
    PublicPage.objects.update(language="de")
    update = world.draft("public")
    sent(world, update)
    shown = PublicIncident.objects.get()
    assert shown.title == "Zahlungen können fehlschlagen"
    assert "Was Sie bemerken können" in shown.updates.get().body


def test_a_subscriber_hears_in_the_language_they_asked_for(world: World) -> None:
    opened(world)
    page = public_page.page(now=world.now)
    for language in ("de", "fr"):
        address = f"{language}@customer.test"
        Subscriber.objects.create(
            page=page, channel="mail", address=address, language=language, token=language, asked_at=world.now,
            confirmed_at=world.now,
        )  # fmt: skip
    sent(world, world.draft("public"))
    told = dict(Delivery.objects.filter(outside=True).values_list("address", "text__language"))
    assert told == {"de@customer.test": "de", "fr@customer.test": "en"}


def test_no_change_is_said_in_every_language(world: World) -> None:
    opened(world)
    update = world.draft("business", "technical")
    sent(world, update)
    world.advance(minutes=20)
    incident = world.incident.uid
    assert updates.no_change(incident=incident, actor=world.acts(world.lea), now=world.now) is None
    newest = Version.objects.filter(audience="business").order_by("-id")[0]
    german = newest.translations["de"]
    assert german["body"].startswith("Keine Änderung seit ")
    assert newest.channels["sms"].startswith("No change since ")
    texts = Text.objects.filter(version=newest)
    assert {text.language for text in texts} == {"en", "de"}
    assert not any(isinstance(approved(text), NotSent) for text in texts)


def sent_language(world: World, update: Update) -> str:
    return sent(world, update)["Bo"].language


def test_a_correction_takes_the_old_translation_away(world: World) -> None:
    opened(world)
    correct(world, "Few payments fail", {})
    assert world.incident.facts.get(text="Few payments fail").translations == {}


def test_the_first_word_at_sev1_goes_out_in_each_readers_language(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Mo (untagged)"])
    Contact.objects.filter(name="Bo").update(language="de-CH")
    file = f"holding_messages:\n- {{audience: business, type: disruption, approved_by: {world.ira.email}}}"
    applied = configuration.apply(file, source="house.yaml", environ={}, actor=SYSTEM, now=world.now)
    assert isinstance(applied, configuration.Applied)
    assert applied.changes
    world.alert("checkout")
    german, english = world.expect_mail("Bo"), world.expect_mail("Mo", says_next_update=True)
    assert "Guten Tag Bo," in german.body()
    assert "haben wir eine Störung festgestellt" in german.body()
    assert "Diese Nachrichten abbestellen" in german.body()
    assert "Störung" not in english.body()
    version = Version.objects.get(update__moment="holding")
    assert version.approved_digest == version.digest
    assert "Störung" in version.translations["de"]["body"]
    again = world.draft("business", moment="progress")
    assert "de" in world.version(again, "business").translations
