"""`aidgraph synthetic --county`: into a store, again, larger, after kill -9, and what the report says of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from api.cli import main
from api.load_county import mark_id
from api.settings import neo4j_options, read_settings
from graph.identity import load_or_make_key
from graph.open import open_store

if TYPE_CHECKING:
    from graph.store import GraphStore

ROOT = Path(__file__).resolve().parents[2]
COUNTY, DAY = "371621", "2026-08-01"
KINDS = (
    "Household",
    "Person",
    "Statement",
    "Consent",
    "Need",
    "Award",
    "Recognition",
    "SocialWorker",
    "Volunteer",
    "CharityProject",
    "Region",
)
EDGES = ("MEMBER_OF", "LIVES_IN", "SUPPORTS", "PARENT_OF", "ABOUT", "GAVE", "HAS_NEED", "RECEIVES", "UNDER", "ACCOMPANIES", "COVERS_AREA")
PROGRAM = [sys.executable, "-c", "from api.cli import main; main()"]


class Trial:
    """A store with a county in it."""

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/c.sqlite"
        folder.mkdir(exist_ok=True)
        if key is not None:
            path = folder / "c.key"
            path.write_bytes(key)
            path.chmod(0o600)

    def words(self, households: int, *more: str) -> list[str]:
        """The command line."""
        asked = ["--county", COUNTY, "--households", str(households), "--batch", "40", "--as-of", DAY, *more]
        return ["synthetic", *asked, "--store", self.url, "--lang", "en"]

    def make(self, households: int, *more: str, code: int = 0) -> None:
        """Run the command here."""
        with pytest.raises(SystemExit) as left:
            main(self.words(households, *more))
        assert (left.value.code or 0) == code

    def store(self) -> GraphStore:
        """The store, opened."""
        return open_store(self.url, neo4j=neo4j_options(read_settings(), self.url))

    def tables(self) -> dict[str, pl.DataFrame]:
        """All nodes and edges, without the time of writing."""
        store = self.store()
        try:
            frames = {kind: list(store.scan_nodes(kind)) for kind in KINDS} | {kind: list(store.scan_edges(kind)) for kind in EDGES}
            return {kind: pl.concat(found).drop("updated_at") for kind, found in frames.items() if found}
        finally:
            store.close()

    def changes(self) -> int:
        """How often something was written."""
        store = self.store()
        try:
            return store.changes(limit=10_000_000).height
        finally:
            store.close()

    def mark(self) -> dict[str, Any]:
        """How far it is."""
        store = self.store()
        try:
            node = store.get("Meta", mark_id(COUNTY, 1))
            return json.loads(node["value"]) if node else {"households": 0}
        finally:
            store.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A county of 300 households."""
    trial = Trial(tmp_path_factory.mktemp("county") / "a")
    trial.make(300)
    return trial


def test_everything_is_there_and_flagged(made: Trial) -> None:
    tables = made.tables()
    assert 300 <= tables["Household"].height < 306
    assert set(KINDS) | set(EDGES) == set(tables)
    for kind in ("Household", "Person", "Statement", "Consent", "Need", "Award", "Recognition"):
        assert tables[kind].get_column("synthetic").all(), kind
    assert tables["CharityProject"].get_column("synthetic").sum() == 60
    assert set(tables["LIVES_IN"].get_column("dst")) <= set(tables["Region"].drop_nulls("name").get_column("id"))
    assert tables["UNDER"].height == tables["Award"].height


def test_the_same_again_changes_nothing(made: Trial) -> None:
    before = made.changes()
    made.make(300)
    assert made.changes() == before


def test_names_are_in_the_store_only_as_cipher_text(made: Trial) -> None:
    store = open_store(made.url, key=load_or_make_key(made.folder / "c.key"))
    try:
        person = store.find("Person", {}, limit=1).rows[0]
        name = store.identity.decrypt("name", person["name_enc"])
        assert store.find("Person", {"name_key": store.identity.search_key("name", name)}).rows
    finally:
        store.close()
    raw = b"".join(path.read_bytes() for path in made.folder.glob("c.sqlite*"))
    assert name.encode() not in raw
    assert b"idcard_enc" in raw


def test_a_county_grows_and_those_who_were_there_stay_as_they_were(made: Trial, tmp_path: Path) -> None:
    key = (made.folder / "c.key").read_bytes()
    grown, whole = Trial(tmp_path / "grown", key), Trial(tmp_path / "whole", key)
    grown.make(120)
    grown.make(300)
    whole.make(300)
    compared(grown, whole)


def test_a_county_of_another_day_is_refused(made: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["synthetic", "--county", COUNTY, "--as-of", "2025-01-01", "--store", made.url, "--lang", "en"])
    assert left.value.code == 2
    assert DAY in capsys.readouterr().err


def test_the_report_tells_shares_and_what_is_not_known(made: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    made.make(300, "--report", "--json")
    told = json.loads(capsys.readouterr().out)
    report = told["report"]
    assert told["households"] == report["counts"]["Household"] == report["sample"]["households"]
    assert report["counts"]["CharityProject"] >= 60
    assert 0.03 <= report["unknown_facts"] <= 0.08
    assert report["sample"]["supporters_in_other_households"] > 20
    assert all(abs(sum(shares.values()) - 1) < 0.001 for shares in report["verdicts"].values())
    assert len(report["one_sided"]) < len(report["verdicts"]) / 2


def test_kills_leave_whole_batches_and_the_rest_goes_on_from_the_mark(made: Trial, tmp_path: Path) -> None:
    killed = Trial(tmp_path / "killed", (made.folder / "c.key").read_bytes())
    stops = 0
    while killed_once(killed):
        stops += 1
        mark = killed.mark()
        assert killed.tables()["Household"].height == mark["households"]
    killed.make(300)
    assert stops >= 2
    compared(killed, made)


def killed_once(trial: Trial) -> bool:
    """Run the command, kill it a moment after its first batch is told; False if it was done by then."""
    line = [*PROGRAM, *trial.words(300)]
    program = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=ROOT, env={**os.environ})
    assert program.stderr is not None
    said = program.stderr.readline()
    time.sleep(0.05)
    program.kill()
    program.wait()
    program.stderr.close()
    return "stored" in said and trial.mark()["households"] < 300


def compared(one: Trial, other: Trial) -> None:
    """Both stores hold the same."""
    theirs = other.tables()
    for kind, mine in one.tables().items():
        assert mine.equals(theirs[kind].select(mine.columns)), kind


@pytest.mark.neo4j
def test_a_county_is_the_same_in_neo4j(empty_neo4j: str, made: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = made.folder / "c.key"
    monkeypatch.setenv("AIDGRAPH_KEY_FILE", str(key))
    other = Trial(tmp_path / "neo4j")
    other.url = empty_neo4j
    other.make(300, "--out", str(tmp_path / f"county-{COUNTY}"))
    before = other.changes()
    other.make(300, "--out", str(tmp_path / f"county-{COUNTY}"))
    assert other.changes() == before
    compared(other, made)


@pytest.mark.slow
def test_in_three_thousand_households_each_policy_says_yes_no_and_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Trial(tmp_path / "large").make(3_000, "--report", "--sample", "3000", "--batch", "400", "--json")
    report = json.loads(capsys.readouterr().out)["report"]
    assert [policy for policy in report["one_sided"] if not policy.startswith("syn-")] == []
    assert 0.03 <= report["unknown_facts"] <= 0.08
