"""Ways to ask a lowered configuration file what it says."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import EnvDef, EnvRef, Join, Module, Str, children
from migrator.model import Edit, Source, Span
from migrator.text.source import decode
from migrator.text.splice import splice


def source(text: str, path: str) -> Source:
    return decode(path, text.encode("utf-8"))


def walk(module: Module) -> Iterator[object]:
    stack: list[object] = list(module.body)
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))  # type: ignore[arg-type]


def definitions(module: Module) -> list[EnvDef]:
    return [node for node in module.body if isinstance(node, EnvDef)]


def references(module: Module) -> list[EnvRef]:
    found = {(node.span, node.how): node for node in walk(module) if isinstance(node, EnvRef)}
    return [found[key] for key in sorted(found)]


def defined(module: Module) -> list[tuple[str, str, str]]:
    return [(node.name, node.how, node.owner) for node in definitions(module)]


def referred(module: Module) -> list[tuple[str, str, str]]:
    return [(node.name, node.how, node.owner) for node in references(module)]


def assert_spans(module: Module, text: str) -> None:
    """Every name stands where its span says, every exact string reads as its value, and regions neither overlap nor go back."""
    for node in walk(module):
        match node:
            case EnvDef(name=name, name_span=span, span=whole) | EnvRef(name=name, name_span=span, span=whole):
                assert text[slice(*span)] == name
                assert whole.start <= span.start <= span.end <= whole.end
            case Str(value=value, inner=inner, exact=True, span=whole):
                assert text[slice(*inner)] == value
                assert whole.start <= inner.start <= inner.end <= whole.end
            case Join(span=whole, parts=parts):
                assert parts
                assert all(whole.start <= part.span.start <= part.span.end <= whole.end for part in parts)
            case _:
                pass
    at = 0
    for region in module.regions:
        assert at <= region.span.start <= region.span.end <= len(text)
        at = region.span.end


def renamed(module: Module, text: str, new: dict[str, str]) -> str:
    """The text after every definition of a name in `new` got its new name."""
    spans: dict[Span, str] = {node.name_span: node.name for node in definitions(module) if node.name in new}
    return splice(text, [Edit(path="f", span=span, old=old, new=new[old]) for span, old in spans.items()])
