"""The texts of this run, for the moment when something goes wrong: a traceback or a complaint is masked with the secrets they hold.

Kept by reference, and looked into only when a complaint is printed.
"""

from __future__ import annotations

from functools import lru_cache

from migrator.text.secrets import is_configuration, memorable, values_by_name

_texts: list[tuple[str, str]] = []


def note(path: str, text: str) -> None:
    """Remember a text that was read."""
    _texts.append((path, text))


def forget() -> None:
    """Forget all texts: another run begins in this process."""
    _texts.clear()
    _values.cache_clear()


def values() -> frozenset[str]:
    """Values in the texts of this run that their names say are secret."""
    return _values(len(_texts))


@lru_cache(1)
def _values(_count: int) -> frozenset[str]:
    values = {value for path, text in _texts for value in values_by_name(text, literal=is_configuration(path))}
    return frozenset(filter(memorable, values))
