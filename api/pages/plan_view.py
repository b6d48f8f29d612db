"""The one-page plan for the family: plain words for those whom it concerns. No near misses, no codes, nothing that is not eligible."""

from collections.abc import Iterable
from dataclasses import dataclass

from api import words
from api.lines import Line, header, listed, question_text
from api.page import Page
from api.pages.household_view import household_href
from api.pages.texts import TEXTS
from api.settings import Lang
from api.terminal import day
from matcher.caveats import IN_THE_WAY

TOLD_BY = ("applicant", "visit", "village")
"""Questions that the family can answer itself; all others are the offices' to look up."""
MOST_CHECKS = 3


@dataclass(frozen=True, slots=True)
class Help:
    """One thing to apply for."""

    name: str
    amount: str
    where: str
    bring: str
    when: str
    note: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """The page. `worker`: whom to ask, as the account is called."""

    href: str
    name: str
    place: str
    printed: str
    can: tuple[Help, ...]
    has: tuple[str, ...]
    check: tuple[str, ...]
    worker: str


def plan_view(page: Page, lang: Lang, worker: str) -> PlanView:
    """The plan of one household in one language."""
    lines = listed(page, lang).lines
    asked = [one for one in page.answers.asked_for if one.ask in TOLD_BY and one.kind == "fact"]
    return PlanView(
        household_href(page.household),
        header(page, lang)[0],
        page.place,
        TEXTS[lang]["plan_day"].format(d=day(page.as_of, lang)),
        tuple(_helps([line for line in lines if line.status == "can" and not IN_THE_WAY & set(line.items[0].caveats)], lang)),
        tuple(" ".join(part for part in (line.name, line.amount) if part) for line in lines if line.status == "has"),
        tuple(question_text(page, one, lang) for one in asked[:MOST_CHECKS]),
        worker,
    )


def _helps(lines: Iterable[Line], lang: Lang) -> Iterable[Help]:
    texts, status = TEXTS[lang], words.of(words.STATUS, "can", lang)
    for line in lines:
        item = line.items[0]
        papers = texts["between"].join(words.of(words.DOCUMENT, one, lang) for one in item.documents)
        when = texts["plan_days"].format(n=item.working_days) if item.working_days else texts["plan_ask_office"]
        yield Help(
            line.name,
            line.amount or texts["plan_case"],
            line.office,
            papers or texts["plan_nothing"],
            when,
            "" if line.state == status else line.state,
        )
