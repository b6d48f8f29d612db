"""The program at the terminal, as a process of its own, on one store: run, started, killed in the middle."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from api.settings import neo4j_options, read_settings
from graph.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.store import GraphStore

T = TypeVar("T")
MAIN = "from api.cli import main; main()"


class Program:
    """`aidgraph` on the store at `url`; its key is in the folder."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder, self.url = folder, url or f"sqlite:///{folder}/store.sqlite"
        self.words: tuple[str, ...] = ()
        self.env = {**os.environ, "AIDGRAPH_KEY_FILE": str(folder / "store.key")}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", MAIN, "--store", self.url, *self.words, *words]

    def tried(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), capture_output=True, text=True, check=False, env=self.env)

    def run(self, *words: str, code: int = 0) -> str:
        done = self.tried(*words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def started(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env)

    def killed(self, seconds: float, *words: str, after: str = "") -> bool:
        """Kill -9 so many seconds after the start, or after a line on the error stream; whether it was still at work."""
        with self.started(*words) as program:
            assert program.stderr is not None
            while after and (line := program.stderr.readline()) and after not in line:
                pass
            try:
                program.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                program.kill()
                program.communicate()
                return True
        return False

    def store(self) -> GraphStore:
        return open_store(self.url, neo4j=neo4j_options(replace(read_settings(), store=self.url), self.url))

    def nodes(self, kind: str) -> list[dict[str, Any]]:
        """Every node of a kind, by id."""
        store = self.store()
        try:
            return [row for page in store.scan_nodes(kind) for row in page.sort("id").to_dicts()]
        finally:
            store.close()

    def kept(self, run: str) -> list[str]:
        """The results of a batch."""
        return [row["text"] for row in self.nodes("Result") if row["run"] == run]


def still(read: Callable[[], T]) -> T:
    """What is read twice the same: a server may still commit what a process that is gone had sent."""
    seen = read()
    while (again := read()) != seen:
        seen = again
    return seen


def waits(seed: int, longest: float) -> Any:
    """Moments at which to kill, spread evenly."""
    drawn = random.Random(seed)
    while True:
        yield drawn.uniform(0.05, 1) * longest
