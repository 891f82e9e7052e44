"""The rendered public pages handed to other hosts: a folder, a store that speaks S3, or a command of the operator's.

What is read here is the folder of public pages alone; private ones lie elsewhere and are never looked at. Every file is
replaced whole, a page after what it links to, and a push that breaks off goes on where it was.
"""

import asyncio
import hashlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from antiphon.core.page_targets import Bucket, Changes, Command, Folder, Target
from antiphon.egress import s3
from antiphon.egress.failures import EgressFailure
from antiphon.egress.transport import Transport
from antiphon.pages.files import put
from antiphon.pages.serve import CACHE, TYPES

AT_ONCE: Final = 6
"""Files under way to one store."""
PUSH_SECONDS: Final = 90.0
"""Real seconds for one push; what is left goes with the next."""
_SAID: Final = 200

Files = Mapping[str, bytes]
Done = Callable[[str], None]
"""Called with each file's name once the target has it, or is rid of it."""


class NotPushed(Exception):
    """Why a target did not get everything, in a sentence that says how to mend it."""


def read(folder: Path) -> dict[str, bytes]:
    """The public files by name as they lie there now. Names with a dot in front are nobody's business."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            found[name.as_posix()] = path.read_bytes()
    return found


def hashes(files: Files, target: Target) -> dict[str, str]:
    """What the target is to show: each file's hash. A store does not get the compressed copies, which only a web
    server that knows them hands out."""
    kept = (name for name in files if not (isinstance(target, Bucket) and name.endswith(".gz")))
    return {name: hashlib.sha256(files[name]).hexdigest()[:32] for name in kept}


def push(
    target: Target, files: Files, changes: Changes, *, done: Done, transport: Callable[[], Transport], now: datetime
) -> None:
    """Make the target show these files. Raises `NotPushed`; what `done` was told of is there all the same."""
    try:
        if isinstance(target, Folder):
            _to_folder(Path(target.path), files, changes, done)
        elif isinstance(target, Bucket):
            asyncio.run(_to_bucket(target, files, changes, done, transport, now))
        else:
            _by_command(target, files, changes, done)
    except OSError as trouble:
        raise NotPushed(f"{trouble.strerror or trouble}: {trouble.filename or ''}"[:_SAID].rstrip(": ")) from None


# --- a folder ----------------------------------------------------------------------------------------------------


def _to_folder(folder: Path, files: Files, changes: Changes, done: Done) -> None:
    if not folder.is_dir():
        raise NotPushed(f"There is no folder {folder}: make it, or mount what belongs there.")
    root = folder.resolve()
    for name in changes.put:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.parent.resolve().is_relative_to(root):
            raise NotPushed(f"{place.parent} leads out of {folder}: remove that link.")
        put(place, files[name])
        done(name)
    for name in changes.remove:
        (folder / name).unlink(missing_ok=True)
        done(name)


# --- a store that speaks S3 --------------------------------------------------------------------------------------


async def _to_bucket(
    bucket: Bucket, files: Files, changes: Changes, done: Done, transport: Callable[[], Transport], now: datetime
) -> None:
    """Everything that pages link to first, a few at a time; then the pages; then what is gone."""
    way = transport()
    turns = asyncio.Semaphore(AT_ONCE)

    async def write(name: str) -> None:
        async with turns:
            await s3.put(way.http, bucket, name, files[name], headers=_headers(name), now=now)
        done(name)

    async def remove(name: str) -> None:
        async with turns:
            await s3.delete(way.http, bucket, name, now=now)
        done(name)

    try:
        async with asyncio.timeout(PUSH_SECONDS):
            await _all(write(name) for name in changes.put if not name.endswith(".html"))
            await _all(write(name) for name in changes.put if name.endswith(".html") and not _front(name))
            await _all(write(name) for name in changes.put if _front(name))
            await _all(remove(name) for name in changes.remove)
    except TimeoutError:
        raise NotPushed(f"{bucket.host} did not take everything within {PUSH_SECONDS:g} seconds.") from None
    except EgressFailure as failure:
        raise NotPushed(str(failure)) from None
    finally:
        await way.aclose()


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Each to its end, also when one fails; then the first failure."""
    found = await asyncio.gather(*work, return_exceptions=True)
    failure = next((each for each in found if isinstance(each, BaseException)), None)
    if failure is not None:
        raise failure


def _front(name: str) -> bool:
    return name.endswith("index.html")


def _headers(name: str) -> dict[str, str]:
    kind = TYPES.get(Path(name).suffix, b"application/octet-stream").decode()
    return {"content-type": kind, "cache-control": CACHE.decode()}


# --- a command ---------------------------------------------------------------------------------------------------


def _by_command(command: Command, files: Files, changes: Changes, done: Done) -> None:
    with tempfile.TemporaryDirectory(prefix="antiphon-pages-") as made:
        places = {"{changed}": f"{made}/changed", "{folder}": f"{made}/folder", "{removed}": f"{made}/removed"}
        _lay(Path(places["{changed}"]), {name: files[name] for name in changes.put})
        if any("{folder}" in each for each in command.argv):
            _lay(Path(places["{folder}"]), files)
        Path(places["{removed}"]).write_text("".join(f"{name}\n" for name in changes.remove))
        _run(_filled(command.argv, places), timeout=command.timeout)
    for name in (*changes.put, *changes.remove):
        done(name)


def _lay(folder: Path, files: Files) -> None:
    folder.mkdir(mode=0o755)
    for name, body in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)


def _filled(argv: tuple[str, ...], places: Mapping[str, str]) -> list[str]:
    """The arguments with the folders in place; the changed files' at the end when none is named."""
    filled = list(argv)
    for mark, place in places.items():
        filled = [each.replace(mark, place) for each in filled]
    return filled if filled != list(argv) else [*filled, places["{changed}"]]


def _run(argv: list[str], *, timeout: int) -> None:
    """Run it by itself, without a shell, without our secrets, and end it with all its children when it takes too
    long. Raises `NotPushed` with its last words."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("ANTIPHON_", "DJANGO_"))}
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(
                argv, env=known, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True
            )
        except OSError as trouble:
            raise NotPushed(f"{argv[0]} cannot be started: {trouble.strerror}.") from None
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise NotPushed(f"{argv[0]} took longer than {timeout} seconds.") from None
        if code:
            size = words.seek(0, os.SEEK_END)
            words.seek(max(size - 2000, 0))
            raise NotPushed(_last_words(argv[0], code, words.read()))


def _last_words(program: str, code: int, said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    last = "".join(letter if letter.isprintable() else " " for letter in lines[-1]) if lines else ""
    return f"{program} ended with {code}{f': {last}' if last else '.'}"[:_SAID]
