"""Why a household is or is not eligible for one policy: each condition in words, with the mark of how it came out."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api import words
from api.catalogue_search import policies_matching
from api.errors import NotFound
from api.page import Page
from api.settings import Lang
from api.show_household import amount_text, item_name
from api.terminal import heading, indented
from matcher.bundle import Item
from matcher.catalogue import PolicyVersion

CLAUSE = {True: ("✔", "can"), False: ("–", "no"), None: ("?", "ask")}


def subjects_of(page: Page, policy: str, who: str | None, lang: Lang) -> list[tuple[str, str | None]]:
    """The items meant: one policy, for the household or for each member. Raises NotFound."""
    found = policies_matching(page.catalogue, policy)
    if not found:
        raise NotFound(
            f"没有政策“{policy}”",
            f"there is no policy {policy!r}",
            hint=("查政策：aidgraph policies 关键词", "search: aidgraph policies WORD"),
        )
    exact = [one for one in found if one == policy] or found[:1]
    targets = [(item.policy, item.who) for item in page.bundle.items if item.policy in exact]
    if who is None:
        return targets
    ours = [(one, subject) for one, subject in targets if subject in (None, who) or (subject and page.people.get(subject) == who)]
    if not ours:
        raise NotFound(f"本户没有成员“{who}”", f"{who!r} is no member of this household")
    return ours


def explain_parts(page: Page, policy: str, who: str | None, lang: Lang) -> list[RenderableType]:
    """The parts of one explanation."""
    item = _item(page, policy, who)
    status = words.of(words.STATUS, item.status, lang)
    title = Text.assemble((words.MARK[item.status] + " ", item.status), (item_name(page, item, lang), "title"), "  ", (status, item.status))
    amount = amount_text(item, lang)
    parts: list[RenderableType] = [heading(""), title]
    if amount:
        parts.append(indented(amount))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    version = _version(page, policy, who)
    for clause, value in zip(version.clauses if version else (), page.answers.clauses(policy, who), strict=False):
        mark, style = CLAUSE[value]
        table.add_row(Text(mark, style=style), Text(words.say(clause.says, lang)))
    return [*parts, table]


def explain_json(page: Page, policy: str, who: str | None) -> dict[str, object]:
    """One explanation as docs/json.md describes it."""
    item = _item(page, policy, who)
    return {"policy": policy, "who": who, "status": item.status}


def _item(page: Page, policy: str, who: str | None) -> Item:
    return next(item for item in page.bundle.items if (item.policy, item.who) == (policy, who))


def _version(page: Page, policy: str, who: str | None) -> PolicyVersion | None:
    number = page.answers.version(policy, who)
    return None if number is None else page.answers.program.policies[policy][number]
