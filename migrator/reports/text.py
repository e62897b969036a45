"""What text on a terminal needs: colour by choice, harmless characters, wrapping to a width.

Our own because lists and diffs need no more: a terminal library costs 30 to 65 ms at every start, and its markup reads `[int]` in a
user's code as a command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from migrator.patterns import regex

NOTHING = "Nothing to migrate: no file names OpenRouter."
"""The whole report where there is nothing to say; `python -m migrator` prints the same without loading this."""
Paint = Callable[[str, str], str]
"""`paint(style, text)`; the styles are the keys of `_STYLES`."""

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "head": "1;36"}


class Colour(StrEnum):
    """The values of `--color`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def wants_colour(choice: Colour, environ: Mapping[str, str], *, terminal: bool) -> bool:
    """The option, else NO_COLOR, else FORCE_COLOR or CLICOLOR_FORCE, else whether it is a terminal that is not dumb.

    An empty variable counts as not set (https://no-color.org, https://force-color.org); for the forcing ones `0` does too.
    """
    match choice:
        case Colour.ALWAYS:
            return True
        case Colour.NEVER:
            return False
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and environ.get("TERM") != "dumb"


def painter(*, colour: bool) -> Paint:
    """A `Paint` that colours, or one that leaves the text as it is."""
    if not colour:
        return lambda _style, text: text
    return lambda style, text: f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text else text


def escape(text: str) -> str:
    """`text` with everything written out that would move the cursor, turn the reading direction or hide itself.

    Names and code come from a stranger's repository; what is shown must be what stands there. Tabs become four spaces. A text that begins
    as a command of a CI service's log does (`::add-mask::`, `##[error]`) is written so that it begins none.
    """
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else _written(letter) for letter in text.replace("\t", "    "))
    command = _COMMAND.match(text)
    return text if command is None else f"{command[1]}\\x{ord(text[command.end(1)]):02x}{text[command.end(1) + 1 :]}"


_COMMAND = regex(r"(\s*)(?=::|##\[)")
"""How a line begins that GitHub Actions and Azure Pipelines take for a command."""


def _written(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":
        # a byte that is not UTF-8, as `surrogateescape` keeps it
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")


def width_of(text: str) -> int:
    """Columns that printable text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """`text` broken at spaces into lines of at most `width` columns; `first` and `rest` stand before the first and the other lines.

    A word that is longer than a line stays whole: a path or a command that is cut cannot be clicked or copied.
    """
    lines: list[str] = []
    line, empty = first, True
    for word in text.split():
        if not empty and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    lines.append(line)
    return lines


def shorten(text: str, width: int) -> str:
    """At most `width` columns of one line of code, with a mark where it was cut."""
    if width_of(text) <= width:
        return text
    kept, used = [], 0
    for letter in text:
        used += width_of(letter)
        if used > width - 3:
            break
        kept.append(letter)
    return "".join(kept) + "..."


def count(number: int, singular: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {singular if number == 1 else many or singular + 's'}"
