"""referrals.yaml: what came along is whole, and what is wrong in one is told with file, line, path and reason."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from api.permissions import ROLES
from api.words import DEPARTMENT
from matcher.errors import CatalogueError
from matcher.referral import ACTORS, SORTS
from tests.factories import SEEDS, load_small, shipped

if TYPE_CHECKING:
    from pathlib import Path

GOOD = (SEEDS / "referrals.yaml").read_text(encoding="utf-8")
WRONG = [
    ("to: hearing, by: [officer]}", "to: heering, by: [officer]}", "moves[0].to", "none of opened"),
    ("from: [opened], to: hearing", "from: [opend], to: hearing", "moves[0].from", "opend is none of opened"),
    ("to: hearing, by: [officer]}", "to: hearing, by: [oficer]}", "moves[0].by", "oficer is none of worker"),
    ("does: opinion", "does: opinions", "moves[1].does", "opinions is none of opinion"),
    ("codes: no_discussion", "codes: nothing", "moves", "nothing is none of no_discussion"),
    ("working_days: 3", "working_day: 3", "states[0]", "did you mean working_days?"),
    ("working_days: 3", "working_days: soon", "states[0].working_days", "must be a whole number"),
    (
        "final: true, decided: true}\n      - {id: declined",
        "final: true, working_days: 2}\n      - {id: declined",
        "states[5]",
        "a final state",
    ),
    ("{id: put,", "{id: convene,", "moves[2]", "convene stands twice"),
    ("from: [executing], to: feedback", "from: [executing], to: executing", "sorts[0]", "no move leads to the state feedback"),
    ("from: [opened, hearing], to: withdrawn", "from: [closed], to: withdrawn", "sorts[0]", "closed is final"),
    ("sort: charity", "sort: discussion", "", "sorts needs charity just once"),
    ("by_hand: true}", "by_hand: true, difficulty: 3}", "opens[6]", "either conditions, or by_hand"),
    ("reasons: [not_enough]", "reasons: [too_little]", "opens[4].reasons", "too_little is none of"),
    ("layers: [recognition]", "layers: [recognitions]", "refuses[0].layers", "recognitions is none of"),
    ("unless: [temporary-aid-expense,", "unless: [temporary-aid,", "refuses[1].unless", "there is no policy temporary-aid"),
    ("  living: civil-affairs", "  livings: civil-affairs", "departments.livings", "did you mean living?"),
]


def test_both_sorts_come_along_with_states_moves_and_clocks() -> None:
    found = shipped().referrals
    assert set(found.procedures) == set(SORTS)
    for procedure in found.procedures.values():
        for state in procedure.states.values():
            assert state.final == (state.working_days is None)
            assert state.final or any(procedure.open_to(state.id, actor) for actor in ACTORS)


def test_every_need_has_a_department_and_every_department_a_name() -> None:
    found = shipped()
    assert set(found.referrals.departments) == set(found.needs)
    assert set(found.referrals.departments.values()) <= set(DEPARTMENT)


def test_whoever_moves_a_referral_is_a_role() -> None:
    assert set(ACTORS) <= set(ROLES)


def test_a_catalogue_without_the_file_has_no_procedures(tmp_path: Path) -> None:
    assert load_small(tmp_path, copied()).referrals.procedures == {}


@pytest.mark.parametrize(("good", "wrong", "path", "reason"), WRONG, ids=[path + "/" + wrong[:12] for _, wrong, path, _ in WRONG])
def test_what_is_wrong_is_told_with_file_path_and_reason(tmp_path: Path, good: str, wrong: str, path: str, reason: str) -> None:
    assert good in GOOD
    with pytest.raises(CatalogueError) as refused:
        load_small(tmp_path, copied() | {"referrals.yaml": GOOD.replace(good, wrong, 1)})
    told = [fault for fault in refused.value.faults if path in fault.path and reason in fault.en]
    assert told, str(refused.value)
    assert {(fault.file, bool(fault.line)) for fault in told} == {("referrals.yaml", True)}
    assert all(any("一" <= sign <= "鿿" for sign in fault.zh) for fault in told)


def test_every_move_of_one_state_and_role_has_a_name_of_its_own() -> None:
    for procedure in shipped().referrals.procedures.values():
        for state, actor in product(procedure.states, ACTORS):
            labels = [move.label.zh for move in procedure.open_to(state, actor)]
            assert len(labels) == len(set(labels))


def copied() -> dict[str, str]:
    """The catalogue that came along."""
    parts = ("facts.yaml", "needs.yaml", "standards", "terms", "policies", "projects")
    files = [file for part in parts for file in ([SEEDS / part] if (SEEDS / part).is_file() else sorted((SEEDS / part).rglob("*.yaml")))]
    return {file.relative_to(SEEDS).as_posix(): file.read_text(encoding="utf-8") for file in files}
