"""OpenRouter's activity export, summed by model and month, and the days on which each key was used.

A CSV of the activity page (one line a generation, or one a day and model), or the JSON of `GET /activity`, whose names the SDKs spell in camel
case. The rows are streamed: a million of them take the memory of one. A row that cannot be read is counted and named, and the others go on.
"""

from __future__ import annotations

import csv
import json
import tomllib
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from typing import IO, Any

from migrator.model import MigratorError
from migrator.patterns import regex
from migrator.records import dataclass, field
from migrator.text.regular import read_given

_CATALOG = Path(__file__).parent.parent / "catalog"
_ISO = regex(r"(\d{4}-(?:0[1-9]|1[0-2]))(?:-(0[1-9]|[12]\d|3[01]))?(?!\d)")
_CONTROL = regex(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_NEEDED = ("date", "model", "prompt", "completion", "cost")
_NAMED = 5
_LONGEST_FIELD = 1 << 20
_LARGEST = 256 << 20


@dataclass(slots=True, kw_only=True)
class Sum:
    """Tokens, requests and US dollars."""

    requests: int = 0
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    """Inside `completion`, as OpenRouter counts them."""
    cost: Decimal = Decimal(0)
    byok: Decimal = Decimal(0)
    """Inference on the account's own provider keys, billed by the provider."""

    def tokens(self) -> int:
        """What counts against a plan."""
        return self.prompt + self.completion

    def add(self, other: Sum) -> None:
        """Count another sum in."""
        self.requests += other.requests
        self.prompt += other.prompt
        self.completion += other.completion
        self.reasoning += other.reasoning
        self.cost += other.cost
        self.byok += other.byok


@dataclass(slots=True, kw_only=True)
class KeyUse:
    """What an export says of one key, by the name that it has in the account."""

    requests: int = 0
    first: str = ""
    """`2026-01-31`, or only the month where the export says no more."""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An export, read."""

    by_month: Mapping[str, Sum]
    by_model: Mapping[str, Sum]
    cells: Mapping[tuple[str, str], Sum]
    """By month and model."""
    keys: Mapping[str, KeyUse]
    """Empty where the export names no keys."""
    first: str
    """The first and the last day in it, or month where no day is said; empty where there are no rows."""
    last: str
    rows: int
    bad: int
    complaints: tuple[str, ...]
    """The first rows that could not be read, with their line."""
    columns: Mapping[str, str]
    """Which column was taken for what."""

    def days(self, month: str) -> tuple[int, int]:
        """Days of a month that the export covers, and days that the month has."""
        whole = monthrange(int(month[:4]), int(month[5:7]))[1]
        begin = int(self.first[8:10]) if self.first[:7] == month and len(self.first) == 10 else 1
        end = int(self.last[8:10]) if self.last[:7] == month and len(self.last) == 10 else whole
        return end - begin + 1, whole


@dataclass(slots=True, kw_only=True)
class _Tally:
    """Sums while rows arrive."""

    name: str
    cells: dict[tuple[str, str], Sum] = field(default_factory=dict)
    keys: dict[str, KeyUse] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    rows: int = 0
    bad: int = 0
    complaints: list[str] = field(default_factory=list)

    def complain(self, line: int, text: object) -> None:
        self.bad += 1
        if len(self.complaints) < _NAMED:
            self.complaints.append(_CONTROL.sub(" ", f"{self.name}:{line}: {text}"))

    def add(self, row: _Row) -> None:
        self.rows += 1
        self.first = min(self.first or row.day, row.day)
        self.last = max(self.last, row.day)
        cell = (row.day[:7], row.model)
        if cell not in self.cells:
            self.cells[cell] = row.sum
        else:
            self.cells[cell].add(row.sum)
        if row.key is not None:
            use = self.keys.setdefault(row.key, KeyUse())
            use.requests += row.sum.requests
            use.first = min(use.first or row.day, row.day)
            use.last = max(use.last, row.day)

    def activity(self, columns: Mapping[str, str]) -> Activity:
        return Activity(
            by_month=_grouped(self.cells, 0), by_model=_grouped(self.cells, 1), cells=dict(sorted(self.cells.items())), keys=self.keys,
            first=self.first, last=self.last, rows=self.rows, bad=self.bad, complaints=tuple(self.complaints), columns=columns,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    day: str
    model: str
    key: str | None
    sum: Sum


def read(path: Path) -> Activity:
    """An export from a file. Raises `MigratorError` where it cannot be opened or lacks a column."""
    try:
        text = read_given(path, _LARGEST).decode("utf-8-sig", "replace")
    except OSError as error:
        raise MigratorError(f"{path}: cannot be read: {error.strerror}.") from None
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text, str(path))
    return sums(StringIO(text, newline=""), str(path))


def written_on(path: Path) -> date:
    """The day on which the file was written: an export says nothing of the days after its last row."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def sums(file: IO[str], name: str) -> Activity:
    """Sums of an open CSV. `name` is what complaints call it."""
    csv.field_size_limit(_LONGEST_FIELD)
    start = file.tell()
    first = file.readline(_LONGEST_FIELD)
    file.seek(start)
    if not first.strip():
        raise MigratorError(f"{name}:1: the file is empty; an activity export begins with a line of column names.")
    reader = csv.reader(file, delimiter=max(",;\t", key=first.count))
    taken = _columns(next(reader), name)
    parse = _row_reader({what: column for what, (column, _) in taken.items()})
    tally = _Tally(name=name)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            tally.complain(reader.line_num, error)
            continue
        if not row:
            continue
        try:
            tally.add(parse(row))
        except ValueError as error:
            tally.complain(reader.line_num, error)
    return tally.activity({what: named for what, (_, named) in taken.items()})


def _of_json(text: str, name: str) -> Activity:
    """Sums of what `GET /activity` answers: a list of objects, also under `data`."""
    try:
        document = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise MigratorError(f"{name}: not JSON: {error}.") from None
    listed = document.get("data") if isinstance(document, dict) else document
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise MigratorError(f"{name}: no list of activity in it; expected the answer of GET /activity, rows under `data`.")
    rows = [{_CAMEL.sub("_", key).lower(): value for key, value in row.items()} for row in listed]
    head = list(dict.fromkeys(key for row in rows for key in row))
    if not head:
        raise MigratorError(f"{name}: the list of activity is empty.")
    taken = _columns(head, name)
    parse = _row_reader({what: column for what, (column, _) in taken.items()})
    tally = _Tally(name=name)
    for number, row in enumerate(rows, start=1):
        try:
            tally.add(parse([_cell(row.get(key)) for key in head]))
        except ValueError as error:
            tally.complain(number, error)
    return tally.activity({what: named for what, (_, named) in taken.items()})


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _row_reader(at: Mapping[str, int]) -> Callable[[Sequence[str]], _Row]:
    """What reads the fields of one row. The reader raises `ValueError`."""
    date, model, prompt, completion, cost = (at[what] for what in _NEEDED)
    reasoning, byok, requests, variant, key = (at.get(what) for what in ("reasoning", "byok", "requests", "variant", "key"))
    longest = max(at.values())
    days: dict[str, str] = {}

    def parse(row: Sequence[str]) -> _Row:
        if len(row) <= longest:
            raise ValueError(f"{len(row)} fields, {longest + 1} are needed")
        written = row[date][:10]
        day = days.get(written)
        if day is None:
            day = days[written] = _day(row[date])
        name = row[model]
        if variant is not None and row[variant] not in ("", "standard") and ":" not in name:
            name = f"{name}:{row[variant]}"
        counted = Sum(
            requests=_int(row[requests]) if requests is not None else 1,
            prompt=_int(row[prompt]),
            completion=_int(row[completion]),
            reasoning=_int(row[reasoning]) if reasoning is not None else 0,
            cost=_money(row[cost]),
            byok=_money(row[byok]) if byok is not None else Decimal(0),
        )
        return _Row(day=day, model=name, key=None if key is None else _CONTROL.sub(" ", row[key]) or "(no name)", sum=counted)

    return parse


def _columns(head: Sequence[str], name: str) -> dict[str, tuple[int, str]]:
    known: dict[str, list[str]] = tomllib.loads((_CATALOG / "activity.toml").read_text("utf-8"))
    there = {text.strip().lower().replace(" ", "_"): (index, text.strip()) for index, text in reversed(list(enumerate(head)))}
    taken = {what: there[word] for what, words in known.items() for word in words[::-1] if word in there}
    missing = [what for what in _NEEDED if what not in taken]
    if missing:
        wanted = "; ".join(f"{what} ({', '.join(known[what])})" for what in missing)
        shown = _CONTROL.sub(" ", ", ".join(head))[:200]
        raise MigratorError(
            f"{name}:1: no column for {wanted}. The file has: {shown}. Export it at https://openrouter.ai/activity."
        )
    return taken


def _day(text: str) -> str:
    match = _ISO.match(text.strip())
    if match is None:
        raise ValueError(f"the date {text[:30]!r} does not begin like 2026-01-31")
    return match[0]


def _int(text: str) -> int:
    if not text:
        return 0
    try:
        value = int(text)
    except ValueError:
        try:
            value = int(float(text))
        except (ValueError, OverflowError):
            raise ValueError(f"{text[:30]!r} is no count") from None
    if value < 0:
        raise ValueError(f"{text[:30]!r} is a negative count")
    return value


def _money(text: str) -> Decimal:
    if not text:
        return Decimal(0)
    try:
        value = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        raise ValueError(f"{text[:30]!r} is no amount") from None
    if not value.is_finite():
        raise ValueError(f"{text[:30]!r} is no amount")
    return value


def _grouped(cells: Mapping[tuple[str, str], Sum], part: int) -> dict[str, Sum]:
    grouped: dict[str, Sum] = {}
    for key, cell in sorted(cells.items()):
        grouped.setdefault(key[part], Sum()).add(cell)
    return grouped


def total(many: Iterable[Sum]) -> Sum:
    """Several sums as one."""
    whole = Sum()
    for each in many:
        whole.add(each)
    return whole


def shown(text: str) -> str:
    """A name out of an export without control characters."""
    return _CONTROL.sub(" ", text)
