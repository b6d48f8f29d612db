"""What an allocation did, at the terminal and as JSON: who gets what, who not this time and why, what is left, how near the optimum."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from api.allocate import Shared
from api.places import place_path
from api.settings import Lang
from api.terminal import day, heading, listing, money, note
from api.words import say
from matcher.allocation_terms import REASONS, Grant
from matcher.bundle_json import yuan

Names = dict[str, tuple[str, str]]
TEXTS = {
    "zh": {
        "plan": "试算，没有写入",
        "made": "已预留",
        "gets": "{n} 户得到 {x}，{m} 户这次没有得到",
        "gets_part": "{n} 户得到 {x}",
        "nobody": "没有家庭可以再申请",
        "holding": "{n} 户此前已得到或已预留",
        "budget": "项目资金：分配前 {a}，分配后 {b}",
        "no_limit": "不设上限",
        "returned": "其中到期退回 {x}",
        "held": "预留到 {d}，逾期未发放即退回",
        "near": "困难程度加权的金额为精确最优的 {p}",
        "undecided": "另有 {n} 户待核实",
        "total": "合计 {x}，{n} 户次",
        "resumed": "接着上次中断的分配：此前已有 {n} 个项目分配完毕",
        "none": "这里没有可分配资金的慈善项目",
    },
    "en": {
        "plan": "trial, nothing was written",
        "made": "held",
        "gets": "{n} households get {x}, {m} get nothing this time",
        "gets_part": "{n} households get {x}",
        "nobody": "no household can apply now",
        "holding": "{n} households have or hold it from before",
        "budget": "budget: {a} before, {b} after",
        "no_limit": "no limit",
        "returned": "{x} of it came back from holds that were over",
        "held": "held until {d}; what is not paid by then goes back",
        "near": "money weighted by difficulty is {p} of the exact optimum",
        "undecided": "{n} more to be checked first",
        "total": "{x} in all, {n} grants",
        "resumed": "going on with the run that was cut off: {n} projects were shared out before",
        "none": "no charity project with money to share out serves this place",
    },
}
HEADS = {"zh": ("困难", "户号", "住在", "想要", "得到", "为何"), "en": ("Difficulty", "Household", "Lives in", "Wants", "Gets", "Why")}


def allocation_parts(shared: Sequence[Shared], names: Names, lang: Lang, *, dry_run: bool, resumed: int) -> list[RenderableType]:
    """Project by project, then the total. resumed: projects that had their turn before the run was cut off."""
    texts = TEXTS[lang]
    before = [note(texts["resumed"].format(n=resumed))] if resumed else []
    if not shared:
        return before or [note(texts["none"])]
    parts: list[RenderableType] = [*before]
    parts += [part for one in shared for part in _project(one, names, lang, dry_run=dry_run)]
    if len(shared) > 1:
        count = sum(grant.fen > 0 for one in shared for grant in one.grants)
        parts += [heading(texts["total"].format(x=yuan(sum(one.granted for one in shared)), n=f"{count:,}"))]
    return parts


def _project(one: Shared, names: Names, lang: Lang, *, dry_run: bool) -> list[RenderableType]:
    """The finding first, then the money, then everybody."""
    texts = TEXTS[lang]
    got = {grant.claim.household for grant in one.grants if grant.fen}
    title = Text.assemble(
        (say(one.version.title, lang), "title"), ("  " + texts["plan"] if dry_run else "  " + texts["made"] if got else "", "quiet")
    )
    waiting = {grant.claim.household for grant in one.grants} - got
    if not one.grants:
        told = texts["nobody"]
    else:
        told = texts["gets" if waiting else "gets_part"].format(n=f"{len(got):,}", x=yuan(one.granted), m=f"{len(waiting):,}")
    before, after = (texts["no_limit"] if fen is None else yuan(fen) for fen in (one.before, one.after))
    notes = [texts["budget"].format(a=before, b=after)]
    notes += [texts["returned"].format(x=yuan(one.returned))] if one.returned else []
    notes += [texts["held"].format(d=day(one.until, lang)), texts["near"].format(p=percent(one.share))] if got else []
    notes += [texts["holding"].format(n=f"{one.holding:,}")] if one.holding else []
    notes += [texts["undecided"].format(n=f"{one.undecided:,}")] if one.undecided else []
    table = [listing(HEADS[lang], [_row(grant, names, lang) for grant in one.grants], right=(0, 3, 4), grow=5)] if one.grants else []
    return [Text(""), title, Text(told), *(note(text) for text in notes), *table]


def percent(share: float) -> str:
    """99.8 %, never rounded up to all."""
    return f"{int(share * 1000 + 1e-6) / 10:g} %"


def _row(grant: Grant, names: Names, lang: Lang) -> list[RenderableType]:
    claim = grant.claim
    who = claim.household if claim.who is None else f"{claim.household} · {claim.who}"
    why = "" if grant.reason is None else say(REASONS[grant.reason], lang)
    got = Text(yuan(grant.fen), style="can") if grant.fen else Text("–", style="no")
    place = place_path(claim.region, names, lang).split(" › ")[-1]
    return [Text(str(claim.difficulty)), Text(who), Text(place), Text(money(claim.lo, claim.hi, lang)), got, Text(why)]


def shared_json(one: Shared) -> dict[str, object]:
    """One project as docs/json.md tells it."""
    version = one.version
    return {
        "project": version.id,
        "title": {"zh": version.title.zh, "en": version.title.en},
        "budget_before_fen": one.before,
        "granted_fen": one.granted,
        "budget_after_fen": one.after,
        "returned_fen": one.returned,
        "held_until": one.until.isoformat(),
        "share_of_optimum": round(one.share, 6),
        "undecided": one.undecided,
        "holding": one.holding,
        "grants": [_grant_json(grant) for grant in one.grants],
    }


def _grant_json(grant: Grant) -> dict[str, object]:
    claim = grant.claim
    return {
        **{"household": claim.household, "who": claim.who, "region": claim.region, "difficulty": claim.difficulty},
        **{"wants_lo_fen": claim.lo, "wants_hi_fen": claim.hi, "granted_fen": grant.fen, "reason": grant.reason},
        "words": None if grant.reason is None else {"zh": REASONS[grant.reason].zh, "en": REASONS[grant.reason].en},
    }
