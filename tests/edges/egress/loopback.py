"""A transport that may reach loopback, for one coroutine; and certificates for servers there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from antiphon.egress.guard import EgressPolicy
from antiphon.egress.transport import Transport

T = TypeVar("T")
LOOPBACK = EgressPolicy(allowed_private=(ip_network("127.0.0.0/8"),))


def outbound(
    use: Callable[[Transport], Awaitable[T]],
    *,
    policy: EgressPolicy = LOOPBACK,
    deadline: float = 5.0,
    ca_file: str | None = None,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> T:
    """Run `use` with a transport on a loop of its own, and close the transport there."""

    async def run() -> T:
        transport = Transport(policy, deadline=deadline, ca_file=ca_file)
        try:
            return await use(transport)
        finally:
            await transport.aclose()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(run())


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, str]:
    """A self-signed certificate for names or addresses: the server's context, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    start = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    no_password = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, secret)
    return context, str(chain)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
