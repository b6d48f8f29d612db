"""What can go wrong for somebody at the terminal, and how every error of the packages is told: exit code and words.

ServiceError
├── NotFound      exit 3   no such household, policy, person, file
├── BadRequest    exit 2   a date, a folder, an option that cannot be
└── Unreadable    exit 4   files with faults; carries them

Exit codes: 0 done · 1 done, and something did not pass · 2 the command was not understood · 3 not found · 4 the catalogue or a
file cannot be read · 5 the store cannot be used · 6 identity or key · 70 our own mistake.
"""

from dataclasses import dataclass

from api.settings import Lang
from graph.errors import GraphError, IdentityError, KeyMissing, KeyUnsafe, StoreNewer, StoreUnavailable
from matcher.errors import CatalogueError, ExpressionError, FactValueError, Fault, FrameError

DONE, FAILED, USAGE, NOT_FOUND, UNREADABLE, STORE, IDENTITY, OURS = 0, 1, 2, 3, 4, 5, 6, 70


class ServiceError(Exception):
    """Something that cannot be done, told in both languages; `hint` says how to mend it."""

    exit_code = FAILED

    def __init__(self, zh: str, en: str, *, hint: tuple[str, str] | None = None) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en
        self.hint = hint


class NotFound(ServiceError):  # noqa: N818 - named after what happened
    """No such household, policy, person or file."""

    exit_code = NOT_FOUND


class BadRequest(ServiceError):  # noqa: N818 - named after what happened
    """What was asked cannot be."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True)
class Told:
    """An error for a reader: exit code, what is wrong, how to mend it, and the faults of files."""

    exit_code: int
    text: str
    hint: str = ""
    faults: tuple[Fault, ...] = ()


EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (CatalogueError, UNREADABLE),
    (FactValueError, UNREADABLE),
    (ExpressionError, UNREADABLE),
    (StoreUnavailable, STORE),
    (StoreNewer, STORE),
    (KeyMissing, IDENTITY),
    (KeyUnsafe, IDENTITY),
    (IdentityError, IDENTITY),
    (GraphError, UNREADABLE),
)


def told(error: Exception, lang: Lang) -> Told | None:
    """The error in the reader's language; None if it is none that we know."""
    if isinstance(error, ServiceError):
        hint = "" if error.hint is None else error.hint[lang == "en"]
        return Told(error.exit_code, error.en if lang == "en" else error.zh, hint)
    if isinstance(error, CatalogueError):
        count = len(error.faults)
        text = f"{count} fault{'' if count == 1 else 's'} found" if lang == "en" else f"发现 {count} 处错误"
        return Told(UNREADABLE, text, faults=error.faults)
    if isinstance(error, FrameError) and len(error.args) == 2:
        return Told(UNREADABLE, str(error.args[lang == "en"]))
    for kind, code in EXIT_CODES:
        if isinstance(error, kind):
            return Told(code, str(getattr(error, lang)))
    return None
