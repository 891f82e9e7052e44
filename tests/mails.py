"""Mail that comes back to a story: samples of real servers, about a mail that the story's sink took."""

import re
from pathlib import Path

from tests.contracts.sinks import ReceivedMail

SAMPLES = Path(__file__).parent / "contracts" / "inbound"
OURS, ADDRESS = b"d4kf02mmzq1a", b"bo@customer.test"


def uid_of(mail: ReceivedMail) -> str:
    """The delivery that a mail was."""
    return str(mail.message["message-id"]).strip("<>").partition("@")[0]


def answer(sample: str, mail: ReceivedMail) -> bytes:
    """The sample as it would come back for this mail; a mail of its own each time."""
    uid, to = uid_of(mail).encode(), mail.recipient.encode()
    data = (SAMPLES / f"{sample}.eml").read_bytes().replace(OURS, uid).replace(ADDRESS, to)
    return re.sub(rb"(?i)\nMessage-Id: <(?!%s)" % uid, b"\nMessage-ID: <" + uid + b"-", data, count=1)


def reply(mail: ReceivedMail, words: str, *, sender: str = "") -> bytes:
    """What the reader of this mail, or somebody else, writes back."""
    return (
        f"From: Bo Berg <{sender or mail.recipient}>\r\nTo: status@fernhost.test\r\nSubject: Re: it\r\n"
        f"Message-ID: <{abs(hash((words, sender)))}@customer.test>\r\nIn-Reply-To: {mail.message['message-id']}\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    ).encode()
