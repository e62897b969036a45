"""Values of viper's configuration in Go: `viper.GetString("llm.key")` is what the program binds and sets under that key.

`BindEnv("llm.key", "X")` names a variable for it, `SetDefault` a value. A file that viper reads as well may give the key another value, and
`AutomaticEnv` a variable that is called like the key: then it is not known where the value comes from.
https://pkg.go.dev/github.com/spf13/viper#BindEnv
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.formats.tree import Call, Node, Str, descendants
from migrator.resolve.context import last_name, source_name
from migrator.resolve.follow.question import Question, unknown
from migrator.resolve.follow.values import Value
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Scope

_READ = ("GetString", "Get")
_FROM_ELSEWHERE = (
    "ReadInConfig", "MergeInConfig", "ReadConfig", "MergeConfig", "ReadRemoteConfig", "WatchConfig", "BindPFlags", "AutomaticEnv",
)  # fmt: skip


def viper_values(question: Question, node: Node, scope: Scope) -> Iterable[Value]:
    """The values of a key that is bound to a variable here; empty for every other expression."""
    if not (isinstance(node, Call) and scope.module().language == "go" and last_name(node.func) in _READ and node.args):
        return ()
    key = node.args[0].value
    if not isinstance(key, Str):
        return ()
    made = list(_made(question, key.value.lower()))
    if not any(last_name(call.func) in ("BindEnv", "MustBindEnv") for call, _ in made):
        return ()
    values = [
        value
        for call, inner in made
        for value in question.follow(call if last_name(call.func) != "SetDefault" else call.args[1].value, inner)
    ]
    if any(
        f".{word}(" in file.source.text for file in question.repository.files.values() for word in _FROM_ELSEWHERE if _is_go(file)
    ):
        values.append(unknown(node, scope, source_name(node) or "viper"))
    return values


def _is_go(file: ParsedFile) -> bool:
    return file.module.language == "go"


def _made(question: Question, key: str) -> Iterator[tuple[Call, Scope]]:
    """The calls that bind a key to a variable or set it, keys being the same in small and in capital letters."""
    for _, file in sorted(question.repository.files.items()):
        for node in descendants(file.module) if _is_go(file) and "viper" in file.source.text else ():
            if isinstance(node, Call) and len(node.args) > 1 and last_name(node.func) in ("BindEnv", "MustBindEnv", "SetDefault"):
                first = node.args[0].value
                if isinstance(first, Str) and first.value.lower() == key:
                    yield node, file.scopes.root
