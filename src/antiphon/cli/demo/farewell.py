"""What the demo says once the incident is played: where everything is, and what to try next."""

import shutil
import sys
from pathlib import Path

from antiphon.cli.demo.narration import Narrator


def say(told: Narrator, *, url: str, path: str, data: Path, fast_for: float) -> None:
    """Addresses, files, the ways to send an alert, and the way from the demo to real work.

    `fast_for`: real seconds until the clock shows real time; not positive when it does.
    """
    from antiphon.web import test_alerts  # Django: only once it is set up

    antiphon = command()
    told.titled(
        "Look around",
        [
            f"Now            {url}/",
            f"Incident room  {url}/incidents/1",
            f"Status page    {url}/status/",
            f"Mailboxes      {url}/mailboxes",
            f"API            {url}/api/v1/docs",
            f"Sign in again: {antiphon} person link ira@lindenhof.example --data {data}",
        ],
    )
    for way in test_alerts.examples("alertmanager", f"{url}{path}"):
        told.titled(f"Send it an alert: {way['label']}", way["text"].splitlines())
    told.titled(
        "Then",
        [
            f"The data lies in {data}; the processes' own words in {data / 'demo.log'}.",
            f"Begin anew: {antiphon} demo --fresh --data {data}",
            "From here to real work: print a file to start from, change it, apply it, start:",
            f"  {antiphon} apply --example > ours.yaml",
            f"  {antiphon} apply ours.yaml --data ./antiphon-real",
            f"  {antiphon} up --data ./antiphon-real",
        ],
    )
    when = f"its clock shows real time in {fast_for:.0f} s" if fast_for > 0 else "on real time"
    told.show("", f"The demo stays up at {url}, {when}. Ctrl-C stops it.")


def command() -> str:
    """How this program is called from where the user stands: by its name if the shell finds it, else by its place."""
    called = Path(sys.argv[0])
    if shutil.which("antiphon"):
        return "antiphon"
    return str(called) if called.name == "antiphon" else f"{sys.executable} -m antiphon"
