"""What the user asked for: everything that changes a plan, as one value."""

from __future__ import annotations

from enum import StrEnum

from migrator.model import Target
from migrator.records import dataclass


class EnvStrategy(StrEnum):
    """What to do with the key variable's name."""

    AUTO = "auto"
    """Rename where every reader and definer moves; keep the name elsewhere."""
    RENAME = "rename"
    """Rename or hold the connection back; never keep the old name with a new key."""
    KEEP = "keep"
    """Never rename: the old name will hold the new key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of one run. Two runs with equal options over equal trees give equal plans."""

    target: Target
    unsafe: bool = False
    """Also apply changes that are probably right."""
    select: tuple[str, ...] = ()
    """Rule ids or prefixes to use; empty: all."""
    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    """Globs over repo-relative paths; empty: all."""
    exclude: tuple[str, ...] = ()
    env_strategy: EnvStrategy = EnvStrategy.AUTO
    keep_variables: tuple[str, ...] = ()
    """Variables whose name stays, whatever the strategy."""
    docs: bool = False
    """Also rewrite copyable set-up blocks of documents."""
    models_from: str | None = None
    """File with a saved `GET /models` answer of the target."""
