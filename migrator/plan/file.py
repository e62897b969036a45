"""A plan as a JSON document and back.

Law (held by `tests/test_plan_file.py`): `load(dump(plan)) == plan`. The texts behind the findings (`Plan.sources`) are not
part of a plan's value and are not written: a saved plan is checked against the tree by its digests, and it holds no more of
a file than its edits do.

The codec follows the annotations of `migrator.model`, so a field that is added there is saved without a line here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum, IntEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from migrator.model import MigratorError, Plan, Span

SCHEMA = "migrate-openrouter/plan/1"
_UNSAVED = frozenset({"sources"})


def dump(plan: Plan) -> str:
    """The plan as a JSON document; equal plans give equal text."""
    return json.dumps({"schema": SCHEMA, "plan": encode(plan)}, indent=1, sort_keys=True) + "\n"


def load(text: str, *, name: str = "plan") -> Plan:
    """The plan of a document that `dump` made. Raises `MigratorError`, naming `name` and the place, on anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MigratorError(f"{name}: not a saved plan: {error}.") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise MigratorError(f"{name}: not a saved plan of this version: its schema is not {SCHEMA}; make it again with a dry run.")
    plan = decode(Plan, document.get("plan"), name)
    assert isinstance(plan, Plan)
    for change in plan.changes:
        for index in change.findings:
            if not 0 <= index < len(plan.findings):
                raise MigratorError(f"{name}: change {change.id} names finding {index}, and there are {len(plan.findings)}.")
    return plan


def encode(value: Any) -> Any:
    """A value of `migrator.model` or `migrator.options` as JSON data."""
    match value:
        case IntEnum():
            return value.name.lower()
        case Enum():
            return value.value
        case frozenset():
            return sorted(value)
        case tuple():
            return [encode(part) for part in value]
        case Mapping():
            return {key: encode(part) for key, part in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {name: encode(getattr(value, name)) for name in _shape(type(value))}
        case _:
            return value


@cache
def _shape(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.name not in _UNSAVED}


def decode(kind: Any, value: Any, place: str) -> Any:
    """The value of a type that `encode` gave. Raises `MigratorError`, naming `place`, on anything else."""
    origin = get_origin(kind)
    if origin is UnionType:
        if value is None:
            return _wanted(NoneType in get_args(kind), None, place, kind)
        return decode(next(part for part in get_args(kind) if part is not NoneType), value, place)
    if kind is Span:
        pair = isinstance(value, list) and len(value) == 2 and all(type(part) is int for part in value)
        return Span(*_wanted(pair, value, place, kind))
    if origin is tuple:
        part = get_args(kind)[0]
        return tuple(
            decode(part, item, f"{place}[{index}]")
            for index, item in enumerate(_wanted(isinstance(value, list), value, place, kind))
        )
    if origin is frozenset:
        part = get_args(kind)[0]
        return frozenset(decode(part, item, place) for item in _wanted(isinstance(value, list), value, place, kind))
    if origin is Mapping:
        part = get_args(kind)[1]
        return {
            key: decode(part, item, f"{place}.{key}") for key, item in _wanted(isinstance(value, dict), value, place, kind).items()
        }
    if is_dataclass(kind):
        assert isinstance(kind, type)
        shape = _shape(kind)
        _wanted(isinstance(value, dict) and value.keys() == shape.keys(), value, place, kind)
        return kind(**{name: decode(shape[name], value[name], f"{place}.{name}") for name in shape})
    if issubclass(kind, IntEnum):
        names = {member.name.lower(): member for member in kind}
        return names[_wanted(isinstance(value, str) and value in names, value, place, kind)]
    if issubclass(kind, Enum):
        return kind(_wanted(isinstance(value, str) and value in {member.value for member in kind}, value, place, kind))
    return _wanted(type(value) is kind, value, place, kind)


def _wanted(holds: bool, value: Any, place: str, kind: Any) -> Any:
    if not holds:
        raise MigratorError(f"{place}: not a {getattr(kind, '__name__', kind)}; the saved plan was changed or cut off.")
    return value
