"""A rule read back in plain words: expressions of the rule language as something one can say, in Chinese or English.

Arithmetic keeps its signs (`×`, `−`), names become the labels and titles of the catalogue. Used for amounts, terms and conditions; a
condition's own `says` goes before what is made here.
"""

from fractions import Fraction

from api import words
from api.settings import Lang
from api.terminal import day
from matcher.bundle_json import yuan
from matcher.catalogue import Catalogue
from matcher.language import (
    Among,
    And,
    Arith,
    AsOf,
    Compare,
    FactRef,
    Func,
    Known,
    ListCall,
    ListRef,
    Node,
    Not,
    NotFixed,
    Or,
    Place,
    Read,
    Shift,
    StandardRef,
    TermRef,
    Tiers,
    Words,
)

SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "+": "+", "-": "−", "*": "×", "/": "÷"}
PLACE = {
    "zh": {"region": "所在地", "county": "所在县", "city": "所在市", "province": "所在省"},
    "en": {"region": "the place", "county": "the county", "city": "the city", "province": "the province"},
}
READ = {
    "zh": {
        "recognised": "已认定为{x}",
        "receives": "正在享受{x}",
        "eligible": "符合{x}",
        "paid": "已领取的{x}",
        "granted": "{x}所给",
        "left": "{x}剩余",
    },
    "en": {
        "recognised": "recognised: {x}",
        "receives": "receives {x}",
        "eligible": "eligible for {x}",
        "paid": "{x} already paid",
        "granted": "what {x} gives",
        "left": "what is left of {x}",
    },
}
CALL = {
    "zh": {
        "any": "{l}中有人（项）{b}",
        "all": "{l}每个都{b}",
        "count": "{l}的数目{b}",
        "sum": "{l}的{b}合计",
        "min": "{l}中最小的{b}",
        "max": "{l}中最大的{b}",
        "where": "（限{w}）",
    },
    "en": {
        "any": "one of {l}: {b}",
        "all": "each of {l}: {b}",
        "count": "number of {l} {b}",
        "sum": "sum over {l} of {b}",
        "min": "least {b} of {l}",
        "max": "greatest {b} of {l}",
        "where": " (only {w})",
    },
}
FUNC = {
    "zh": {
        "years_since": "{0}以来的周年数",
        "year": "{0}的年份",
        "month": "{0}的月份",
        "floor": "{0}（按{1}向下取整）",
        "ceil": "{0}（按{1}向上取整）",
        "within": "{0}在{1}内",
        "date": "{0}年{1}月{2}日",
    },
    "en": {
        "years_since": "years since {0}",
        "year": "year of {0}",
        "month": "month of {0}",
        "floor": "{0} (down to a multiple of {1})",
        "ceil": "{0} (up to a multiple of {1})",
        "within": "{0} lies in {1}",
        "date": "{0}-{1}-{2}",
    },
}
TEXTS = {
    "zh": {
        "not": "并非（{x}）",
        "and": "且",
        "or": "或",
        "case": "个案确定",
        "as_of": "当日",
        "lesser": "{x}中较小的",
        "greater": "{x}中较大的",
        "not_below": "{x}（不低于 0）",
        "outer": "",
        "if": "{w}时：{x}",
        "else": "其他：{x}",
        "list": "、",
        "among": "{x}为{v}",
        "in": "{x}在“{v}”内",
        "is": "{x}为{v}",
        "isnot": "{x}不为{v}",
    },
    "en": {
        "not": "not ({x})",
        "and": " and ",
        "or": " or ",
        "case": "set case by case",
        "as_of": "the day",
        "lesser": "the lesser of {x}",
        "greater": "the greater of {x}",
        "not_below": "{x} (not below 0)",
        "outer": "",
        "if": "if {w}: {x}",
        "else": "otherwise: {x}",
        "list": ", ",
        "among": "{x} is {v}",
        "in": "{x} is in “{v}”",
        "is": "{x} is {v}",
        "isnot": "{x} is not {v}",
    },
}
LOOSE = (Arith, Compare, And, Or)


class Speech:
    """Reads expressions of one catalogue back."""

    def __init__(self, catalogue: Catalogue, lang: Lang) -> None:
        self.catalogue, self.lang, self.texts = catalogue, lang, TEXTS[lang]

    def say(self, node: Node) -> str:
        """The expression in words."""
        match node:
            case Known():
                return self._known(node, None)
            case NotFixed():
                return self.texts["case"]
            case FactRef() | TermRef() | StandardRef() | Read() | Place() | AsOf():
                return self._name(node)
            case Not():
                return self.texts["not"].format(x=self.say(node.of))
            case And() | Or():
                word = self.texts["and" if isinstance(node, And) else "or"]
                return word.join(self._inner(one, And | Or) for one in node.of)
            case Compare():
                return self._compare(node)
            case Among():
                return self._among(node)
            case Arith():
                return self._arith(node)
            case Shift():
                return self._shift(node)
            case Func():
                return self._func(node)
            case ListCall():
                return self._call(node)
            case Tiers():
                return self._tiers(node)
        return ""

    def lines(self, node: Node) -> list[str]:
        """The same, tiers as one line each."""
        return self._tiers(node).split("\n") if isinstance(node, Tiers) else [self.say(node)]

    def _title(self, zh_en: Words) -> str:
        return words.say(zh_en, self.lang)

    def _known(self, node: Known, of: Node | None) -> str:
        value = node.value
        if isinstance(value, bool):
            return words.yes_no(value, self.lang)
        if isinstance(value, Fraction):
            if node.kind == "money":
                return yuan(round(value))
            return str(int(value)) if value.denominator == 1 else f"{float(value):g}"
        if isinstance(value, str):
            name = of.name if isinstance(of, FactRef | TermRef) else ""
            return value if node.kind == "region" else words.value_word(name.replace("-", "_"), value, self.lang)
        return day(value, self.lang)

    def _name(self, node: Node) -> str:
        """The label of a fact, the title of a term, a standard, a policy or a need."""
        if isinstance(node, FactRef):
            return self._title(fact_label(self.catalogue, node))
        if isinstance(node, TermRef):
            return self._title(self.catalogue.terms[node.name].title)
        if isinstance(node, StandardRef):
            return self._title(self.catalogue.standards[node.name].title)
        if isinstance(node, Place):
            return PLACE[self.lang][node.level]
        return (
            READ[self.lang][node.read].format(x=target_title(self.catalogue, node.target, self.lang))
            if isinstance(node, Read)
            else self.texts["as_of"]
        )

    def _inner(self, node: Node, loose: object) -> str:
        """A part, in brackets where it would be read wrongly."""
        text = self.say(node)
        return f"({text})" if isinstance(node, loose) and isinstance(node, LOOSE) else text  # type: ignore[arg-type]

    def _compare(self, node: Compare) -> str:
        left, right = node.left, node.right
        if isinstance(right, Known) and isinstance(right.value, bool | str) and node.op in ("==", "!="):
            wanted = "is" if node.op == "==" else "isnot"
            return self.texts[wanted].format(x=self.say(left), v=self._known(right, left))
        return f"{self.say(left)} {SIGNS[node.op]} {self.say(right)}"

    def _among(self, node: Among) -> str:
        if node.codes is not None:
            return self.texts["in"].format(x=self.say(node.of), v=self.say(node.codes))
        listed = self.texts["list"].join(self._known(one, node.of) for one in node.literals)
        return self.texts["among"].format(x=self.say(node.of), v=listed)

    def _arith(self, node: Arith) -> str:
        if node.op in "+-":
            left, right = self.say(node.left), self._inner(node.right, Arith) if node.op == "-" else self.say(node.right)
        else:
            left, right = (
                f"({self.say(one)})" if isinstance(one, Arith) and one.op in "+-" else self.say(one) for one in (node.left, node.right)
            )
        return f"{left} {SIGNS[node.op]} {right}"

    def _shift(self, node: Shift) -> str:
        names = (("年", "years"), ("个月", "months"), ("天", "days"))
        parts = [(count, name) for count, name in zip((node.years, node.months, node.days), names, strict=True) if count]
        if self.lang == "en":
            told = " ".join(f"{abs(count)} {name[1]}" for count, name in parts)
            return f"{told} {'before' if parts and parts[0][0] < 0 else 'after'} {self.say(node.of)}"
        told = "".join(f"{abs(count)}{name[0]}" for count, name in parts)
        return f"{self.say(node.of)}{'前' if parts and parts[0][0] < 0 else '后'}{told}"

    def _func(self, node: Func) -> str:
        if node.name in ("min", "max"):
            rest = [one for one in node.args if not (isinstance(one, Known) and one.value == 0)]
            if node.name == "max" and len(rest) == 1 < len(node.args):
                return self.texts["not_below"].format(x=self.say(rest[0]))
            joined = self.texts["list"].join(self.say(one) for one in node.args)
            return self.texts["lesser" if node.name == "min" else "greater"].format(x=joined)
        return FUNC[self.lang][node.name].format(*(self.say(one) for one in node.args))

    def _call(self, node: ListCall) -> str:
        texts = CALL[self.lang]
        listed = list_label(self.catalogue, node.of, self.lang)
        if node.where is not None:
            listed += texts["where"].format(w=self.say(node.where))
        body = "" if node.body is None else self.say(node.body)
        if node.call == "count" and body:
            listed, body = listed + texts["where"].format(w=body), ""
        return texts[node.call].format(l=listed, b=body).strip()

    def _tiers(self, node: Tiers) -> str:
        told = [self.texts["if"].format(w=self.say(when), x=self.say(then)) for when, then in node.cases]
        if node.otherwise is not None:
            told.append(self.texts["else"].format(x=self.say(node.otherwise)))
        return "\n".join(told)


def fact_label(catalogue: Catalogue, node: FactRef) -> Words:
    """The label of a fact, of a list's field, or of what an edge says."""
    owner = catalogue.facts.get(node.edge or node.unit)
    if owner is not None and node.edge is not None and node.name in owner.edge:
        return owner.edge[node.name].label
    if owner is not None and owner.rows and not isinstance(owner.rows, str) and node.name in owner.rows:
        return owner.rows[node.name].label
    found = catalogue.facts.get(node.name)
    return found.label if found else Words(node.name, node.name)


def list_label(catalogue: Catalogue, node: ListRef, lang: Lang) -> str:
    """The label of a list."""
    return words.say(catalogue.facts[node.name].label, lang) if node.name in catalogue.facts else node.name


def target_title(catalogue: Catalogue, target: str, lang: Lang) -> str:
    """The title of a policy or a need, or of the policy that grants a recognition."""
    if target in catalogue.needs:
        return words.say(catalogue.needs[target].title, lang)
    if target in catalogue.policies:
        return words.say(catalogue.policies[target][-1].title, lang)
    for versions in catalogue.policies.values():
        if any(one.recognition == target for one in versions):
            return words.say(versions[-1].title, lang)
    return words.of(words.RECOGNITION, target, lang)
