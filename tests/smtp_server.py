"""A mail server as a process of its own: keeps what it is sent in a folder, one file a letter. `python -m tests.smtp_server FOLDER PORT`.

With a certificate beside the folder it demands STARTTLS and a sign-in; it refuses an address that begins with `nobody`.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "aidgraph", "mail for tests"
ROOT = Path(__file__).parents[1]


class Keep:
    """Writes each letter into the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - its name
        if address.startswith("nobody"):
            return "550 no such address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - its name
        number = len(list(self.folder.glob("*.eml")))
        (self.folder / f"{number}.eml").write_bytes(envelope.content)
        return "250 OK"


def serve(folder: Path, port: int) -> None:
    """Until the process is ended."""
    more: dict[str, Any] = {}
    certificate = folder / "server.pem"
    if certificate.exists():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

        def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
            return AuthResult(success=(told.login, told.password) == (USER.encode(), PASSWORD.encode()))

        more = {"tls_context": context, "require_starttls": True, "authenticator": known, "auth_required": True}
    Controller(Keep(folder), hostname="127.0.0.1", port=port, **more).start()
    while True:
        time.sleep(60)


def make_certificate(path: Path) -> None:
    """Of localhost, signed by itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = (
        built.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1)).add_extension(names, critical=False)
    )
    signed = built.sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))


@contextmanager
def mail_server(folder: Path, port: int) -> Iterator[None]:
    """The process, until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", "tests.smtp_server", str(folder), str(port)], cwd=ROOT)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert process.poll() is None
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
