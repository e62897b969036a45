"""Methods of the languages of `formats.languages` that hand on the value they are called on, or another one where there is none."""

from __future__ import annotations

from migrator.formats.tree import Attr, Call, Func, Node, Return

_SAME = frozenset(
    [
        "as_deref",
        "as_ref",
        "as_str",
        "chomp",
        "clone",
        "context",
        "delete_prefix",
        "delete_suffix",
        "expect",
        "expose_secret",
        "gsub",
        "into",
        "lstrip",
        "map_err",
        "ok",
        "ok_or",
        "ok_or_else",
        "orElseThrow",
        "or_raise",
        "orEmpty",
        "removePrefix",
        "removeSuffix",
        "rstrip",
        "strip",
        "sub",
        "to_owned",
        "to_s",
        "to_string",
        "toString",
        "Trim",
        "TrimEnd",
        "TrimStart",
        "trim",
        "trimEnd",
        "trimEndMatches",
        "trim_end_matches",
        "trim_matches",
        "trimmingCharacters",
        "unwrap",
        "with_context",
    ]
)
"""The value itself, with or without what stands at its ends."""
_OTHERWISE = frozenset(
    [
        "getOrDefault",
        "getOrElse",
        "ifBlank",
        "ifEmpty",
        "or",
        "or_else",
        "orElse",
        "orElseGet",
        "unwrap_or",
        "unwrap_or_else",
        "unwrap_or_default",
        "presence",
    ]
)
"""The value, or what is given for the case that there is none."""


_CHOOSING = frozenset(
    [
        "Or",
        "coalesce",
        "Coalesce",
        "CoalesceOrEmpty",
        "firstNonBlank",
        "firstNonEmpty",
        "FirstNonEmpty",
        "firstNonNull",
        "defaultIfBlank",
        "defaultIfEmpty",
        "defaultString",
    ]
)
"""Functions that give the first of their arguments that is there: Go's `cmp.Or`, Commons Lang's `StringUtils.firstNonBlank`."""
_KEEPING = frozenset(["takeIf", "takeUnless", "filter", "also"])
"""Methods that give the value itself, or nothing."""


def handed_on(node: Call) -> tuple[Node, ...] | None:
    """The values that such a call may give; None for any other call."""
    if not isinstance(node.func, Attr):
        return None
    if node.func.name in _CHOOSING and len(node.args) > 1:
        return tuple(arg.value for arg in node.args)
    if node.func.name in _SAME or node.func.name in _KEEPING:
        return (node.func.base,)
    if node.func.name in _OTHERWISE:
        return (node.func.base, *(value for arg in node.args if (value := result_of(arg.value)) is not None))
    return None


def result_of(node: Node) -> Node | None:
    """A value, or what a function without a name gives; nothing where that only ends the program."""
    if not isinstance(node, Func):
        return node
    last = node.body[-1] if node.body else None
    return last.value if isinstance(last, Return) else None
