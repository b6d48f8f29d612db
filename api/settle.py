"""What is set right when the service starts: where households live, and their referrals stand; what has run out, removed."""

import datetime as dt

from api.referral_rows import follow
from graph.ingest import pages
from graph.store import GraphStore

BATCH = 2000
REPEATED = dt.timedelta(days=7)
"""So long a write that is sent again is answered again."""


def settle_places(store: GraphStore) -> int:
    """`lives_in` of every household brought up to its LIVES_IN. Returns how many households it was missing or wrong at."""
    lives = {src: dst for frame in store.scan_edges("LIVES_IN") for src, dst in frame.select("src", "dst").sort("dst").iter_rows()}
    settled = 0
    for frame in store.scan_nodes("Household", batch=BATCH):
        wrong = [
            {"id": id_, "lives_in": lives[id_]}
            for id_, said in frame.select("id", "lives_in").iter_rows()
            if id_ in lives and lives[id_] != said
        ]
        gone = [id_ for id_, said in frame.select("id", "lives_in").iter_rows() if said is not None and id_ not in lives]
        if wrong:
            store.write(lambda writer, rows=wrong: writer.upsert_nodes("Household", rows))  # type: ignore[misc]
        for id_ in gone:
            store.write(lambda writer, id_=id_: writer.remove_keys("Household", id_, ["lives_in"]))  # type: ignore[misc]
        settled += len(wrong) + len(gone)
    return settled


def settle_referrals(store: GraphStore) -> None:
    """Every referral brought to where its household lives: an import, or one that was withdrawn, may have moved it."""
    for page in pages(store, "Referral", {}):
        for row in page:
            if row.get("area") != (store.get("Household", row["household"]) or {}).get("lives_in"):
                store.write(lambda writer, row=row: follow(writer, row["household"], [row["id"]]))  # type: ignore[misc]


def forget_ended(store: GraphStore, now: dt.datetime) -> int:
    """Remove sessions that have ended, and receipts older than REPEATED. Returns how many."""
    gone = 0
    for kind, column, before in (("Session", "ends_at", now), ("Receipt", "begun_at", now - REPEATED)):
        for frame in store.scan_nodes(kind, batch=BATCH):
            ids = [id_ for id_, at in frame.select("id", column).iter_rows() if at is not None and at < before]
            if ids:
                gone += store.write(lambda writer, kind=kind, ids=ids: writer.delete(kind, ids))  # type: ignore[misc]
    return gone
