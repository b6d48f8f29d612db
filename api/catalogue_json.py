"""Entries of a catalogue as JSON, as docs/json.md describes them."""

from fractions import Fraction

from api.reading import Reading
from matcher.catalogue import Band, Benefit, Cell, Clause, Fact, Group, Need, PolicyVersion, Source, Standard, Term
from matcher.language import Words

Json = dict[str, object]


def policy_json(version: PolicyVersion, reading: Reading) -> Json:
    """One version of a policy, its expressions as written and in words."""
    project = version.project
    return {
        "id": version.id,
        "title": _both(version.title),
        "layer": version.layer,
        "department": version.department,
        "unit": version.unit,
        "place": version.place,
        "region": list(version.regions),
        "in_force": {"from": _day(version.from_), "until": _day(version.until)},
        "sources": [_source(one) for one in version.sources],
        "requires": _group(version.requires, reading),
        "precludes": list(version.precludes),
        "choose_one": list(version.choose_one),
        "tops_up": list(version.tops_up),
        "grants": version.recognition,
        "benefit": None if version.benefit is None else _benefit(version.benefit, reading),
        "project": None
        if project is None
        else {"organisation": project.organisation, "budget_fen": project.budget_fen, "places": project.places},
        "procedure": {name: value if isinstance(value, int | str) else str(value) for name, value in version.procedure.items()},
        "documents": list(version.documents),
        "file": version.spot.file,
        "line": version.spot.line,
    }


def _benefit(benefit: Benefit, reading: Reading) -> Json:
    """What a policy pays; its expressions as written and in words."""
    amounts = {name: one for name in ("amount", "at_least", "at_most", "cap", "hours") if (one := getattr(benefit, name))}
    plain = {name: getattr(benefit, name) for name in ("kind", "pays", "certainty", "per")}
    said = {name: {"text": one.text, "says": reading.say(one.node)} for name, one in amounts.items()}
    return {**plain, "covers": list(benefit.covers), **said}


def fact_json(fact: Fact) -> Json:
    """One fact, with the fields of a list."""
    fields = (
        {} if fact.rows is None else {"rows": "person" if isinstance(fact.rows, str) else [fact_json(one) for one in fact.rows.values()]}
    )
    return {
        "name": fact.name,
        "label": _both(fact.label),
        "units": list(fact.units),
        "type": fact.type,
        "values": list(fact.values),
        "ask": fact.ask,
        "per": fact.per,
        "needs_consent": fact.needs_consent,
        "sensitive": fact.sensitive,
        **fields,
    }


def term_json(term: Term, reading: Reading) -> Json:
    """One term with its versions."""
    return {
        "id": term.id,
        "title": _both(term.title),
        "unit": term.unit,
        "type": term.type,
        "per": term.per,
        "versions": [
            {
                "region": list(one.regions),
                "from": _day(one.from_),
                "until": _day(one.until),
                "sources": [_source(source) for source in one.sources],
                "text": one.expression.text,
                "says": reading.lines(one.expression.node),
            }
            for one in term.versions
        ],
    }


def standard_json(standard: Standard) -> Json:
    """One standard with every dated value; money in fen."""
    return {
        "id": standard.id,
        "title": _both(standard.title),
        "type": standard.type,
        "per": standard.per,
        "keys": {name: kind if isinstance(kind, str) else list(kind) for name, kind in standard.keys.items()},
        "values": [
            {
                "region": one.region,
                "from": _day(one.from_),
                "until": _day(one.until),
                "document": one.document,
                "mark": one.mark,
                "rows": [_row(standard, cells, answer) for cells, answer in one.rows],
                **({_answer_key(standard, "otherwise"): _plain(one.otherwise)} if one.has_otherwise else {}),
            }
            for one in standard.values
        ],
    }


def need_json(need: Need, reading: Reading) -> Json:
    """One need, its formula as written and in words."""
    when = None if need.when is None else {"text": need.when.text, "says": reading.say(need.when.node)}
    return {
        "id": need.id,
        "title": _both(need.title),
        "unit": need.unit,
        "type": need.type,
        "window": need.window,
        "skill": need.skill,
        "when": when,
        "amount": {"text": need.amount.text, "says": reading.say(need.amount.node)},
        "sources": [_source(one) for one in need.sources],
    }


def _row(standard: Standard, cells: tuple[Cell, ...], answer: object) -> Json:
    """One row of a standard: a cell for each key, a text or the ends of a band."""
    named: Json = {
        name: [_plain(cell.low), None if cell.high is None else _plain(cell.high)] if isinstance(cell, Band) else cell
        for name, cell in zip(standard.keys, cells, strict=True)
    }
    return {"keys": named, _answer_key(standard, "value"): _plain(answer)}


def _answer_key(standard: Standard, name: str) -> str:
    return f"{name}_fen" if standard.type == "money" else name


def _plain(value: object) -> object:
    """A number as JSON has it."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return list(value) if isinstance(value, tuple) else value


def _both(words: Words) -> Json:
    return {"zh": words.zh, "en": words.en}


def _day(value: object) -> str | None:
    return None if value is None else str(value)


def _source(source: Source) -> Json:
    return {"document": source.document, "article": source.article, "mark": source.mark, "from": _day(source.from_)}


def _group(group: Group, reading: Reading) -> Json:
    """Conditions as they nest."""
    return {group.op: [_group(one, reading) if isinstance(one, Group) else _clause(one, reading) for one in group.of]}


def _clause(clause: Clause, reading: Reading) -> Json:
    return {"id": clause.id, "says": _both(clause.says), "when": clause.when.text, "reads": reading.say(clause.when.node)}
