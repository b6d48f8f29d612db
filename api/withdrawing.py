"""An import taken back by whoever is for all the places that it told of: what was, or would be, done; each household in the audit."""

from typing import Any

from api.act_shapes import Withdrawal
from api.caller import Caller
from api.errors import Forbidden, NotFound
from api.permissions import may
from api.settle import settle_referrals
from graph.ingest_withdraw import households_of, withdraw


def withdraw_import(caller: Caller, given: Withdrawal) -> dict[str, Any]:
    """Withdraw a source; with `dry_run` only say what that would do.

    Raises: NotFound where nothing came from it; Forbidden where it tells of a household elsewhere. Neither names anybody.
    """
    store = caller.desk.store
    homes = households_of(store, given.source)
    if homes is None:
        raise NotFound(
            "库中没有来自它的内容",
            "nothing in the store came from it",
            hint=("请写载入时显示的文件名或来源", "give the file or source that the load printed"),
        )
    if any(not may(caller.account, caller.permission, region) for region in homes.values()):
        raise Forbidden(
            "其中有不在您负责范围内的家庭，请由上级经办",
            "it tells of households that are not in your area: an officer above has to do this",
        )
    caller.seen(sorted(homes), action="read" if given.dry_run else "withdraw")
    done = withdraw(store, given.source, at=caller.desk.now(), dry_run=given.dry_run)
    if not given.dry_run:
        settle_referrals(store)
    counts = {"removed": dict(done.removed), "kept": dict(done.kept)}
    return {"source": done.source, "statements": done.statements, "households": len(homes), **counts, "dry_run": given.dry_run}
