"""One household's page, as data: bundle, questions, near misses, and what people and places are called.

The terminal renders it, `--json` prints it, and a web page would be made of the same.
"""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from api.errors import NotFound
from api.people import household_name, labels
from api.places import names_of, place_path
from api.wiring import Desk, end_of
from graph.store import GraphStore, Tables
from matcher.answers import Answers
from matcher.binding import places_of
from matcher.bundle import Bundle, bundle_of
from matcher.bundle_json import plain
from matcher.catalogue import Catalogue
from matcher.difficulty import Difficulty, as_json, difficulty_of
from matcher.evidence import Evidence
from matcher.explain import reasons_of
from matcher.language import Words
from matcher.near import NearMiss, near_misses, search_of
from matcher.pipeline import Question, Run
from matcher.plain_rows import height_of, rows_of

STUCK = ("no_standard", "case_by_case", "item_undecided")


@dataclass(frozen=True, slots=True)
class Page:
    """What is known about one household on a day."""

    household: str
    as_of: dt.date
    name: str
    place: str
    people: dict[str, str]
    tables: Tables
    answers: Answers
    bundle: Bundle
    catalogue: Catalogue
    folder: Path
    stuck: dict[tuple[str, str | None], str]
    """Open items that no question can settle: why, as a code of `matcher.grounds`."""
    near: list[NearMiss] | None = None
    difficulty: Difficulty = field(default_factory=lambda: Difficulty(0, 0, (), None, None))

    def title(self, policy: str) -> Words:
        """What a policy is called where this household is."""
        return next(item.title for item in self.bundle.items if item.policy == policy)

    def who(self, person: str | None) -> str:
        """A person's label; nothing for the household."""
        return "" if person is None else self.people.get(person, person)


def page_of(
    desk: Desk, household: str, as_of: dt.date, known_by: dt.date | None = None, *, near: bool = False, tables: Tables | None = None
) -> Page:
    """Run everything about one household; near misses take longest and are sought on demand. Raises NotFound.

    Args:
        tables: its neighbourhood, if it was read already.
    """
    tables = neighbourhood(desk.store, household) if tables is None else tables
    moment = end_of(known_by) if known_by else None
    question = Question(household, as_of, moment)
    run = desk.engine.answer(tables, question)
    answers = Answers(run, Evidence(tables, desk.catalogue, as_of, moment))
    bundle = bundle_of(answers, tables, as_of=as_of)
    return Page(
        household,
        as_of,
        household_name(tables, household, bundle.members, desk.identity, desk.lang),
        _place(tables, household, desk.settings.catalogue, desk),
        labels(tables, household, bundle.members, desk.identity, desk.lang),
        tables,
        answers,
        bundle,
        desk.catalogue,
        desk.settings.catalogue,
        _stuck(answers, bundle),
        _near(desk, tables, question, run) if near else None,
        difficulty_of(answers),
    )


def _near(desk: Desk, tables: Tables, question: Question, run: Run) -> list[NearMiss]:
    """The near misses of a run, sought in a plan of the same rules that can hold ranges."""
    regions = places_of(tables, question.household)
    search = search_of(desk.engine.program(question.as_of, regions=regions, wide=True))
    return near_misses(search, desk.engine.frames(tables, [question.household], question, run.program), run)


def _stuck(answers: Answers, bundle: Bundle) -> dict[tuple[str, str | None], str]:
    """What keeps an item open that asking does not help: a standard that nobody set, or a text that leaves it to the officer."""
    asked = {(one.policy, one.who) for question in answers.asked_for for one in question.settles}
    left = [target for item in bundle.of("ask") if (target := (item.policy, item.who)) not in asked]
    found: dict[tuple[str, str | None], str] = {}
    for target, reasons in zip(left, reasons_of(answers, left), strict=True):
        codes = [reason.code for reason in reasons]
        found[target] = next((code for code in STUCK if code in codes), codes[0] if codes else "case_by_case")
    return found


def neighbourhood(store: GraphStore, household: str) -> Tables:
    """The tables around a household. Raises NotFound, with what to do next."""
    tables = store.neighbourhood("Household", household)
    if not height_of(tables, "Household"):
        empty = store.count("Household") == 0
        hint = (
            ("图库还是空的：先用 aidgraph load 文件 导入家庭", "the store is empty: first load households with aidgraph load FILE")
            if empty
            else ("按姓名、证件号或电话查户号：aidgraph find", "find a household by name, ID card or phone: aidgraph find")
        )
        raise NotFound(f"没有户号为“{household}”的家庭", f"there is no household with the id {household!r}", hint=hint)
    return tables


def page_json(page: Page) -> dict[str, object]:
    """The page as docs/json.md describes it, for `match --json`."""
    asked = page.answers.asked_for
    return {
        **plain(page.bundle, page.catalogue, questions=len(asked)),
        "place": page.place,
        "difficulty": as_json(page.catalogue.difficulty, page.difficulty),
        "questions": [question.to_json() for question in asked],
        "stuck": [{"policy": policy, "who": who, "code": code} for (policy, who), code in page.stuck.items()],
        **({} if page.near is None else {"near_misses": [miss.as_json() for miss in page.near]}),
    }


def _place(tables: Tables, household: str, catalogue: Path, desk: Desk) -> str:
    """Where the household lives, from the city downwards."""
    codes = [edge["dst"] for edge in rows_of(tables, "LIVES_IN", ("src", "dst")) if edge["src"] == household]
    names = names_of(tables, catalogue)
    return place_path(max(codes, key=len), names, desk.lang) if codes else ""
