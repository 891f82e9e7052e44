"""How the engine's process sends: woken by its own commits and by what it hears from others."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from antiphon import clock
from antiphon.config import Config, ConfigError
from antiphon.db import hints
from antiphon.db.models import Delivery, Organisation
from antiphon.delivery.loop import Delivery as Sending
from antiphon.egress.transport import Transport
from antiphon.wiring import sending
from tests.contracts.delivery.house import House
from tests.edges.egress.loopback import LOOPBACK


class Silent:
    """A listener that hears nothing."""

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, allowed_private=("127.0.0.0/8",), port=1)


def test_a_commit_of_this_process_wakes_the_delivery(house: House, config: Config):
    house.now = clock.now()
    before = hints.sender
    with sending.beside(config, Silent(), stop=threading.Event()):
        time.sleep(0.3)
        house.page(house.ann, house.escalation, "webhook")
        started = time.monotonic()
        while not house.hook.calls:
            assert time.monotonic() - started < 0.7, "it waited for the poll"
            time.sleep(0.005)
    assert Delivery.objects.get().state == "sent"
    assert hints.sender is before


def test_a_delivery_that_breaks_ends_the_process():
    stop = threading.Event()
    sending._run(Sending({}, lambda: Transport(LOOPBACK, ca_file="/nowhere"), node="broken"), stop)
    assert stop.is_set()


@pytest.mark.django_db
def test_a_base_url_that_is_none_does_not_stop_the_paging(config: Config):
    Organisation.objects.create(id=1, base_url="not a url")
    assert sending.policy(config).own_urls == ("http://127.0.0.1:1",)


@pytest.mark.django_db
def test_a_network_that_is_none_is_named(config: Config):
    with pytest.raises(ConfigError, match=r"10\.0\.0\.1/8"):
        sending.policy(replace(config, allowed_private=("10.0.0.1/8",)))
