"""Finding things of a catalogue by id, or by a part of their name in either language."""

from collections.abc import Iterable

from matcher.catalogue import Catalogue, Fact, PolicyVersion, Term


def plain_id(text: str) -> str:
    """Ids are typed with hyphens or underscores."""
    return text.strip().lower().replace("_", "-")


def policies_matching(catalogue: Catalogue, query: str) -> list[str]:
    """Ids of policies: the one of this id first, then those whose id, title, layer or department holds every word."""
    found = [policy for policy, versions in catalogue.policies.items() if holds(query, [text for one in versions for text in _texts(one)])]
    return sorted(found, key=lambda policy: (policy != plain_id(query), list(catalogue.policies).index(policy)))


def facts_matching(catalogue: Catalogue, query: str) -> list[Fact]:
    """Facts by name or label; fields of lists are found with their list."""
    found = [fact for fact in catalogue.facts.values() if holds(query, _fact_texts(fact))]
    return sorted(found, key=lambda fact: plain_id(fact.name) != plain_id(query))


def terms_matching(catalogue: Catalogue, query: str) -> list[Term]:
    """Terms by id or title."""
    found = [term for term in catalogue.terms.values() if holds(query, [term.id, term.title.zh, term.title.en])]
    return sorted(found, key=lambda term: plain_id(term.id) != plain_id(query))


def _texts(version: PolicyVersion) -> list[str]:
    return [version.id, version.title.zh, version.title.en, version.layer, version.department]


def _fact_texts(fact: Fact) -> list[str]:
    fields = fact.rows.values() if fact.rows and not isinstance(fact.rows, str) else ()
    return [text for one in (fact, *fields) for text in (one.name, one.label.zh, one.label.en, one.ask or "")]


def holds(query: str, texts: Iterable[str]) -> bool:
    """Whether every word of the query stands in some of the texts."""
    whole = " ".join(texts).lower()
    plain = plain_id(whole)
    return all(word.lower() in whole or plain_id(word) in plain for word in query.split())
