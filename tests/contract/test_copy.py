"""From the embedded store to Neo4j and back: the same content, whichever way."""

from pathlib import Path

import pytest

from graph.copy import KINDS, content, copy_graph
from graph.store import GraphStore
from tests.contract.county import a_county
from tests.contract.opening import open_at


@pytest.mark.parametrize("kind_of_store", [pytest.param("neo4j", marks=pytest.mark.neo4j)])
def test_there_and_back_it_is_the_same(store: GraphStore, tmp_path: Path) -> None:
    first, second = (open_at(f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("first", "second"))
    a_county(first)
    copy_graph(first, store, name="first", into_full=True, advance=lambda _: None)  # the store knows its key already
    copy_graph(store, second, name="neo4j", into_full=False, advance=lambda _: None)
    assert all(content(store, kind) == content(second, kind) for kind in KINDS)
    assert all(content(first, kind) == content(second, kind) for kind in KINDS if kind != "Meta")
    first.close()
    second.close()
