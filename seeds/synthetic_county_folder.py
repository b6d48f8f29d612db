"""The catalogue of a synthetic county: the shipped one, with the county's townships, villages, projects and helpers added to it.

A folder that `aidgraph check` and `aidgraph load` take like any other. Writing it again gives the same files.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from seeds.synthetic_county_places import FIRST_VILLAGES, GROWTH, county_of, regions_csv
from seeds.synthetic_county_projects import FOUNDATIONS, organisation, projects
from seeds.synthetic_scene import Dice

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from matcher.catalogue import Catalogue
    from seeds.synthetic_county_places import Area, County

PARTS = (
    *("facts.yaml", "needs.yaml", "difficulty.yaml", "referrals.yaml"),
    *("standards", "terms", "policies", "projects", "regions", "actors", "cases"),
)
WORKERS_EACH, MOST_VOLUNTEERS = 3, 3
WORKER_SKILLS = ("counselling", "care_hours", "company", "tutoring")
VOLUNTEER_SKILLS = ("care_hours", "company", "tutoring")
HEAD = "# Invented for a synthetic county; nobody and nothing here exists.\n"


@dataclass(frozen=True, slots=True)
class Helper:
    """A social worker or a volunteer: where, for what, how many hours a week."""

    id: str
    kind: str
    title: str
    region: str
    skills: tuple[str, ...]
    hours: int
    organisation: str


def write_folder(base: Path, out: Path, catalogue: Catalogue, code: str, *, households: int, as_of: dt.date) -> None:
    """Write the catalogue of a county beside or over an older one.

    Args:
        base: the catalogue that it is made from; `catalogue` is what was loaded from it.
        out: the folder to write.
        households: how large the county is: villages that nobody lives in yet have no volunteers.
    """
    county = county_of(catalogue, code, as_of)
    for name in PARTS:
        part = base / name
        if base.resolve() == out.resolve():
            continue
        if part.is_dir():
            shutil.copytree(part, out / name, dirs_exist_ok=True)
        elif part.is_file():
            out.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(part, out / name)
    _write(out / "regions" / f"syn-{code}.csv", regions_csv(county))
    _write(out / "actors" / f"syn-{code}.yaml", HEAD + _dump(_actors(county, households)))
    for project in projects(county):
        _write(out / "projects" / f"syn-{code}" / f"{project['id']}.yaml", HEAD + _dump(project))


def helpers(county: County, *, households: int) -> list[Helper]:
    """Social workers of the townships, volunteers of the villages that are lived in; some villages have none."""
    dice, found = Dice(f"helpers/{county.code}"), []
    for town in county.townships:
        for number in range(1, WORKERS_EACH + 1):
            skills = (WORKER_SKILLS[number % 2], *dice.sample(WORKER_SKILLS[2:], number % 3))
            found.append(_helper("worker", town, number, skills, dice.choice((8, 12, 16, 20, 24)), "station"))
    for village in county.villages[: FIRST_VILLAGES + households // GROWTH]:
        for number in range(1, dice.randint(0, MOST_VOLUNTEERS) + 1):
            skills = tuple(dice.sample(VOLUNTEER_SKILLS, dice.randint(1, 2)))
            found.append(_helper("volunteer", village, number, skills, dice.randint(1, 6), "volunteers"))
    return found


def _helper(kind: str, area: Area, number: int, skills: tuple[str, ...], hours: int, home: str) -> Helper:
    word = "社工" if kind == "worker" else "志愿者"
    title = f"{area.zh}{number}号{word}"
    return Helper(f"syn-{kind}-{area.code}-{number}", kind, title, area.code, tuple(dict.fromkeys(skills)), hours, home)


def _actors(county: County, households: int) -> dict[str, Any]:
    """Foundations, the station, the volunteers' team, and all helpers."""
    code = county.code
    bodies = [(key, f"{zh}慈善基金会", f"{en} Foundation", "charity", "charity-federation") for key, zh, en in FOUNDATIONS]
    bodies.append(("station", "县社会工作服务总站", "County social-work station", "social_work", "civil-affairs"))
    bodies.append(("volunteers", "县志愿服务总队", "County volunteers", "volunteer", "civil-affairs"))
    people: dict[str, list[dict[str, Any]]] = {"worker": [], "volunteer": []}
    for one in helpers(county, households=households):
        row = {"id": one.id, "title": one.title, "organisation": organisation(code, one.organisation), "region": one.region}
        people[one.kind].append(row | {"skills": list(one.skills), "hours_week": one.hours})
    organisations = [
        {"id": organisation(code, key), "title": {"zh": f"{zh}（虚构）", "en": f"{en} (invented)"}, "kind": kind, "department": department}
        for key, zh, en, kind, department in bodies
    ]
    return {"organisations": organisations, "social_workers": people["worker"], "volunteers": people["volunteer"]}


def _dump(value: object) -> str:
    """YAML in which dates stand as such and region codes as text."""
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1_000)
    return text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
