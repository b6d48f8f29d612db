"""`lives_in` of every household brought up to its LIVES_IN: for households that an earlier program, or another one, wrote."""

from graph.store import GraphStore

BATCH = 2000


def settle_places(store: GraphStore) -> int:
    """Put what is missing or differs. Returns how many households were."""
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
