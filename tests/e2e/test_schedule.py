"""Reports that arrive by themselves: two schedulers at once, kill -9 in the middle, nights that were missed, mail that is refused."""

from __future__ import annotations

import datetime as dt
import email.policy
import json
import re
import signal
import socket
import time
import zipfile
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from api import report_runs
from api.caller import Caller
from api.listing import Action, listing_of
from api.listing_writes import enter_project, tag_of, take_action
from api.permissions import Account
from api.project_shapes import EXAMPLE
from api.settings import read_settings
from api.wiring import CHINA, Desk
from tests.program import Program, waits
from tests.smtp_server import PASSWORD, USER, mail_server, make_certificate

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

REGION, HOUSEHOLDS = "371602", 30
STORES = ["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)]
NIGHTLY = "folder: out\nreports:\n  - {id: nightly, region: '371602', cron: '0 2 * * *', formats: [json]}\n"


@pytest.fixture(params=STORES)
def county(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """Some households and a plan that puts a report into the folder `out` each night."""
    url = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else None
    return with_households(Program(tmp_path, url))


def with_households(county: Program) -> Program:
    county.run("synthetic", str(HOUSEHOLDS), "--seed", "4", "--region", REGION, "--as-of", "2026-08-01")
    (county.folder / "plan.yaml").write_text(NIGHTLY, encoding="utf-8")
    return county


def down_since(county: Program, nights: int, cron: str = "0 2 * * *") -> list[dt.date]:
    """As if the schedule was last looked at so many nights ago; the days that were missed since."""
    now = dt.datetime.now(CHINA)
    last = now.replace(hour=2, minute=0, second=0, microsecond=0)
    last -= dt.timedelta(days=0 if last <= now else 1)
    since = last - dt.timedelta(days=nights - 1, minutes=1)
    store = county.store()
    store.write(
        lambda writer: writer.upsert_nodes(
            "Meta", [{"id": "schedule/nightly", "value": json.dumps({"cron": cron, "since": since.isoformat()})}]
        )
    )
    store.close()
    return [(last - dt.timedelta(days=n)).date() for n in range(nights)]


def told(county: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = county.json("schedule", "--history")
    return found


def contents(county: Program) -> dict[str, dict[str, Any]]:
    """What the stored reports say, by day, without when it was said."""
    found = {}
    for row in county.nodes("GapReport"):
        content = json.loads(row["text"])
        assert content["as_of"] not in found, "two reports of one day"
        found[content["as_of"]] = {name: content[name] for name in ("region", "level", "names", "tables")}
    return found


def test_two_schedulers_at_once_make_each_missed_night_once_as_of_that_night(county: Program) -> None:
    days = down_since(county, 3)
    both = [county.started("schedule", "--plan", str(county.folder / "plan.yaml"), "--once") for _ in range(2)]
    for program in both:
        with program:
            assert program.wait(400) == 0, program.communicate()
    history = told(county)
    assert [(one["as_of"], one["state"], one["attempts"]) for one in history] == [(day.isoformat(), "done", 1) for day in days]
    assert sorted(contents(county)) == sorted(day.isoformat() for day in days)
    assert {path.name for path in (county.folder / "out").iterdir()} == {one["report"] for one in history}
    before = {row["id"]: row.get("before") for row in county.nodes("GapReport")}
    assert [before[one["report"]] for one in history[:2]] == [one["report"] for one in history[1:]]
    assert county.run("schedule", "--plan", str(county.folder / "plan.yaml"), "--once")
    assert told(county) == history


def test_killed_in_the_middle_the_next_one_takes_over_and_nothing_is_half(county: Program) -> None:
    days = down_since(county, 2)
    line = ("schedule", "--plan", str(county.folder / "plan.yaml"), "--once")
    moments, hit = waits(7, 3), 0
    for _ in range(3):
        hit += county.killed(next(moments), *line, after="begun")
        for row in county.nodes("GapReport"):
            assert json.loads(row["text"])["id"] == row["id"]
    assert hit
    county.run(*line)
    assert {one["as_of"] for one in told(county)} == {day.isoformat() for day in days}
    assert {one["state"] for one in told(county)} == {"done"}
    found = contents(county)
    county.run("batch", "--region", REGION, "--as-of", days[0].isoformat())
    calm = county.json("report", "run", "--region", REGION)
    assert found[days[0].isoformat()]["tables"] == calm["tables"]


def test_mail_that_cannot_be_sent_is_tried_again_and_the_report_is_not_made_again(tmp_path: Path) -> None:
    county = with_households(Program(tmp_path))
    port, post = free_port(), tmp_path / "post"
    post.mkdir()
    make_certificate(post / "server.pem")
    (tmp_path / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
    county.env["SSL_CERT_FILE"] = str(post / "server.pem")
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        f"mail: {{host: 127.0.0.1, port: {port}, security: starttls, from: aidgraph@example.org, user: {USER}, password_file: secret}}\n"
        "folder: out\n"
        "reports:\n"
        "  - {id: weekly, region: '371602', cron: '0 2 * * mon', to: [head@example.org, nobody@example.org]}\n",
        encoding="utf-8",
    )
    assert county.tried("schedule", "--plan", str(plan), "--run", "weekly").returncode == 1
    (run,) = told(county)
    assert (run["state"], run["attempts"]) == ("done", 1)
    assert {one["to"]: one["state"] for one in run["deliveries"]} == {
        "folder": "done",
        "head@example.org": "waiting",
        "nobody@example.org": "waiting",
    }
    with mail_server(post, port):
        said = county.tried("schedule", "--plan", str(plan), "--again", run["id"])
        assert said.returncode == 1
    (after,) = told(county)
    assert {one["to"]: (one["state"], one["error"]) for one in after["deliveries"]} == {
        "folder": ("done", None),
        "head@example.org": ("done", None),
        "nobody@example.org": ("waiting", "SMTPRecipientsRefused 550"),
    }
    assert (after["attempts"], len(county.nodes("GapReport"))) == (1, 1)
    (letter,) = [read(path) for path in post.glob("*.eml")]
    assert letter["To"] == "head@example.org"
    assert "帮扶缺口报告" in letter["Subject"]
    assert PASSWORD not in said.stderr
    body = letter.get_body()
    assert body is not None
    assert re.search(r"\d+ 户中", body.get_content())
    files = {part.get_filename(): part.get_payload(decode=True) for part in letter.iter_attachments()}
    assert set(files) == {"report.xlsx", "report.html"}
    sent = letter.as_bytes() + b"".join(opened(content) for content in files.values() if isinstance(content, bytes))
    for row in [*county.nodes("Household"), *county.nodes("Person")]:
        assert row["id"].encode() not in sent
    assert "少于 5".encode() in sent


@pytest.mark.slow
def test_the_process_makes_a_report_at_its_minute_and_ends_when_told(tmp_path: Path) -> None:
    county = with_households(Program(tmp_path))
    plan = tmp_path / "plan.yaml"
    plan.write_text(NIGHTLY.replace("0 2 * * *", "* * * * *"), encoding="utf-8")
    with county.started("schedule", "--plan", str(plan)) as program:
        end = time.monotonic() + 240
        while not county.nodes("GapReport"):
            assert time.monotonic() < end
            assert program.poll() is None
            time.sleep(1)
        program.send_signal(signal.SIGTERM)
        said, log = program.communicate(timeout=60)
        assert program.returncode == 0, log
    assert "nightly" in said
    run = told(county)[-1]
    assert (run["state"], run["attempts"]) == ("done", 1)
    due = dt.datetime.fromisoformat(run["due_at"])
    assert (due.second, run["as_of"]) == (0, due.astimezone(CHINA).date().isoformat())


def test_a_schedule_that_runs_for_long_goes_by_the_projects_that_hold_now(tmp_path: Path) -> None:
    county = with_households(Program(tmp_path))
    desk = Desk(replace(read_settings(), store=county.url, key_file=tmp_path / "store.key"))
    try:
        with county.started("schedule") as program:
            before = report_asked_for(desk, program, "before")
            approve(desk)
            after = report_asked_for(desk, program, "after")
            program.send_signal(signal.SIGTERM)
            assert program.wait(60) == 0
        now = desk.renewed().catalogue.hash
    finally:
        desk.close()
    listed = [EXAMPLE["id"] in {one["policy"] for one in each["tables"]["projects"]} for each in (before, after)]
    assert listed == [False, True]
    assert now == after["catalogue"] != before["catalogue"]


def approve(desk: Desk) -> None:
    """A charity lists a project, an officer approves it."""
    charity = Account("charity", "foundation", organization=EXAMPLE["project"]["organisation"])
    enter_project(Caller(charity, desk, "test", "project.write"), EXAMPLE, "list")
    steps: list[tuple[Account, Action]] = [(charity, "submit"), (Account("wang", "officer", regions=("37",)), "approve")]
    for account, action in steps:
        tag = tag_of(listing_of(desk.store, EXAMPLE["id"]))
        take_action(Caller(account, desk, "test", "project.write"), EXAMPLE["id"], action, "", action, tag)


def report_asked_for(desk: Desk, program: subprocess.Popen[str], key: str) -> dict[str, Any]:
    """What the report says that the process makes when it is asked for."""
    run, _ = report_runs.ask_for(desk.store, REGION, None, dt.date(2026, 8, 1), by="wang", key=key, now=desk.now())
    end = time.monotonic() + 240
    while (row := desk.store.get("ReportRun", run.id) or {})["state"] != "done":
        assert time.monotonic() < end, row
        assert program.poll() is None
        time.sleep(0.5)
    content: dict[str, Any] = json.loads((desk.store.get("GapReport", row["report"]) or {})["text"])
    return content


def test_what_is_wrong_with_a_plan_is_told_with_its_line(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "mail: {hst: mail.example.org, from: aidgraph}\n"
        "reports:\n"
        "  - {id: a, region: '371602', cron: '0 2 * * 1', formats: [pdf], to: [head]}\n"
        "  - {id: a, region: 37, cron: '0 99 * * *'}\n",
        encoding="utf-8",
    )
    county = Program(tmp_path)
    said = county.tried("schedule", "--plan", str(plan), "--once", "--lang", "en")
    assert said.returncode == 4
    for wrong in ("host is missing", "did you mean host?", "mon tue wed", "no format pdf", "must be text", "minute hour day month weekday"):
        assert wrong in said.stderr, (wrong, said.stderr)
    assert county.tried("schedule", "--plan", str(tmp_path / "none.yaml")).returncode == 3
    assert county.tried("schedule", "--run", "a").returncode == 2


def read(path: Path) -> EmailMessage:
    letter = BytesParser(policy=email.policy.default).parsebytes(path.read_bytes())
    assert isinstance(letter, EmailMessage)
    return letter


def opened(content: bytes) -> bytes:
    """An attachment as it is read: a workbook's parts, else itself."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
