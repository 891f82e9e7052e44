"""What state the database is in, and bringing it to what this version of the program needs."""

from contextlib import AbstractContextManager
from enum import StrEnum

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from antiphon.config import Config, ConfigError
from antiphon.db import gate

LOCK_NAME = "migrate.lock"


class State(StrEnum):
    """How the database compares with this program."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "up to date"
    NEWER = "newer"
    HALF = "half-migrated"


def state() -> State:
    """Compare the migrations that the database says were applied, and its tables, with our own."""
    loader = MigrationLoader(connection)
    applied, ours = set(loader.applied_migrations), set(loader.disk_migrations)
    labels = {app for app, _ in ours}
    if any(app in labels for app, _ in applied - ours):
        return State.NEWER
    wanted = set(connection.introspection.django_table_names())
    there = set(connection.introspection.table_names())
    if not applied:
        return State.HALF if wanted & there else State.EMPTY
    if ours - applied:
        return State.OLDER
    return State.HALF if wanted - there else State.CURRENT


class Away(ConfigError):
    """The database cannot be read at all; what state it is in, nobody knows."""


def bring_up_to_date(config: Config) -> int:
    """Apply what is missing; answers how many migrations that were. Raises ConfigError with the mend.

    One process of a data folder does it, the others wait and find it done.
    """
    if state_or_trouble(config) is State.CURRENT:
        return 0
    with _alone(config):
        found = state_or_trouble(config)
        if found in (State.NEWER, State.HALF):
            raise ConfigError(_mend(found, config))
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        try:
            executor.migrate(executor.loader.graph.leaf_nodes(), plan)
        except DatabaseError as error:
            if state() is State.CURRENT:  # another node on the same PostgreSQL was quicker
                return 0
            raise ConfigError(f"{_name(config)} could not be brought up to date ({error}). {RESTORE}") from error
        return len(plan)


def require_current(config: Config) -> None:
    """Refuse a database that this program cannot work on as it is. Raises ConfigError with the mend."""
    found = state_or_trouble(config)
    if found is not State.CURRENT:
        raise ConfigError(_mend(found, config))


def state_or_trouble(config: Config) -> State:
    """The state; raises Away when the database cannot be read at all."""
    try:
        return state()
    except DatabaseError as error:
        said = " ".join(str(error).split())
        raise Away(f"{_name(config)} cannot be opened ({said}). {_reach(config, said)}") from error


RESTORE = "Restore the last backup, or move the database away to begin with an empty one."


def _mend(found: State, config: Config) -> str:
    name = _name(config)
    if found is State.NEWER:
        return f"{name} was written by a newer Antiphon: install that version or a later one."
    if found is State.HALF:
        return f"{name} is half-migrated: tables and the list of applied migrations do not fit. {RESTORE}"
    return f"{name} is {found}: run `antiphon migrate --data {config.data}` first."


def _reach(config: Config, said: str) -> str:
    if config.is_postgresql:
        return "See that PostgreSQL runs and that ANTIPHON_DATABASE_URL names it."
    if "not a database" in said or "malformed" in said:
        return RESTORE
    return "See that this user may write there and that the disk is not full."


def _name(config: Config) -> str:
    return "The PostgreSQL database" if config.is_postgresql else str(config.database_path)


def _alone(config: Config) -> AbstractContextManager[None]:
    return gate.hold(config.data / LOCK_NAME)
