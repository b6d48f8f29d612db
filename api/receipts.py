"""What a write sent twice is answered: kept within the unit of the write itself, so that nothing is done twice."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from api.caller import Caller
from api.errors import Conflict


@dataclass(frozen=True, slots=True)
class Written:
    """What is answered. `etag`: of what this write left, "" if somebody has changed it since."""

    body: dict[str, Any]
    etag: str = ""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a key was used for.

    The key itself is not kept; it salts the hash of the body, which therefore tells nothing of what was sent.
    """

    caller: Caller
    id: str
    hash: str

    @classmethod
    def of(cls, caller: Caller, key: str, body: str) -> "Receipt":
        """The receipt of a request: `key` is its Idempotency-Key, with what it is about; `body` what was sent."""
        id_ = sha256(f"{caller.account.id}\0{caller.permission}\0{key}".encode()).hexdigest()
        return cls(caller, id_, sha256(f"{key}\0{body}".encode()).hexdigest())

    def stored(self) -> Written | None:
        """The answer given before. Raises Conflict if the key was used for something else."""
        row = self.caller.desk.store.get("Receipt", self.id)
        return None if row is None else self.answer(row)

    def answer(self, row: dict[str, Any]) -> Written:
        """Raises Conflict if the key was used for something else."""
        if row["hash"] != self.hash:
            zh, en = "这个 Idempotency-Key 已用于另一个请求，请换一个", "this Idempotency-Key was used for another request: take a new one"
            raise Conflict(zh, en)
        return Written(json.loads(row["answer"]), repeated=True)

    def row(self, body: dict[str, Any]) -> dict[str, Any]:
        """As it is kept."""
        now = self.caller.desk.now()
        return {"id": self.id, "account": self.caller.account.id, "hash": self.hash, "answer": json.dumps(body), "begun_at": now}
