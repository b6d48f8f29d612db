"""Households shown at the terminal: each is in the audit before it is shown, under the account of the machine that asked.

Whoever works on the machine is bound to no area, and is known by the machine's own accounts alone: `local/<account>`.
"""

import getpass
import secrets
from collections.abc import Iterable

from api.audit import Action, Entry
from api.wiring import Desk


def note_shown(desk: Desk, households: Iterable[str], action: Action = "read") -> None:
    """Note the households that a command is about to show. A store without an identity key is given one: it signs the entries."""
    if desk.identity is None:
        desk.__dict__["store"] = desk.store_for_identity  # from here on the key is there
    account, request = f"local/{getpass.getuser()}", secrets.token_hex(8)
    permission = "household.find" if action == "find" else "household.read"
    desk.chain.add([Entry(account, action, permission, request, one) for one in dict.fromkeys(households)], desk.now())
