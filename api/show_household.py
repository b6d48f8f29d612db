"""The household's page in the terminal: the answer first, then what can be done, what to ask, and what is missing."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api import words
from api.lines import Line, choice_lines, header, listed, old_news, question_gain, question_text
from api.page import Page
from api.settings import Lang
from api.show_difficulty import difficulty_parts, difficulty_words
from api.show_gaps import gap_parts, slot_parts
from api.show_near import near_parts
from api.terminal import columns, day, heading, indented, line, note
from matcher.bundle_json import FIRST, sentence
from matcher.questions import Question

TEXTS = {
    "zh": {
        "now": "现在能做",
        "none": "没有符合或待核实的项目。",
        "no": "另有 {n} 项政策不符合。看原因：aidgraph explain {h} 政策",
        "open_more": "还有 {n} 项待核实：先问下面几件，再看 aidgraph ask {h}",
        "ask": "先问这 {n} 件",
        "more": "还有 {n} 件：aidgraph ask {h}",
        "choice": "选择",
        "discuss": "一事一议",
        "residual": "仍有缺口。各项政策用尽后可提请“一事一议”会商。",
        "day": "按 {d} 的情况",
        "idle": "另有 {n} 项符合但眼下无须再补：{x}",
    },
    "en": {
        "now": "What can be done now",
        "none": "Nothing is eligible or open.",
        "no": "{n} more policies: not eligible. Why: aidgraph explain {h} POLICY",
        "open_more": "{n} more are open: ask the questions below first, then aidgraph ask {h}",
        "ask": "Ask first ({n})",
        "more": "{n} more: aidgraph ask {h}",
        "choice": "Choices",
        "discuss": "One matter, one discussion",
        "residual": "Something is still missing. When every policy is used up, the case can be put up for a joint discussion.",
        "day": "as of {d}",
        "idle": "{n} more are eligible but have nothing left to pay now: {x}",
    },
}


def household_page(page: Page, lang: Lang) -> list[RenderableType]:
    """The parts of the page, in reading order."""
    asked, texts = page.answers.asked_for, TEXTS[lang]
    zh, en = sentence(page.bundle, page.catalogue, questions=len(asked))
    parts: list[RenderableType] = [*_header(page, lang), line(), Text(en if lang == "en" else zh, style="title")]
    parts += _items(page, lang)
    parts += _questions(page, asked, lang)
    parts += gap_parts(page, lang)
    parts += near_parts(page, lang)
    given_up = choice_lines(page, lang)
    parts += [heading(texts["choice"]), *(indented(one) for one in given_up)] if given_up else []
    parts += slot_parts(page, lang)
    parts += difficulty_parts(page, lang)
    if any(one.lo > 0 for one in page.bundle.residual):
        parts += [heading(texts["discuss"]), indented(texts["residual"])]
    return parts


def _header(page: Page, lang: Lang) -> list[RenderableType]:
    table = columns(("left", None), ("right", 40))
    table.add_row(Text(page.place, style="quiet"), Text(TEXTS[lang]["day"].format(d=day(page.as_of, lang)), style="quiet"))
    told = header(page, lang)
    title = Text(" · ".join([*told[:2], *difficulty_words(page, lang), *told[2:]]), style="title")
    return [table, title, *old_parts(page, lang)]


def old_parts(page: Page, lang: Lang) -> list[RenderableType]:
    """A line where nothing new is known."""
    told = old_news(page, lang)
    return [note(told)] if told else []


def _items(page: Page, lang: Lang) -> list[RenderableType]:
    texts, told, english = TEXTS[lang], listed(page, lang), lang == "en"
    table = columns(
        ("left", 11 if english else 4), ("left", 1), ("left", None), ("right", 23), ("left", 13 if english else 12), ("left", 15)
    )
    before = ""
    for one in told.lines:
        layer = "" if one.layer == before else words.of(words.LAYER, one.layer, lang)
        table.add_row(Text(layer, style="quiet"), *_row(one))
        before = one.layer
    parts: list[RenderableType] = [heading(texts["now"]), table if told.lines else indented(texts["none"])]
    if told.more:
        parts.append(note(texts["open_more"].format(n=len(told.more), h=page.household)))
    if told.idle:
        parts.append(note(texts["idle"].format(n=len(told.idle), x=("; " if english else "、").join(told.idle))))
    return [*parts, note(texts["no"].format(n=len(told.refused), h=page.household))] if told.refused else parts


def _row(one: Line) -> tuple[Text, ...]:
    """Mark, name, amount, where to go, what is next."""
    return Text(one.mark, style=one.status), Text(one.name), Text(one.amount), Text(one.office), Text(one.state, style=one.tone)


def _question_row(page: Page, number: int, question: Question, lang: Lang) -> tuple[Text, Text, Text, Text]:
    """Number, question, who can tell, what it could settle."""
    asker = words.of(words.DEPARTMENT, question.ask, lang)
    gain = Text(question_gain(question, lang), style="quiet")
    return Text(str(number)), Text(question_text(page, question, lang)), Text(asker, style="title"), gain


def questions_table(page: Page, asked: list[Question], lang: Lang) -> Table:
    """Questions in the order of what they can settle."""
    table = columns(("right", 2), ("left", None), ("left", 22 if lang == "en" else 14), ("left", 36 if lang == "en" else 32))
    for number, question in enumerate(asked, 1):
        table.add_row(*_question_row(page, number, question, lang))
    return table


def _questions(page: Page, asked: list[Question], lang: Lang) -> list[RenderableType]:
    if not asked:
        return []
    texts, first = TEXTS[lang], asked[:FIRST]
    parts: list[RenderableType] = [heading(texts["ask"].format(n=len(first))), questions_table(page, first, lang)]
    if len(asked) > len(first):
        parts.append(note(texts["more"].format(n=len(asked) - len(first), h=page.household)))
    return parts
