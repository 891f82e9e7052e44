"""How one process is set up: the environment and the data folder, read once, in one place."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORT = 8047
DATABASE_FILE = "antiphon.sqlite3"
ADDRESS_FILE = "address"
KEY_FILE = "secret.key"


class ConfigError(Exception):
    """What is wrong with the set-up, and how to mend it, in a sentence."""


@dataclass(frozen=True, slots=True)
class Config:
    """Where the data lies and how this process is reached.

    `database_url` is empty for SQLite in the data folder, else `postgresql://…`. `base_url` is
    empty when the organisation's own setting holds. `wake_hints` off makes the engine poll only.
    `open_metrics` shows `/metrics` without a token. `allowed_private` are
    networks that are not public and may be reached; `allowed_to_strangers` such where even a URL may lie that a reader
    of a status page typed.
    """

    data: Path
    database_url: str = ""
    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    trusted_proxies: tuple[str, ...] = ()
    allowed_private: tuple[str, ...] = ()
    allowed_to_strangers: tuple[str, ...] = ()
    wake_hints: bool = True
    open_metrics: bool = False

    @property
    def database_path(self) -> Path:
        """The SQLite file (unused on PostgreSQL)."""
        return self.data / DATABASE_FILE

    @property
    def is_postgresql(self) -> bool:
        """Whether the database is PostgreSQL rather than SQLite."""
        return bool(self.database_url)

    @property
    def address(self) -> str:
        """Where this machine reaches the web process: as it last said itself, else by host and port."""
        try:
            return (self.data / ADDRESS_FILE).read_text().strip()
        except OSError:
            return f"http://{self.host}:{self.port}"

    @property
    def public_folder(self) -> Path:
        """Where the rendered public pages lie."""
        return self.data / "public"

    @property
    def private_folder(self) -> Path:
        """Where pages lie that open by a link or a sign-in only, a folder each."""
        return self.data / "private-pages"

    def secret_key(self) -> str:
        """The installation's secret: `ANTIPHON_SECRET_KEY`, else `DATA/secret.key` (made, 0600)."""
        if given := os.environ.get("ANTIPHON_SECRET_KEY"):
            return given
        path = self.data / KEY_FILE
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            return _make_secret(path)

    def environment(self) -> dict[str, str]:
        """The variables that give a child process this same set-up."""
        return {
            "ANTIPHON_DATA": str(self.data),
            "ANTIPHON_DATABASE_URL": self.database_url,
            "ANTIPHON_BASE_URL": self.base_url,
            "ANTIPHON_HOST": self.host,
            "ANTIPHON_PORT": str(self.port),
            "ANTIPHON_TRUSTED_PROXIES": ",".join(self.trusted_proxies),
            "ANTIPHON_ALLOW_PRIVATE": ",".join(self.allowed_private),
            "ANTIPHON_ALLOW_PRIVATE_SUBSCRIBERS": ",".join(self.allowed_to_strangers),
            "ANTIPHON_WAKE_HINTS": "1" if self.wake_hints else "0",
            "ANTIPHON_OPEN_METRICS": "1" if self.open_metrics else "0",
        }


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """The set-up that the `ANTIPHON_…` variables describe; raises `ConfigError` with the mend."""
    env = os.environ if environ is None else environ
    url = env.get("ANTIPHON_DATABASE_URL", "")
    if url and urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise ConfigError(
            f"ANTIPHON_DATABASE_URL starts with {urlsplit(url).scheme!r}: use postgresql://user@host/name, "
            "or leave it empty for SQLite in the data folder."
        )
    return Config(
        data=Path(env.get("ANTIPHON_DATA") or "data").absolute(),
        database_url=url,
        base_url=env.get("ANTIPHON_BASE_URL", "").rstrip("/"),
        host=env.get("ANTIPHON_HOST") or "127.0.0.1",
        port=_port(env.get("ANTIPHON_PORT") or str(DEFAULT_PORT)),
        trusted_proxies=_words(env.get("ANTIPHON_TRUSTED_PROXIES", "")),
        allowed_private=_words(env.get("ANTIPHON_ALLOW_PRIVATE", "")),
        allowed_to_strangers=_words(env.get("ANTIPHON_ALLOW_PRIVATE_SUBSCRIBERS", "")),
        wake_hints=env.get("ANTIPHON_WAKE_HINTS", "1") != "0",
        open_metrics=env.get("ANTIPHON_OPEN_METRICS", "0") == "1",
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) < 65536:
        raise ConfigError(f"ANTIPHON_PORT is {text!r}: give a number from 0 to 65535.")
    return int(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _make_secret(path: Path) -> str:
    """Write a new secret that only its owner may read; of two at once, the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(48)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secret)
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return secret
