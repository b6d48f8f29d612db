"""The queries that docs/neo4j.md tells an analyst to paste into Neo4j Browser, run as they stand there."""

import re
from pathlib import Path

import pytest

from api import cli
from tests.neo4j_service import driver_of

ROOT = Path(__file__).resolve().parents[2]
QUERIES = re.findall(r"```cypher\n(.*?)```", (ROOT / "docs" / "neo4j.md").read_text(encoding="utf-8"), re.DOTALL)


def run(*words: str) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(list(words))
    assert not left.value.code


@pytest.mark.neo4j
def test_each_query_of_the_documentation_has_something_to_show(
    empty_neo4j: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIDGRAPH_STORE", empty_neo4j)
    monkeypatch.setenv("AIDGRAPH_KEY_FILE", str(tmp_path / "aidgraph.key"))
    run("load", str(ROOT / "seeds"))
    run("load", str(ROOT / "seeds" / "cases" / "c4.yaml"))
    run("synthetic", "--county", "371621", "--households", "40")
    assert len(QUERIES) == 5
    with driver_of(empty_neo4j) as driver:
        found = [driver.execute_query(query) for query in QUERIES]
        for query, one in zip(QUERIES, found, strict=True):
            assert one.records, query
    needs, picture, opens, helpers, received = ([record.data() for record in one.records] for one in found)
    assert {"village", "need", "households"} == needs[0].keys()
    assert {node["id"] for row in picture for node in row["p"] if isinstance(node, dict)} >= {"c4-1", "371602"}
    assert all(row["p"][-1]["policy"] == "medical-aid-on-application" for row in opens)
    assert helpers[0]["households"] >= 40
    assert all(row["yuan"] > 0 for row in received)
    capsys.readouterr()
