"""A Neo4j server by Docker Compose, where a Docker engine answers."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from graph.errors import StoreUnavailable

COMPOSE = Path(__file__).parent / "compose.yaml"
ASK_SECONDS, START_SECONDS = 10, 900


def can() -> bool:
    """Whether an engine answers and Compose is there."""
    if not shutil.which("docker"):
        return False
    try:
        return all(
            subprocess.run(["docker", *words], capture_output=True, check=False, timeout=ASK_SECONDS).returncode == 0
            for words in (("info",), ("compose", "version"))
        )
    except subprocess.TimeoutExpired:
        return False


def start(folder: Path, password: str) -> str:
    """Start the server of a folder, wait until it answers and return its address. Raises StoreUnavailable."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / "login", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"neo4j/{password}")
    _compose(folder, "up", "--detach", "--wait")
    return f"bolt://{_compose(folder, 'port', 'neo4j', '7687').strip()}"


def alive(folder: Path) -> bool:
    """Whether the server of this folder runs."""
    try:
        return bool(_compose(folder, "ps", "--quiet", "--status", "running").strip())
    except StoreUnavailable:
        return False


def stop(folder: Path) -> None:
    """Stop the server of this folder; its data stay."""
    _compose(folder, "down")


def _compose(folder: Path, *words: str) -> str:
    place = str(folder.absolute())
    project = f"aidgraph-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    command = ["docker", "compose", "-f", str(COMPOSE), "-p", project, *words]
    env = {**os.environ, "AIDGRAPH_NEO4J_FOLDER": place}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=START_SECONDS, env=env)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise StoreUnavailable("Docker Compose 没能启动 Neo4j", f"Docker Compose could not do it: {' | '.join(lines[-2:])}")
    return done.stdout
