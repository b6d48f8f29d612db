"""Taking a file back, for somebody at the terminal."""

import datetime as dt
import difflib

from rich.console import RenderableType
from rich.text import Text

from api.errors import NotFound
from api.settings import Lang
from api.settle import settle_referrals
from api.terminal import indented, note
from graph.ingest import pages
from graph.ingest_withdraw import Withdrawn, withdraw
from graph.store import GraphStore, Prefix

KINDS = {
    "Person": ("人员", "people"),
    "Household": ("家庭", "households"),
    "Award": ("发放记录", "awards"),
    "Recognition": ("认定记录", "recognitions"),
    "Application": ("申请记录", "applications"),
    "Consent": ("同意书", "consents"),
    "MEMBER_OF": ("家庭成员关系", "memberships"),
    "SUPPORTS": ("法定义务关系", "duties of support"),
    "PARENT_OF": ("父母关系", "parents"),
    "LIVES_IN": ("居住地", "places of living"),
}


def withdraw_source(store: GraphStore, name: str, at: dt.datetime, *, dry_run: bool) -> Withdrawn:
    """Withdraw a source, or say what would be done. Raises NotFound, naming those most like it."""
    done = withdraw(store, name, at=at, dry_run=dry_run)
    if not dry_run:
        settle_referrals(store)
    if done.statements:
        return done
    known = {text for row in _known(store) for text in (row["value"], row["id"].removeprefix("import/"))}
    if name in known or any(True for _ in pages(store, "Statement", {"file": name.rpartition("/")[2]})):
        return done
    near = difflib.get_close_matches(name, sorted(known), 3, 0.5)
    hint = (f"是否为：{'、'.join(near)}", f"did you mean {', '.join(near)}?") if near else None
    raise NotFound(f"库中没有来自 {name} 的内容", f"nothing in the store came from {name}", hint=hint)


def _known(store: GraphStore) -> list[dict[str, str]]:
    return [row for page in pages(store, "Meta", {"id": Prefix("import/")}) for row in page]


def withdraw_parts(done: Withdrawn, lang: Lang, *, dry_run: bool) -> list[RenderableType]:
    """What was, or would be, taken back."""
    english = lang == "en"
    if not done.statements:
        zh = f"{done.source}：没有要做的（先前已撤回，或没有存入任何内容）"
        return [Text(f"{done.source}: nothing to do (withdrawn before, or nothing of it was stored)" if english else zh)]
    head = (
        f"{done.source}: {done.statements:,} statements {'would be ' if dry_run else ''}withdrawn"
        if english
        else f"{done.source}：{'将' if dry_run else '已'}撤回 {done.statements:,} 条陈述"
    )
    parts: list[RenderableType] = [Text(head, style="title")]
    for counts, zh, en in ((done.removed, "移除", "removed"), (done.kept, "因另有来源而保留", "kept, since others tell it too")):
        for kind, count in sorted(counts.items()):
            word = KINDS.get(kind, (kind, kind))[english]
            parts.append(indented(f"{en} {count:,} {word}" if english else f"{zh} {count:,} 条{word}"))
    last = "loading the file again brings it back" if english else "重新载入该文件即可恢复"
    return [*parts, note(last)] if not dry_run else parts
