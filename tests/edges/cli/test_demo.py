"""The demo's parts: its folder, its mail sink, its visitor's reading of forms. The whole play is in tests/faults."""

import io
import smtplib
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

from antiphon.cli.demo import folder, performance, sink, visitor
from antiphon.cli.demo.narration import Narrator
from antiphon.cli.demo.sink import Sink
from antiphon.web import mailboxes
from tests.edges.cli.house import House, busy_port


def test_a_folder_with_a_real_installation_is_refused(lived_in: House):
    said = lived_in.run_alone("demo", "--fresh", "--port", "0", "--data", str(lived_in.data)).sentence
    assert "holds an Antiphon that is no demo" in said
    assert lived_in.run("key", "list").out.count("prometheus") == 1


def test_a_busy_port_is_refused_by_name(tmp_path: Path):
    with busy_port() as port:
        words = ("demo", "--data", str(tmp_path / "demo"), "--port", str(port))
        assert f"Port {port} on 127.0.0.1 is in use" in House(tmp_path).run_alone(*words).sentence


def test_a_fresh_start_removes_what_the_demo_wrote_and_nothing_else(tmp_path: Path):
    (tmp_path / "thesis.txt").touch()
    folder.begin(tmp_path)
    assert (tmp_path / folder.MARKER).stat().st_mode & 0o077 == 0
    for _ in range(2):
        (tmp_path / "mailboxes").mkdir()
        (tmp_path / "lock").touch()
        folder.begin(tmp_path)
        folder.clear(tmp_path)
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {"lock", folder.MARKER, "thesis.txt"}, "what was there before the demo is not the demo's"


def _mail(to: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "incidents@lindenhof.example", to, "Orders fail – sorry"
    message.set_content(body)
    message.add_alternative(f"<p>{body}</p>", subtype="html")
    return message


def test_the_page_of_mailboxes_reads_what_the_sink_keeps(tmp_path: Path):
    assert (sink.FOLDER, sink.FILE) == (mailboxes.FOLDER, mailboxes.FILE)
    with Sink(tmp_path) as kept, smtplib.SMTP("127.0.0.1", kept.port) as client:
        for name in ("Bo", "Ines"):
            body = f"Hello {name},\n\nOrders fail.\n\nTo stop these messages: http://127.0.0.1/unsubscribe/{name}\n"
            client.send_message(_mail(f"{name.lower()}@halden.example", body))
    read = mailboxes.read(tmp_path / mailboxes.FOLDER / mailboxes.FILE)
    assert [(mail.to, mail.subject) for mail in read] == [
        ("bo@halden.example", "Orders fail – sorry"),
        ("ines@halden.example", "Orders fail – sorry"),
    ]
    assert "Hello Bo," in read[0].text
    assert read[0].html.startswith("<p>")
    (letter,) = mailboxes.letters(read)
    assert letter.same == 1


PAGE = """<form method="get" action="/find"><input name="q"></form>
<form method="post" action="/incidents/1/facts"><input type="hidden" name="csrfmiddlewaretoken" value="t">
<select name="name"><option value="scope">Scope</option><option value="cause" selected>Cause</option></select>
<select name="confidence"><option value="confirmed">Sure</option><option value="likely">Likely</option></select>
<textarea name="text">
a &lt; b</textarea><input type="checkbox" name="audiences" value="technical" checked>
<input type="checkbox" name="audiences" value="legal"><button name="as" value="x">Go</button></form>"""


def test_a_form_is_read_as_a_browser_reads_it():
    (form,) = visitor.forms(PAGE)
    assert form.action == "/incidents/1/facts"
    assert form.fields == {
        "csrfmiddlewaretoken": "t",
        "name": "cause",
        "confidence": "confirmed",
        "text": "a < b",
        "audiences": ["technical"],
    }


def test_each_publication_has_31_technical_and_226_business_readers():
    assert Counter(performance.readers().values()) == {"technical": 31, "business": 226}


def test_the_story_is_plain_where_nobody_watches_and_silent_when_quiet():
    told, quiet = io.StringIO(), io.StringIO()
    Narrator(told).say("Ben", "acknowledges [link] " + "x" * 200)
    Narrator(quiet, quiet=True).say("Ben", "acknowledges")
    assert told.getvalue().endswith(f"Ben          acknowledges [link] {'x' * 200}\n")
    assert "\x1b" not in told.getvalue()
    assert quiet.getvalue() == ""
