"""The faults: each replaces one expression or statement of a module by another that means something else."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt(), ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq(), ast.In: ast.NotIn(),
    ast.NotIn: ast.In(), ast.Is: ast.IsNot(), ast.IsNot: ast.Is(),
}  # fmt: skip
_CALCULATED: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.BitOr: ast.BitAnd(),
    ast.BitAnd: ast.BitOr(),
}
_CALLED = {"any": "all", "all": "any", "min": "max", "max": "min", "startswith": "endswith", "endswith": "startswith"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault. `start` and `end` are offsets in the UTF-8 bytes of the module."""

    path: str
    function: str
    line: int
    start: int
    end: int
    old: str
    new: str

    @property
    def name(self) -> str:
        """What stays the same when lines above it come or go; `equivalent.toml` names mutants so."""
        return f"{self.path} {self.function}: {self.old} -> {self.new}"

    def applied(self, data: bytes) -> bytes:
        """The module with this fault."""
        return data[: self.start] + self.new.encode() + data[self.end :]


def mutants(path: str, data: bytes) -> list[Mutant]:
    """All faults that can be planted in a module, in text order."""
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []
    for function, node, new in _planted(ast.parse(data), "module"):
        start, end = starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        old = " ".join(data[start:end].decode().split())
        found.append(Mutant(path=path, function=function, line=node.lineno, start=start, end=end, old=old, new=new))
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.new))


def _planted(node: ast.AST, function: str) -> Iterator[tuple[str, ast.stmt | ast.expr, str]]:
    """Each place below a node with what can stand there instead."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = node.name if function == "module" else f"{function}.{node.name}"
    if isinstance(node, ast.stmt):
        yield from ((function, node, new) for new in _instead_of_statement(node))
    elif isinstance(node, ast.expr):
        yield from ((function, node, f"({ast.unparse(new)})") for new in _instead_of_expression(node))
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "format_spec") or isinstance(node, ast.JoinedStr):
            continue  # before Python 3.12 the parts of an f-string have no place of their own
        for child in value if isinstance(value, list) else [value]:
            if name == "test" and isinstance(child, ast.expr) and not isinstance(node, ast.While) and not _is_inverted(child):
                yield function, child, f"(not ({ast.unparse(child)}))"
            if name == "ifs":
                yield function, child, "True"
            if isinstance(child, ast.AST) and not _is_no_behaviour(child):
                yield from _planted(child, function)


def _is_inverted(test: ast.expr) -> bool:
    """Whether a condition is turned round by another mutant already."""
    simple = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn | ast.Is | ast.IsNot)
    return (simple and len(test.ops) == 1) or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))  # type: ignore[attr-defined]


def _is_no_behaviour(node: ast.AST) -> bool:
    """Docstrings, names of what is imported or exported, and code for type checkers."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("re.compile", "cast", "getattr", "hasattr")
    return isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")


def _instead_of_statement(node: ast.stmt) -> Iterator[str]:
    match node:
        case (
            ast.Expr(value=ast.Call() | ast.YieldFrom() | ast.Yield())
            | ast.AugAssign()
            | ast.Raise()
            | ast.Continue()
            | ast.Break()
        ):
            yield "pass"
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return None"


def _instead_of_expression(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                other = copy.deepcopy(node)
                other.ops[at] = _COMPARED[type(operator)]
                yield other
        case ast.BoolOp():
            yield ast.BoolOp(op=ast.And() if isinstance(node.op, ast.Or) else ast.Or(), values=node.values)
            for at in range(len(node.values)):
                left = [value for index, value in enumerate(node.values) if index != at]
                yield ast.BoolOp(op=node.op, values=left) if len(left) > 1 else left[0]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _CALCULATED and not _is_text(left, right):
            yield ast.BinOp(left=left, op=_CALCULATED[type(operator)], right=right)
        case ast.Call(func=ast.Name(id=name), args=[_, *_]) if name in _CALLED:
            yield ast.Call(func=ast.Name(id=_CALLED[name]), args=node.args, keywords=node.keywords)
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _CALLED:
            yield ast.Call(func=ast.Attribute(value=value, attr=_CALLED[name]), args=node.args, keywords=node.keywords)
        case ast.Constant(value=bool() as truth):
            yield ast.Constant(value=not truth)
        case ast.Constant(value=int() as number):
            yield ast.Constant(value=number + 1)
        case ast.Constant(value=str() as text) if text and " " not in text:
            yield ast.Constant(value=f"XX{text}")


def _is_text(left: ast.expr, right: ast.expr) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (left, right)
    )
