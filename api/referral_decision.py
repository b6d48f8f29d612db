"""A decision, item by item: who gets how much of what, who pays, who sees to it, by when, by which rule.

What a department pays becomes an award at once, so that the next bundle counts it; what a charity's project is to pay becomes an offer
to that charity, which only a household that agreed can be. What the law excludes is refused with its article.
"""

from dataclasses import replace
from typing import Any

from api.errors import BadRequest, Place
from api.page import Page, page_of
from api.precedents import nearest_decided, profile_row
from api.referral_effects import DECIDED, Effected, Moving, Wanted, refuse
from api.referral_open import Opening, agrees, offer, open_in, organisation_of, result_now
from api.referral_rows import SOURCE
from api.referral_shapes import Item, fen
from graph.ingest_derived import entry_id
from graph.store import Writer
from matcher.claims import claims_of, project_on
from matcher.referral_rules import excluded
from matcher.scope import HOUSEHOLD

Row = dict[str, Any]


def decision(moving: Moving) -> Wanted:
    """Check every item, then make awards and offers of them; the nearest precedents are linked. Raises BadRequest with every fault."""
    given, one = moving.given, moving.referral
    if not given.items:
        raise refuse("/items", "决定至少要有一项；不予支持的请办“不予会商”", "a decision has at least one item; to grant nothing, decline")
    page = page_of(moving.desk, one.household, moving.today)
    faults = [fault for at, item in enumerate(given.items) for fault in _Checked(moving, page, item, f"/items/{at}").faults()]
    seen = [(item.policy, item.who) for item in given.items]
    faults += [
        Place(f"/items/{at}/policy", "前面已有同一项，请合并", "named before: put both together")
        for at, item in enumerate(seen)
        if item in seen[:at]
    ]
    if faults:
        raise BadRequest(
            "决定中有不能作出的内容，没有保存", "the decision holds what cannot be decided; nothing was kept", places=tuple(faults)
        )
    offers = {at: _offer(moving, item) for at, item in enumerate(given.items) if _organisation(moving, item)}
    like = [near.referral.id for near in nearest_decided(moving.store, moving.desk.catalogue.referrals, one.household) or ()]
    profile = profile_row(moving.store, one.household)
    under = {item.policy: _under(moving, item.policy) for item in given.items}

    def unit(writer: Writer) -> Effected:
        kept = []
        for at, item in enumerate(given.items):
            row = _kept(item)
            if at in offers:
                opened = open_in(writer, moving.desk.catalogue.referrals, offers[at], moving.actor, moving.now, moving.today)
                row |= {"referral": opened.referral.id, "state": "offered"}
            else:
                row["award"] = _award(writer, moving, item, at, under[item.policy])
            kept.append(row)
        writer.upsert_edges("LIKE", [{"src": one.id, "dst": other, "source": SOURCE} for other in like])
        writer.upsert_nodes("Household", profile)
        told = one.told | {"items": kept, "like": like}
        against = sum(said["stance"] == "against" for said in one.told["opinions"])
        return Effected(replace(one, told=told, decided_on=moving.today), event={"items": len(kept), "against": against})

    return unit


class _Checked:
    """Checks one item."""

    def __init__(self, moving: Moving, page: Page, item: Item, path: str) -> None:
        self.moving, self.page, self.item, self.path = moving, page, item, path

    def faults(self) -> list[Place]:
        """What is wrong with it."""
        item, versions = self.item, self.page.catalogue.policies.get(self.item.policy)
        if versions is None:
            return [self._at("policy", "没有这项政策或项目", "there is no such policy or project")]
        person = self.page.answers.unit(item.policy) != HOUSEHOLD
        if person != (item.who is not None) or (person and item.who not in self.page.bundle.members):
            told = ("请写明是哪位成员", "say for which member") if person else ("这一项是给全户的", "this is for the whole household")
            return [self._at("who", *told)]
        found = [] if item.amount > 0 else [self._at("amount", "金额应大于零", "more than nothing is wanted")]
        if item.due < self.moving.today:
            found.append(self._at("due", "期限已过", "this day has passed"))
        return [*found, *self._payer(), *self._excluded()]

    def _payer(self) -> list[Place]:
        organization = _organisation(self.moving, self.item)
        if not organization:
            return []
        if self.item.payer != organization:
            told = ("由项目所属机构支付", "the project's own organisation pays")
            return [self._at("payer", f"{told[0]}：{organization}", f"{told[1]}: {organization}")]
        if not agrees(self.moving.desk, self.moving.referral.household, self.item.policy, self.moving.today):
            told = ("本户没有同意把情况告诉这家机构", "the household has not agreed that this organisation be told of it")
            return [self._at("policy", *told)]
        return []

    def _excluded(self) -> list[Place]:
        """What the law says against it, with the clauses and the articles."""
        found = excluded(self.page.answers, self.item.policy, self.item.who)
        if found is None:
            return []
        articles = [f"《{one.document}》{one.article or ''}" for one in found.sources]
        zh, en = found.refusal.says.zh, found.refusal.says.en
        if found.clauses:
            zh += f"，未满足：{'；'.join(one.zh for one in found.clauses)}"
            en += f", not met: {'; '.join(one.en for one in found.clauses)}"
        return [self._at("policy", f"{zh}（{'、'.join(articles)}）", f"{en} ({', '.join(articles)})")]

    def _at(self, name: str, zh: str, en: str) -> Place:
        return Place(f"{self.path}/{name}", zh, en)


def _organisation(moving: Moving, item: Item) -> str:
    """Who runs the project; "" for a policy."""
    known = moving.desk.catalogue.policies[item.policy][0].project is not None
    return organisation_of(moving.desk.catalogue, item.policy, moving.today) if known else ""


def _offer(moving: Moving, item: Item) -> Opening:
    """The offer to the organisation that is to pay an item, for so much as was decided. Raises BadRequest where it can claim nothing."""
    result, area = result_now(moving.desk, moving.referral.household, moving.today)
    claims = claims_of(result, area, {item.policy}, moving.desk.catalogue, moving.today)
    ours = [one for one in claims if one.who == item.who and one.lo > 0]
    if not ours:
        raise refuse("/items", "本户不符合这个慈善项目，或没有可补足的缺口", "the household has no claim on this project")
    fits = min(fen(item.amount), ours[0].lo)
    return replace(offer(moving.desk, result, area, ours[0], fits, moving.today, before=moving.referral.id), firm=True)


def _kept(item: Item) -> Row:
    """An item as it is kept."""
    told = {name: getattr(item, name) for name in ("policy", "who", "payer", "owner", "basis")}
    money = {"amount_fen": fen(item.amount), "due": item.due.isoformat(), "paid_fen": None, "paid_on": None}
    return told | money | {"state": DECIDED, "award": None, "referral": None}


def _award(writer: Writer, moving: Moving, item: Item, at: int, under: str | None) -> str:
    """The award that an item becomes, in force from today."""
    unit, subject = ("Household", moving.referral.household) if item.who is None else ("Person", item.who)
    id_ = entry_id(unit, subject, "awards", f"decision:{moving.referral.id}:{at}")
    version = project_on(moving.desk.catalogue, item.policy, moving.today)
    row: Row = {"id": id_, "policy": item.policy, "department": version.department, "paid_on": moving.today, "state": DECIDED}
    writer.upsert_nodes("Award", [row | {"amount_fen": fen(item.amount), "source": SOURCE}])
    writer.upsert_edges("RECEIVES", [{"src": subject, "src_kind": unit, "dst": id_, "source": SOURCE}])
    if under is not None:
        writer.upsert_edges("UNDER", [{"src": id_, "dst": under, "dst_kind": "Policy", "source": SOURCE}])
    return id_


def _under(moving: Moving, policy: str) -> str | None:
    rows = moving.store.find("Policy", {"policy": policy}, limit=1).rows
    return str(rows[0]["id"]) if rows else None
