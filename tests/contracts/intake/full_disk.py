"""A process of its own whose files may not grow: RLIMIT_FSIZE is a full disk that can be emptied again.

python -m tests.contracts.intake.full_disk FOLDER    with a migrated `antiphon.sqlite3` in it; prints JSON
"""

import json
import os
import resource
import sys
from pathlib import Path

import django

SMALL = 32 * 1024  # less than the write-ahead log has, more than the spool needs


def main(folder: Path) -> None:
    os.environ |= {
        "ANTIPHON_DATA": str(folder),
        "ANTIPHON_DATABASE_URL": "",
        "ANTIPHON_SECRET_KEY": "not a secret: tests only",
        "DJANGO_SETTINGS_MODULE": "antiphon.wiring.settings",
    }
    django.setup()
    from tests.contracts.intake.doors import World

    world = World(folder)

    def send(name):
        reply = world.alerts({"labels": {"alertname": name}})
        return [name, reply.status, reply.headers.get("retry-after"), world.spool.pending()]

    for number in range(40):
        world.alerts({"labels": {"alertname": f"before {number}"}})
    said = [send("while there is room")]
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size, name in ((SMALL, "database full"), (0, "all full"), (SMALL, "all full no more")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
        said.append(send(name))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    world.wait(lambda: not world.spool.pending())
    said.append(send("room again"))
    shown = world.send("GET", "/in/prom/api/v2/alerts").said
    world.close()
    print(json.dumps({"said": said, "shown": [alert["labels"]["alertname"] for alert in shown][40:]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
