"""`dataclass` as the standard library has it, for a program that starts often: methods are written when they are first called.

The standard decorator compiles four to six methods for each class while it is imported, at 0.7 ms a class; there are more than two
hundred classes and one run calls half of their constructors and next to none of the rest. Here a class costs a tenth of that, its
constructor is compiled when the first object is made, and comparison, hash and text are functions that all classes share.
Fields, `replace`, `fields` and `asdict` are the standard library's own; so is everything that a type checker sees.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ("dataclass",)

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(
        cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, kw_only: bool = False, eq: bool = True
    ) -> Any:
        """A class of fields, with the standard library's options as far as they are used."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq)
        own = frozenset(vars(cls))
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        made.__init__ = _written_at_first_call(made, frozen=frozen, slots=slots)
        made.__signature__ = _Signature(frozen=frozen, slots=slots)
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


class _Default:
    """Stands in the constructor's signature for what a field without an argument is given."""

    def __repr__(self) -> str:
        return "<default>"


_MADE_ANEW = _Default()


def _constructor(cls: type, *, frozen: bool, slots: bool) -> Callable[..., None]:
    """`__init__` as the standard decorator would write it."""
    known: dict[str, Any] = {"_made_anew": _MADE_ANEW}
    places: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for field in dataclasses.fields(cls):
        name = value = field.name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_factory_{name}"] = field.default_factory
            value = f"_factory_{name}()" if not field.init else f"_factory_{name}() if {name} is _made_anew else {name}"
        elif field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            value = name if field.init else f"_default_{name}"
        elif not field.init:
            continue
        if field.init:
            default = "_made_anew" if f"_factory_{name}" in known else f"_default_{name}" if f"_default_{name}" in known else ""
            (named if field.kw_only else places).append(f"{name}={default}" if default else name)
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
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
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
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse(self: object, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(f"{type(self).__name__}.{name} cannot be changed")


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
