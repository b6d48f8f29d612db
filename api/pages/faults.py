"""What is wrong with a form that was sent, as links to its fields: an error of the interface, told at the top of the form."""

from collections.abc import Callable

from pydantic import ValidationError

from api.errors import BadRequest, Conflict, Forbidden, ServiceError, Stale, told
from api.pages.act_texts import ACT_TEXTS
from api.pages.frame import Link
from api.pages.texts import TEXTS
from api.settings import Lang

Faults = tuple[Link, ...]
REFUSED = (BadRequest, Stale, Conflict, Forbidden, ValueError)
"""What a form is shown again for, with what was typed. ValueError: a word that no day and no name can be."""


def faults_of(error: Exception, lang: Lang, field: Callable[[str], str]) -> Faults:
    """Each place that is at fault, in words; `field` leads from the path of a place to the field that it came from."""
    if isinstance(error, ValidationError):
        paths = ["/" + "/".join(str(part) for part in one["loc"]) for one in error.errors(include_input=False)]
        return tuple(Link(ACT_TEXTS[lang]["not_readable"], field(path)) for path in dict.fromkeys(paths))
    if not isinstance(error, ServiceError):
        return (Link(TEXTS[lang]["not_readable"], ""),)
    places = error.places if isinstance(error, BadRequest) else ()
    known = told(error, lang)
    said = tuple(Link(one.en if lang == "en" else one.zh, field(one.path)) for one in places)
    return said or (Link(known.text if known else "", ""),)
