"""Referrals for the tests of the service: one of each sort at each household, and accounts that are invited to those at home."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.referral_rows import NOTHING, Referral, matter, put, urgent

if TYPE_CHECKING:
    from tests.service.serving import Served

CHARITY, DEPARTMENT = "warm-hands", "medical-insurance"
A_REFERRAL: dict[str, Any] = {"household": "{household}", "sort": "discussion", "reason": "appeal"}
AN_OPINION: dict[str, Any] = {"move": "opinion", "stance": "for", "text": "家庭确有困难"}


def with_referrals(served: Served) -> Served:
    """At home a discussion that hears opinions, and an offer that the family agreed to; elsewhere to others, or without consent."""
    store, day = served.desk.store, served.desk.today()
    event = {"at": day.isoformat(), "by": "rule", "role": "officer", "move": "open", "to": "opened", "code": None, "text": ""}
    told = NOTHING | {"events": [event], "left": {"living": 1_234_500}, "asked_fen": 50_000}
    found: list[Referral] = []
    for place, household in served.households.items():
        area = str((store.get("Household", household) or {}).get("lives_in", ""))
        base = Referral("", "discussion", household, area, "hearing", day, day, ("residual",), (DEPARTMENT,), 1_234_500, told=told)
        found.append(replace(base, id=matter(household, "discussion", "", 1)))
        to = CHARITY if place != "other" else "another-charity"
        offer = replace(base, id=matter(household, "charity", "fund", 1), sort="charity", state="offered", reasons=(), departments=())
        found.append(replace(offer, project="fund", organization=to))
    head = store.neighbourhood("Household", served.households["own"])["MEMBER_OF"].get_column("src").to_list()[0]

    def unit(writer: Any) -> None:
        for one in found:
            put(writer, urgent(served.desk.catalogue.referrals, one))
        writer.upsert_nodes("Consent", [{"id": "agreed", "scope": ["charity"], "recipient": CHARITY}])
        writer.upsert_edges("GAVE", [{"src": head, "dst": "agreed"}])
        writer.upsert_nodes("Account", [{"id": "foundation", "organization": CHARITY}, {"id": "department", "department": DEPARTMENT}])

    store.write(unit)
    served.referrals.update({(one.sort, one.household): one.id for one in found})
    return served


def referral_for(served: Served, role: str, place: str) -> str:
    """The referral that a role would be shown at a place."""
    return served.referrals["charity" if role == "foundation" else "discussion", served.households[place]]
