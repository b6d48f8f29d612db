"""`make neo4j` and `make neo4j-stop` as a developer uses them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph.neo4j_server.login import FILE
from graph.neo4j_server.server import stop_server
from tests.neo4j_service import address

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIDGRAPH_NEO4J_")}
    env = {**kept, "AIDGRAPH_NEO4J_FOLDER": str(folder), "AIDGRAPH_LANG": "en", **more}
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.neo4j
@pytest.mark.slow
def test_it_starts_once_says_where_and_keeps_its_password_to_itself(tmp_path: Path) -> None:
    address()  # skips where no server can be had
    folder = tmp_path / "neo4j"
    try:
        first, second = (run(folder, "api.local_neo4j", "start") for _ in range(2))
        assert first.returncode == 0, first.stderr
        assert first.stdout == second.stdout
        assert first.stdout.startswith("bolt://127.0.0.1:")
        assert first.stdout.count("\n") == 1
        assert (folder / FILE).stat().st_mode & 0o777 == 0o600
        uri = first.stdout.strip()
        given = run(tmp_path / "elsewhere", "api.local_neo4j", "start", AIDGRAPH_NEO4J_URI=uri)
        assert given.returncode == 5, "the password is that folder's, and is told to nobody"
        assert "AIDGRAPH_NEO4J_PASSWORD_FILE" in given.stderr
        given = run(folder, "api.local_neo4j", "start", AIDGRAPH_NEO4J_URI=uri)
        assert given.stdout == first.stdout
        assert "has stopped" in run(folder, "api.local_neo4j", "stop").stdout
        assert "no server" in run(folder, "api.local_neo4j", "stop").stdout
    finally:
        stop_server(folder)


def test_where_none_can_be_had_it_says_what_to_install(tmp_path: Path) -> None:
    done = run(tmp_path / "neo4j", "api.local_neo4j", "start", PATH=str(tmp_path))
    assert done.returncode == 5
    assert "no Docker engine answers here, and there is no Maven with a JDK 17" in done.stderr
    assert "AIDGRAPH_NEO4J_URI" in done.stderr
