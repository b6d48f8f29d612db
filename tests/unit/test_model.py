"""The model is one declaration that schema, checks and query text can rely on."""

import pickle
import re
from datetime import date

import pytest

from graph.errors import BadIdCard, BadValue, GraphError, StoreNewer, UnknownKind
from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind, edge_kind, node_kind
from graph.rows import check_edge, check_node
from graph.tables import key_columns

KINDS: list[NodeKind | EdgeKind] = [*NODE_KINDS.values(), *EDGE_KINDS.values()]


def test_every_name_may_stand_in_query_text() -> None:
    for kind in KINDS:
        assert re.fullmatch(r"[A-Za-z][A-Za-z_]*", kind.name)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in kind.properties)


def test_a_name_has_one_type_in_all_kinds() -> None:
    types: dict[str, set[str]] = {}
    for kind in KINDS:
        for name, declared in kind.properties.items():
            types.setdefault(name, set()).add(declared)
    assert [name for name, declared in types.items() if len(declared) > 1] == []


def test_no_property_is_named_like_a_key() -> None:
    for kind in KINDS:
        assert not set(kind.properties) & {"id", "src", "dst", "src_kind", "dst_kind"}


def test_edges_lead_between_kinds_of_the_model() -> None:
    for kind in EDGE_KINDS.values():
        assert {*kind.src, *kind.dst} <= NODE_KINDS.keys()
        assert not NODE_KINDS.keys() & EDGE_KINDS.keys()


def test_what_is_found_by_is_declared_text() -> None:
    for kind in NODE_KINDS.values():
        assert {kind.properties[name] for name in kind.found_by} <= {"str"}


def test_ends_are_named_where_the_model_leaves_them_open() -> None:
    assert key_columns(edge_kind("HAS_NEED")) == ("src", "dst", "src_kind")
    assert key_columns(edge_kind("MEMBER_OF")) == ("src", "dst")
    assert key_columns(edge_kind("UNLOCKS")) == ("src", "dst", "src_kind", "dst_kind")


def test_a_row_is_cleaned() -> None:
    row = check_node(node_kind("Statement"), {"id": "s", "list": " ", "true_on": date(2026, 8, 1), "complete": ("a",), "fact_x": None})
    assert (row.id, row.properties) == ("s", {"true_on": date(2026, 8, 1), "complete": ["a"]})
    hours = check_node(node_kind("Volunteer"), {"id": "v", "hours_week": 4}).properties["hours_week"]
    assert isinstance(hours, float)


def test_ends_of_an_edge_are_filled_in_where_there_is_no_choice() -> None:
    edge = check_edge(edge_kind("ABOUT"), {"src": "s", "dst": "h", "dst_kind": "Household"})
    assert (edge.src_kind, edge.dst_kind) == ("Statement", "Household")
    with pytest.raises(BadValue):
        check_edge(edge_kind("ABOUT"), {"src": "s", "dst": "h"})


def test_unknown_kinds_are_refused_in_both_languages() -> None:
    for look_up in (node_kind, edge_kind):
        with pytest.raises(UnknownKind) as caught:
            look_up("Castle")
        assert str(caught.value) == f"{caught.value.zh} / {caught.value.en}"


@pytest.mark.parametrize("error", [GraphError("错", "wrong"), StoreNewer("新", "newer"), BadIdCard("错", "wrong", "checksum")])
def test_an_error_survives_the_way_between_processes(error: GraphError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
