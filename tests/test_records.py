"""Classes of `migrator.records` behave as those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from migrator import records


def _classes(library: Any) -> dict[str, Any]:
    dataclass, field = library.dataclass, library.field

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Frozen:
        first: int
        second: str = "two"
        third: list[int] = field(default_factory=list, compare=False)
        hidden: str = field(default="h", repr=False)

    @dataclass(slots=True)
    class Plain:
        first: int
        second: tuple[int, ...] = ()
        later: int = field(init=False, default=3)
        items: list[int] = field(default_factory=list)

        def __post_init__(self) -> None:
            self.later += self.first

    @dataclass(frozen=True, kw_only=True, eq=False)
    class Base:
        first: int

    @dataclass(frozen=True, kw_only=True, eq=False)
    class Derived(Base):
        second: int = 2

    @dataclass(slots=True)
    class Empty:
        pass

    return {cls.__name__: cls for cls in (Frozen, Plain, Base, Derived, Empty)} | {
        "replace": library.replace,
        "asdict": library.asdict,
    }


OURS, THEIRS = _classes(records), _classes(dataclasses)


def _outcome(act: Callable[[dict[str, Any]], object], classes: dict[str, Any]) -> object:
    try:
        return act(classes)
    except Exception as error:
        return type(error)


ACTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "text": lambda c: repr(c["Frozen"](first=1)).rpartition("<locals>.")[2],
    "text of an empty one": lambda c: repr(c["Empty"]()).rpartition("<locals>.")[2],
    "by position": lambda c: dataclasses.asdict(c["Plain"](1, (2,))),
    "by name": lambda c: dataclasses.asdict(c["Plain"](first=1, items=[4])),
    "a name that there is not": lambda c: c["Plain"](1, third=2),
    "too little": lambda c: c["Plain"](),
    "too much": lambda c: c["Plain"](1, (), [], 9),
    "position where a name is needed": lambda c: c["Frozen"](1),
    "lists of their own": lambda c: c["Plain"](1).items is c["Plain"](1).items,
    "equal": lambda c: c["Frozen"](first=1, third=[1]) == c["Frozen"](first=1),
    "not equal": lambda c: c["Frozen"](first=1) == c["Frozen"](first=2),
    "not equal to another class": lambda c: c["Frozen"](first=1) == c["Derived"](first=1),
    "hash": lambda c: hash(c["Frozen"](first=1)) == hash(c["Frozen"](first=1)),
    "no hash": lambda c: hash(c["Plain"](1)),
    "by identity": lambda c: (c["Derived"](first=1) == c["Derived"](first=1), isinstance(hash(c["Derived"](first=1)), int)),
    "set": lambda c: setattr(c["Frozen"](first=1), "first", 2),
    "delete": lambda c: delattr(c["Frozen"](first=1), "first"),
    "set without slots": lambda c: setattr(c["Derived"](first=1), "second", 3),
    "another attribute": lambda c: setattr(c["Plain"](1), "fourth", 3),
    "replace": lambda c: dataclasses.asdict(dataclasses.replace(c["Frozen"](first=1), first=5)),
    "replace what is not given": lambda c: dataclasses.asdict(dataclasses.replace(c["Plain"](1), later=5)),
    "each library's own replace": lambda c: c["asdict"](c["replace"](c["Frozen"](first=1), first=5)),
    "each library's own replace of what is not given": lambda c: c["replace"](c["Plain"](1), later=5),
    "replaced and made anew": lambda c: c["replace"](c["Plain"](1)).later,
    "inherited": lambda c: dataclasses.asdict(c["Derived"](first=1)),
    "fields": lambda c: [f.name for f in dataclasses.fields(c["Derived"])],
    "copy": lambda c: dataclasses.asdict(copy.deepcopy(c["Frozen"](first=1, third=[1]))),
    "signature": lambda c: [(name, p.kind, p.default is p.empty) for name, p in inspect.signature(c["Plain"]).parameters.items()],
    "signature by name": lambda c: [(name, p.kind) for name, p in inspect.signature(c["Frozen"]).parameters.items()],
    "patterns": lambda c: c["Plain"].__match_args__,
}


@pytest.mark.parametrize("act", ACTS)
def test_as_in_the_standard_library(act: str) -> None:
    assert _outcome(ACTS[act], OURS) == _outcome(ACTS[act], THEIRS)


@records.dataclass(frozen=True, slots=True)
class Kept:
    """A class that can be found by its name, as unpickling needs it."""

    first: int
    itself: list[object] = records.field(default_factory=list, compare=False)


def test_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(3))) == Kept(3)


def test_text_of_what_holds_itself() -> None:
    kept = Kept(1)
    kept.itself.append(kept)
    assert repr(kept) == "Kept(first=1, itself=[...])"
