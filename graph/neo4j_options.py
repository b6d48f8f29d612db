"""How a Neo4j server is reached: who we are there, which database, how long we wait. Filled by the settings, used by the driver."""

from dataclasses import dataclass, field
from pathlib import Path

SCHEMES = ("bolt", "neo4j", "bolt+s", "neo4j+s", "bolt+ssc", "neo4j+ssc")
"""How an address of a server begins."""


@dataclass(frozen=True, slots=True)
class Neo4jOptions:
    """All of them have a value that works with a server on the same machine, but for the password.

    Attributes:
        user, password: of the server; without a password we log in nowhere.
        database: its name; None for the user's own.
        authority: file with the certificate authority that signed the server's certificate, where the system does not know it.
        pool: connections at a time, for all threads.
        connect_seconds: for one connection to be made.
        acquire_seconds: for a connection of the pool to become free.
        retry_seconds: how long a write or read is tried again while the server restarts, elects a leader or breaks a deadlock.
        transaction_seconds: after which the server ends a transaction.
        fetch: rows that the server sends at a time.
    """

    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str | None = None
    authority: Path | None = None
    pool: int = 50
    connect_seconds: float = 5
    acquire_seconds: float = 30
    retry_seconds: float = 60
    transaction_seconds: float = 300
    fetch: int = 5000
