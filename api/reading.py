"""A rule of the catalogue as a reader meets it: `matcher.words` reads it back, and codes among its values become words."""

import re

from api import words
from api.settings import Lang
from matcher.catalogue import Catalogue
from matcher.language import Compare, FactRef, Known, Node, TermRef, Tiers
from matcher.words import in_words, title_of

QUOTED = {"zh": re.compile("“([A-Za-z0-9_-]+)”"), "en": re.compile('"([A-Za-z0-9_-]+)"')}


class Reading:
    """Reads expressions of one catalogue back in one language."""

    def __init__(self, catalogue: Catalogue, lang: Lang) -> None:
        self.catalogue, self.lang = catalogue, lang

    def say(self, node: Node) -> str:
        """One line."""
        fact = _named(node)
        return QUOTED[self.lang].sub(lambda found: words.value_word(fact, found[1], self.lang), in_words(node, self.catalogue, self.lang))

    def lines(self, node: Node) -> list[str]:
        """The same; tiers as a line each."""
        if not isinstance(node, Tiers):
            return [self.say(node)]
        shape, other = ("{w}的：{x}", "其余：{x}") if self.lang == "zh" else ("if {w}: {x}", "otherwise: {x}")
        told = [shape.format(w=self.say(when), x=self._result(result)) for when, result in node.cases]
        return told if node.otherwise is None else [*told, other.format(x=self._result(node.otherwise))]

    def title(self, target: str) -> str:
        """The title of a policy or a need, or of the policy that grants a recognition."""
        found = title_of(self.catalogue, target)
        return words.of(words.RECOGNITION, target, self.lang) if found.zh == target else words.say(found, self.lang)

    def _result(self, node: Node) -> str:
        return words.value_word("", str(node.value), self.lang) if isinstance(node, Known) and node.kind == "text" else self.say(node)


def _named(node: Node) -> str:
    """The fact or term that a comparison is about: its values have words of their own."""
    of = node.left if isinstance(node, Compare) else getattr(node, "of", None)
    return of.name.replace("-", "_") if isinstance(of, FactRef | TermRef) else ""
