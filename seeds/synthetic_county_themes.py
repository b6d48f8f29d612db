"""What charity projects of a synthetic county are for: whom they help, with which need, from which burden on."""

from __future__ import annotations

from dataclasses import dataclass

Clause = tuple[str, str, str, str]
"""Id, what it says in Chinese and in English, the condition."""

POOR: Clause = ("group", "属于低收入人口", "of the low-income population", "of_low_income_population")
POOR_HOME: Clause = ("group", "家中有低收入人口", "somebody of the low-income population", "any(members, of_low_income_population)")


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of project. `least`: burdens in yuan (or hours) to choose from; `skill`: of hours that are given in place of money."""

    key: str
    zh: str
    en: str
    unit: str
    covers: tuple[str, ...]
    who: tuple[Clause, ...]
    least: tuple[int, ...] = (0,)
    kind: str = "cash"
    skill: str | None = None

    def left(self, least: int) -> Clause:
        """The condition that enough is left of the need."""
        left = " + ".join(f"left.{need}" for need in self.covers)
        if not least:
            return ("left", "政策用尽后仍有这方面的困难", "something is left after every policy", f"{left} > 0")
        return (
            "left",
            f"政策用尽后仍有不少于 {least:,} 元",
            f"at least {least:,} yuan is left after every policy",
            f"{left} >= yuan({least})",
        )


ADULT: Clause = ("adult", "年满18周岁", "18 or older", "age >= 18")
CHILD: Clause = ("child", "未满18周岁", "under 18", "age < 18")
OLD: Clause = ("old", "年满60周岁", "60 or older", "age >= 60")
MEDICAL = ("medical_in_scope", "medical_out_of_scope")
ILL_CHILD = "illness in ('congenital_heart', 'leukaemia')"
BURDENS = (2_000, 5_000, 10_000, 30_000)

THEMES: tuple[Theme, ...] = (
    Theme("serious-illness", "重病援助", "aid in serious illness", "person", MEDICAL,
          (("ill", "患重特大疾病", "seriously ill", "serious_illness"),), BURDENS),
    Theme("senior-school", "高中助学", "help through senior school", "person", ("education",),
          (POOR, ("stage", "就读高中阶段", "in senior or vocational school", "study_stage in ('senior', 'vocational')"))),
    Theme("college", "大学圆梦", "help through college", "person", ("education",),
          (POOR, ("stage", "就读大专或本科", "in college", "study_stage in ('junior_college', 'bachelor')")), (0, 1_000)),
    Theme("child-rehab", "儿童康复", "rehabilitation of children", "person", ("rehabilitation",),
          (CHILD, ("certificate", "持有残疾人证", "holds a disability certificate", "disability_certificate"))),
    Theme("elder-care", "失能老人照料", "care of elders", "person", ("care_cost",),
          (OLD, ("unable", "至少一项不能自理", "cannot do one thing alone", "abilities_lost >= 1"), POOR), (0, 3_000), "in_kind"),
    Theme("rent", "安居助租", "help with the rent", "household", ("housing",), (POOR_HOME,), (0, 3_000)),
    Theme("disaster", "灾后重建", "rebuilding after disaster", "household", ("disaster",), (), (0, 2_000, 5_000)),
    Theme("winter", "冬日暖流", "warm in winter", "household", ("utilities",),
          (("dibao", "低保家庭", "on dibao", "any(members, recognised.dibao)"),)),
    Theme("living", "米面油关怀", "rice, flour and oil", "household", ("living",),
          (("small", "家中有未成年人或老人", "a child or an old person", "any(members, age < 18) or any(members, age >= 60)"),),
          (0,), "in_kind"),
    Theme("debt", "减负行动", "lighter debts", "household", ("debt",), (POOR_HOME,), (0, 5_000, 20_000)),
    Theme("two-cancers", "姐妹关爱", "care for sisters", "person", MEDICAL,
          (("cancer", "患乳腺癌或宫颈癌", "breast or cervical cancer", "illness in ('breast_cancer', 'cervical_cancer')"), ADULT),
          (1_000, 5_000)),
    Theme("child-heart", "童心守护", "children's hearts and blood", "person", MEDICAL,
          (CHILD, ("ill", "患先心病或白血病", "congenital heart disease or leukaemia", ILL_CHILD))),
    Theme("kidney", "透析驿站", "a stop on dialysis", "person", MEDICAL,
          (("ill", "肾衰竭或移植后", "kidney failure or a transplant", "illness in ('kidney_failure', 'transplant')"),), (0, 2_000)),
    Theme("aids", "辅具到家", "aids for the disabled", "person", ("rehabilitation",),
          (ADULT, ("severe", "重度残疾", "severely disabled", "severe_disability")), (0, 1_000)),
    Theme("visits", "邻里探访", "neighbours who visit", "person", ("company",), (OLD,), skill="visiting"),
    Theme("tutoring", "课后灯光", "light after school", "person", ("tutoring",), (CHILD, POOR), skill="tutoring"),
    Theme("counselling", "心灵驿站", "a stop for the mind", "person", ("counselling",), (), skill="counselling"),
    Theme("respite", "喘息服务", "respite for carers", "person", ("care_hours",),
          (("severe", "重度残疾或失能", "severely disabled or unable", "severe_disability or abilities_lost >= 3"),), skill="care"),
    Theme("veterans", "老兵关怀", "care for veterans", "person", MEDICAL,
          (("veteran", "退役军人或三属", "veteran or kin of the fallen", "veteran != 'none'"),)),
    Theme("ill-home", "因病纾困", "relief of families ill", "household", MEDICAL, (POOR_HOME,), (5_000, 20_000, 50_000)),
)  # fmt: skip
