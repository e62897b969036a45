"""Which value of an argument makes a library call OpenRouter: a model's name with its prefix, or a constant of the library."""

from __future__ import annotations

from migrator.formats.tree import Str
from migrator.integrations.schema import Model
from migrator.resolve.origins import Origin
from migrator.resolve.scopes import Scope, dotted


def chooses_openrouter(model: Model, origin: Origin, scope: Scope) -> bool:
    """Does a value that comes from here choose OpenRouter? `scope`: where it is read, if the origin does not say where it stands."""
    if isinstance(origin.node, Str):
        return origin.node.value.startswith(model.prefix)
    return is_constant(model, origin, scope)


def is_constant(model: Model, origin: Origin, scope: Scope) -> bool:
    """Is it one of the library's constants that mean OpenRouter?"""
    if origin.node is None or isinstance(origin.node, Str) or not model.constants:
        return False
    return dotted(origin.node, origin.scope or scope) in model.constants
