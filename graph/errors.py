"""Everything that can go wrong in the graph, as one small tree, with the HTTP status that the service answers beside each.

    GraphError                500
    ├── StoreUnavailable      503  the store cannot be opened, or stays locked
    ├── StoreNewer            503  a newer program wrote this store
    ├── ModelError            422  a row that the model does not know
    │   ├── UnknownKind       422
    │   ├── UnknownProperty   422
    │   └── BadValue          422  nested map, wrong type, missing key, naive time
    ├── MissingEnd            409  an edge to a node that is not there
    ├── IdentityError         422
    │   ├── BadIdCard         422
    │   └── BadPhone          422
    ├── KeyMissing            503  no key where one is needed
    ├── KeyUnsafe             503  others can read the key file, or it is no key
    ├── RegionError           422
    ├── TargetHolds           500  the target of a copy holds something else
    └── CopyDiffers           500  after a copy the two stores do not hold the same

Each says in Chinese and in English what was asked and how to mend it. No message ever carries a name, a number or a phone.
"""
# ruff: noqa: N818 - an error is named after what happened; "Error" on each would only be noise


class GraphError(Exception):
    """What went wrong, for a reader of Chinese (`zh`) and of English (`en`); `str()` gives both on one line."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class StoreUnavailable(GraphError):
    """The store cannot be opened, its address is not understood, or it stays locked."""


class StoreNewer(GraphError):
    """The store was written by a newer version of this program."""


class ModelError(GraphError):
    """A row does not fit the model."""


class UnknownKind(ModelError):
    """A node or edge kind that the model does not declare."""


class UnknownProperty(ModelError):
    """A property that its kind does not declare."""


class BadValue(ModelError):
    """A value that the model refuses."""


class MissingEnd(GraphError):
    """An edge leads from or to a node that is not stored."""


class IdentityError(GraphError):
    """An identity that cannot be right."""


class BadIdCard(IdentityError):
    """An ID-card number that cannot be right; `code` names the reason: spreadsheet, length, format, birth_date, place, checksum."""

    def __init__(self, zh: str, en: str, code: str = "format") -> None:
        super().__init__(zh, en)
        self.args = (zh, en, code)
        self.code = code


class BadPhone(IdentityError):
    """A telephone number that cannot be right."""


class KeyMissing(GraphError):
    """Identity is to be read or written, and no key was given."""


class KeyUnsafe(GraphError):
    """The key file can be read by others, or does not hold a key."""


class RegionError(GraphError):
    """A region code that cannot be right."""


class TargetHolds(GraphError):
    """The target of a copy holds something else already."""


class CopyDiffers(GraphError):
    """After a copy the two stores do not hold the same: somebody wrote meanwhile."""
