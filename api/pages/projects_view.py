"""Projects as pages read them: the list, one with its rule and history, the reply, the budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api import words
from api.caller import Caller
from api.finding import listed_of
from api.holds import account_of
from api.listing import ACTION_WORDS, ACTIONS, MOVES, STATE_WORDS, Action, Listing
from api.listing_writes import covers_all, of_own, open_projects
from api.pages.frame import Link, moment
from api.pages.household_view import household_href
from api.pages.policies_view import policy_href
from api.pages.texts_projects import PROJECT_TEXTS
from api.payments import Holds, projects_for
from api.permissions import BY_CONSENT
from api.places import place_name, region_names
from api.referral_lines import payer_word
from api.settings import Lang
from api.terminal import day
from api.wiring import Desk
from matcher.bundle_json import yuan
from matcher.catalogue import PolicyVersion
from matcher.language import Words

TONES = {"draft": "ask", "submitted": "ask", "approved": "can", "refused": "gap", "paused": "no", "withdrawn": "no", "replaced": "no"}
WARNINGS = ("nobody_can", "nobody_lives_here", "nobody_here", "budget_short")


@dataclass(frozen=True, slots=True)
class Row:
    """A project in a list."""

    title: str
    href: str
    organization: str
    state: str
    tone: str
    note: str
    where: str
    left: str
    budget_href: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the history."""

    when: str
    account: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Act:
    """A button."""

    action: Action
    text: str


def project_href(project: str) -> str:
    """The address of a project's page."""
    return f"/projects/{quote(project, safe='')}"


def rows_of(caller: Caller) -> list[Row]:
    """Every project that the caller may see: those that were listed, then those of the catalogue's files."""
    desk, listed = caller.desk, open_projects(caller)
    ids = {one.id for one in listed}
    return [_listed_row(desk, one) for one in listed] + [_file_row(desk, one) for one in projects_for(caller) if one.id not in ids]


def _listed_row(desk: Desk, one: Listing) -> Row:
    lang, last, live = desk.lang, one.last, one.live
    taking = live is not None and live["state"] == "approved"
    note = PROJECT_TEXTS[lang]["in_force"].format(n=live["number"]) if live is not None and taking and live is not last else ""
    left = _left(desk, one.id, live.get("budget_fen")) if live is not None else ""
    return Row(
        last["title_en" if lang == "en" else "title_zh"], project_href(one.id), payer_word(desk, one.organization),
        words.say(STATE_WORDS[one.state], lang), TONES[one.state], note, places_of(desk, last["region"]), left,
        f"{project_href(one.id)}/budget" if live is not None else "",
    )  # fmt: skip


def _file_row(desk: Desk, version: PolicyVersion) -> Row:
    assert version.project is not None
    lang = desk.lang
    return Row(
        words.say(version.title, lang), policy_href(version.id), payer_word(desk, version.project.organisation),
        words.say(STATE_WORDS["approved"], lang), "can", PROJECT_TEXTS[lang]["by_file"], places_of(desk, version.regions),
        _left(desk, version.id, version.project.budget_fen), f"{project_href(version.id)}/budget",
    )  # fmt: skip


def _left(desk: Desk, project: str, budget: int | None) -> str:
    return PROJECT_TEXTS[desk.lang]["no_limit"] if budget is None else yuan(budget - account_of(desk.store, project).committed_fen)


def places_of(desk: Desk, codes: list[str] | tuple[str, ...]) -> str:
    """Names of regions in a line."""
    names = region_names(desk.settings.catalogue)
    return ("; " if desk.lang == "en" else "、").join(place_name(code, names, desk.lang) for code in codes)


def steps_of(listing: Listing, lang: Lang) -> list[Step]:
    """The history, the newest first."""
    shape = PROJECT_TEXTS[lang]["version"]
    return [
        Step(
            moment(one.at, lang),
            one.account,
            f"{words.say(ACTION_WORDS[one.action], lang)} · {shape.format(n=one.number)}",
            one.reason,
        )
        for one in listing.steps
    ]


def acts_of(caller: Caller, listing: Listing, *, decides: bool) -> list[Act]:
    """What the caller may do with a project now."""
    texts = PROJECT_TEXTS[caller.desk.lang]
    if not (covers_all(caller, listing) if decides else covers_all(caller, listing) or of_own(caller, listing)):
        return []
    return [Act(one, texts[one]) for one in ACTIONS if MOVES[one].decides == decides and listing.may(one)]


def why_not(caller: Caller, listing: Listing) -> str:
    """Why an officer does not decide on what waits for review; "" where it does."""
    texts = PROJECT_TEXTS[caller.desk.lang]
    if caller.account.role in BY_CONSENT or listing.state != "submitted":
        return ""
    if not covers_all(caller, listing):
        return texts["elsewhere"]
    return texts["wrote_it"] if caller.account.id in listing.last["authors"] else ""


@dataclass(frozen=True, slots=True)
class Money:
    """A hold or a payment in a list."""

    id: str
    household: Link
    amount: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What a project has: lines of the account, what is held and paid, what cannot be listed."""

    lines: list[tuple[str, str]]
    holds: list[Money]
    holds_others: str
    payments: list[Money]
    payments_others: str


def budget_view(caller: Caller, told: Mapping[str, Any], waiting: Holds, paid: Holds) -> BudgetView:
    """The budget of a project as a page shows it."""
    lang = caller.desk.lang
    texts = PROJECT_TEXTS[lang]

    def limit(fen: int | None) -> str:
        return texts["no_limit"] if fen is None else yuan(fen)

    lines = [(texts["left"], limit(told["left_fen"])), (texts["budget_total"], limit(told["budget_fen"]))]
    lines += [(texts["held"], yuan(told["held_fen"])), (texts["paid"], yuan(told["paid_fen"]))]
    lines += [] if told["places_left"] is None else [(texts["places_left"], f"{told['places_left']:,}")]
    return BudgetView(lines, _money(caller, waiting), _others(waiting, lang), _money(caller, paid), _others(paid, lang))


def _money(caller: Caller, found: Holds) -> list[Money]:
    """An officer reads whose it is; a charity the number under which it knows the household."""
    lang, homes = caller.desk.lang, [one.household for one in found.shown]
    named = {} if caller.account.role in BY_CONSENT else {one.household: one.name for one in listed_of(caller.desk, homes)}
    return [
        Money(
            one.id,
            Link(named[one.household], household_href(one.household)) if one.household in named else Link(one.household, ""),
            yuan(one.fen),
            day(one.since, lang),
            day(one.until, lang) if one.until else "",
        )
        for one in found.shown
    ]


def _others(found: Holds, lang: Lang) -> str:
    if found.others == 0:
        return ""
    texts = PROJECT_TEXTS[lang]
    return texts["others_few"] if found.others is None else texts["others"].format(n=found.others)


@dataclass(frozen=True, slots=True)
class ReplyView:
    """The reply in words. finding: first of all; warnings; sentences; rows of tables."""

    finding: str
    warnings: list[str]
    never: list[str]
    notes: list[str]
    areas: list[list[str]]
    overlaps: list[Mapping[str, Any]]
    conditions: list[tuple[str, str]]


def reply_view(desk: Desk, told: Mapping[str, Any]) -> ReplyView:
    """The reply to a project as a page shows it."""
    lang, texts = desk.lang, PROJECT_TEXTS[desk.lang]

    def count(number: int | None) -> str:
        return texts["few"] if number is None else f"{number:,}"

    whole = told["looked_at"] == told["of"]
    looked = texts["looked_all" if whole else "looked"].format(n=f"{told['looked_at']:,}", of=f"{told['of']:,}")
    found = texts["matches"].format(n=count(told["households"]))
    guess = round((told["households"] or 0) * told["of"] / max(1, told["looked_at"]))
    about = [] if whole or not guess else [texts["about"].format(n=f"{guess:,}")]
    asking = texts["asking"].format(n=count(told["asking"]))
    comma, stop = ("; ", ".") if lang == "en" else ("，", "。")
    notes = [texts["would_cost"].format(x=yuan(told["fen"]))] if told["fen"] else []
    notes += [texts["consent_first"].format(n=count(told["consent_first"]))] if told["consent_first"] != 0 else []
    return ReplyView(
        f"{looked}{' ' if lang == 'en' else ''}{comma.join([found, *about, asking])}{stop}",
        [texts[one] for one in WARNINGS if one in told["warnings"]],
        [_never(one, lang) for one in told["never"]],
        notes,
        [_area(one, count) for one in told["areas"]],
        [_overlap(desk, one, count) for one in told["overlaps"]],
        [(_say(one["says"], lang), texts["conditions_row"].format(n=count(one["households"]))) for one in told["conditions"]],
    )


def _never(one: Mapping[str, Any], lang: Lang) -> str:
    texts = PROJECT_TEXTS[lang]
    if one["says"] is None:
        return texts["never_all"].format(place=one["place"])
    return texts["never_row"].format(place=one["place"], says=_say(one["says"], lang))


def _area(one: Mapping[str, Any], count: Any) -> list[str]:
    hidden = one["households"] is None
    fen = "–" if hidden else yuan(one["fen"])
    return [one["place"], f"{one['looked_at']:,}", count(one["households"]), count(one["asking"]), fen]


def _overlap(desk: Desk, one: Mapping[str, Any], count: Any) -> Mapping[str, Any]:
    lang = desk.lang
    needs = [words.say(desk.catalogue.needs[need].title, lang) for need in one["needs"]]
    return {
        "title": _say(one["title"], lang),
        "href": policy_href(one["policy"]),
        "needs": ("; " if lang == "en" else "、").join(needs),
        "same": [_say(said, lang) for said in one["same"]],
        "both": count(one["households"]),
    }


def _say(both: Mapping[str, str], lang: Lang) -> str:
    return words.say(Words(both["zh"], both["en"]), lang)
