"""Real clients against the door under uvicorn."""

import asyncio
import json
import shutil
from contextlib import asynccontextmanager

import pytest
import uvicorn

from antiphon import clock
from antiphon.db.models import Alert

AMTOOL = shutil.which("amtool")


@asynccontextmanager
async def served(door, **more):
    """The door on a port of its own; answers its base URL."""
    config = uvicorn.Config(door, port=0, lifespan="off", access_log=False, log_level="warning", **more)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


async def amtool(url, *words):
    """What amtool prints; its failure fails the test."""
    process = await asyncio.create_subprocess_exec(
        str(AMTOOL), f"--alertmanager.url={url}/in/prom", *words, stdout=-1, stderr=-1
    )
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.mark.skipif(AMTOOL is None, reason="amtool is not on this machine: apt install prometheus-alertmanager")
def test_amtool_adds_and_queries_alerts(world):
    async def story():
        async with served(world.door) as url:
            await amtool(url, "alert", "add", "alertname=DiskFull", "node=db-1", "--annotation=summary=90 % used")
            await amtool(url, "alert", "add", "alertname=Other", "node=web-1")
            everything = await amtool(url, "alert", "query")
            filtered = json.loads(await amtool(url, "-o", "json", "alert", "query", "node=~db.*"))
            extended = await amtool(url, "-o", "extended", "alert", "query", "DiskFull")
            silences = await amtool(url, "silence", "query")
            shown = await amtool(url, "cluster", "show")
            return everything, filtered, extended, silences, shown

    world.now = clock.now()  # amtool counts from its own clock
    everything, filtered, extended, silences, shown = world.runner.run(story())
    head, *rows = everything.splitlines()
    assert head.split()[:2] == ["Alertname", "Starts"]
    assert {row.split()[0] for row in rows} == {"DiskFull", "Other"}
    assert [alert["labels"]["node"] for alert in filtered] == ["db-1"]
    assert filtered[0]["annotations"] == {"summary": "90 % used"}
    assert 'node="db-1"' in extended
    assert "db-1" not in silences
    assert "disabled" in shown
    assert Alert.objects.count() == 2


def test_the_door_answers_over_http_and_keeps_the_connection(world):
    async def story():
        async with served(world.door) as url:
            port = int(url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            body = b'[{"labels":{"alertname":"x"}}]'
            head = b"POST /in/prom/api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
            answers = []
            for _ in range(3):
                writer.write(head + body)
                answers.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0])
            writer.close()
            return answers

    assert world.runner.run(story()) == [b"HTTP/1.1 200 OK"] * 3
    assert Alert.objects.get().count == 3
