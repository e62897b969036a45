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

_REDIRECT = re.compile(r"&>>?|<<<|<<-?|<&|>&|<>|>\||>>|[<>]")
_TEST_END = re.compile(r"\]\](?=[\s;&|)]|\Z)")
_COMMENTED = re.compile(r"#+[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s'\"]*)[ \t\r]*\Z")
_KEYWORDS = frozenset({"if", "then", "else", "elif", "while", "until", "!", "time", "do", "{", "fi", "done", "}", "begin"})


def read_commands(scanner: Scanner, close: str) -> list[Node]:
    """Commands until `close` (not taken) or the end, in text order."""
    text = scanner.text
    out: list[Node] = []
    done: list[Command] = []
    patterns: list[bool] = []  # one a `case`: is a pattern next?
    groups: list[int] = []
    parens: list[int] = []
    previous: Command | None = None
    outer_pending, scanner.pending = scanner.pending, []
    bodies: list[tuple[Command, int, int, bool]] = []
    while True:
        scanner.blanks()
        if scanner.pos >= scanner.end:
            break
        at = scanner.pos
        symbol = text[at]
        if symbol == "\n":
            scanner.pos += 1
            previous = None
            here_documents(scanner, bodies)
        elif symbol == "#":
            out += _comment(scanner)
        elif symbol == close and not parens and not (patterns and patterns[-1]):
            break
        elif symbol == ")":
            scanner.pos += 1
            if patterns and patterns[-1]:
                patterns[-1] = False
            elif parens:
                first = parens.pop()
                _group_end(scanner, done, first)
            previous = None
        elif symbol == "(":
            if patterns and patterns[-1]:
                scanner.pos += 1
            elif text.startswith("((", at) and scanner.depth < DEEPEST:
                out.append(scanner.arithmetic(at + 2))
            else:
                scanner.pos += 1
                parens.append(len(done))
        elif symbol == ";":
            run = 1 + text.startswith(";", at + 1)
            scanner.pos += run
            if run == 2 and patterns:
                patterns[-1] = True
            previous = None
        elif symbol == "|" and not text.startswith("||", at):
            scanner.pos += 1 + text.startswith("&", at + 1)
            previous = done[-1] if done else None
        elif symbol in "|&" and not text.startswith("&>", at):
            scanner.pos += 1 + (text[at + 1 : at + 2] == symbol)
            previous = None
        elif patterns and patterns[-1]:
            word = scanner.word(PLAIN)
            if word.literal == "esac":
                patterns.pop()
            else:
                out.append(node_of(word.parts, word.start, word.end))
        else:
            _simple(scanner, done, patterns, groups, previous, close)
            previous = None
    for command in done:
        if command.before is not None and program_of(scanner.text, command, 0)[0] == "tee":
            command.before.targets += command.words[1:]
    for command in done:
        out += finished(scanner, command)
    for command, start, end, expand in bodies:
        out += here_document(scanner, command, start, end, expand=expand)
    scanner.pending = outer_pending
    out.sort(key=lambda node: (node.span.start, -node.span.end))
    return out


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
    found = read_commands(Scanner(scanner.text[at:shut], Dialect.SHELL, read_commands), "")
    out: list[Node] = []
    for node in found:
        if isinstance(node, EnvDef):
            node.commented = True
            shift(node, at)
            node.span = Span(start, node.span.end)
            out.append(node)
    return out


def _simple(
    scanner: Scanner, done: list[Command], patterns: list[bool], groups: list[int], previous: Command | None, close: str
) -> None:
    """One simple command with its assignments and redirections; keywords before it are passed over."""
    text = scanner.text
    command = Command(scanner.pos, before=previous)
    done.append(command)
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
        starts = text[at : at + 1] not in ("'", '"')
        literal = word.literal if starts else None
        if not command.words:
            if literal in _KEYWORDS and not command.assigns:
                match literal:
                    case "{" | "do" if len(groups) < DEEPEST:
                        groups.append(len(done) - 1)
                    case "}" | "done" if groups:
                        _group_wait(scanner, done, command, groups.pop())
                command.start = scanner.pos
                continue
            if literal == "esac" and patterns:
                patterns.pop()
                continue
            if literal == "function":
                scanner.blanks()
                if scanner.pos < scanner.end and text[scanner.pos] not in "\n(){};|&":
                    scanner.word(PLAIN)
                continue
            if starts and is_assign(scanner.text, word):
                command.assigns.append((word, _array(scanner, word)))
                continue
            command.start = word.start
            in_test = literal == "[["
        elif command.words[0].literal in DECLARE and is_assign(scanner.text, word) and (array := _array(scanner, word)):
            command.arrays[len(command.words)] = array
        command.words.append(word)
        if literal == "in" and command.words[0].literal == "case":
            patterns.append(True)
            return


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


def _redirect(scanner: Scanner, command: Command, found: re.Match[str]) -> None:
    operator = found[0]
    scanner.pos = found.end()
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
    command.redirects.append((operator, Span(*found.span()), scanner.word(PLAIN)))
