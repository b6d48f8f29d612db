"""What may be in the graph: node kinds, edge kinds, their properties and ends.

The one declaration that schema, validation and every name in a query come from: a name that is not here never reaches query text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from graph.errors import UnknownKind, UnknownProperty

PropertyType = Literal["str", "int", "float", "bool", "date", "datetime", "list[str]"]
Value = str | int | float | bool | date | datetime | list[str]
Row = Mapping[str, Any]
Declared = dict[str, PropertyType]

EVERY_NODE: Declared = {"source": "str", "updated_at": "datetime", "synthetic": "bool"}
EVERY_EDGE: Declared = {"source": "str", "updated_at": "datetime"}
FACT = re.compile(r"^fact_[a-z][a-z0-9_]*$")
EDGE_FACT = re.compile(r"^edge_[a-z][a-z0-9_]*$")


@dataclass(frozen=True, slots=True, eq=False)
class NodeKind:
    """A kind of node.

    `properties` holds all that are declared, `id` left out; `found_by` those that are indexed; `open_names` is the pattern of further ones.
    """

    name: str
    properties: Mapping[str, PropertyType]
    found_by: tuple[str, ...] = ()
    open_names: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EdgeKind:
    """A kind of edge from one of `src` to one of `dst`. An edge is identified by (src, kind, dst): there are no parallel ones."""

    name: str
    src: tuple[str, ...]
    dst: tuple[str, ...]
    properties: Mapping[str, PropertyType] = field(default_factory=lambda: dict(EVERY_EDGE))
    open_names: re.Pattern[str] | None = None


def _node(name: str, properties: Declared, found_by: tuple[str, ...] = (), open_names: re.Pattern[str] | None = None) -> NodeKind:
    return NodeKind(name, EVERY_NODE | properties, found_by, open_names)


def _edge(name: str, src: str, dst: str, properties: Declared | None = None, open_names: re.Pattern[str] | None = None) -> EdgeKind:
    return EdgeKind(name, tuple(src.split("|")), tuple(dst.split("|")), EVERY_EDGE | (properties or {}), open_names)


_CATALOGUE_ITEM: Declared = {
    "policy": "str",  # the id that all versions share
    "title_zh": "str",
    "title_en": "str",
    "layer": "str",
    "department": "str",
    "unit": "str",
    "region": "list[str]",
    "from": "date",
    "until": "date",
    "mark": "str",
    "catalogue": "str",  # hash of the catalogue that it was loaded with
    "text": "str",  # the item as it was written
}
_HELPER: Declared = {
    "title": "str",
    "organization": "str",
    "skills": "list[str]",
    "languages": "list[str]",
    "hours_week": "float",
    "hours_used": "float",
    "from": "date",
    "until": "date",
}

_SPAN: Declared = {"from": "date", "until": "date"}
_IDENTITY = ("name", "idcard", "phone")

NODE_KINDS: dict[str, NodeKind] = {
    kind.name: kind
    for kind in (
        _node("Region", {"name": "str", "level": "str", "parent": "str"}, ("parent",)),
        _node(
            "Household",
            {
                "lives_in": "str",  # where LIVES_IN leads
                "version": "int",  # changes by hand so far
                "address_enc": "str",
                "address_key": "str",
                "profile": "str",  # graph/profiles.py
                "rank": "str",  # of the difficulty index, 000 to 100; what follows belongs to it: api/ranking.py
                **{"rank_most": "int", "circle": "str", "category": "str"},
                **{"ranked_on": "date", "ranked_at": "datetime", "ranked_by": "str"},  # ranked_by: hash of the catalogue
            },
            ("lives_in", "address_key", "profile"),
        ),
        _node(
            "Person",
            {f"{name}_{part}": "str" for name in _IDENTITY for part in ("enc", "key")},  # encrypted text, keyed hash
            tuple(f"{name}_key" for name in _IDENTITY),
        ),
        _node(
            "Statement",
            {
                "true_on": "date",
                "recorded_at": "datetime",
                "withdrawn_at": "datetime",
                "list": "str",
                "key": "str",
                "complete": "list[str]",
                "file": "str",  # the import that it came from
            },
            ("file",),
            FACT,
        ),
        _node("Consent", {"scope": "list[str]", "purpose": "str", "recipient": "str", **_SPAN, "withdrawn": "date"}),
        _node("Need", {"category": "str", "amount_fen": "int", "hours": "float", "window": "str", **_SPAN, "text": "str"}, ("category",)),
        _node("Policy", _CATALOGUE_ITEM, ("policy", "catalogue")),
        _node(
            "CharityProject",
            {
                **_CATALOGUE_ITEM,
                "organization": "str",
                "budget_fen": "int",
                "places": "int",
                "open_from": "date",
                "open_until": "date",
                "assured_on": "date",  # when it was approved
                "state": "str",
                "number": "int",  # of a version that a charity listed
                "changes": "int",
                "authors": "list[str]",  # accounts that wrote it: they do not approve it
                "history": "list[str]",  # who did what when, as JSON
            },
            ("policy", "catalogue"),
        ),
        _node("Organization", {"title_zh": "str", "title_en": "str", "kind": "str", "department": "str"}),
        _node("SocialWorker", _HELPER),
        _node("Volunteer", _HELPER),
        _node(
            "Award",
            {
                **{"policy": "str", "paid_on": "date", "until": "date", "amount_fen": "int", "cause": "str", "department": "str"},
                "state": "str",  # of a hold: held, expired, returned; then paid_on is the day from which it is held
                "household": "str",  # of a hold: whose, or whose member's
            },
            ("policy",),
        ),
        _node(
            "Application",
            {
                **{"policy": "str", "reason": "str", "basis": "list[str]"},
                **dict.fromkeys(("applied_on", "decided_on", "appealed_on"), "date"),
                "state": "str",  # applied, confirmed, refused, withdrawn; from decided_on, until then applied
            },
            ("policy",),
        ),
        _node("Budget", {"committed_fen": "int", "places": "int", "version": "int"}),  # of the project with its id: what is held or paid
        _node("Recognition", {"recognition": "str", **_SPAN, "department": "str"}, ("recognition",)),
        _node("NeedCategory", {"title_zh": "str", "title_en": "str", "unit": "str", "kind": "str"}),
        _node(
            "BatchRun",
            {
                "area": "str",
                "as_of": "date",
                "catalogue": "str",
                "near": "bool",
                "state": "str",  # running, done, dropped: its results were taken away
                "begun_at": "datetime",
                "ended_at": "datetime",
                "after": "str",  # place and id of the last household whose result is kept
                **dict.fromkeys(("total", "households", "people", "ready", "asking", "lacking"), "int"),
            },
        ),
        _node("Result", {"run": "str", "household": "str", "area": "str", "text": "str"}),
        _node(
            "GapReport",
            {
                "area": "str",
                "level": "str",
                "as_of": "date",
                "catalogue": "str",
                "run": "str",
                "made_at": "datetime",
                "before": "str",  # the report that it was compared with
                "text": "str",
            },
        ),
        _node(
            "Referral",
            {
                **{"sort": "str", "household": "str", "area": "str", "state": "str", "before": "str"},  # before: the one that it came from
                **{"opened_on": "date", "since": "date", "decided_on": "date", "closed_on": "date", "version": "int", "amount_fen": "int"},
                **dict.fromkeys(("reasons", "departments"), "list[str]"),
                **{"project": "str", "organization": "str", "award": "str"},  # of one to a charity; the award holds its money
                "urgency": "str",  # by which lists are ordered, the highest first; from its state and deadline
                "text": "str",  # what was said and done, as JSON: api/referral_rows.py
            },
            ("household", "area", "organization", "state"),
        ),
        _node(
            "ReportRun",  # a report that is due or asked for, and how far it is; api/report_runs.py
            {
                **dict.fromkeys(("schedule", "area", "level", "state", "by", "run", "report", "error"), "str"),
                "as_of": "date",
                "allocate": "bool",
                "attempts": "int",
                **dict.fromkeys(("due_at", "again_at", "begun_at", "ended_at"), "datetime"),
            },
            ("state",),
        ),
        _node(
            "Delivery",  # of a report to one folder or address
            {
                **dict.fromkeys(("of", "report", "to", "state", "error"), "str"),
                "attempts": "int",
                **dict.fromkeys(("again_at", "ended_at"), "datetime"),
            },
            ("state", "of"),
        ),
        _node("Meta", {"value": "str"}),
        _node(
            "Account",
            {
                "title": "str",
                "role": "str",
                "regions": "list[str]",  # codes whose households it may see; "*" is everywhere
                "department": "str",
                "organization": "str",
                "password": "str",  # its Argon2 hash
                "password_at": "datetime",
                "closed_at": "datetime",
            },
        ),
        _node("ApiKey", {"account": "str", "title": "str", "hash": "str", "scopes": "list[str]", **_SPAN, "closed_at": "datetime"}),
        _node("Session", {"account": "str", "begun_at": "datetime", "ends_at": "datetime"}),  # its id is the hash of the token
        _node("Receipt", {"account": "str", "hash": "str", "answer": "str", "begun_at": "datetime"}),  # what a repeated write is answered
        _node(
            "AuditEntry",  # its id counts; `hash` is made with `before`, the hash of the entry before
            {
                "at": "datetime",
                "account": "str",
                "api_key": "str",
                "action": "str",
                "permission": "str",
                "household": "str",
                "request": "str",
                "before": "str",
                "hash": "str",
            },
            ("household", "account"),
        ),
    )
}

EDGE_KINDS: dict[str, EdgeKind] = {
    kind.name: kind
    for kind in (
        _edge("MEMBER_OF", "Person", "Household", {"kin": "str", **_SPAN}, EDGE_FACT),
        _edge("LIVES_IN", "Household", "Region", _SPAN),
        _edge("PART_OF", "Region", "Region"),
        _edge("SUPPORTS", "Person", "Person", {"duty": "str", **_SPAN}, EDGE_FACT),  # src owes dst the duty
        _edge("PARENT_OF", "Person", "Person"),
        _edge("ABOUT", "Statement", "Person|Household"),
        _edge("GAVE", "Person", "Consent"),
        _edge("HAS_NEED", "Household|Person", "Need"),
        _edge("RECEIVES", "Household|Person", "Award"),
        _edge("APPLIED_FOR", "Household|Person", "Application"),
        _edge("UNDER", "Award", "Policy|CharityProject"),
        _edge("RECOGNISED_AS", "Household|Person", "Recognition"),
        _edge("COVERS", "Policy|CharityProject", "NeedCategory"),
        _edge("UNLOCKS", "Policy|CharityProject", "Policy|CharityProject"),
        _edge("PRECLUDES", "Policy|CharityProject", "Policy|CharityProject"),
        _edge("RUN_BY", "Policy|CharityProject", "Organization"),
        _edge("IN_FORCE_IN", "Policy", "Region"),
        _edge("SERVES", "CharityProject", "Region"),
        _edge("COVERS_AREA", "SocialWorker|Volunteer", "Region"),
        _edge("CAN_DO", "SocialWorker|Volunteer", "NeedCategory"),
        _edge("ACCOMPANIES", "SocialWorker|Volunteer", "Household", _SPAN),
        _edge("CONCERNS", "Referral", "Household|NeedCategory|Policy|CharityProject"),
        _edge("INVITES", "Referral", "Organization"),
        _edge("LIKE", "Referral", "Referral"),  # dst is a precedent
    )
}


def node_kind(name: str) -> NodeKind:
    """The node kind of this name. Raises UnknownKind."""
    if name not in NODE_KINDS:
        raise UnknownKind(f"图模型中没有节点类型“{name}”，请核对拼写", f"the model has no node kind {name!r}: check the spelling")
    return NODE_KINDS[name]


def edge_kind(name: str) -> EdgeKind:
    """The edge kind of this name. Raises UnknownKind."""
    if name not in EDGE_KINDS:
        raise UnknownKind(f"图模型中没有关系类型“{name}”，请核对拼写", f"the model has no edge kind {name!r}: check the spelling")
    return EDGE_KINDS[name]


def property_type(kind: NodeKind | EdgeKind, name: str) -> PropertyType | None:
    """The declared type of a property, None for an open one. Raises UnknownProperty."""
    declared = kind.properties.get(name)
    if declared is None and not (kind.open_names and kind.open_names.fullmatch(name)):
        raise UnknownProperty(f"“{kind.name}”没有属性“{name}”，请核对拼写", f"{kind.name} has no property {name!r}: check the spelling")
    return declared
