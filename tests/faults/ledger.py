"""Senders that never rest, and the ledger of what was answered with 200, kept outside the product."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.faults.organisation import alert

RETRY_SECONDS = 0.05


@dataclass
class Ledger:
    """Alerts by their label `instance`: those that were accepted, and what else was answered."""

    accepted: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, status: int, instances: list[str], service: str) -> None:
        """Write down one answer."""
        with self._lock:
            self.answers[status] += 1
            if status == 200:
                self.accepted.update(dict.fromkeys(instances, service))

    def broken(self) -> None:
        """No answer came: whether it was taken, nobody knows, and it is sent again."""
        with self._lock:
            self.cut += 1


@dataclass
class Load:
    """Sends alerts from some threads while the block lasts, each until it is accepted, as Prometheus would.

    `service` is asked for each request whose alerts to send; `per_second` is the pace of all threads together.
    """

    port: int
    path: str
    service: Callable[[], str]
    per_second: float = 40.0
    threads: int = 4
    ledger: Ledger = field(default_factory=Ledger)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._run, name="load") for _ in range(self.threads)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self._over.is_set():
            service = self.service()
            instances = [f"i-{next(self._numbers)}" for _ in range(2)]
            body = json.dumps([alert(service, each) for each in instances]).encode()
            while not self._send(connection, body, instances, service) and not self._over.is_set():
                time.sleep(RETRY_SECONDS)
            time.sleep(self.threads / self.per_second)
        connection.close()

    def _send(self, connection: http.client.HTTPConnection, body: bytes, instances: list[str], service: str) -> bool:
        try:
            connection.request("POST", f"{self.path}/api/v2/alerts", body)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()  # the next request opens another
            self.ledger.broken()
            return False
        self.ledger.answered(answer.status, instances, service)
        return answer.status == 200
