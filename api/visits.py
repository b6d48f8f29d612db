"""What is sent about a household to rows of the graph, read and checked exactly as rows of a file are; or every place that is at fault.

A visit is a statement of `visit/<account>`: it stands beside what the registers say, and facts.yaml ranks the two.
"""

import datetime as dt
import secrets
from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from api.caller import Caller
from api.errors import BadRequest, Conflict, Forbidden, Place
from api.load_complete import BY_DEPARTMENT, check_list
from api.load_lookup import StoreLookup
from api.permissions import may
from api.visit_shapes import Facts, NewConsent, NewHousehold, NewPerson, Visit
from api.words_values import VALUES
from graph.errors import RegionError
from graph.ingest import FileRow, Telling, Unit
from graph.regions import shorten
from graph.store import Tables, Writer
from matcher.catalogue import Fact
from matcher.ingest_cells import plain
from matcher.ingest_header import read_header
from matcher.ingest_kinds import Kind, nearest
from matcher.ingest_mapping import Mapping
from matcher.ingest_reader import hide
from matcher.ingest_rows import RowReader, Told

COLUMNS = {"id_card": "/id_card", "name": "/name", "phone": "/phone", "kin": "/kin"}


@dataclass(slots=True)
class Rows:
    """What is to be written, whose ids are new, and what is at fault. `also`: what the unit does beside, and adds to its answer."""

    rows: list[FileRow] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    faults: list[Place] = field(default_factory=list)
    also: Callable[[Writer], dict[str, Any]] | None = None

    def checked(self) -> "Rows":
        """The rows, if nothing is at fault. Raises BadRequest with every place."""
        if self.faults:
            raise BadRequest("有内容需要改正，没有保存任何内容", "some of this cannot be kept; nothing was", places=tuple(self.faults))
        return self


class Reading:
    """Reads one household or one visit."""

    def __init__(self, caller: Caller, day: dt.date) -> None:
        self.caller, self.day = caller, day
        self.catalogue = caller.desk.catalogue
        self.lookup = StoreLookup(caller.desk.store)
        self.told = Told(self.catalogue, self.lookup, caller.desk.today(), day)
        self.found = Rows()

    def household(self, id_: str, given: NewHousehold) -> Rows:
        """A new household with its people. Raises BadRequest, Forbidden, Conflict."""
        region = self._region(given.region, "/region")
        if region is not None:
            self.caller.needs(region)
        cells = {"id": id_, "region": region, **given.facts}
        if self._known(given.facts, "household", "/facts") and region is not None:
            self._row("household", cells, {name: f"/facts/{name}" for name in given.facts} | {"region": "/region"}, "")
        for at, person in enumerate(given.people):
            self._person(id_, person, f"/people/{at}")
        if given.whole:
            self._add([Telling("Household", id_, self.day, complete=("members",))])
        return self.found.checked()

    def visit(self, household: str, given: Visit, tables: Tables) -> Rows:
        """What a visit found. Raises BadRequest."""
        near = _around(tables, household)
        facts = dict(given.facts)
        if "region" in facts:
            self._move(facts)
        self._statement("household", household, facts, "/facts")
        seen: set[str] = set()
        for at, one in enumerate(given.people):
            if one.person in seen:
                self._fault(f"/people/{at}/person", "前面已有这个人，请合并", "named before: put both together")
            elif self._belongs(one.person, near, f"/people/{at}/person"):
                self._statement("person", one.person, one.facts, f"/people/{at}/facts")
            seen.add(one.person)
        for at, entry in enumerate(given.entries):
            if self._belongs(entry.person or household, near, f"/entries/{at}/person"):
                self._entry(entry.list, household, entry.person, entry.key, entry.facts, f"/entries/{at}")
        for at, whole in enumerate(given.whole):
            if self._belongs(whole.person or household, near, f"/whole/{at}/person"):
                self._whole(whole.list, household, whole.person, f"/whole/{at}/list")
        for at, consent in enumerate(given.consents):
            if self._belongs(consent.person, near - {household}, f"/consents/{at}/person"):
                self._consent(consent, f"/consents/{at}")
        return self.found.checked()

    # --- one part after the other -------------------------------------------------------------------------------------

    def _person(self, household: str, given: NewPerson, path: str) -> None:
        """A member; whoever has this ID card and lives in another household already is refused."""
        known = self._known(given.facts, "person", f"{path}/facts")
        cells: dict[str, Any] = {"household": household, **given.facts}
        cells |= {name: value for name in COLUMNS if (value := getattr(given, name)) is not None and value.strip()}
        if "id_card" not in cells and "name" not in cells:
            cells["id"] = f"p-{secrets.token_hex(10)}"
        where = {name: f"{path}/facts/{name}" for name in given.facts} | {name: path + end for name, end in COLUMNS.items()}
        row = self._row("person", cells, where, path) if known else None
        if row is None:
            return
        id_ = next(str(node["id"]) for kind, node in row.nodes if kind == "Person")
        self.found.people.append(id_)
        store = self.caller.desk.store
        if store.get("Person", id_) is None:
            self.found.new.append(id_)
        elif store.neighbourhood("Person", id_)["MEMBER_OF"].filter((pl.col("src") == id_) & pl.col("until").is_null()).height:
            raise in_another_household()

    def _statement(self, unit: str, subject: str, facts: Facts, path: str) -> None:
        if any(value is not None for value in facts.values()) and self._known(facts, unit, path):
            where = {name: f"{path}/{name}" for name in facts}
            self._row("statement", {unit: subject, **facts}, where, path)

    def _entry(self, name: str, household: str, person: str | None, key: str, facts: Facts, path: str) -> None:
        declared = self.catalogue.facts.get(name)
        unit = "person" if person else "household"
        dated = declared is not None and isinstance(declared.rows, Dict) and name not in ("awards", "recognitions")
        if declared is None or not dated or unit not in declared.units:
            lists = [one.name for one in self.catalogue.facts.values() if isinstance(one.rows, Dict)]
            self._fault(f"{path}/list", f"没有这个清单{_near(name, lists)[0]}", f"there is no such list{_near(name, lists)[1]}")
        elif self._named(facts, dict(declared.rows or {}), f"{path}/facts"):  # type: ignore[arg-type]
            where = {one: f"{path}/facts/{one}" for one in facts} | {"key": f"{path}/key"}
            self._row("statement", {unit: person or household, "key": key, **facts}, where, path, list_=name)

    def _whole(self, name: str, household: str, person: str | None, path: str) -> None:
        list_, _, department = name.partition("/")
        if list_ in BY_DEPARTMENT and not department:
            self._fault(path, f"请写明是哪个部门的：{list_}/部门", f"say whose register it is: {list_}/department")
            return
        unit: Unit = "Person" if person else "Household"
        try:
            whole = check_list(self.catalogue, list_, department or None)
        except BadRequest as no:
            self._fault(path, no.zh, no.en)
            return
        if unit.lower() not in self.catalogue.facts[list_].units:
            self._fault(path, "这个清单不属于该对象", f"this is no list of a {unit.lower()}")
        else:
            self._add([Telling(unit, person or household, self.day, complete=(whole,))])

    def _consent(self, given: NewConsent, path: str) -> None:
        told = {"scope": " ".join(given.scope), "recipient": given.recipient, "from": given.from_, "until": given.until}
        self._row("consent", {"person": given.person, **told}, {name: f"{path}/{name}" for name in told}, path)

    def _move(self, facts: dict[str, Any]) -> None:
        """A household may be moved within the caller's area."""
        region = self._region(str(facts["region"]), "/facts/region")
        if region is None:
            return
        facts["region"] = region
        if not may(self.caller.account, self.caller.permission, region):
            raise Forbidden(
                "迁往的区划不在您负责的范围内，请由上级经办", "the place that it moves to is not yours: an officer above has to do this"
            )

    # --- checks --------------------------------------------------------------------------------------------------------

    def _region(self, typed: str, path: str) -> str | None:
        try:
            code = shorten(typed.strip())
        except RegionError as no:
            self._fault(path, _unsaid(no.zh, typed.strip()), _unsaid(no.en, typed.strip()))
            return None
        if not self.lookup.knows_region(code):
            self._fault(path, "没有这个区划，请核对代码", "there is no such region: check the code")
            return None
        return code

    def _known(self, facts: Facts, unit: str, path: str) -> bool:
        """Whether every name is a fact of the unit."""
        return self._named(
            facts, {one.name: one for one in self.catalogue.facts.values() if one.type != "list" and unit in one.units}, path
        )

    def _named(self, facts: Facts, known: Dict[str, Fact], path: str) -> bool:
        unknown = [name for name in facts if name not in known]
        for name in unknown:
            zh, en = _near(name, list(known))
            self._fault(f"{path}/{name}", f"没有这个事实{zh}", f"there is no such fact{en}")
        return not unknown

    def _belongs(self, subject: str, near: set[str], path: str) -> bool:
        if subject not in near:
            self._fault(path, "此人不是本户成员，也不是成员的法定义务人", "is no member of this household, and owes no member support")
        return subject in near

    def _fault(self, path: str, zh: str, en: str) -> None:
        self.found.faults.append(Place(path, zh, en))

    def _row(self, kind: Kind, cells: dict[str, Any], where: dict[str, str], path: str, *, list_: str | None = None) -> FileRow | None:
        """A row as a file would have it; None, and its faults noted, if it cannot be kept."""
        cells = {name: value for name, value in cells.items() if value is not None} | {"true_on": self.day}
        header = read_header(list(cells), kind, self.catalogue, Mapping(), list_=list_, words=VALUES)
        read = RowReader(header, self.told).read(len(self.found.rows) + 1, list(cells.values()))
        if isinstance(read, FileRow):
            self.found.rows.append(read)
            return read
        for no in read:
            said = cells.get(no.field)
            zh, en = (_unsaid(text, said) for text in (no.zh, no.en))
            self._fault("/true_on" if no.field == "true_on" else where.get(no.field, path), zh, en)
        return None

    def _add(self, tellings: list[Telling]) -> None:
        self.found.rows.append(FileRow(len(self.found.rows) + 1, tellings))


def in_another_household() -> Conflict:
    """Somebody with this ID card lives in a household already; which one is not said."""
    return Conflict(
        "有人的证件号已登记在另一户，请先查找，或请上级经办迁户",
        "somebody's ID card is on file in another household: look it up first, or ask an officer to move the person",
    )


def _around(tables: Tables, household: str) -> set[str]:
    """The household, its members, and who owes them support."""
    members = set(tables["MEMBER_OF"].filter(pl.col("dst") == household).get_column("src").to_list())
    supporters = tables["SUPPORTS"].filter(pl.col("dst").is_in(list(members))).get_column("src").to_list()
    return {household, *members, *supporters}


def _unsaid(text: str, typed: object) -> str:
    """A message without the text that was typed, in any form that reading gave it: it could be a name in the wrong place."""
    if isinstance(typed, str) and len(typed) > 1:
        forms = {typed, plain(typed), plain(typed).lstrip("¥￥ ").replace(" ", "")}
        for form in sorted({*forms, *map(hide, forms)}, key=len, reverse=True):
            text = text.replace(form, "…") if len(form) > 1 else text
    return text


def _near(name: str, known: list[str]) -> tuple[str, str]:
    near = nearest(name, known)
    return (f"，是否为 {'、'.join(near)}？", f"; did you mean {', '.join(near)}?") if near else ("，请核对拼写", ": check the spelling")
