"""Loading the households of a case file: they get ids of the file's name and a number, are flagged synthetic, and can be asked about."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from api.load_results import FileResult, Note
from graph.store import GraphStore, Writer
from matcher.case_people import HOUSEHOLD
from matcher.cases import load_cases
from matcher.catalogue import Catalogue
from matcher.records import Record, Rows, Subject, rows

OWN = ("Household", "Person", "Statement", "Award", "Recognition", "Consent")


def load_case_file(store: GraphStore, catalogue: Catalogue, path: Path) -> FileResult:
    """Write every household of a case file, each with its people, as one unit; again changes nothing.

    Raises:
        CatalogueError: faults of the file. Nothing is written.
    """
    result = FileResult(path.name, f"synthetic/{path.name}")
    by_hand: dict[str, list[str]] = defaultdict(list)
    for number, case in enumerate(load_cases(path, catalogue), 1):
        mark = f"{path.stem}-{number}"
        told = rows(
            _named(case.record, mark),
            catalogue,
            source=result.source,
            true_on=case.as_of,
            recorded_at=dt.datetime.combine(case.as_of, dt.time(), dt.UTC),
        )
        changed = store.write(lambda writer, told=told: _write(writer, told, path.name))  # type: ignore[misc]
        counts = result.count("case")
        counts.stored += bool(changed)
        counts.unchanged += not changed
        result.ids.append({"id": mark, "name": case.name, "as_of": case.as_of.isoformat()})
        by_hand[", ".join(sorted([*case.standards, *case.terms]))].append(mark)
    if not result.ids:
        result.refused.append(Note("文件中没有案例", "the file has no cases"))
    result.warnings = [_by_hand(names, marks) for names, marks in by_hand.items() if names]
    return result


def _write(writer: Writer, told: Rows, file: str) -> int:
    """All rows of a household; regions that are stored stay as they are, statements that were withdrawn stand again."""
    changed = 0
    for kind, found in told.items():
        if kind in OWN:
            marked = [row | {"synthetic": True} | ({"file": file} if kind == "Statement" else {}) for row in found]
            if kind == "Statement":
                changed += sum(writer.remove_keys(kind, row["id"], ["withdrawn_at"]) for row in marked)
            changed += writer.upsert_nodes(kind, marked)
        elif kind == "Region":
            writer.upsert_nodes(kind, [row for row in found if writer.get(kind, row["id"]) is None])
        elif kind != "PART_OF":
            changed += writer.upsert_edges(kind, found)
        else:
            _part_of(writer, found)
    return changed


def _part_of(writer: Writer, found: list[dict[str, object]]) -> None:
    """Edges between regions that this file brought; those of the catalogue keep their source."""
    for edge in found:
        region = writer.get("Region", str(edge["src"]))
        if region is not None and region.get("source") == edge.get("source"):
            writer.upsert_edges("PART_OF", [edge])


def _named(record: Record, mark: str) -> Record:
    """The record under ids of its own: the household is the mark itself, everybody else has it in front."""
    names = {one.id: mark if one.id == HOUSEHOLD else f"{mark}-{one.id}" for one in (*record.households, *record.persons.values())}

    def moved(subject: Subject) -> Subject:
        links = {name: [replace(link, person=names[link.person]) for link in each] for name, each in subject.links.items()}
        return replace(subject, id=names[subject.id], links=links)

    people = {names[name]: moved(subject) for name, subject in record.persons.items()}
    return Record([moved(household) for household in record.households], people)


def _by_hand(names: str, marks: list[str]) -> Note:
    """What cases set beside their facts is no part of the store."""
    listed = marks[0] if len(marks) == 1 else f"{marks[0]} … {marks[-1]}"
    return Note(
        f"{listed}：案例自带的标准或术语（{names}）不写入库，查询时按目录的值计算",
        f"{listed}: standards or terms that the cases set themselves ({names}) are not stored; answers use those of the catalogue",
    )
