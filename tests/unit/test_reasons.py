"""Why items are open: the same reasons together as in the explanation of each."""

from __future__ import annotations

import datetime as dt

from matcher.answers import Answers
from matcher.evidence import Evidence
from matcher.explain import explain, reasons_of
from matcher.pipeline import Question
from seeds.synthetic import household
from seeds.synthetic_tables import tables_of_records
from tests.factories import engine, shipped

AS_OF = dt.date(2026, 8, 1)


def test_reasons_of_several_open_items_are_those_of_each_explanation() -> None:
    codes = set[str]()
    for number in range(12):
        record = household(shipped(), number, seed=7, as_of=AS_OF, region="", unknown_share=0.1)
        tables, id_ = tables_of_records([record], shipped(), AS_OF), record.households[0].id
        answers = Answers(engine().answer(tables, Question(id_, AS_OF)), Evidence(tables, shipped(), AS_OF))
        subjects = [(policy, None if who == id_ else who) for policy in answers.program.order for who in answers.subjects(policy)]
        items = [item for item in subjects if answers.verdict(*item) == "unknown"]
        reasons = reasons_of(answers, items)
        assert reasons == [explain(answers, *item).reasons for item in items]
        codes |= {reason.code for each in reasons for reason in each}
    assert codes >= {"fact_unknown", "item_undecided", "list_incomplete", "no_standard"}
