"""What can go wrong for somebody at the terminal or over HTTP, and how every error of the packages is told: exit code, status, words.

ServiceError
├── NotFound      exit 3   404  no such household, policy, person, file; or none that the reader may see
├── BadRequest    exit 2   422  a date, a folder, an option that cannot be; carries the places at fault
├── SignedOut     exit 1   401  nobody signed in, or a key that opens nothing
├── Forbidden     exit 1   403  signed in, and not allowed
├── Conflict      exit 1   409  there is one already
├── Stale         exit 1   412  changed by somebody else since it was read
├── Unconditional exit 1   428  a change that does not say what it was based on
└── TooMany       exit 1   429  too often

Exit codes: 0 done · 1 done, and something did not pass · 2 the command was not understood · 3 not found · 4 the catalogue or a
file cannot be read · 5 the store cannot be used · 6 identity or key · 70 our own mistake.
"""

from dataclasses import dataclass

from api.settings import Lang
from graph.errors import (
    GraphError,
    IdentityError,
    KeyMissing,
    KeyUnsafe,
    MissingEnd,
    ModelError,
    RegionError,
    StoreNewer,
    StoreUnavailable,
)
from matcher.errors import CatalogueError, ExpressionError, FactValueError, Fault, FrameError

DONE, FAILED, USAGE, NOT_FOUND, UNREADABLE, STORE, IDENTITY, OURS = 0, 1, 2, 3, 4, 5, 6, 70


class ServiceError(Exception):
    """Something that cannot be done, told in both languages; `hint` says how to mend it."""

    exit_code = FAILED
    status = 500

    def __init__(self, zh: str, en: str, *, hint: tuple[str, str] | None = None) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en
        self.hint = hint


class NotFound(ServiceError):  # noqa: N818 - named after what happened
    """No such household, policy, person or file."""

    exit_code = NOT_FOUND
    status = 404


@dataclass(frozen=True, slots=True)
class Place:
    """What is wrong at one place of a request: `path` is a JSON pointer into the body, or `?name` of a query, `#name` of a head."""

    path: str
    zh: str
    en: str


class BadRequest(ServiceError):  # noqa: N818 - named after what happened
    """What was asked cannot be."""

    exit_code = USAGE
    status = 422

    def __init__(self, zh: str, en: str, *, hint: tuple[str, str] | None = None, places: tuple[Place, ...] = ()) -> None:
        super().__init__(zh, en, hint=hint)
        self.places = places


class SignedOut(ServiceError):  # noqa: N818 - named after what happened
    """Nobody signed in, or a key that opens nothing."""

    status = 401


class Forbidden(ServiceError):  # noqa: N818 - named after what happened
    """Signed in, and not allowed."""

    status = 403


class Conflict(ServiceError):  # noqa: N818 - named after what happened
    """There is one already, or a key was used for something else."""

    status = 409


class Stale(ServiceError):  # noqa: N818 - named after what happened
    """Changed by somebody else since it was read."""

    status = 412


class Unconditional(ServiceError):  # noqa: N818 - named after what happened
    """A change that does not say what it was based on."""

    status = 428


class TooMany(ServiceError):  # noqa: N818 - named after what happened
    """Too often; again after `seconds`."""

    status = 429

    def __init__(self, zh: str, en: str, *, seconds: int) -> None:
        super().__init__(zh, en)
        self.seconds = seconds


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


STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (StoreUnavailable, 503),
    (StoreNewer, 503),
    (KeyMissing, 503),
    (KeyUnsafe, 503),
    (MissingEnd, 409),
    (ModelError, 422),
    (IdentityError, 422),
    (RegionError, 422),
    (FactValueError, 422),
)
"""HTTP status of the errors of the other packages, as their trees say."""


def status_of(error: Exception) -> int:
    """The HTTP status of an error; 500 for one that we do not know."""
    if isinstance(error, ServiceError):
        return error.status
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


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
