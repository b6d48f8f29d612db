"""A county with a small catalogue, a store and files; the tests of loading work in it. Here: catalogues and templates."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.cli import main
from graph.identity import load_or_make_key
from graph.open import open_store
from tests.unit.small_catalogue import FACTS, POLICY, SMALL

if TYPE_CHECKING:
    from graph.store import GraphStore

ROOT = Path(__file__).resolve().parents[2]
CARD, CARD_TOO, CARD_CHILD = "371602198203051040", "371602195007112033", "371602201701203021"
REGIONS = "code,name_zh,name_en\n37,山东省,Shandong\n3716,滨州市,Binzhou\n371602,滨城区,Bincheng\n371621,惠民县,Huimin\n"
ACTORS = "volunteers:\n  - {id: volunteer-1, region: '371602', skills: [care], hours_week: 4}\n"
ORPHAN = (
    POLICY.replace("id: dibao", "id: destitute", 1)
    .replace("最低生活保障", "特困")
    .replace("grants: {recognition: dibao, months: 12}\n", "precludes: [dibao]\n")
)
MORE = "disability: {unit: person, type: yesno, label: {zh: 持证残疾, en: disabled}, ask: disabled-persons-federation}\n"


class County:
    """A folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seeds = folder / "county-seeds"
        files = {
            **SMALL,
            "facts.yaml": FACTS + MORE,
            "regions/37.csv": REGIONS,
            "actors/all.yaml": ACTORS,
            "policies/basic/destitute.yaml": ORPHAN,
        }
        for name, text in files.items():
            self.write(f"county-seeds/{name}", text)
        self.url = f"sqlite:///{folder}/county.sqlite"

    def write(self, name: str, text: str | bytes) -> Path:
        """A file of the county."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, *words: object, code: int = 0) -> None:
        """A command line, which must leave with this code."""
        with pytest.raises(SystemExit) as left:
            main([*map(str, words), "--store", self.url, "--catalogue", str(self.seeds)])
        assert left.value.code == code, (words, left.value.code)

    def load(self, capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> dict[str, Any]:
        """What `load --json` says."""
        capsys.readouterr()
        self.run("load", *words, "--json", code=code)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    def counts(self, told: dict[str, Any]) -> dict[str, tuple[int, ...]]:
        """Stored, unchanged, rejected by kind, over all files."""
        return {kind: tuple(each.values()) for file in told["files"] for kind, each in file["kinds"].items()}

    def rejects(self, name: str) -> list[dict[str, str]]:
        """The rows of a reject file."""
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def store(self) -> GraphStore:
        """The store, opened anew."""
        return open_store(self.url, key=load_or_make_key(self.folder / "county.key"))

    def written(self) -> int:
        """How many changes the outbox holds."""
        store = self.store()
        try:
            return sum(1 for _ in store.changes(limit=1_000_000).iter_rows())
        finally:
            store.close()

    def get(self, kind: str, id_: str) -> dict[str, Any] | None:
        """A node."""
        store = self.store()
        try:
            return store.get(kind, id_)
        finally:
            store.close()

    def edges(self, kind: str) -> list[dict[str, Any]]:
        """All edges of a kind."""
        store = self.store()
        try:
            return [row for frame in store.scan_edges(kind) for row in frame.iter_rows(named=True)]
        finally:
            store.close()

    def nodes(self, kind: str) -> list[dict[str, Any]]:
        """All nodes of a kind."""
        store = self.store()
        try:
            return [row for frame in store.scan_nodes(kind) for row in frame.iter_rows(named=True)]
        finally:
            store.close()


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path)


def test_a_catalogue_is_written_once_with_its_edges(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    told = county.load(capsys, county.seeds)["catalogues"][0]
    assert told["there"]["Policy"] == 2
    assert {row["dst"] for row in county.edges("COVERS_AREA")} == {"371602"}
    assert [(row["src"].split("@")[0], row["dst"].split("@")[0]) for row in county.edges("PRECLUDES")] == [("destitute", "dibao")]
    before = county.written()
    assert sum(county.load(capsys, county.seeds)["catalogues"][0]["changed"].values()) == 0
    assert county.written() == before


def test_a_changed_item_stands_beside_the_old_one_and_a_removed_one_is_ended(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, county.seeds)
    old = {row["id"] for row in county.nodes("Policy")}
    county.write("county-seeds/policies/basic/dibao.yaml", POLICY.replace("working_days: 30", "working_days: 20"))
    (county.seeds / "policies/basic/destitute.yaml").unlink()
    told = county.load(capsys, county.seeds)["catalogues"][0]
    now = county.nodes("Policy")
    assert len(now) == 3
    assert set(told["ended"]) <= old
    assert len(told["ended"]) == 2
    assert [row["policy"] for row in now if row["until"] is None] == ["dibao"]
    county.write("county-seeds/policies/basic/destitute.yaml", ORPHAN)
    county.load(capsys, county.seeds)
    assert sorted(row["policy"] for row in county.nodes("Policy") if row["until"] is None) == ["destitute", "dibao"]


def test_a_catalogue_with_a_fault_leaves_the_store_alone(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.write("county-seeds/policies/basic/dibao.yaml", POLICY.replace("wage_month", "wage_mouth"))
    county.run("load", county.seeds, code=4)
    said = capsys.readouterr().err
    assert "policies/basic/dibao.yaml:12" in said
    assert "wage_mouth" in said
    assert county.nodes("Policy") == []


def test_a_worker_in_an_unknown_region_is_a_fault(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.write("county-seeds/actors/all.yaml", ACTORS.replace("371602", "371699"))
    county.run("load", county.seeds, code=4)
    assert "371699" in capsys.readouterr().err


CASES = """\
- name: mother and child
  as_of: 2026-08-01
  household:
    region: "371602"
    residence: urban
    members: [{as: mother, born: 1982-03-05, wage_month: 1800}, {as: child, born: 2017-01-20, supporters: [{person: mother, duty: parent}]}]
    awards: [{policy: dibao, paid_on: 2026-01-10, amount: 500}]
  expect: {dibao: unknown}
"""


def test_a_case_file_becomes_synthetic_households_and_can_be_taken_back(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("load", county.seeds)
    path = county.write("story.yaml", CASES)
    told = county.load(capsys, path)["files"][0]
    assert told["households"] == [{"id": "story-1", "name": "mother and child", "as_of": "2026-08-01"}]
    assert (county.get("Household", "story-1") or {})["synthetic"] is True
    before = county.written()
    assert county.load(capsys, path)["files"][0]["kinds"]["case"] == {"stored": 0, "unchanged": 1, "rejected": 0}
    assert county.written() == before
    county.run("withdraw", "story.yaml")
    assert county.nodes("Household") == []
    assert county.nodes("Person") == []
    assert county.nodes("Award") == []
    assert county.load(capsys, path)["files"][0]["kinds"]["case"]["stored"] == 1
    assert len(county.nodes("Person")) == 2
    assert all(row["withdrawn_at"] is None for row in county.nodes("Statement"))


TABLES = ("household", "person", "member", "supporter", "parent", "statement", "bills", "award", "recognition", "consent")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_template_loads_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    county = County(tmp_path)
    county.seeds = ROOT / "seeds"
    county.run("load", county.seeds)
    paths = []
    for kind in TABLES:
        capsys.readouterr()
        county.run("template", kind, "--lang", lang)
        paths.append(county.write(f"{kind}.csv", capsys.readouterr().out))
    told = county.load(capsys, *paths)
    assert {kind: each[2] for kind, each in county.counts(told).items()} == dict.fromkeys(
        ("household", "person", "member", "supporter", "parent", "statement", "award", "recognition", "consent"), 0
    )
    before = county.written()
    county.load(capsys, *paths)
    assert county.written() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_of_a_catalogue_that_is_printed_passes_the_loader(tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    import shutil

    from matcher.cases import load_cases
    from matcher.loader import load_catalogue

    county = County(tmp_path)
    shutil.copytree(ROOT / "seeds", tmp_path / "copy")
    for kind, folder in (
        ("policy", "policies/other"),
        ("project", "projects"),
        ("term", "terms"),
        ("standard", "standards"),
        ("case", "cases"),
    ):
        capsys.readouterr()
        county.run("template", kind, "--lang", lang)
        county.write(f"copy/{folder}/of-mine.yaml", capsys.readouterr().out)
    catalogue = load_catalogue(tmp_path / "copy")
    assert "my-relief-fund" in catalogue.policies
    assert len(load_cases(tmp_path / "copy/cases/of-mine.yaml", catalogue)) == 1


def test_a_template_that_is_not_there_is_named_with_those_that_are(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("template", "persons", code=2)
    said = capsys.readouterr().err
    assert "persons" in said
    assert "household" in said


def command(county: County, *words: object) -> subprocess.Popen[str]:
    """The program as a process of its own."""
    line = [sys.executable, "-c", "from api.cli import main; main()"]
    whole = [*line, *map(str, words), "--store", county.url, "--catalogue", str(county.seeds)]
    return subprocess.Popen(
        whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "AIDGRAPH_LANG": "en"}
    )
