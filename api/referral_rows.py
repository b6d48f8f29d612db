"""A referral as the store keeps it: a node, edges to what it concerns and to whom it invites, and what was said and done as one JSON text.

The id follows from the household, the sort, the subject and how many there were before, so that two who open one matter at once make one.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from api.errors import NotFound
from graph.ingest import pages
from graph.store import GraphStore, Prefix, Writer
from matcher.referral import Procedure, Referrals, Sort, Standing, State, standing

Json = dict[str, Any]
SOURCE = "referral"
NOTHING: Json = {"events": [], "opinions": [], "items": [], "left": {}, "question": "", "asked_fen": None, "who": None, "like": []}


@dataclass(frozen=True, slots=True)
class Referral:
    """One matter.

    area: where the household lives. since: the day on which it came to its state. amount_fen: what was surely left when it was opened.
    before: the referral that it came from. award: of one to a charity, what holds its money. told: `events` in order {at, by, role, move,
    to, code, text}; `opinions` {at, by, department, stance, text}; `items` of the decision; `left` need -> fen; `question` to settle;
    `asked_fen` and `who` of one to a charity; `like`: precedents. urgency: by which lists are ordered, see `urgent`.
    """

    id: str
    sort: Sort
    household: str
    area: str
    state: str
    opened_on: dt.date
    since: dt.date
    reasons: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    amount_fen: int = 0
    project: str | None = None
    organization: str | None = None
    before: str | None = None
    award: str | None = None
    decided_on: dt.date | None = None
    closed_on: dt.date | None = None
    version: int = 1
    urgency: str = ""
    told: Json = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """What a change has to name as If-Match."""
        return f'"{self.version}"'

    def row(self) -> Json:
        """As it is stored."""
        kept = {name: getattr(self, name) for name in Referral.__slots__ if name != "told"}
        lists = {name: list(kept[name]) for name in ("reasons", "departments")}
        return {**kept, **lists, "text": json.dumps(self.told, ensure_ascii=False), "source": SOURCE}

    def with_event(self, event: Json, **told: Any) -> "Referral":
        """The referral with one more event, and other parts of what was told."""
        return replace(self, told=self.told | told | {"events": [*self.told["events"], event]})


def referral_of(row: Json) -> Referral:
    """A referral as it was stored."""
    kept = {name: value for name, value in row.items() if name in Referral.__slots__}
    lists = {name: tuple(kept.get(name) or ()) for name in ("reasons", "departments")}
    return Referral(**({"area": ""} | kept | lists), told=NOTHING | json.loads(row["text"]))


def matter(household: str, sort: Sort, subject: str, number: int) -> str:
    """The id of the `number`th referral of a household about one subject: a project, or "" for a discussion."""
    return f"r-{sha256(json.dumps([household, sort, subject, number]).encode()).hexdigest()[:16]}"


def earlier(reader: GraphStore | Writer, household: str, sort: Sort, subject: str) -> list[Referral]:
    """The referrals of one subject so far, the first first; inside a unit each is locked."""
    found: list[Referral] = []
    while (row := reader.get("Referral", matter(household, sort, subject, len(found) + 1))) is not None:
        found.append(referral_of(row))
    return found


def stored(store: GraphStore | Writer, id_: str) -> Referral:
    """The referral of this id. Raises NotFound."""
    row = store.get("Referral", id_)
    if row is None:
        raise no_referral()
    return referral_of(row)


def no_referral() -> NotFound:
    """The same words whether there is none or none that may be seen."""
    return NotFound(
        "没有这件转介或会商事项，或您不能查看",
        "there is no such referral, or it is not yours to see",
        hint=("列出全部：aidgraph referral list", "all of them: aidgraph referral list"),
    )


OPEN = "open"
"""What the urgency of a referral begins with while it has not ended."""
LAST_DAY = 99999999


def urgent(referrals: Referrals, one: Referral) -> Referral:
    """The referral with its urgency: the sooner the deadline of its state the higher, then without a deadline, then ended."""
    state = state_of(referrals, one)
    due = standing(state, one.since, one.since).due
    clock = "" if due is None else f"{LAST_DAY - int(due.day.strftime('%Y%m%d')):08}"
    return replace(one, urgency="ended" if state.final else f"{OPEN}{clock}")


def most_urgent(store: GraphStore, where: Sequence[Json], after: tuple[str, str] | None, limit: int) -> list[Referral]:
    """Those that fit one of the searches, each of which finds others: the most urgent first, ties by id, from beyond `after`."""
    rows = [row for one in where for row in store.find_highest("Referral", "urgency", one, limit=limit, after=after)]
    ordered = sorted(rows, key=lambda row: row["id"])
    return [referral_of(row) for row in sorted(ordered, key=lambda row: str(row.get("urgency", "")), reverse=True)[:limit]]


def referrals_of(store: GraphStore, household: str) -> list[Referral]:
    """All of a household, the newest first."""
    found = [referral_of(row) for page in pages(store, "Referral", {"household": household}) for row in page]
    return sorted(found, key=lambda one: (one.opened_on, one.id), reverse=True)


def referrals_in(store: GraphStore, area: str) -> Iterator[Referral]:
    """All of households that live in a region, by id; "" is everywhere."""
    where: dict[str, Any] = {"area": Prefix(area)} if area else {}
    yield from (referral_of(row) for page in pages(store, "Referral", where) for row in page)


def procedure_of(referrals: Referrals, sort: str) -> Procedure:
    """The procedure of a sort. Raises NotFound where the catalogue has no referrals.yaml."""
    if sort not in referrals.procedures:
        raise NotFound("目录中没有 referrals.yaml，不能转介或会商", "the catalogue has no referrals.yaml: nothing can be referred")
    return referrals.procedures[sort]


def state_of(referrals: Referrals, one: Referral) -> State:
    """The state that a referral is in, as the catalogue has it; one that the catalogue has no more is final."""
    state = procedure_of(referrals, one.sort).states.get(one.state)
    return state or State(one.state, next(iter(referrals.procedures.values())).label, final=True)


def standing_of(referrals: Referrals, one: Referral, today: dt.date) -> Standing:
    """How it stands against its clock."""
    return standing(state_of(referrals, one), one.since, today)


def ends_of(store: GraphStore, household: str, needs: Iterable[str], policies: Mapping[str, str], guests: Iterable[str]) -> Json:
    """Edges that a referral gets, without their `src`: what it concerns (policies: id -> kind), whom it invites; if stored."""
    ends = [("Household", household), *(("NeedCategory", need) for need in needs)]
    for policy, kind in policies.items():
        ends += [(kind, str(row["id"])) for row in store.find(kind, {"policy": policy}, limit=1).rows]
    concerns = [{"dst": id_, "dst_kind": kind, "source": SOURCE} for kind, id_ in ends if store.get(kind, id_) is not None]
    invites = [{"dst": guest, "source": SOURCE} for guest in guests if store.get("Organization", guest) is not None]
    return {"CONCERNS": concerns, "INVITES": invites}


def follow(writer: Writer, household: str, referrals: Iterable[str]) -> None:
    """Let referrals of a household stand where it lives now: whoever is for that place goes on with them."""
    place = str((writer.get("Household", household) or {}).get("lives_in", ""))
    for id_ in referrals if place else ():
        row = writer.get("Referral", id_)
        if row is not None and row.get("area") != place:
            writer.upsert_nodes("Referral", [{"id": id_, "area": place, "version": int(row.get("version", 1)) + 1}])


def put(writer: Writer, one: Referral, ends: Json | None = None) -> None:
    """Keep a referral, with its edges where it is new."""
    writer.upsert_nodes("Referral", [one.row()])
    for kind, rows in (ends or {}).items():
        writer.upsert_edges(kind, [row | {"src": one.id} for row in rows])
