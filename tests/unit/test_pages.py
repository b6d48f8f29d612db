"""View-models of the pages: what they say, what they never say, bars that add up, a picture that stays the same."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from api.lines_reasons import reasons_of
from api.load_cases import load_case_file
from api.page import Page, page_of
from api.pages.frame import ENVIRONMENT, TEMPLATES, Frame, render
from api.pages.graph_picture import picture_of
from api.pages.household_view import household_view
from api.pages.plan_view import plan_view
from api.pages.policies_view import layers_of, policy_view
from api.pages.texts import TEXTS
from api.pages.waterfall_view import UNITS, falls_of
from api.settings import SEEDS, Lang, Settings
from api.wiring import Desk
from api.words import DEPARTMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = dt.date(2024, 9, 1)
STATIC = Path(__file__).parent.parent.parent / "api" / "static"
LANGS: tuple[Lang, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("pages")
    made = Desk(Settings(store=f"sqlite:///{folder}/store.sqlite"))
    load_case_file(made.store_for_identity, made.catalogue, SEEDS / "cases" / "c4.yaml")
    yield made
    made.close()


@pytest.fixture(scope="module", params=LANGS)
def page(request: pytest.FixtureRequest, desk: Desk) -> Page:
    return page_of(desk.speaking(request.param), "c4-1", DAY)


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    for name, text in TEXTS["zh"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", TEXTS["en"][name])), name


def test_no_english_stands_among_the_chinese_texts() -> None:
    spared = ("other_lang", "other_lang_code", "print_how", "account")
    words = {name: re.sub(r"{\w+}", "", text) for name, text in TEXTS["zh"].items() if name not in spared}
    assert [name for name, text in words.items() if re.search(r"[A-Za-z]{2}", text)] == []


def test_every_text_of_a_template_is_there_and_every_text_is_used() -> None:
    sources = "".join(TEMPLATES.get_source(ENVIRONMENT, name)[0] for name in TEMPLATES.list_templates())
    used = set(re.findall(r"\bt\.(\w+)", sources)) | {"result_can", "result_no", "result_ask"}
    code = "".join(path.read_text(encoding="utf-8") for path in (STATIC.parent).rglob("*.py"))
    used |= {name for name in TEXTS["zh"] if f'["{name}"]' in code}
    assert used - TEXTS["zh"].keys() == set()
    assert TEXTS["zh"].keys() - used == set()


def test_pages_need_no_network_and_no_script() -> None:
    for name in TEMPLATES.list_templates():
        source = TEMPLATES.get_source(ENVIRONMENT, name)[0]
        assert not re.search(r"https?://|//[a-z]|<script|style=", source), name
    css = (STATIC / "aidgraph.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import", css)
    assert len(css.splitlines()) < 600


def test_the_bundle_stands_by_layers_with_its_reasons(desk: Desk) -> None:
    view = household_view(page_of(desk, "c4-1", DAY), "zh", "as_of=2024-09-01")
    assert [row.layer for row in view.rows if row.layer] == ["认定", "保险", "专项", "慈善"]
    last = view.rows[-1]
    assert (last.mark, last.name, last.amount, last.state) == ("✔", "安心纾困慈善基金", "¥231,480 一次性", "可申请")
    assert last.reasons is not None
    assert last.reasons.sources
    assert last.href == "/households/c4-1/why/anxin-relief-fund?as_of=2024-09-01"
    assert len(view.refused) == 49
    assert view.near is None


def test_what_is_left_stands_by_need(page: Page) -> None:
    view = household_view(page, "en")
    assert [one.text for one in view.residual] == ["Missing ¥12,420", "Missing ¥154,320"]
    assert [slot.filled for slot in view.slots] == [True, True, False, False]
    assert view.discuss


def test_the_bars_of_a_need_follow_one_another_to_what_is_left(page: Page) -> None:
    for fall in falls_of(page, "zh"):
        top, *steps, last = fall.bars
        assert sum(part.width for part in top.parts) == UNITS
        right = UNITS
        for bar in steps:
            assert max(part.x + part.width for part in bar.parts) in range(right - 5, right + 6)
            right = min(part.x for part in bar.parts)
        assert sum(part.width for part in last.parts) in range(right - 5, right + 6)


def test_the_picture_is_the_same_twice_and_nothing_lies_on_another(page: Page) -> None:
    drawn = picture_of(page, "zh")
    assert drawn == picture_of(page, "zh")
    corners = [(box.x, box.y) for box in drawn.boxes]
    assert len(set(corners)) == len(corners)
    assert all(0 <= x <= drawn.width - drawn.box_width and 0 <= y <= drawn.height - drawn.box_height for x, y in corners)
    assert len(drawn.sentences) == len(drawn.lines)


def test_the_plan_of_the_family_has_no_near_misses_and_no_codes(desk: Desk) -> None:
    shown = page_of(desk, "c4-1", DAY, near=True)
    assert shown.near
    text = html(render("plan.html", "zh", frame=Frame("", "", (), "", "/"), view=plan_view(shown, "zh", "李社工")))
    assert "安心纾困慈善基金" in text
    assert "知情同意书、医疗费用票据" in text
    assert "差一点" not in text
    assert not re.search(r"[a-z]+[-_][a-z]+", text.replace("c4-1", ""))


def test_a_plan_of_many_items_is_set_smaller_so_that_it_stays_one_sheet(desk: Desk) -> None:
    short = plan_view(page_of(desk, "c4-1", DAY), "zh", "李社工")
    for view, class_ in ((short, "plan"), (replace(short, can=short.can * 12), "plan long")):
        assert f'class="{class_}"' in render("plan.html", "zh", frame=Frame("", "", (), "", "/"), view=view)


def test_every_policy_reads_back_without_a_code(desk: Desk) -> None:
    assert sum(len(layer.policies) for layer in layers_of(desk, list(desk.catalogue.policies))) == len(desk.catalogue.policies)
    codes = {policy for policy in desk.catalogue.policies if "-" in policy} | {"civil-affairs", "in_kind", "None"}
    for policy in desk.catalogue.policies:
        told = repr(policy_view(desk, policy))
        assert not [code for code in codes if re.search(rf"(?<![\w-]){code}(?![\w-])", told)], policy


@pytest.mark.parametrize(("lang", "full"), [("zh", "资助参保档次为全额资助的"), ("en", "if class of premium support is in full")])
def test_a_formula_names_values_by_their_words(desk: Desk, lang: Lang, full: str) -> None:
    load_case_file(desk.store_for_identity, desk.catalogue, SEEDS / "cases" / "insurance-premium-support.yaml")
    page = page_of(desk, "insurance-premium-support-1", dt.date(2026, 3, 1))
    (item,) = [one for one in page.bundle.items if one.policy == "insurance-premium-support" and one.status == "can"]
    (amount,) = reasons_of(page, item.policy, item.who, lang).amounts
    assert full in amount.text
    assert not re.search(r"full|fixed", amount.text.replace("in full", "").replace("a fixed sum", "").replace("fixed support", ""))


def test_every_department_of_the_catalogue_has_a_name_in_both_languages(desk: Desk) -> None:
    named = {version.department for versions in desk.catalogue.policies.values() for version in versions}
    named |= {fact.ask for fact in desk.catalogue.facts.values() if fact.ask}
    assert sorted(one for one in named if one not in DEPARTMENT) == []


def test_what_is_typed_is_never_read_as_html(desk: Desk) -> None:
    text = render("policies.html", "zh", frame=Frame("", "", (), "", "/"), query="<b>x</b>", count=0, layers=())
    assert "<b>x" not in text
    assert "&lt;b&gt;" in text


def test_a_bundle_that_is_empty_says_so(desk: Desk) -> None:
    view = household_view(page_of(desk, "c4-1", DAY), "zh")
    shown = SimpleNamespace(**{name: getattr(view, name) for name in view.__slots__} | {"rows": (), "more": (), "asks": (), "falls": ()})
    home = SimpleNamespace(text="我的家庭", href="/households")
    text = html(
        render(
            "household.html",
            "zh",
            frame=Frame("", "", (), "", "/"),
            view=shown,
            home=home,
            saved=False,
            may_near=False,
            may_change=False,
            acts=(),
            apply="",
            may_refer=False,
        )
    )
    assert "没有符合或待核实的项目" in text
    assert "差一点" not in text


def html(text: str) -> str:
    """What a reader sees."""
    return re.sub(r"<[^>]+>", " ", text)
