"""A rule read back in plain Chinese or English: facts, terms, standards and items by their titles, operators as words.

In: a checked node and the catalogue. Out: one line. Used where a rule is shown to people who do not read expressions.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

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

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue

Lang = Literal["zh", "en"]
HOUSEHOLD, PERSON = "household", "person"
COMPARED = {
    "zh": {"==": "为", "!=": "不为", "<": "低于", "<=": "不超过", ">": "高于", ">=": "不低于"},
    "en": {"==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"},
}
DATED = {
    "zh": {"==": "即", "!=": "不是", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"},
    "en": {"==": "is", "!=": "is not", "<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before"},
}
SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}
READS = {
    "zh": {"recognised": "已认定{}", "receives": "正在享受{}", "eligible": "符合{}的条件", "paid": "已发放的{}",
           "granted": "方案中的{}", "left": "{}尚缺部分"},
    "en": {"recognised": "is recognised: {}", "receives": "receives {}", "eligible": "is eligible for {}", "paid": "what {} pays on file",
           "granted": "what {} gives", "left": "what is left of {}"},
}  # fmt: skip
PLACES = {
    "zh": {"region": "所在地", "county": "所在县", "city": "所在市", "province": "所在省"},
    "en": {"region": "the place", "county": "the county", "city": "the city", "province": "the province"},
}
FUNCTIONS = {
    "zh": {"years_since": "自{0}起的周年数", "year": "{0}的年份", "month": "{0}的月份", "within": "{0}位于{1}之内",
           "floor": "{0}（按{1}向下取整）", "ceil": "{0}（按{1}向上取整）", "date": "{0}年{1}月{2}日"},
    "en": {"years_since": "whole years since {0}", "year": "the year of {0}", "month": "the month of {0}", "within": "{0} lies in {1}",
           "floor": "{0}, rounded down to {1}", "ceil": "{0}, rounded up to {1}", "date": "the day {0}-{1}-{2}"},
}  # fmt: skip
CALLS = {
    "zh": {"any": "{0}中有一项满足“{1}”", "all": "每项{0}都满足“{1}”", "count": "{0}的数目", "sum": "各项{0}的“{1}”合计",
           "min": "各项{0}的“{1}”中最小者", "max": "各项{0}的“{1}”中最大者", "where": "（限“{0}”者）", "counted": "{0}中满足“{1}”的数目"},
    "en": {"any": "one of the {0} has: {1}", "all": "all {0} have: {1}", "count": "the number of {0}", "sum": "the sum over {0} of ({1})",
           "min": "the least over {0} of ({1})", "max": "the greatest over {0} of ({1})", "where": " (of those where {0})",
           "counted": "the number of {0} where {1}"},
}  # fmt: skip


def in_words(node: Node, catalogue: Catalogue, lang: Lang) -> str:
    """The rule as a sentence without a full stop: `人均收入低于低保标准（城乡类别）`."""
    return _Reader(catalogue, lang).read(node)


def title_of(catalogue: Catalogue, target: str) -> Words:
    """The title of a policy, of a need, or of the policy that gives a recognition; the name itself if there is none."""
    if target in catalogue.policies:
        return catalogue.policies[target][0].title
    if target in catalogue.needs:
        return catalogue.needs[target].title
    versions = (version for each in catalogue.policies.values() for version in each)
    return next((version.title for version in versions if version.recognition == target), Words(target, target))


class _Reader:
    """Reads nodes in one language."""

    def __init__(self, catalogue: Catalogue, lang: Lang) -> None:
        self.catalogue, self.lang = catalogue, lang
        self.zh = lang == "zh"

    def say(self, words: Words) -> str:
        """One of the two."""
        return words.zh if self.zh else words.en

    def read(self, node: Node) -> str:
        """Any node."""
        match node:
            case Known():
                return self._known(node)
            case NotFixed():
                return "个案确定" if self.zh else "decided case by case"
            case FactRef() | TermRef() | StandardRef() | Read():
                return self._name(node)
            case AsOf():
                return "查询日" if self.zh else "the day of the question"
            case Place(level=level):
                return PLACES[self.lang][level]
            case Not(of=of):
                return f"并非“{self.read(of)}”" if self.zh else f"not ({self.read(of)})"
            case And(of=of):
                return self._joined(of, "，且", " and ", Or)
            case Or(of=of):
                return self._joined(of, "，或", " or ", And)
            case Compare(op=op, left=left, right=right):
                word = (DATED if left.kind == "date" else COMPARED)[self.lang][op]
                return f"{self.read(left)}{word}{self.read(right)}" if self.zh else f"{self.read(left)} {word} {self.read(right)}"
            case Arith():
                return self._arithmetic(node)
            case Tiers():
                return self._tiers(node)
            case ListCall():
                return self._list(node)
        return self._rest(node)

    def _rest(self, node: Node) -> str:
        match node:
            case Among(of=of, literals=literals, codes=codes):
                listed = self.read(codes) if codes else ("、" if self.zh else ", ").join(map(self._known, literals))
                if codes:
                    return f"{self.read(of)}列入{listed}" if self.zh else f"{self.read(of)} is on the list: {listed}"
                return f"{self.read(of)}为{listed}之一" if self.zh else f"{self.read(of)} is one of {listed}"
            case Shift():
                return self._shift(node)
            case Func(name=name, args=args):
                if name in ("min", "max"):
                    return self._extreme(name, args)
                return FUNCTIONS[self.lang][name].format(*map(self.read, args))
        raise AssertionError(node)

    def _joined(self, parts: tuple[Node, ...], zh: str, en: str, other: type[Node]) -> str:
        """Parts joined by a word; a part of the other kind stands in brackets."""
        brackets = "（{}）" if self.zh else "({})"
        said = [brackets.format(self.read(part)) if isinstance(part, other) else self.read(part) for part in parts]
        return (zh if self.zh else en).join(said)

    def _name(self, node: FactRef | TermRef | StandardRef | Read) -> str:
        """Something by its title; with `outer` that it is the owner's, not the entry's."""
        if isinstance(node, StandardRef):
            title = self.say(self.catalogue.standards[node.name].title)
            keys = ("、" if self.zh else ", ").join(map(self.read, node.keys))
            return title if not keys else f"{title}（{keys}）" if self.zh else f"{title} ({keys})"
        if isinstance(node, Read):
            name = READS[self.lang][node.read].format(self.say(title_of(self.catalogue, node.target)))
        elif isinstance(node, TermRef):
            name = self.say(self.catalogue.terms[node.name].title)
        else:
            name = self.say(self._label(node))
        if "outer" in node.path:
            return f"本人的{name}" if self.zh else f"the person's own {name}"
        return name

    def _label(self, node: FactRef) -> Words:
        facts = self.catalogue.facts
        if node.edge is not None:
            fact = facts[node.edge].edge.get(node.name)
        elif node.unit in (HOUSEHOLD, PERSON):
            fact = facts[node.name]
        else:
            rows = facts[node.unit].rows
            fact = None if rows is None or isinstance(rows, str) else rows[node.name]
        return fact.label if fact is not None else Words(node.name, node.name)

    def _known(self, node: Known) -> str:
        value = node.value
        if isinstance(value, bool):
            return ("是" if value else "否") if self.zh else ("yes" if value else "no")
        if isinstance(value, Fraction):
            return money(value, self.lang) if node.kind == "money" else number(value)
        if isinstance(value, dt.date):
            return f"{value.year}年{value.month}月{value.day}日" if self.zh else value.isoformat()
        return f"“{value}”" if self.zh else f'"{value}"'

    def _arithmetic(self, node: Arith) -> str:
        """Sums inside products stand in brackets, and whatever follows a minus or a division."""
        sides = []
        for side, right in ((node.left, False), (node.right, True)):
            said = self.read(side)
            weaker = isinstance(side, Arith) and side.op in "+-" and (node.op in "*/" or (right and node.op == "-"))
            divided = right and node.op == "/" and isinstance(side, Arith)
            sides.append(f"({said})" if weaker or divided else said)
        return SIGNS[node.op].join(sides)

    def _extreme(self, name: str, args: tuple[Node, ...]) -> str:
        """The smaller or greater; a bound of 0 is said as such."""
        rest = [each for each in args if not (isinstance(each, Known) and each.value == 0)]
        if name == "max" and len(rest) == 1 and len(args) == 2:
            return f"{self.read(rest[0])}（不足零按零）" if self.zh else f"{self.read(rest[0])} (not below zero)"
        said = ("与" if self.zh else " and ").join(map(self.read, args))
        if self.zh:
            return f"{said}中较{'小' if name == 'min' else '大'}者"
        return f"the {'smaller' if name == 'min' else 'greater'} of {said}"

    def _shift(self, node: Shift) -> str:
        moved = [(node.years, "年", "years"), (node.months, "个月", "months"), (node.days, "天", "days")]
        zh = "".join(f"{abs(n)}{unit}" for n, unit, _ in moved if n)
        en = " ".join(f"{abs(n)} {unit.removesuffix('s') if abs(n) == 1 else unit}" for n, _, unit in moved if n)
        before = any(n < 0 for n, _, _ in moved)
        if self.zh:
            return f"{self.read(node.of)}{'前' if before else '后'}{zh}"
        return f"{en} {'before' if before else 'after'} {self.read(node.of)}"

    def _list(self, node: ListCall) -> str:
        """A call over a list, and which of its entries count."""
        words, fact = CALLS[self.lang], self.catalogue.facts.get(node.of.name)
        listed = self.say(fact.label) if fact is not None else node.of.name
        if node.where is not None:
            listed += words["where"].format(self.read(node.where))
        if node.body is None:
            return words["count"].format(listed)
        return words["counted" if node.call == "count" else node.call].format(listed, self.read(node.body))

    def _tiers(self, node: Tiers) -> str:
        """First case, second case, otherwise."""
        said = [(self.read(when), self.read(result)) for when, result in node.cases]
        cases = [f"{when}的，{result}" if self.zh else f"{result} if {when}" for when, result in said]
        rest = NotFixed(node.kind) if node.otherwise is None else node.otherwise
        cases.append(f"其余，{self.read(rest)}" if self.zh else f"otherwise {self.read(rest)}")
        return ("；" if self.zh else "; ").join(cases)


def money(fen: Fraction, lang: Lang) -> str:
    """Yuan with thousands, two digits only if there are fen."""
    yuan = Fraction(fen) / 100
    said = f"{int(yuan):,}" if yuan.denominator == 1 else f"{float(yuan):,.2f}"
    return f"{said}元" if lang == "zh" else f"¥{said}"


def number(value: Fraction) -> str:
    """A number as people write it."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
