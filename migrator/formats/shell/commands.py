"""Commands of the shell one after another: groups, `case`, redirections, comments."""

from __future__ import annotations

import re

from migrator.formats.shell.definitions import DECLARE, finished
from migrator.formats.shell.heredocs import here_document, here_documents
from migrator.formats.shell.scanner import DEEPEST, PLAIN, PLAIN_TEST, Dialect, Scanner
from migrator.formats.shell.words import Command, Word, is_assign, node_of, program_of
from migrator.formats.spans import shift
from migrator.formats.tree import EnvDef, Node, RegionKind, Seq
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass, field

_REDIRECT = regex(r"&>>?|<<<|<<-?|<&|>&|<>|>\||>>|[<>]")
_TEST_END = regex(r"\]\](?=[\s;&|)]|\Z)")
_COMMENTED = regex(r"#+[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s'\"]*)[ \t\r]*\Z")
_KEYWORDS = frozenset({"if", "then", "else", "elif", "while", "until", "!", "time", "do", "{", "fi", "done", "}", "begin"})


@dataclass(slots=True)
class _Reading:
    """What is open while commands are read one after the other."""

    out: list[Node] = field(default_factory=list)
    done: list[Command] = field(default_factory=list)
    patterns: list[bool] = field(default_factory=list)
    """For each open `case`: is a pattern next?"""
    groups: list[int] = field(default_factory=list)
    """For each open `{` or `do`: how many commands stand before it."""
    parens: list[int] = field(default_factory=list)
    previous: Command | None = None
    """What is piped into the next command."""
    bodies: list[tuple[Command, int, int, bool]] = field(default_factory=list)
    """Here-documents."""

    @property
    def in_pattern(self) -> bool:
        """Is a pattern of a `case` next?"""
        return bool(self.patterns) and self.patterns[-1]


def read_commands(scanner: Scanner, close: str) -> list[Node]:
    """Commands until `close` (not taken) or the end, in text order."""
    text = scanner.text
    reading = _Reading()
    outer_pending, scanner.pending = scanner.pending, []
    while True:
        scanner.blanks()
        if scanner.pos >= scanner.end:
            break
        symbol = text[scanner.pos]
        if symbol == "\n":
            scanner.pos += 1
            reading.previous = None
            here_documents(scanner, reading.bodies)
        elif symbol == "#":
            reading.out += _comment(scanner)
        elif symbol == close and not reading.parens and not reading.in_pattern:
            break
        elif symbol in "();" or (symbol in "|&" and not text.startswith("&>", scanner.pos)):
            _separator(scanner, reading, symbol)
        elif reading.in_pattern:
            word = scanner.word(PLAIN)
            if word.literal == "esac":
                reading.patterns.pop()
            else:
                reading.out.append(node_of(word.parts, word.start, word.end))
        else:
            _simple(scanner, reading, close)
            reading.previous = None
    for command in reading.done:
        if command.before is not None and program_of(text, command, 0)[0] == "tee":
            command.before.targets += command.words[1:]
    for command in reading.done:
        reading.out += finished(scanner, command)
    for command, start, end, expand in reading.bodies:
        reading.out += here_document(scanner, command, start, end, expand=expand)
    scanner.pending = outer_pending
    reading.out.sort(key=lambda node: (node.span.start, -node.span.end))
    return reading.out


def _separator(scanner: Scanner, reading: _Reading, symbol: str) -> None:
    """A parenthesis, or what stands between commands: `;`, `;;`, `|`, `&&` and their kin."""
    text, at, patterns = scanner.text, scanner.pos, reading.patterns
    scanner.pos += 1
    piped = None
    match symbol:
        case ")" if reading.in_pattern:
            patterns[-1] = False
        case ")" if reading.parens:
            _group_end(scanner, reading.done, reading.parens.pop())
        case "(":
            if not reading.in_pattern:
                if text.startswith("((", at) and scanner.depth < DEEPEST:
                    scanner.pos = at
                    reading.out.append(scanner.arithmetic(at + 2))
                else:
                    reading.parens.append(len(reading.done))
            piped = reading.previous
        case ";" if text.startswith(";", at + 1):
            scanner.pos += 1
            if patterns:
                patterns[-1] = True
        case "|" if not text.startswith("||", at):
            scanner.pos += text.startswith("&", at + 1)
            piped = reading.done[-1] if reading.done else None
        case "|" | "&":
            scanner.pos += text[at + 1 : at + 2] == symbol
    reading.previous = piped


def _comment(scanner: Scanner) -> list[Node]:
    """A comment, and the assignment that it switches off, if that is all there is in it."""
    start = scanner.pos
    shut = scanner.text.find("\n", start, scanner.end)
    shut = scanner.end if shut < 0 else shut
    while shut > start and scanner.text[shut - 1] == "\r":
        shut -= 1
    scanner.pos = shut
    scanner.region(start, shut, RegionKind.COMMENT)
    head = scanner.text.rfind("\n", 0, start) + 1
    if scanner.text[head:start].strip() or not _COMMENTED.match(scanner.text, start, shut):
        return []
    at = start
    while scanner.text[at] in "# \t":
        at += 1
    commands = read_commands(Scanner(scanner.text[at:shut], Dialect.SHELL, read_commands), "")
    out: list[Node] = []
    for node in commands:
        if isinstance(node, EnvDef):
            node.commented = True
            shift(node, at)
            node.span = Span(start, node.span.end)
            out.append(node)
    return out


def _simple(scanner: Scanner, reading: _Reading, close: str) -> None:
    """One simple command with its assignments and redirections; keywords before it are passed over."""
    text = scanner.text
    command = Command(scanner.pos, before=reading.previous)
    reading.done.append(command)
    in_test = False
    while True:
        scanner.blanks()
        at = scanner.pos
        if at < scanner.end and text[at] == "\n" and len(command.words) == 2 and command.words[0].literal == "case":
            scanner.pos += 1  # `in` may stand on the next line
            continue
        if at >= scanner.end or text[at] == "\n" or (text[at] == close and not in_test):
            return
        if in_test:
            in_test = not _TEST_END.match(text, at, scanner.end)
            command.words.append(scanner.word(PLAIN_TEST if in_test else PLAIN))
            continue
        if text[at] == "#":
            return
        if (redirect := _REDIRECT.match(text, at, scanner.end)) and not text.startswith(("<(", ">("), at):
            _redirect(scanner, command, redirect)
            continue
        if text[at] in "();|&":
            if text[at] == "(" and text.startswith("()", at) and len(command.words) == 1:
                scanner.pos += 2
                command.words.clear()  # the name of a function
                continue
            return
        word = scanner.word(PLAIN)
        if text.startswith(("<", ">"), scanner.pos) and scanner.pos < scanner.end and text[at : scanner.pos].isdigit():
            continue  # a file descriptor
        literal = word.literal if text[at] not in "'\"" else None
        if not command.words:
            if _before_command(scanner, reading, command, word):
                continue
            command.start = word.start
            in_test = literal == "[["
        elif command.words[0].literal in DECLARE and is_assign(text, word) and (array := _array(scanner, word)):
            command.arrays[len(command.words)] = array
        command.words.append(word)
        if literal == "in" and command.words[0].literal == "case":
            reading.patterns.append(True)
            return


def _before_command(scanner: Scanner, reading: _Reading, command: Command, word: Word) -> bool:
    """Take a keyword or an assignment that stands before a command's name; False for any other word."""
    text, groups = scanner.text, reading.groups
    if text[word.start] in "'\"":
        return False
    literal = word.literal
    if literal in _KEYWORDS and not command.assigns:
        match literal:
            case "{" | "do" if len(groups) < DEEPEST:
                groups.append(len(reading.done) - 1)
            case "}" | "done" if groups:
                _group_wait(scanner, reading.done, command, groups.pop())
        command.start = scanner.pos
    elif literal == "esac" and reading.patterns:
        reading.patterns.pop()
    elif literal == "function":
        scanner.blanks()
        if scanner.pos < scanner.end and text[scanner.pos] not in "\n(){};|&":
            scanner.word(PLAIN)
    elif is_assign(text, word):
        command.assigns.append((word, _array(scanner, word)))
    else:
        return False
    return True


def _group_wait(scanner: Scanner, done: list[Command], command: Command, first: int) -> None:
    """The redirections of `}` and `done` are those of every command in the group."""
    at, known = scanner.pos, len(command.redirects)
    scanner.blanks()
    while (redirect := _REDIRECT.match(scanner.text, scanner.pos, scanner.end)) and not redirect[0].startswith("<<"):
        _redirect(scanner, command, redirect)
        scanner.blanks()
    if fresh := command.redirects[known:]:
        targets = [word for operator, _, word in fresh if operator in (">", ">>", ">|", "&>", "&>>")]
        for inner in done[first:]:
            inner.targets += targets
    else:
        scanner.pos = at


def _group_end(scanner: Scanner, done: list[Command], first: int) -> None:
    """As `group_wait`, for a closing parenthesis."""
    command = Command(scanner.pos)
    _group_wait(scanner, done, command, first)
    if command.redirects:
        done.append(command)


def _array(scanner: Scanner, word: Word) -> Node | None:
    """The `(…)` right behind `X=`; None where there is none."""
    text = scanner.text
    if (
        not (text.startswith("(", scanner.pos) and scanner.pos < scanner.end and text[scanner.pos - 1] == "=")
        or scanner.depth >= DEEPEST
    ):
        return None
    start = scanner.pos
    scanner.pos += 1
    scanner.depth += 1
    items: list[Node] = []
    while True:
        scanner.blanks()
        if scanner.pos >= scanner.end or text[scanner.pos] == ")":
            break
        if text[scanner.pos] == "\n":
            scanner.pos += 1
        elif text[scanner.pos] == "#":
            items += _comment(scanner)
        else:
            entry = scanner.word(PLAIN)
            items.append(node_of(entry.parts, entry.start, entry.end))
    scanner.depth -= 1
    scanner.pos = min(scanner.pos + 1, scanner.end)
    word.end = scanner.pos
    return Seq(Span(start, scanner.pos), tuple(items))


def _redirect(scanner: Scanner, command: Command, match: re.Match[str]) -> None:
    operator = match[0]
    scanner.pos = match.end()
    scanner.blanks()
    if scanner.pos >= scanner.end or scanner.text[scanner.pos] in "\n();|&":
        return
    if operator in ("<<", "<<-"):
        raw = scanner.pos
        word = scanner.word(PLAIN)
        quoted = any(sign in scanner.text[raw : scanner.pos] for sign in "'\"\\")
        delimiter = word.literal
        if delimiter:
            scanner.pending.append((command, delimiter.strip(), quoted))
        return
    command.redirects.append((operator, Span(*match.span()), scanner.word(PLAIN)))
