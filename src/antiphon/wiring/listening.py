"""The port that the web process answers on; opened early, so that a busy one is said at once."""

import errno
import socket
from ipaddress import ip_address

from antiphon.config import ADDRESS_FILE, Config, ConfigError

BACKLOG = 2048


def listen(config: Config) -> socket.socket:
    """A socket that listens where the set-up says; the data folder keeps where. Raises ConfigError with the mend."""
    try:
        family, _, _, _, place = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise ConfigError(f"{config.host!r} is no address of this machine: choose another with --host.") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(_mend(error, config)) from error
    config.data.mkdir(parents=True, exist_ok=True)
    (config.data / ADDRESS_FILE).write_text(address(config, listener))
    return listener


def address(config: Config, listener: socket.socket) -> str:
    """The URL under which this machine itself reaches the socket."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _mend(error: OSError, config: Config) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {config.port} on {config.host} is in use by another program: "
            "stop that one, or choose another port with --port."
        )
    if error.errno == errno.EACCES:
        return f"This user may not open port {config.port}: choose one above 1023 with --port."
    return f"{config.host}:{config.port} cannot be opened ({error.strerror}): choose others with --host and --port."
