"""A Neo4j server that speaks nothing but TLS: who trusts its authority is let in, everybody else is told what to do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from graph.errors import StoreUnavailable
from graph.neo4j_options import Neo4jOptions
from graph.open import open_store
from tests.contract.rows import put
from tests.neo4j_service import server_alone

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]
Key = ec.EllipticCurvePrivateKey


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: str, key: Key, issuer: str, signer: Key, *, authority: bool) -> bytes:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    )
    return made.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)


def _authority(path: Path) -> Key:
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(_certificate(path.stem, key, path.stem, key, authority=True))
    return key


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Neo4jOptions, Path]]:
    """The place of such a server, how to log in, and a folder with its authority and one that has nothing to do with it."""
    folder = tmp_path_factory.mktemp("tls")
    signer = _authority(folder / "ours.crt")
    _authority(folder / "other.crt")
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "private.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "public.crt").write_bytes(_certificate("neo4j", key, "ours", signer, authority=False))
    policy = {"enabled": "true", "base_directory": str(folder), "private_key": "private.key", "public_certificate": "public.crt"}
    settings = {"server.bolt.tls_level": "REQUIRED", **{f"dbms.ssl.policy.bolt.{name}": value for name, value in policy.items()}}
    with server_alone(folder / "neo4j", {**settings, "dbms.ssl.policy.bolt.client_auth": "NONE"}) as login:
        yield login.uri.partition("://")[2], Neo4jOptions(user=login.user, password=login.password, retry_seconds=2), folder


@pytest.mark.parametrize(("scheme", "authority"), [("bolt+s", "ours.crt"), ("neo4j+s", "ours.crt"), ("bolt+ssc", None)])
def test_who_trusts_the_certificate_reads_and_writes(encrypted: tuple[str, Neo4jOptions, Path], scheme: str, authority: str | None) -> None:
    place, options, folder = encrypted
    store = open_store(f"{scheme}://{place}", neo4j=replace(options, authority=folder / authority if authority else None))
    put(store, "Household", {"id": scheme})
    assert store.get("Household", scheme) is not None
    store.close()


@pytest.mark.parametrize(("scheme", "authority"), [("bolt+s", "other.crt"), ("neo4j+s", "other.crt"), ("bolt+s", None)])
def test_a_certificate_of_an_unknown_authority_is_one_named_error(
    encrypted: tuple[str, Neo4jOptions, Path], scheme: str, authority: str | None
) -> None:
    place, options, folder = encrypted
    with pytest.raises(StoreUnavailable, match="AIDGRAPH_NEO4J_AUTHORITY"):
        open_store(f"{scheme}://{place}", neo4j=replace(options, authority=folder / authority if authority else None))


def test_speaking_in_the_clear_is_refused(encrypted: tuple[str, Neo4jOptions, Path]) -> None:
    place, options, _ = encrypted
    with pytest.raises(StoreUnavailable, match="encryption"):
        open_store(f"bolt://{place}", neo4j=options)


@pytest.mark.parametrize("file", ["private.key", "nowhere.crt"])
def test_a_file_of_authorities_that_is_none_is_one_named_error(encrypted: tuple[str, Neo4jOptions, Path], file: str) -> None:
    place, options, folder = encrypted
    with pytest.raises(StoreUnavailable, match="file of certificates"):
        open_store(f"bolt+s://{place}", neo4j=replace(options, authority=folder / file))
