"""Where the public pages are pushed, so that they stand when nothing of ours does (RELIABILITY I30); what has to be
sent there, and when a push that failed is tried again.

Only files of public pages are ever handed to this: private ones are rendered into folders of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from antiphon.core.decision import Refusal

LONGEST_COMMAND: Final = 100
LONGEST_TIMEOUT: Final = 90
"""Seconds; a lease on a target outlasts it."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of this machine, such as one that another web server hands out or that is mounted from elsewhere."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of a store that speaks S3, addressed as `endpoint/bucket/prefix…`."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    prefix: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc

    def key(self, name: str) -> str:
        """Where the file lies in the bucket."""
        return f"{self.prefix.strip('/')}/{name}".lstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program and its arguments, run without a shell. In them `{changed}` is a folder with the files that changed,
    `{folder}` one with all files, `{removed}` a file that lists those that are gone; without any of them `{changed}`
    is the last argument. `timeout` in seconds."""

    argv: tuple[str, ...]
    timeout: int = 60


Target = Folder | Bucket | Command


def check(name: str, target: Target) -> Refusal | None:
    """Why this cannot be a target."""
    if not name.strip() or len(name) > 60 or not name.isprintable():
        return Refusal("Give the target a name of up to 60 characters.", "name")
    if isinstance(target, Folder):
        good = target.path.startswith("/") and "\0" not in target.path and ".." not in target.path.split("/")
        return None if good else Refusal("Name the folder from the root, such as /srv/status.", "folder")
    if isinstance(target, Command):
        return _check_command(target)
    return _check_bucket(target)


def _check_command(command: Command) -> Refusal | None:
    if not command.argv or not command.argv[0].strip() or len(command.argv) > LONGEST_COMMAND:
        return Refusal("Write the command as a list: the program, then each argument.", "command")
    if any("\0" in each for each in command.argv):
        return Refusal("The command holds a character that no program can be given.", "command")
    if not 1 <= command.timeout <= LONGEST_TIMEOUT:
        return Refusal(f"The command may take 1 to {LONGEST_TIMEOUT} seconds.", "timeout")
    return None


def _check_bucket(bucket: Bucket) -> Refusal | None:
    parts = urlsplit(bucket.endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        return Refusal("Write the store's address without a path, such as https://s3.example.org.", "endpoint")
    plain = {"bucket": bucket.bucket, "region": bucket.region, "access_key": bucket.access_key}
    for name, value in plain.items():
        if not value or len(value) > 200 or not value.isascii() or not value.isprintable() or set(value) & set(" /,="):
            return Refusal("Write it as the store shows it, without spaces.", name)
    if not bucket.secret_key or not bucket.secret_key.isascii() or not bucket.secret_key.isprintable():
        return Refusal("Enter the secret key that belongs to the access key.", "secret_key")
    if len(bucket.prefix) > 200 or not bucket.prefix.isprintable() or ".." in bucket.prefix.split("/"):
        return Refusal("The prefix is a path inside the bucket, such as status.", "prefix")
    return None


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of files to write, those that others link to first, and of files that are gone."""

    put: tuple[str, ...]
    remove: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.put or self.remove)


def changes(shown: Mapping[str, str], wanted: Mapping[str, str]) -> Changes:
    """From what a target shows to what it is to show, both file name → hash. A page comes after what it links to; what
    we did not put there is never touched."""
    put = [name for name, digest in wanted.items() if shown.get(name) != digest]
    return Changes(tuple(sorted(put, key=_order)), tuple(sorted(shown.keys() - wanted.keys())))


def _order(name: str) -> tuple[int, str]:
    if name.endswith("index.html"):
        return 2, name
    return int(name.endswith(".html")), name


def wait(failures: int) -> timedelta:
    """How long after so many failures (≥ 1) in a row it is tried again: twice as long each time, up to ten minutes."""
    doubled: int = 2 ** min(failures - 1, 20)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT)
