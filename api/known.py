"""What is on file about a household: where it lives, who belongs to it, every fact with who said it and when; and its version."""

import datetime as dt
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import polars as pl

from api.people import labels
from api.places import names_of, place_path
from api.wiring import Desk
from graph.identity import mask_idcard, mask_phone
from graph.store import Tables
from matcher.catalogue import Fact
from matcher.evidence import Evidence, Said

Json = dict[str, Any]
VERSIONED = (
    "Household",
    "Person",
    "Statement",
    "Consent",
    "Need",
    "Award",
    "Recognition",
    "Application",
    "MEMBER_OF",
    "SUPPORTS",
    "PARENT_OF",
    "LIVES_IN",
)
"""A change to any row of these around a household changes its version."""


def household_json(desk: Desk, tables: Tables, household: str, as_of: dt.date) -> Json:
    """The household as docs/json.md describes it. Names, ID cards and phones are masked."""
    evidence = Evidence(tables, desk.catalogue, as_of)
    edges = tables["MEMBER_OF"].filter((pl.col("dst") == household) & _in_force(as_of)).sort("src").to_dicts()
    members = tuple(str(edge["src"]) for edge in edges)
    named = labels(tables, household, members, desk.identity, desk.lang)
    identity = {row["id"]: row for row in tables["Person"].to_dicts()}
    region = region_of(tables, household)
    return {
        "household": household,
        "region": region or None,
        "place": place_path(region, names_of(tables, desk.settings.catalogue), desk.lang) if region else "",
        "as_of": as_of.isoformat(),
        "facts": _facts(desk, evidence, "household", household),
        "entries": _entries(desk, evidence, "household", household),
        "members": [
            {
                "person": edge["src"],
                "name": named[edge["src"]],
                "kin": edge["kin"],
                **_masked(desk, identity.get(edge["src"], {})),
                "facts": _facts(desk, evidence, "person", edge["src"]),
                "entries": _entries(desk, evidence, "person", edge["src"]),
            }
            for edge in edges
        ],
    }


def region_of(tables: Tables, household: str) -> str:
    """Where a household lives, most exactly; "" if nobody knows."""
    codes = tables["LIVES_IN"].filter(pl.col("src") == household).get_column("dst").to_list()
    return str(max(codes, key=len)) if codes else ""


def version_of(tables: Tables, household: str) -> tuple[int, str]:
    """How often the household was changed by hand, and the tag (ETag) of all that is known around it."""
    digest = sha256()
    for kind in VERSIONED:
        frame = tables[kind]
        keys = [name for name in ("id", "src", "dst") if name in frame.columns]
        for row in sorted(frame.select(*keys, pl.col("updated_at").dt.epoch("us")).iter_rows()):
            digest.update(repr((kind, *row)).encode())
    version = tables["Household"].filter(pl.col("id") == household).get_column("version").to_list()
    number = int(version[0] or 0) if version else 0
    return number, f'"{number}-{digest.hexdigest()[:24]}"'


def _facts(desk: Desk, evidence: Evidence, unit: str, subject: str) -> list[Json]:
    listed = (fact for fact in desk.catalogue.facts.values() if fact.type != "list" and unit in fact.units)
    return _told(evidence, unit, subject, listed)


def _entries(desk: Desk, evidence: Evidence, unit: str, subject: str) -> list[Json]:
    """Bills, vehicles, …: every entry with its fields."""
    found = []
    for name, key in evidence.entries(unit, subject):
        declared = desk.catalogue.facts.get(name)
        if declared is not None and isinstance(declared.rows, Mapping):
            values = _told(evidence, unit, subject, declared.rows.values(), (name, key))
            if values:
                found.append({"list": name, "key": key, "facts": values})
    return found


def _told(evidence: Evidence, unit: str, subject: str, facts: Iterable[Fact], entry: tuple[str, str] | None = None) -> list[Json]:
    found = []
    for fact in facts:
        told = evidence.told(unit, subject, fact, entry)
        if told is not None:
            value, said = told
            name = "value_fen" if fact.type == "money" else "value"
            label = {"zh": fact.label.zh, "en": fact.label.en}
            found.append({"name": fact.name, "label": label, name: _plain(value), "said": _said(said)})
    return found


def _said(said: Said) -> Json:
    return {"source": said.source, "true_on": said.true_on.isoformat() if said.true_on else None, "stale": said.stale}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _masked(desk: Desk, person: Json) -> Json:
    """ID card and phone as notices show them; null where there is none."""
    shown: Json = {"id_card": None, "phone": None}
    if desk.identity is not None:
        if person.get("idcard_enc"):
            shown["id_card"] = mask_idcard(desk.identity.decrypt("idcard", person["idcard_enc"]))
        if person.get("phone_enc"):
            shown["phone"] = mask_phone(desk.identity.decrypt("phone", person["phone_enc"]))
    return shown


def _in_force(day: dt.date) -> pl.Expr:
    return (pl.col("from").is_null() | (pl.col("from") <= day)) & (pl.col("until").is_null() | (pl.col("until") >= day))
