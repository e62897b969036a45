"""Values of Flask's configuration: `current_app.config["X"]` is an attribute of the class that the program configures itself from.

https://flask.palletsprojects.com/en/stable/config/#configuring-from-python-files . Which class it is, is decided where the program is made, and
that file need not name OpenRouter: all classes of settings that have the attribute count.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.formats.tree import Assign, Attr, Call, Index, Name, Node, Str, descendants
from migrator.resolve.follow.names import binding_values
from migrator.resolve.follow.question import Question, changed
from migrator.resolve.follow.values import Value
from migrator.resolve.scopes import Scope, dotted

_APPLICATIONS = ("flask.current_app", "flask.Flask()", "quart.current_app", "quart.Quart()", "current_app", "app")


def flask_values(question: Question, node: Node, scope: Scope) -> list[Value]:
    """The values of such an entry, with its default; empty for every other expression, and where nothing here gives one."""
    asked = _asked(node, scope)
    if asked is None:
        return []
    key, default = asked
    values = [value for part, inner in _assigned(question, key) for value in question.follow(part, inner)]
    for holder in _classes(question, key):
        values += binding_values(question, holder.names[key], key)
    if values and default is not None:
        values += changed(question.follow(default, scope), default_of=key)
    return values


def _asked(node: Node, scope: Scope) -> tuple[str, Node | None] | None:
    match node:
        case Index(base=Attr(base=owner, name="config"), key=Str(value=key)):
            default = None
        case Call(func=Attr(base=Attr(base=owner, name="config"), name="get"), args=(first, *rest)) if isinstance(first.value, Str):
            key, default = first.value.value, rest[0].value if rest else None
        case _:
            return None
    if not isinstance(owner, Name | Attr) or scope.module().language not in ("python", "notebook"):
        return None
    name = dotted(owner, scope) or ""
    return (key, default) if name in _APPLICATIONS or name.endswith((":app", ".current_app")) else None


def _classes(question: Question, key: str) -> Iterator[Scope]:
    for path, file in sorted(question.repository.files.items()):
        if file.module.language == "python":
            named = posixpath.basename(path) in ("config.py", "settings.py")
            for name, holder in file.scopes.classes.items():
                if key in holder.names and (named or "config" in name.lower() or "settings" in name.lower()):
                    yield holder


def _assigned(question: Question, key: str) -> Iterator[tuple[Node, Scope]]:
    """`app.config["X"] = value`, wherever it stands at the top of a module or in a function that makes the program."""
    for _, file in sorted(question.repository.files.items()):
        for node in descendants(file.module) if file.module.language == "python" and ".config[" in file.source.text else ():
            if isinstance(node, Assign) and node.value is not None and len(node.targets) == 1:
                match node.targets[0]:
                    case Index(base=Attr(name="config"), key=Str(value=name)) if name == key:
                        yield node.value, file.scopes.root
                    case _:
                        pass
