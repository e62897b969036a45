"""The texts of this run, for the moment when something goes wrong: a traceback or a complaint is masked with the secrets they hold.

Kept by reference, and looked into only when a complaint is printed.
"""

from __future__ import annotations

from migrator.text.secrets import is_configuration, memorable, values_by_name

_texts: list[tuple[str, str]] = []
_known: tuple[int, frozenset[str]] = (0, frozenset())


def note(path: str, text: str) -> None:
    """Remember a text that was read."""
    _texts.append((path, text))


def forget() -> None:
    """Forget all texts: another run begins in this process."""
    global _known
    _texts.clear()
    _known = (0, frozenset())


def values() -> frozenset[str]:
    """Values in the texts of this run that their names say are secret."""
    global _known
    if _known[0] != len(_texts):
        values = {value for path, text in _texts for value in values_by_name(text, literal=is_configuration(path))}
        _known = (len(_texts), frozenset(filter(memorable, values)))
    return _known[1]
