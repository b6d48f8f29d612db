"""What every request begins with: key or session, its account, and the revision of what is in force, read with one question.

Whose a key or a session is never changes, so that is remembered; whether it holds, and what the account may do, is read every time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from api.listed import REVISION, revision_in
from graph.store import GraphStore

REMEMBERED = 10_000
Stored = Mapping[str, Any]


class Ticket(NamedTuple):
    """What a caller shows: the id of an API key or of a session."""

    kind: Literal["ApiKey", "Session"]
    id: str


@dataclass(frozen=True, slots=True)
class Looked:
    """As they are stored now; None for what is not there."""

    revision: int
    ticket: Stored | None
    account: Stored | None


class Tickets:
    """Remembers whose tickets are; threads share it."""

    def __init__(self) -> None:
        self._owners: dict[Ticket, str] = {}

    def look(self, store: GraphStore, ticket: Ticket) -> Looked:
        """Read what stands behind a ticket."""
        owner = self._owners.get(ticket)
        pairs = [("Meta", REVISION), ticket, *([("Account", owner)] if owner else [])]
        found = store.get_all(pairs)
        shown, account = found[1], found[2] if owner else None
        if shown is not None and owner is None:
            account = store.get("Account", shown["account"])
            if len(self._owners) >= REMEMBERED:
                self._owners.clear()
            self._owners[ticket] = shown["account"]
        return Looked(revision_in(found[0]), shown, account)
