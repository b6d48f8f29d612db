"""The one place that reads the environment: where the store, its key and the catalogue are, and in which language we speak."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

Lang = Literal["zh", "en"]

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
"""The catalogue that is installed beside the packages."""
DEFAULT_STORE = "sqlite:///var/aidgraph.sqlite"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says.

    Attributes:
        store: address of the store, AIDGRAPH_STORE.
        key_file: file with the identity key, AIDGRAPH_KEY_FILE; for an embedded store a file beside it.
        lang: AIDGRAPH_LANG; Chinese unless it begins with `en`.
        catalogue: folder of facts, standards, terms and policies, AIDGRAPH_CATALOGUE.
    """

    store: str = DEFAULT_STORE
    key_file: Path | None = None
    lang: Lang = "zh"
    catalogue: Path = SEEDS


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, or of a given environment."""
    env = os.environ if env is None else env
    key_file = env.get("AIDGRAPH_KEY_FILE")
    return Settings(
        store=env.get("AIDGRAPH_STORE") or DEFAULT_STORE,
        key_file=Path(key_file) if key_file else None,
        lang=language_of(env.get("AIDGRAPH_LANG") or "zh"),
        catalogue=Path(env.get("AIDGRAPH_CATALOGUE") or SEEDS),
    )


def language_of(text: str) -> Lang:
    """`en`, `en-GB`, `EN_us` are English, everything else is Chinese."""
    return "en" if text.strip().lower().startswith("en") else "zh"


def key_file_of(settings: Settings) -> Path | None:
    """Where the key is: as set, else beside the file of an embedded store, else nowhere."""
    if settings.key_file is not None:
        return settings.key_file
    scheme, separator, rest = settings.store.partition("://")
    if scheme != "sqlite" or not separator:
        return None
    return Path(unquote(rest.partition("?")[0]).removeprefix("/")).with_suffix(".key")
