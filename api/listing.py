"""Projects of charities in the store: versions with their states, who may move them where, and what becomes of the graph with it.

A version is a CharityProject node. What was decided is never written over: a change of it is a further version, and the one before
holds until that one is approved. Whoever wrote a version does not approve it. Source: design sections 9 and 13.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from api.errors import Conflict, Forbidden, NotFound, Stale
from api.listed import SOURCE, count_change
from graph.ingest import pages
from graph.store import GraphStore, Writer
from matcher.catalogue import PolicyVersion
from matcher.language import Words

State = Literal["draft", "submitted", "approved", "refused", "paused", "withdrawn", "replaced"]
Action = Literal["submit", "approve", "refuse", "pause", "resume", "withdraw"]
STATES: tuple[State, ...] = get_args(State)
ACTIONS: tuple[Action, ...] = get_args(Action)
OPEN: tuple[State, ...] = ("draft", "submitted")
"""Not decided: written over by a change."""


@dataclass(frozen=True, slots=True)
class Move:
    """From which states an action leads where. decides: an officer's; alters: what is in force is another afterwards."""

    before: tuple[State, ...]
    after: State
    decides: bool = False
    alters: bool = False
    reason: bool = False


MOVES: Mapping[Action, Move] = {
    "submit": Move(("draft",), "submitted"),
    "approve": Move(("submitted",), "approved", decides=True, alters=True),
    "refuse": Move(("submitted",), "refused", decides=True, reason=True),
    "pause": Move(("approved",), "paused", alters=True),
    "resume": Move(("paused",), "approved", alters=True),
    "withdraw": Move(("draft", "submitted", "refused", "approved", "paused"), "withdrawn", alters=True),
}
STATE_WORDS: Mapping[State, Words] = {
    "draft": Words("草稿", "draft"),
    "submitted": Words("待审核", "waiting for review"),
    "approved": Words("已通过", "approved"),
    "refused": Words("未通过", "refused"),
    "paused": Words("已暂停", "paused"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "replaced": Words("已被新版本替代", "replaced by a newer version"),
}
ACTION_WORDS: Mapping[str, Words] = {
    "create": Words("登记", "listed"),
    "change": Words("修改", "changed"),
    "submit": Words("提交审核", "sent for review"),
    "approve": Words("审核通过", "approved"),
    "refuse": Words("审核不通过", "refused"),
    "pause": Words("暂停", "paused"),
    "resume": Words("恢复", "resumed"),
    "withdraw": Words("撤回", "withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what to which version when, and why."""

    at: dt.datetime
    account: str
    action: str
    number: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A project with its versions as they are stored, by number."""

    id: str
    rows: tuple[dict[str, Any], ...]

    @property
    def last(self) -> dict[str, Any]:
        """The newest version."""
        return self.rows[-1]

    @property
    def state(self) -> State:
        """Of the newest version."""
        found: State = self.last["state"]
        return found

    @property
    def live(self) -> dict[str, Any] | None:
        """The version that is in force, or was until it was paused."""
        return next((row for row in reversed(self.rows) if row["state"] in ("approved", "paused")), None)

    @property
    def organization(self) -> str:
        """Who runs it."""
        return str(self.last["organization"])

    @property
    def regions(self) -> list[str]:
        """What any of its versions serves."""
        return sorted({code for row in self.rows for code in row["region"]})

    @property
    def changes(self) -> int:
        """How often anything of it was written."""
        return sum(row["changes"] for row in self.rows)

    @property
    def steps(self) -> list[Step]:
        """Its history, the newest first."""
        found = [json.loads(text) | {"number": row["number"]} for row in self.rows for text in row["history"]]
        steps = [Step(**one | {"at": dt.datetime.fromisoformat(one["at"])}) for one in found]
        return sorted(steps, key=lambda step: (step.at, step.number), reverse=True)

    def may(self, action: Action) -> bool:
        """Whether its state allows an action."""
        return self.target(action) is not None

    def target(self, action: Action) -> dict[str, Any] | None:
        """The version that an action is about: the newest in a state that it leads from."""
        return next((row for row in reversed(self.rows) if row["state"] in MOVES[action].before), None)


def listing_of(store: GraphStore, project: str) -> Listing:
    """A project that a charity listed. Raises NotFound."""
    rows = [row for page in pages(store, "CharityProject", {"policy": project, "source": SOURCE}) for row in page]
    if not rows:
        raise no_project()
    return Listing(project, tuple(sorted(rows, key=lambda row: int(row["number"]))))


def listings_in(store: GraphStore) -> list[Listing]:
    """All of them, by id."""
    found: dict[str, list[dict[str, Any]]] = {}
    for page in pages(store, "CharityProject", {"source": SOURCE}):
        for row in page:
            found.setdefault(row["policy"], []).append(row)
    return [Listing(id_, tuple(sorted(found[id_], key=lambda row: int(row["number"])))) for id_ in sorted(found)]


def put_version(
    writer: Writer, before: Listing | None, version: PolicyVersion, text: str, *, account: str, now: dt.datetime
) -> dict[str, Any]:
    """Write a new project (`before` None), or a change of one, within a unit. Raises Conflict, Stale."""
    rows = _locked(writer, before) if before else []
    last = rows[-1] if rows else None
    if before is None and writer.get("CharityProject", _id(version.id, 1)) is not None:
        raise Conflict(f"已有项目 {version.id}，请换一个编号", f"there is a project {version.id} already: choose another id")
    if last is not None and last["state"] == "withdrawn":
        raise Conflict("项目已撤回，不能再修改", "the project was withdrawn and cannot be changed")
    fresh = last is None or last["state"] not in OPEN
    number = 1 if last is None else last["number"] + fresh
    kept = {} if fresh or last is None else last
    step = _step(now, account, "create" if last is None else "change")
    row = _described(version, text) | {
        "id": _id(version.id, number),
        "number": number,
        "state": "draft",
        "changes": int(kept.get("changes", 0)) + 1,
        "authors": sorted({*kept.get("authors", ()), account}),
        "history": [*kept.get("history", ()), step],
    }
    writer.remove_keys("CharityProject", row["id"], ["budget_fen", "places", "open_from", "open_until"])
    writer.upsert_nodes("CharityProject", [{name: value for name, value in row.items() if value is not None}])
    return row


def move(
    writer: Writer, before: Listing, action: Action, version: PolicyVersion | None, *, account: str, reason: str, now: dt.datetime
) -> dict[str, Any]:
    """Take an action within a unit. `version`: what the text of the target says, for what comes into force.

    Raises: Conflict if its state does not allow it, Forbidden if whoever wrote it would decide it, Stale if it was changed since.
    """
    rows = _locked(writer, before)
    target = Listing(before.id, tuple(rows)).target(action)
    if target is None:
        state = STATE_WORDS[rows[-1]["state"]]
        done = ACTION_WORDS[action]
        raise Conflict(f"项目现在是“{state.zh}”，不能{done.zh}", f"the project is in the state “{state.en}” and cannot be {done.en}")
    if MOVES[action].decides and account in target["authors"]:
        raise Forbidden(
            "登记或修改过本项目的人不能审核它，请由另一人审核", "whoever wrote a project does not decide on it: ask somebody else"
        )
    after, step = MOVES[action].after, _step(now, account, action, reason)
    authors = sorted({*target["authors"], account}) if action == "submit" else target["authors"]
    row = target | {"state": after, "changes": target["changes"] + 1, "history": [*target["history"], step], "authors": authors}
    if action == "approve":
        row["assured_on"] = now.date()
    others = [one for one in rows if one is not target and _goes_with(action, one)]
    ends = [one | {"state": "replaced" if action == "approve" else after, "changes": one["changes"] + 1} for one in others]
    writer.upsert_nodes("CharityProject", [row, *ends])
    if MOVES[action].alters:
        _put_edges(writer, row, [*others, target], version if after == "approved" else None)
        count_change(writer)
    return row


def _goes_with(action: Action, row: Mapping[str, Any]) -> bool:
    """Whether another version changes its state with this one."""
    if action == "approve":
        return row["state"] in ("approved", "paused")
    return action == "withdraw" and row["state"] in MOVES["withdraw"].before


def _locked(writer: Writer, before: Listing) -> list[dict[str, Any]]:
    """The versions as this unit sees them. Raises Stale if anything was written since they were read."""
    rows = [writer.get("CharityProject", row["id"]) for row in before.rows]
    after = writer.get("CharityProject", _id(before.id, before.last["number"] + 1))
    found = [row for row in rows if row is not None]
    if after is not None or sum(row["changes"] for row in found) != before.changes:
        raise Stale(
            "您读取之后，项目已被修改：请重新读取后再提交", "the project was changed after you read it: read it again, and send again"
        )
    return found


def _described(version: PolicyVersion, text: str) -> dict[str, Any]:
    """What a version says, as properties of its node."""
    project = version.project
    assert project is not None
    return {
        **{"source": SOURCE, "policy": version.id, "title_zh": version.title.zh, "title_en": version.title.en, "layer": version.layer},
        **{"department": version.department, "unit": version.unit, "region": list(version.regions), "text": text},
        **{"organization": project.organisation, "budget_fen": project.budget_fen, "places": project.places},
        **{"open_from": project.open_from, "open_until": project.open_until},
    }


def _put_edges(writer: Writer, row: Mapping[str, Any], gone: Sequence[Mapping[str, Any]], version: PolicyVersion | None) -> None:
    """What a version in force covers, where, and who runs it (`version` None: nothing is in force any more)."""
    for old in gone:
        for code in old["region"]:
            writer.delete_edges("SERVES", [{"src": old["id"], "dst": code}])
    if version is None or version.benefit is None:
        return
    id_, organization = row["id"], row["organization"]
    if writer.get("Organization", organization) is None:
        writer.upsert_nodes("Organization", [{"id": organization, "kind": "charity", "source": SOURCE}])
    common = {"src": id_, "src_kind": "CharityProject", "source": SOURCE}
    writer.upsert_edges("RUN_BY", [common | {"dst": organization}])
    needs = [need for need in version.benefit.covers if writer.get("NeedCategory", need) is not None]
    writer.upsert_edges("COVERS", [common | {"dst": need} for need in needs])
    places = [code for code in version.regions if writer.get("Region", code) is not None]
    writer.upsert_edges("SERVES", [{"src": id_, "dst": code, "source": SOURCE} for code in places])


def _step(now: dt.datetime, account: str, action: str, reason: str = "") -> str:
    told = {"at": now.isoformat(), "account": account, "action": action} | ({"reason": reason} if reason else {})
    return json.dumps(told, ensure_ascii=False)


def _id(project: str, number: int) -> str:
    return f"{project}@{number}"


def no_project() -> NotFound:
    """The same words whether there is none or none that may be seen."""
    zh, en = "没有这个项目，或不归您管理", "there is no such project, or it is not yours"
    return NotFound(zh, en, hint=("请从“慈善项目”列表进入", "begin with the list of projects"))
