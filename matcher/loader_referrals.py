"""referrals.yaml: procedures with states, moves and clocks, coded reasons, when a discussion is opened, what no decision grants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, get_args

from matcher.catalogue import LAYERS
from matcher.items import Status
from matcher.kept import REASONS
from matcher.loader_fields import MARKS, Faults, Fields, id_of, text_of
from matcher.referral import ACTORS, EFFECTS, SORTS, Code, Move, Opening, Procedure, Referrals, Refusal, State, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from matcher.parse_names import Names
    from matcher.yaml_source import Item

T = TypeVar("T", Code, Move, Opening, Refusal, State)
STATUSES = get_args(Status)
FEN = 100


def read_referrals(items: list[Item], names: Names, faults: Faults) -> Referrals:
    """The one document of referrals.yaml; no procedures where there is none."""
    for extra in items[1:]:
        faults.add(extra.spot, "referrals.yaml 只能有一个文档", "referrals.yaml is one document")
    if not items:
        return Referrals()
    fields = Fields(items[0], ("sorts", "codes", "opens", "refuses", "departments"), faults)
    codes = _codes(fields.need("codes"), faults)
    found = [one for item in _list(fields.need("sorts"), faults) if (one := _procedure(item, codes, faults)) is not None]
    for sort in SORTS:
        if [one.sort for one in found].count(sort) != 1:
            faults.add(fields.spot, f"sorts 中须恰有一个 {sort}", f"sorts needs {sort} just once")
    return Referrals(
        {one.sort: one for one in found},
        codes,
        _all(fields.need("opens"), _opening, faults),
        _all(fields.need("refuses"), lambda item, faults: _refusal(item, names.policies, faults), faults),
        _departments(fields.need("departments"), names.needs, faults),
    )


def _list(item: Item | None, faults: Faults) -> tuple[Item, ...]:
    """The entries of a list."""
    if item is None:
        return ()
    if isinstance(item.value, tuple):
        return item.value
    faults.add(item.spot, "这里要写清单", "a list is wanted here")
    return ()


def _all(item: Item | None, read: Callable[[Item, Faults], T | None], faults: Faults) -> tuple[T, ...]:
    """The entries of a list with ids that no other has."""
    found: dict[str, T] = {}
    for entry in _list(item, faults):
        one = read(entry, faults)
        if one is not None and one.id in found:
            faults.add(entry.spot, f"{one.id} 出现两次", f"{one.id} stands twice")
        elif one is not None:
            found[one.id] = one
    return tuple(found.values())


def _known(fields: Fields, key: str, options: Collection[str], *, required: bool = False) -> tuple[str, ...]:
    """Words of a list, each one that is possible."""
    if required and fields.need(key) is None:
        return ()
    texts = fields.texts(key)
    for text in texts:
        if text not in options:
            listed = " | ".join(options)
            fields.faults.add(fields.items[key].spot, f"{text} 不在 {listed} 之中", f"{text} is none of {listed}")
    return texts


def _procedure(item: Item, codes: dict[str, tuple[Code, ...]], faults: Faults) -> Procedure | None:
    fields = Fields(item, ("sort", "label", "cool_off", "states", "moves"), faults)
    sort = fields.choice("sort", SORTS, required=True)
    label, cool_off = fields.words("label"), fields.whole("cool_off") or 0
    states = {one.id: one for one in _all(fields.need("states"), _state, faults)}
    moves = _all(fields.need("moves"), lambda entry, faults: _move(entry, states, codes, faults), faults)
    if not states:
        faults.add(item.spot, "至少要有一个状态", "at least one state is needed")
        return None
    _check_ways(states, moves, item, faults)
    return None if sort is None else Procedure(sort, label, states, {one.id: one for one in moves}, cool_off)  # type: ignore[arg-type]


def _check_ways(states: dict[str, State], moves: tuple[Move, ...], item: Item, faults: Faults) -> None:
    """Every state can be reached, and every one that is not final can be left for one that is."""
    reached = {next(iter(states))}
    ending = {state.id for state in states.values() if state.final}
    for _ in states:
        reached |= {move.to for move in moves if reached & set(move.from_)}
        ending |= {state for move in moves if move.to in ending for state in move.from_}
    for state in states.values():
        if state.id not in reached:
            faults.add(item.spot, f"没有办法进入状态 {state.id}", f"no move leads to the state {state.id}")
        if state.id not in ending:
            faults.add(item.spot, f"从状态 {state.id} 到不了办结", f"from the state {state.id} no end can be reached")
        if state.final and any(state.id in move.from_ for move in moves):
            faults.add(item.spot, f"{state.id} 已是最终状态，不能再转出", f"{state.id} is final: no move may leave it")


def _state(item: Item, faults: Faults) -> State | None:
    fields = Fields(item, ("id", "label", "working_days", "escalate", "final", "decided"), faults)
    id_, label, days = id_of(fields), fields.words("label"), fields.whole("working_days")
    steps = tuple(_step(entry, faults) for entry in _list(fields.get("escalate"), faults))
    final = fields.flag("final")
    if final == ("working_days" in fields):
        faults.add(item.spot, "最终状态没有期限，其他状态都要写 working_days", "a final state has no working_days, and any other has")
    if [step.after for step in steps] != sorted({step.after for step in steps}):
        faults.add(item.spot, "escalate 的 after 要从小到大", "the steps of escalate stand in the order of after")
    return None if id_ is None else State(id_, label, days, steps, final, fields.flag("decided"))


def _step(item: Item, faults: Faults) -> Step:
    fields = Fields(item, ("after", "to"), faults)
    fields.need("after")
    return Step(fields.whole("after") or 0, fields.words("to"))


def _move(item: Item, states: dict[str, State], codes: dict[str, tuple[Code, ...]], faults: Faults) -> Move | None:
    fields = Fields(item, ("id", "label", "from", "to", "by", "does", "codes", "text"), faults)
    id_, label = id_of(fields), fields.words("label")
    from_, to = _known(fields, "from", states, required=True), fields.choice("to", states, required=True)
    by, does = _known(fields, "by", ACTORS, required=True), fields.choice("does", EFFECTS)
    list_ = fields.choice("codes", codes)
    if does == "rematch" and list_ is None:
        faults.add(item.spot, "rematch 必须有 codes", "rematch needs codes")
    return None if id_ is None or to is None else Move(id_, label, from_, to, by, does, list_, fields.flag("text"))  # type: ignore[arg-type]


def _codes(item: Item | None, faults: Faults) -> dict[str, tuple[Code, ...]]:
    """Lists of codes by name."""
    if item is None:
        return {}
    if isinstance(item.value, Mapping):
        return {name: _all(entries, _code, faults) for name, entries in item.value.items()}
    faults.add(item.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")
    return {}


def _code(item: Item, faults: Faults) -> Code | None:
    fields = Fields(item, ("id", "label", "cool_off"), faults)
    id_, label = id_of(fields), fields.words("label")
    return None if id_ is None else Code(id_, label, fields.whole("cool_off") or 0)


def _opening(item: Item, faults: Faults) -> Opening | None:
    keys = ("id", "label", "residual_over", "departments", "reasons", "status", "difficulty", "by_hand")
    fields = Fields(item, keys, faults)
    id_, label, over = id_of(fields), fields.words("label"), fields.whole("residual_over")
    by_hand = fields.flag("by_hand")
    if by_hand == any(key in fields for key in keys[2:-1]):
        faults.add(item.spot, "要么写条件，要么写 by_hand: true", "either conditions, or by_hand: true")
    if id_ is None:
        return None
    residual = None if over is None else over * FEN
    reasons, status = _known(fields, "reasons", REASONS), fields.choice("status", STATUSES)
    return Opening(id_, label, residual, fields.whole("departments"), reasons, status, fields.whole("difficulty"), by_hand)


def _refusal(item: Item, policies: Collection[str], faults: Faults) -> Refusal | None:
    fields = Fields(item, ("id", "says", "source", "layers", "marks", "unless"), faults)
    id_, says, sources = id_of(fields), fields.words("says"), fields.sources(required=True)
    layers, marks = _known(fields, "layers", LAYERS), _known(fields, "marks", MARKS)
    if bool(layers) == bool(marks):
        faults.add(item.spot, "写 layers 或 marks 之一", "name layers, or marks")
    unless = fields.texts("unless")
    for policy in unless:
        if policy not in policies:
            faults.add(fields.items["unless"].spot, f"没有政策 {policy}", f"there is no policy {policy}")
    return None if id_ is None else Refusal(id_, says, sources, layers, marks, unless)


def _departments(item: Item | None, needs: Collection[str], faults: Faults) -> dict[str, str]:
    """Need to department."""
    if item is None:
        return {}
    fields = Fields(item, list(needs), faults)
    return {need: text for need, entry in fields.items.items() if (text := text_of(entry, faults)) is not None}
