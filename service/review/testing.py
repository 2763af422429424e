"""A real PostgreSQL server in a temporary folder, for tests and measurements."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT, SIGTERM
from typing import Any, Final, Literal

__all__ = ["Cluster", "StopMode", "cluster", "missing"]

StopMode = Literal["smart", "fast", "immediate", "kill"]

_SIGNALS: Final = {"smart": SIGTERM, "fast": SIGINT, "immediate": SIGQUIT, "kill": SIGKILL}
_OWNER: Final = "postgres"
_PATIENCE_S: Final = 60
_TRIES: Final = 20
# Below those that systems lend to clients: one that knocks while the server is down must not get its port.
_PORTS: Final = range(20_000, 32_000)
_INITDB: Final = f"-A trust -U {_OWNER} -E UTF8 --locale=C.UTF-8 --wal-segsize=1 --no-sync".split()
_SETTINGS: Final = "listen_addresses = '127.0.0.1'\nmax_connections = 100\nshared_buffers = 64MB\n"
# Files in memory are made and removed for a third of what a disk takes; whole clusters need room.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder in it is made that nobody guesses
_ROOM: Final = 2 << 30
# Making a database from another writes none of its pages to the log; a crash of the server is still survived.
_HASTY: Final = "fsync = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n"


class Cluster:
    """Hold a server of its own, which listens on 127.0.0.1 and in its folder, and trusts who asks.

    With `fsync` false it is faster, lies in memory where that has room, and would not survive a power cut.
    Raises RuntimeError, with what was said, where it cannot be made. `remove` must be called in the end:
    `cluster` does.
    """

    def __init__(self, *, fsync: bool = True) -> None:
        self.port = 0
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-postgres-", dir=None if fsync else _memory()))
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.folder.chmod(0o755)  # its owner must get to the data
            if _is_root():
                shutil.chown(self.folder, _OWNER, _OWNER)
            _run(self.folder, str(_programs() / "initdb"), "-D", str(self._data), *_INITDB, **_owner())
            with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(f"{_SETTINGS}{'' if fsync else _HASTY}")
                file.write(f"unix_socket_directories = '{self.folder}'\n")
        except BaseException:
            self.remove()
            raise

    @property
    def running(self) -> bool:
        """Say whether the server runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers: at the port it had before, else at a free one."""
        before = self.port
        for _ in range(_TRIES):
            self.port = before or _free_port()
            if self._begun():
                return
            self.stop("immediate")
            time.sleep(0.2)  # the port is taken, or what was killed is not yet gone
        said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"PostgreSQL must start at port {self.port}, said: {said[-4000:]}")

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server if it runs; `immediate` is like a crash, `kill` ends its first process alone."""
        if self._process is None:
            return
        self._process.send_signal(_SIGNALS[mode])
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process = None

    def restart(self, mode: StopMode = "immediate") -> None:
        """Stop the server and start it again, at the same port."""
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        """Stop the server, whatever it does, and remove its folder."""
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, name: str | None = None, *, options: str = "") -> str:
        """Create an empty database and return its address, for SQLAlchemy."""
        name = name or _fresh("test")
        self.psql(f'CREATE DATABASE "{name}" {options}')
        return self._url(name)

    def drop(self, url: str) -> None:
        """Drop the database at an address, and whatever connections it still has."""
        self.psql(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def psql(self, sql: str, url: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside a transaction, and return its rows."""
        import psycopg  # an extra

        address = (url or self._url("postgres")).replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def small_disk(self, mib: int) -> Iterator[str]:
        """Yield the address of a database alone on a disk of `mib` MiB, 8 of which it fills at once.

        The write-ahead log lies elsewhere. Needs Linux, and root or a `sudo` that asks nothing.
        """
        name = _fresh("small")
        disk = self.folder / name
        disk.mkdir()
        with ExitStack() as undo:
            options = f"size={mib}m,mode=0700,uid={self.folder.stat().st_uid}"
            _run(self.folder, *_SUDO, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk))
            undo.callback(_run, self.folder, *_SUDO, "umount", "--lazy", str(disk))
            self.psql(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
            undo.callback(self.psql, f"DROP TABLESPACE {name}")
            url = self.database(name, options=f"TABLESPACE {name}")
            undo.callback(self.drop, url)
            yield url

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{_OWNER}@127.0.0.1:{self.port}/{name}"

    def _begun(self) -> bool:
        """Start the server, and say whether it answers, or ended."""
        command = [str(_programs() / "postgres"), "-D", str(self._data), "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own
                command,
                cwd=self.folder,
                env=_env(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_owner(),
            )
        until = time.monotonic() + _PATIENCE_S
        while not (ready := self._ready()) and self.running and time.monotonic() < until:
            time.sleep(0.02)
        return ready

    def _ready(self) -> bool:
        """Read, as `pg_ctl` does, what the server says of itself."""
        file = self._data / "postmaster.pid"
        written = file.read_text(encoding="utf-8").split() if file.exists() else []
        lines = written or [""]  # the file is made first, then filled
        return self._process is not None and lines[0] == str(self._process.pid) and lines[-1] == "ready"


@contextmanager
def cluster(*, fsync: bool = True) -> Iterator[Cluster]:
    """Yield a server that answers; remove it with the block, whatever it takes."""
    made = Cluster(fsync=fsync)
    try:
        made.start()
        yield made
    finally:
        made.remove()


def missing() -> str | None:
    """Return why there can be no server here, or nothing if there can."""
    if not shutil.which("pg_config"):
        return "needs PostgreSQL: pg_config is not on this machine"
    absent = [name for name in ("initdb", "postgres") if not (_programs() / name).is_file()]
    return f"needs PostgreSQL's server: {', '.join(absent)} must be in {_programs()}" if absent else None


def _programs() -> Path:
    found = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True)  # noqa: S607
    return Path(found.stdout.strip())


def _memory() -> Path | None:
    """Return the folder of files that lie in memory (Linux), None where it lacks room."""
    try:
        return _MEMORY if shutil.disk_usage(_MEMORY).free > _ROOM else None
    except OSError:
        return None


def _is_root() -> bool:
    return os.geteuid() == 0


_SUDO: Final = () if _is_root() else ("sudo", "-n")


def _owner() -> dict[str, Any]:
    """Return whom the server's programs run as: it refuses to run as root."""
    return {"user": _OWNER, "group": _OWNER, "extra_groups": []} if _is_root() else {}


def _env() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}  # no PGDATA, no PGPORT


def _run(folder: Path, *command: str, **owner: Any) -> None:
    done = subprocess.run(  # noqa: S603, PLW1510 - our own, and its error says why
        command, cwd=folder, env=_env(), capture_output=True, text=True, timeout=_PATIENCE_S, **owner
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stdout}{done.stderr}")


def _fresh(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(6)}"


def _free_port() -> int:
    """Return a port that nobody listens at for now."""
    for port in random.sample(_PORTS, 100):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError(f"a port from {_PORTS.start} to {_PORTS.stop - 1} must be free, 100 tried were not")
