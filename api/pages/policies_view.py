"""Policies as pages read them: the list by layers, and one read back in plain words, version by version."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from api import words
from api.places import region_names
from api.reading import Reading
from api.settings import Lang
from api.show_catalogue import TEXTS as RULES
from api.show_catalogue import gives, how, source_line, span, where, widest
from api.wiring import Desk
from matcher.catalogue import LAYERS, Clause, Group, PolicyVersion


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy in the list."""

    title: str
    href: str
    department: str
    unit: str


@dataclass(frozen=True, slots=True)
class Layer:
    """The policies of one layer of the legal order."""

    name: str
    policies: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, or a group of them under its own word."""

    text: str
    of: tuple["Rule", ...] = ()


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: where and when it holds, its conditions, what it gives, how to get it, by which article."""

    title: str
    where: str
    heading: str
    conditions: tuple[Rule, ...]
    gives: tuple[str, ...]
    how: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One policy."""

    title: str
    tags: tuple[str, ...]
    versions: tuple[VersionView, ...]


def policy_href(policy: str) -> str:
    """The address of a policy's page."""
    return f"/policies/{quote(policy, safe='')}"


def layers_of(desk: Desk, found: Sequence[str]) -> tuple[Layer, ...]:
    """The policies found, by layers in the legal order."""
    lang, by_layer = desk.lang, dict[str, list[Listed]]()
    for policy in found:
        versions = desk.catalogue.policies[policy]
        last = versions[-1]
        one = Listed(
            words.say(widest(versions).title, lang),
            policy_href(policy),
            words.of(words.DEPARTMENT, last.department, lang),
            words.of(words.UNIT, last.unit, lang),
        )
        by_layer.setdefault(last.layer, []).append(one)
    return tuple(Layer(words.of(words.LAYER, layer, lang), tuple(by_layer[layer])) for layer in LAYERS if layer in by_layer)


def policy_view(desk: Desk, policy: str) -> PolicyView:
    """One policy read back; the newest version stands first."""
    lang, versions = desk.lang, desk.catalogue.policies[policy]
    last, reading = versions[-1], Reading(desk.catalogue, desk.lang)
    tags = (
        words.of(words.LAYER, last.layer, lang),
        words.of(words.DEPARTMENT, last.department, lang),
        words.of(words.UNIT, last.unit, lang),
    )
    return PolicyView(words.say(widest(versions).title, lang), tags, tuple(version_view(desk, one, reading) for one in reversed(versions)))


def version_view(desk: Desk, version: PolicyVersion, reading: Reading) -> VersionView:
    """One version read back."""
    lang, names = desk.lang, region_names(desk.settings.catalogue)
    return VersionView(
        words.say(version.title, lang),
        " · ".join([where(version.regions, names, lang), *span(version.from_, version.until, lang)]),
        RULES[lang][version.requires.op if version.requires.of else "none"],
        _rules(version.requires, lang),
        tuple(gives(version, reading, lang)),
        tuple(how(version, lang)),
        tuple(source_line(one, lang) for one in version.sources),
    )


def _rules(group: Group, lang: Lang) -> tuple[Rule, ...]:
    return tuple(
        Rule(words.say(one.says, lang)) if isinstance(one, Clause) else Rule(RULES[lang][one.op], _rules(one, lang)) for one in group.of
    )
