"""What channels, checks and sign-in providers are handed to reach the outside."""

from __future__ import annotations

import ssl
from dataclasses import replace

from antiphon.egress.guard import EgressPolicy, Guard
from antiphon.egress.http import MAX_BODY, Http
from antiphon.egress.smtp import Smtp


class Transport:
    """HTTP and SMTP under one policy. Make one per event loop and close it there.

    `deadline` is in real seconds and total: waiting for a connection, name lookup, TLS and every byte of the answer.
    `ca_file` adds an organisation's own certificate authorities to the machine's. `most` bytes of an answer are kept.
    `strangers` is HTTP to what people typed whom nobody here knows: what an admin allows is not for them, and no
    connection is shared with ours.
    """

    def __init__(
        self, policy: EgressPolicy, *, deadline: float = 10.0, ca_file: str | None = None, most: int = MAX_BODY
    ) -> None:
        self.guard = Guard(policy)
        tls = _tls(ca_file)
        self.http = Http(self.guard, deadline=deadline, tls=tls, most=most)
        self.smtp = Smtp(self.guard, deadline=deadline, tls=_tls(ca_file))
        self._public = Guard(replace(policy, allowed_private=policy.allowed_to_strangers))
        self.strangers = Http(self._public, deadline=deadline, tls=tls, most=most)

    async def aclose(self) -> None:
        """Close every connection."""
        self.smtp.close()
        await self.http.aclose()
        await self.strangers.aclose()
        self.guard.close()
        self._public.close()


def _tls(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
