"""The file in which a server that we started is written down: its address, user and password, and how it is stopped."""

import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from graph.errors import KeyUnsafe

FILE = "login.json"


@dataclass(frozen=True, slots=True)
class Login:
    """A server and how to log in there. `by` is java or docker; `process` the number of the server's process, 0 with Docker."""

    uri: str
    user: str
    password: str = field(repr=False)
    by: str
    process: int = 0

    def serves(self, address: str) -> bool:
        """Whether an address is that of this server, in whatever way it is spoken to: the password is sent to no other."""
        return _place(address) == _place(self.uri)


def new_password() -> str:
    """A random one: no server of ours ever has a password that can be guessed."""
    return secrets.token_urlsafe(24)


def write_login(folder: Path, login: Login) -> Path:
    """Write the file, for its owner alone from the first moment."""
    path, part = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(login), file, indent=1)
    part.replace(path)
    return path


def read_login(folder: Path) -> Login | None:
    """What is written down in this folder, if anything is. Raises KeyUnsafe if others can read the password."""
    path = folder / FILE
    try:
        text, mode = path.read_text(), path.stat().st_mode
    except OSError:
        return None
    if stat.S_IMODE(mode) & 0o077:
        raise KeyUnsafe(
            f"其他用户可以读取 {path.name} 中的密码，请执行 chmod 600", f"others can read the password in {path.name}: chmod 600 it"
        )
    try:
        return Login(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _place(address: str) -> tuple[str | None, int]:
    parts = urlsplit(f"//{address.partition('://')[2]}")
    return parts.hostname, parts.port or 7687
