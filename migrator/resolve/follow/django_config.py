"""Values of Django's settings: `settings.X` of `django.conf` is the name `X` at the top of a settings module.

https://docs.djangoproject.com/en/stable/topics/settings/#using-settings-in-python-code . Which module it is, the environment says when the
program starts: all modules of settings that have the name count.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.formats.tree import Attr, Call, Name, Node, Str
from migrator.resolve.follow.names import binding_values
from migrator.resolve.follow.question import Question, changed
from migrator.resolve.follow.values import Value
from migrator.resolve.scopes import Scope, dotted

_SETTINGS = "django.conf.settings"


def django_values(question: Question, node: Node, scope: Scope) -> list[Value]:
    """The values of such a setting, with its default; empty for every other expression, and where no module here has it."""
    asked = _asked(node, scope)
    if asked is None:
        return []
    key, default = asked
    values = [value for holder in _modules(question, key) for value in binding_values(question, holder.names[key], key)]
    if values and default is not None:
        values += changed(question.follow(default, scope), default_of=key)
    return values


def _asked(node: Node, scope: Scope) -> tuple[str, Node | None] | None:
    owner: Node
    default: Node | None
    match node:
        case Attr(base=base, name=key):
            owner, default = base, None
        case Call(func=Name(id="getattr"), args=(first, second, *rest)) if isinstance(second.value, Str):
            owner, key, default = first.value, second.value.value, rest[0].value if rest else None
        case _:
            return None
    if not key.isupper() or not isinstance(owner, Name | Attr) or scope.module().language not in ("python", "notebook"):
        return None
    return (key, default) if dotted(owner, scope) == _SETTINGS else None


def _modules(question: Question, key: str) -> Iterator[Scope]:
    for path, file in sorted(question.repository.files.items()):
        folder, name = posixpath.split(path)
        named = "settings" in name or posixpath.basename(folder) == "settings"
        if file.module.language == "python" and named and key in file.scopes.root.names:
            yield file.scopes.root
