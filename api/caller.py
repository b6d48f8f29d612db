"""Who asks, in which language, in which request: what every route and page is given, and through which it opens a household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from api.audit import Action, Entry, note
from api.consent import shared_with
from api.errors import Forbidden, NotFound
from api.page_cache import PageCache
from api.permissions import BY_CONSENT, Account, may
from api.wiring import Desk
from graph.store import Tables, Writer
from matcher.claims import projects_of
from matcher.plain_rows import rows_of


@dataclass(frozen=True, slots=True)
class Caller:
    """One request of one account.

    permission: what the route needs. csrf: what a form of this session carries; "" for a key. pages: those that the service keeps.
    """

    account: Account
    desk: Desk
    request: str
    permission: str
    csrf: str = ""
    pages: PageCache = field(default_factory=lambda: PageCache(0))

    def open(self, household: str, *, action: Action = "read") -> None:
        """Let the caller at a household: it is there, the account may see it, and the audit knows of it before anything is shown.

        Raises: NotFound where there is none, or none that the account may see; the two cannot be told apart.
        """
        self._let_in(household, self.desk.store.get("Household", household), action)

    def tables(self, household: str) -> Tables:
        """The same as to `open` one for reading, and its neighbourhood with it. Raises NotFound."""
        found = self.desk.store.neighbourhood("Household", household)
        self._let_in(household, next((row for row in rows_of(found, "Household") if row["id"] == household), None), "read")
        return found

    def _let_in(self, household: str, stored: Mapping[str, object] | None, action: Action) -> None:
        if stored is None:
            raise no_household()
        if not self._among({household: stored}):
            self.seen([household], action="refused")
            raise no_household()
        self.seen([household], action=action)

    def among(self, households: Sequence[str]) -> list[str]:
        """Those of the households that the caller may see: in the account's area, or for a charity those that agreed to it."""
        return self._among({one: self.desk.store.get("Household", one) or {} for one in households})

    def _among(self, households: Mapping[str, Mapping[str, object]]) -> list[str]:
        """The same of households as they are stored."""
        if self.account.role in BY_CONSENT:
            own, day = self.account.organization, self.desk.today()
            agreed = shared_with(self.desk.store, list(households), own, day, projects=projects_of(self.desk.catalogue, own))
            return [one for one in households if one in agreed and may(self.account, self.permission)]
        return [one for one, row in households.items() if may(self.account, self.permission, str(row.get("lives_in", "")))]

    def needs(self, region: str) -> None:
        """Refuse what the caller may not do at a place. Raises Forbidden."""
        if not may(self.account, self.permission, region):
            raise Forbidden("这个区划不在您负责的范围内", "this place is not among those that your account is for")

    def seen(self, households: Sequence[str], *, action: Action = "read") -> None:
        """Note in the audit what the caller is about to be shown."""
        self.desk.chain.add([self.entry(one, action) for one in households], self.desk.now())

    def note(self, writer: Writer, household: str, action: Action) -> None:
        """Note in the audit what is written, within the same unit."""
        note(writer, self.desk.store.identity, [self.entry(household, action)], self.desk.now())

    def entry(self, household: str, action: Action) -> Entry:
        """The audit entry of this request for one household."""
        return Entry(self.account.id, action, self.permission, self.request, household, self.account.api_key)


def no_household() -> NotFound:
    """The same words whether there is none or none that may be seen."""
    return NotFound(
        "没有这个户号，或不在您负责的范围内",
        "there is no such household, or it is not in your area",
        hint=("按姓名、证件号或电话查户号", "look it up by name, ID card or phone"),
    )
