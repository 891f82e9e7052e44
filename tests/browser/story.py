"""What is said and written in the walk, and the steps that more than one test takes."""

from tests.browser.visitor import Visitor

CUSTOMERS = {"Tess": "tess@halden.example", "Bo": "bo@halden.example"}
"""Tess reads the technical version; Bo is untagged, so he reads the business version."""

FACTS = {
    "What is happening": "Writes to MySQL cluster 03 fail with “no space left on device”; reads work.",
    "Who and what is affected": "All customers who order, pay or use the customer portal, in every region.",
    "Symptoms": "Orders and payments fail or take very long",
    "Hypothesis": "A nightly report kept one transaction open, and the log volume filled up behind it.",
    "What we are doing": "We are making room on the full storage and moving the load to a healthy copy.",
    "What customers need to do": "You need to do nothing; please do not send an order twice.",
    "Expectation": "Orders may fail now and then until the move is done.",
}
LEARNT = {
    "Cause": "A report kept one transaction open all night; the log volume of the primary filled up behind it.",
    "What was changed": "The volume was enlarged, and reports may run for ten minutes at most.",
    "Prevention": "We now watch how fast this storage fills, and act long before it is full.",
    "How it was verified": "Test orders have gone through every minute since the change.",
}


def declare(who: Visitor, title: str, entity: str) -> str:
    """By the form; answers the path of the room."""
    who.see("/incidents/declare")
    who.type("What is wrong", title)
    who.type("What is affected", entity)
    who.press("Declare and page the people on call")
    who.reads(title, inside="h1")
    return who.page.url.removeprefix(who.site.url)


def enter(who: Visitor, room: str, facts: dict[str, str]) -> None:
    """Facts, one after the other, each confirmed."""
    who.see(f"{room}/tell")
    for name, text in facts.items():
        who.choose("What it is about", name)
        who.type("What is known", text)
        who.press("Add the fact")
        who.reads(text, inside=".fact")


def draft(who: Visitor, room: str, moment: str) -> None:
    """A version for each audience, from the facts."""
    who.see(f"{room}/tell?moment={moment}")
    who.press("Draft from the facts")
    who.reads("Waits for approval", inside=".version")


def approve(who: Visitor, room: str, moment: str) -> int:
    """Every version that goes outside; answers how many there were."""
    who.see(f"{room}/tell?moment={moment}")
    buttons = who.page.get_by_role("button", name="Approve exactly this text")
    waiting = buttons.count()
    for left in range(waiting - 1, -1, -1):
        buttons.first.click()
        who.page.wait_for_function(
            "many => document.querySelectorAll('form[action$=\"/approval\"]').length === many", arg=left
        )
    return waiting


def send(who: Visitor, room: str, moment: str) -> None:
    """To everybody at once, after reading what that means."""
    who.see(f"{room}/tell?moment={moment}")
    who.unfold("Send to", inside="#sending")
    who.press("Send it to all of them")
    who.reads("Sent.", inside="#toasts")
