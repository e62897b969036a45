"""`dataclass`, `field`, `replace` and `asdict` as the standard library has them, for a program that starts often.

Importing the standard library's module alone costs as much as a look at a thousand files: it loads what inspects and disassembles code.
Its decorator then compiles four to six methods for each class, at 0.7 ms a class; there are more than two hundred classes, and one
run calls half of their constructors and next to none of the rest. Here a class costs a twentieth of that, its constructor is compiled
when the first object is made, and comparison, hash and text are functions that all classes share.

A class made here is a class of fields to the standard library too: its `fields`, `replace` and `asdict` take it, and to a type checker
these are the standard library's own names.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ("asdict", "dataclass", "field", "replace")

_FIELDS = "__record_fields__"


class _Missing:
    """Stands for a default that there is not, and in the constructor's signature for what is made anew for each object."""

    def __repr__(self) -> str:
        return "<default>"


_MISSING = _Missing()


class _Field:
    """One field of a class."""

    __slots__ = ("compare", "default", "default_factory", "init", "kw_only", "name", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare
        self.name, self.kw_only = "", False


if TYPE_CHECKING:
    from dataclasses import asdict, dataclass, field, replace
else:
    field = _Field

    def dataclass(
        cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, kw_only: bool = False, eq: bool = True
    ) -> Any:
        """A class of fields, with the standard library's options as far as they are used."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq)
        own = frozenset(vars(cls))
        made: Any = _with_fields(cls, slots=slots, kw_only=kw_only)
        made.__init__ = _written_at_first_call(made, frozen=frozen, slots=slots)
        made.__signature__ = _Signature(frozen=frozen, slots=slots)
        made.__dataclass_fields__ = _Standard()
        made.__match_args__ = tuple(each.name for each in _fields(made) if each.init and not each.kw_only)
        if "__repr__" not in own:
            made.__repr__ = _text
        if eq:
            if "__eq__" not in own:
                made.__eq__ = _equal
            if "__hash__" not in own:
                made.__hash__ = _hash if frozen else None
        if frozen:
            made.__setattr__ = made.__delattr__ = _refuse
            if slots:
                made.__getstate__, made.__setstate__ = _state, _restore
        return made

    def replace(obj: Any, /, **changes: Any) -> Any:
        """An object of the same class with some fields changed."""
        for each in _fields(obj.__class__):
            if not each.init:
                if each.name in changes:
                    raise ValueError(f"field {each.name} is declared with init=False, it cannot be specified with replace()")
            elif each.name not in changes:
                changes[each.name] = getattr(obj, each.name)
        return obj.__class__(**changes)

    def asdict(obj: Any) -> dict[str, Any]:
        """The fields of an object, and of those that it holds, as dictionaries."""
        import dataclasses

        return dataclasses.asdict(obj)


def _fields(cls: type) -> tuple[_Field, ...]:
    fields: dict[str, _Field] = getattr(cls, _FIELDS)
    return tuple(fields.values())


def _with_fields(cls: Any, *, slots: bool, kw_only: bool) -> type:
    """The class with its fields noted, those of its bases first; a new class where they are slots, as these cannot be added."""
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= vars(base).get(_FIELDS, {})
    inherited = frozenset(fields)
    names = list(cls.__annotations__)
    for name in names:
        value = vars(cls).get(name, _MISSING)
        each = value if isinstance(value, _Field) else _Field(default=value)
        each.name, each.kw_only = name, kw_only
        fields[name] = each
        if value is not _MISSING and (slots or each.default is _MISSING):
            delattr(cls, name)  # what stands in the class would hide the slot, or be taken for a default
        elif isinstance(value, _Field):
            setattr(cls, name, each.default)
    setattr(cls, _FIELDS, fields)
    if not slots:
        return cls  # type: ignore[no-any-return]
    content = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    content["__slots__"] = tuple(name for name in names if name not in inherited)
    made = type(cls)(cls.__name__, cls.__bases__, content)
    made.__qualname__ = cls.__qualname__
    return made  # type: ignore[no-any-return]


class _Standard:
    """The fields as the standard library's own functions want them, made when one of these asks."""

    def __get__(self, _instance: object, cls: type) -> dict[str, Any]:
        import dataclasses
        import typing

        hints = {name: text for base in reversed(cls.__mro__) for name, text in vars(base).get("__annotations__", {}).items()}
        made: dict[str, Any] = {}
        for each in _fields(cls):
            default: dict[str, Any] = {} if each.default is _MISSING else {"default": each.default}
            if each.default_factory is not _MISSING:
                default = {"default_factory": each.default_factory}
            standard: Any = dataclasses.field(**default, init=each.init, repr=each.repr, compare=each.compare, kw_only=each.kw_only)
            standard.name, standard.type = each.name, hints.get(each.name, typing.Any)
            standard._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
            made[each.name] = standard
        return made


def _written_at_first_call(cls: type, *, frozen: bool, slots: bool) -> Callable[..., None]:
    def __init__(self: object, *args: object, **named: object) -> None:  # noqa: N807 - stands in for it
        cls.__init__ = written = _constructor(cls, frozen=frozen, slots=slots)  # type: ignore[misc]
        written(self, *args, **named)

    return __init__


class _Signature:
    """What `inspect.signature` of a class finds: that of the constructor which is not written yet."""

    def __init__(self, *, frozen: bool, slots: bool) -> None:
        self._frozen, self._slots = frozen, slots

    def __get__(self, _instance: object, cls: type) -> object:
        import inspect

        own = inspect.signature(_constructor(cls, frozen=self._frozen, slots=self._slots))
        return own.replace(parameters=list(own.parameters.values())[1:])


def _constructor(cls: type, *, frozen: bool, slots: bool) -> Callable[..., None]:
    """`__init__` as the standard decorator would write it."""
    known: dict[str, Any] = {"_made_anew": _MISSING}
    places: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for each in _fields(cls):
        name = value = each.name
        if each.default_factory is not _MISSING:
            known[f"_factory_{name}"] = each.default_factory
            value = f"_factory_{name}()" if not each.init else f"_factory_{name}() if {name} is _made_anew else {name}"
        elif each.default is not _MISSING:
            known[f"_default_{name}"] = each.default
            value = name if each.init else f"_default_{name}"
        elif not each.init:
            continue
        if each.init:
            default = "_made_anew" if f"_factory_{name}" in known else f"_default_{name}" if f"_default_{name}" in known else ""
            (named if each.kw_only else places).append(f"{name}={default}" if default else name)
        if not frozen:
            lines.append(f" self.{name} = {value}")
        elif slots:  # twice as fast as by its name
            known[f"_set_{name}"] = getattr(cls, name).__set__
            lines.append(f" _set_{name}(self, {value})")
        else:
            known["_set"] = object.__setattr__
            lines.append(f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    signature = ", ".join(("self", *places, *(("*", *named) if named else ())))
    exec("\n".join((f"def __init__({signature}):", *lines, " return")), known)
    written: Callable[..., None] = known["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


@cache
def _compared(cls: Any) -> Callable[[object], object]:
    """What is compared of an object of a class: one value, or several as a tuple."""
    names = [each.name for each in _fields(cls) if each.compare]
    return attrgetter(*names) if names else lambda _: ()


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = _compared(self.__class__)
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(_compared(self.__class__)(self))


@recursive_repr()
def _text(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in _fields(self.__class__) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse(self: object, name: str, *_: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be changed")


def _state(self: Any) -> list[object]:
    return [getattr(self, each.name) for each in _fields(self.__class__)]


def _restore(self: Any, state: list[object]) -> None:
    for each, value in zip(_fields(self.__class__), state, strict=True):
        object.__setattr__(self, each.name, value)
