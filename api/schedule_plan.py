"""Which reports arrive by themselves: one YAML file, read and checked as a whole. docs/operating.md tells its keys.

Moments are told as cron tells them, in the time of China. Weekdays are names, because programs disagree on which day is 0.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from apscheduler.triggers.cron import CronTrigger

from api.errors import NotFound
from api.report_files import FORMS
from api.settings import Lang, language_of
from api.wiring import CHINA
from graph.errors import RegionError
from graph.regions import LEVELS, shorten
from matcher.errors import CatalogueError, Fault
from matcher.loader_fields import Faults, Fields, id_of
from matcher.yaml_source import Item, read_yaml

Security = Literal["tls", "starttls", "none"]
PORTS: dict[str, int] = {"tls": 465, "starttls": 587, "none": 25}
ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
USUAL_FORMS = ("xlsx", "html")


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail goes out. `password` is read from a file and shown nowhere."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One report that arrives by itself. level: None for the one below the region's. to: who is sent it by mail."""

    id: str
    region: str
    cron: str
    level: str | None = None
    allocate: bool = False
    forms: tuple[str, ...] = USUAL_FORMS
    lang: Lang = "zh"
    to: tuple[str, ...] = ()

    def trigger(self) -> CronTrigger:
        """When it is due."""
        return CronTrigger.from_crontab(self.cron, timezone=CHINA)

    def due(self, since: dt.datetime, now: dt.datetime) -> Iterator[dt.datetime]:
        """The moments after `since` and not after `now` at which it was due."""
        trigger, moment = self.trigger(), since
        while True:
            found: dt.datetime | None = trigger.get_next_fire_time(None, (moment + dt.timedelta(seconds=1)).astimezone(CHINA))
            if found is None or found > now:
                return
            yield found
            moment = found

    def next(self, now: dt.datetime) -> dt.datetime | None:
        """When it is due next."""
        found: dt.datetime | None = self.trigger().get_next_fire_time(None, now.astimezone(CHINA))
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is planned. folder: where each report is put, in a folder of its own."""

    reports: tuple[Planned, ...] = ()
    folder: Path | None = None
    mail: Mail | None = None

    def of(self, id_: str) -> Planned | None:
        """The one of this name."""
        return next((one for one in self.reports if one.id == id_), None)


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises NotFound, CatalogueError with every fault and its line."""
    if not path.is_file():
        raise NotFound(f"没有找到文件 {path}", f"there is no file {path}", hint=("写法见 docs/operating.md", "docs/operating.md tells how"))
    try:
        items = read_yaml(path.read_text(encoding="utf-8"), path.name)
    except UnicodeDecodeError:
        raise CatalogueError((Fault(path.name, 1, "", "文件不是 UTF-8 编码", "the file is not UTF-8"),)) from None
    faults = Faults()
    plan = Plan()
    for item in items[:1]:
        plan = _plan(Fields(item, ("folder", "mail", "reports"), faults), path.parent, faults)
    for item in items[1:]:
        faults.add(item.spot, "只能有一个文档", "this is one document")
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return plan


def _plan(fields: Fields, beside: Path, faults: Faults) -> Plan:
    mail = fields.get("mail")
    listed = fields.get("reports")
    reports: list[Planned] = []
    if listed is not None and not isinstance(listed.value, tuple):
        faults.add(listed.spot, "reports 要写清单", "reports is a list")
    for item in listed.value if listed is not None and isinstance(listed.value, tuple) else ():
        report = _planned(item, faults, mail=mail is not None)
        if report is not None and report.id in {one.id for one in reports}:
            faults.add(item.spot, f"有两项都叫 {report.id}", f"two are called {report.id}")
        reports += [] if report is None else [report]
    folder = fields.text("folder")
    return Plan(tuple(reports), beside / folder if folder else None, _mail(mail, beside, faults) if mail is not None else None)


def _planned(item: Item, faults: Faults, *, mail: bool) -> Planned | None:
    fields = Fields(item, ("id", "region", "level", "cron", "allocate", "formats", "lang", "to"), faults)
    id_, cron, region = id_of(fields), _cron(fields), _region(fields)
    forms, to = fields.texts("formats") or USUAL_FORMS, fields.texts("to")
    for form in sorted(set(forms) - set(FORMS)):
        faults.add(
            fields.items["formats"].spot, f"没有格式 {form}，可写 {'、'.join(FORMS)}", f"no format {form}: one of {', '.join(FORMS)}"
        )
    for _ in [address for address in to if not ADDRESS.fullmatch(address)]:
        faults.add(fields.items["to"].spot, "不是邮箱地址", "this is no mail address")
    if to and not mail:
        faults.add(fields.items["to"].spot, "要寄邮件须先写 mail", "to send mail, say how under mail")
    level, lang = fields.choice("level", tuple(LEVELS.values())), fields.choice("lang", ("zh", "en"))
    if id_ is None or cron is None or region is None:
        return None
    return Planned(id_, region, cron, level, fields.flag("allocate"), forms, language_of(lang or "zh"), to)


def _cron(fields: Fields) -> str | None:
    cron = fields.text("cron", required=True)
    if cron is None:
        return None
    parts, spot = cron.split(), fields.items["cron"].spot
    if len(parts) == 5 and re.search("[0-9]", parts[4].partition("/")[0]):
        zh, en = "星期请写英文缩写：mon tue wed thu fri sat sun", "name weekdays: mon tue wed thu fri sat sun"
        fields.faults.add(spot, zh, en)
        return None
    try:
        CronTrigger.from_crontab(cron, timezone=CHINA)
    except ValueError:
        zh = "看不懂这个时间：分 时 日 月 星期，例如 0 2 * * mon"
        fields.faults.add(spot, zh, "no such moment: minute hour day month weekday, such as 0 2 * * mon")
        return None
    return cron


def _region(fields: Fields) -> str | None:
    text = fields.text("region", required=True)
    if text is None:
        return None
    try:
        return shorten(text.strip())
    except RegionError as error:
        fields.faults.add(fields.items["region"].spot, error.zh, error.en)
        return None


def _mail(item: Item, beside: Path, faults: Faults) -> Mail:
    fields = Fields(item, ("host", "port", "security", "from", "user", "password_file"), faults)
    security = fields.choice("security", get_args(Security)) or "starttls"
    host, sender = fields.text("host", required=True) or "", fields.text("from", required=True) or ""
    if sender and not ADDRESS.fullmatch(sender):
        faults.add(fields.items["from"].spot, "不是邮箱地址", "this is no mail address")
    user, password = fields.text("user") or "", _password(fields, beside)
    if user and security == "none":
        faults.add(fields.items["user"].spot, "不加密的连接不能登录", "a password never goes over a connection in the clear")
    return Mail(host, fields.whole("port") or PORTS[security], security, sender, user, password)  # type: ignore[arg-type]


def _password(fields: Fields, beside: Path) -> str:
    named = fields.text("password_file")
    if named is None:
        return ""
    try:
        return (beside / named).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        fields.faults.add(fields.items["password_file"].spot, "读不出这个文件", "this file cannot be read")
        return ""
