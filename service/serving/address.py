"""Where the server listens."""

from __future__ import annotations

import socket
from typing import Final

from tocsin.errors import SettingsError

__all__ = ["BACKLOG", "bind", "shown"]

BACKLOG: Final = 2_048  # connections that wait to be taken; the kernel may hold fewer


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise SettingsError where the address is not to be had."""
    listener: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise SettingsError(
            f"host and port must be a free address of this machine, was {host} and {port}: {error.strerror}"
        ) from error
    return listener


def shown(host: str, listener: socket.socket) -> str:
    """Return the URL that a socket answers at, with the port that it really has."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"
