"""WHAT ONLY YOU CAN DO: to-dos, places to judge, and what earlier runs left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migrator.catalog.rules import HELD_RULES, RuleId
from migrator.model import Finding, Todo
from migrator.reports.terminal.page import (
    MOST_FILES,
    Page,
    flags_to_judge,
    grouped,
    open_todos,
    places,
    title_line,
    without_routing_notes,
)
from migrator.reports.text import width_of, wrap

_MOST_EARLIER = 12
"""Open items of earlier runs that are shown."""
_ORDER = (
    RuleId.HARD_CODED_KEY, RuleId.OPENROUTER_PRODUCT, RuleId.SEVERAL_PROVIDERS, *HELD_RULES, RuleId.EXPLICIT_CLIENT, RuleId.EXCHANGED_CLASS, RuleId.HIDDEN_CLIENT, RuleId.UNLISTED_CLIENT, RuleId.SDK, RuleId.OWN_ENDPOINT,
    RuleId.OTHER_HOST, RuleId.KEY_CHECK, RuleId.URL_CHECK, RuleId.ALLOW_LIST, RuleId.ROUTING, RuleId.MODEL_MISSING, RuleId.MODEL_ROUTER, RuleId.MODEL_VARIANT, RuleId.MODEL_PREFIX,
    RuleId.ENV_KEEP, RuleId.ENDPOINT_REPORT, RuleId.RESPONSE_FIELD, RuleId.STREAMED_USAGE, RuleId.REQUEST_HEADER, RuleId.TEST_STUB, RuleId.DOCS_SETUP, RuleId.SETUP_TEXT,
)  # fmt: skip
"""Rules by how soon the program fails where nobody looks; others come between the last two."""


def to_do_section(page: Page) -> Iterator[str]:
    """WHAT ONLY YOU CAN DO."""
    todo, flags = open_todos(page), flags_to_judge(page)
    if not todo and not flags:
        return
    yield title_line(page, "WHAT ONLY YOU CAN DO", "migrate-openrouter explain ID says more" if flags else "")
    for _, todos in grouped(todo, lambda todo: (todo.detail, todo.command)):
        yield from _todo_lines(page, todos)
    titles = _titles() if flags else {}
    last = len(_ORDER) - 2
    for rule, same in sorted(
        grouped(flags, lambda finding: finding.rule),
        key=lambda pair: (_ORDER.index(pair[0]) if pair[0] in _ORDER else last, pair[0]),
    ):
        title = titles.get(rule, rule)
        gap = "  " if width_of(title) + width_of(rule) + 6 <= page.view.width else "\n    "
        yield "  " + page.paint("yellow", title) + gap + page.paint("dim", f"({rule})")
        yield from _flags(page, same, titles.get(rule, ""))


def earlier_runs_section(page: Page) -> Iterator[str]:
    """What earlier runs left: the files no longer show it."""
    items = page.view.earlier
    if not items:
        return
    yield title_line(page, "STILL OPEN FROM AN EARLIER RUN", "when it is done: migrate-openrouter done ID")
    limit = page.limit(_MOST_EARLIER)
    limit += len(items) == limit + 1
    for item in items[:limit]:
        place = page.path(item.place) if item.place else ""
        yield from wrap(page.show(item.title), page.view.width, first=f"  {item.short_id}  ", rest="            ")
        if place:
            yield "            " + page.paint("cyan", place)
    if len(items) > limit:
        yield page.paint("dim", f"  and {len(items) - limit} more, -v shows all")


def _titles() -> Mapping[str, str]:
    from migrator.catalog.rules import RULES

    return {rule.id: rule.title for rule in RULES}


def _todo_lines(page: Page, todos: Sequence[Todo]) -> Iterator[str]:
    """To-dos with the same remark, which stands below the last of them."""
    width = page.view.width
    for todo in todos:
        yield from wrap(page.sentence(todo.title), width, first="  [ ] ", rest="      ")
    if todos[0].detail:
        detail = without_routing_notes(page.plan, todos[0].detail)
        yield from wrap(page.sentence(detail), width, first="      ", rest="      ")
    if todos[0].command:
        # never wrapped: it is there to be copied
        yield "        " + page.paint("bold", page.show(todos[0].command))
    if page.view.verbose:
        for because in dict.fromkeys(todo.because for todo in todos if todo.because):
            yield from (page.paint("dim", line) for line in wrap(page.sentence(because), width, first="      ", rest="      "))


def _flags(page: Page, findings: Sequence[Finding], title: str) -> Iterator[str]:
    """What was found with the places below it, and once, below all that share it, why a person must look."""
    width = page.view.width
    reasons = grouped(findings, lambda finding: finding.because)
    # a reason that only points to another place comes after that
    for because, those in sorted(reasons, key=lambda pair: pair[0].startswith("see ")):
        messages = grouped(those, lambda finding: finding.message)
        limit = page.limit(MOST_FILES)
        limit += len(messages) == limit + 1
        for message, same in messages[:limit]:
            if message.casefold() != title.casefold():
                yield from wrap(page.sentence(message), width, first="    ", rest="    ")
            yield from places(page, same, first="      ", rest="      ")
        if len(messages) > limit:
            yield page.paint("dim", f"    and {len(messages) - limit} more of this kind, -v shows all")
        if because:
            yield from (page.paint("dim", line) for line in wrap(page.sentence(because), width, first="    ", rest="    "))
