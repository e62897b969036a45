"""What a command says: its definitions, its references, its call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator.formats.detect import format_of
from migrator.formats.shell.containers import COMPILERS, CONTAINERS, compiled_in, containers
from migrator.formats.shell.dotenv_output import LINE, pairs_between, target_kind
from migrator.formats.shell.heredocs import INLINE, INTERPRETERS, SHELLS
from migrator.formats.shell.scanner import DEEPEST, Scanner
from migrator.formats.shell.secret_stores import RUNNERS, store_commands
from migrator.formats.shell.words import WRAPPERS, Command, Word, bare_name, definition_of, is_assign, node_of, program_of, split_at
from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Name, Node, Other, Seq, Str
from migrator.model import Span
from migrator.patterns import regex

_PATTERN = regex(r"(?<![A-Za-z0-9_$])([A-Z][A-Z0-9_]{2,})(?=(?: |\\s\*|\[\[:space:\]\]\*)?=)")
_JQ = regex(r"(?:\$ENV\.|(?<![A-Za-z0-9_.$])env\.)([A-Za-z_][A-Za-z0-9_]*)")
_DOLLAR = regex(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
DECLARE = frozenset({"export", "declare", "local", "readonly", "typeset"})
_PATTERNED = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "sed", "gsed", "awk", "gawk", "findstr"})


def finished(scanner: Scanner, command: Command) -> list[Node]:
    """The nodes of one simple command."""
    out: list[Node] = []
    for word, array in command.assigns:
        how = "shell-prefix" if command.words else "shell-assign"
        definition = definition_of(scanner.text, word, how)
        if definition is not None:
            if array is not None:
                definition.value = array
            elif isinstance(definition.value, Str):
                scanner.known[definition.name] = definition.value.value
            out.append(definition)
    words = command.words
    taken: set[int] = set()
    instead: dict[int, Node] = {}
    if words:
        _wrappers(scanner, command, out, taken, instead)
        program, at = program_of(scanner.text, command, 0)
        end = words[-1].end
        if program in DECLARE:
            _declare(scanner, command, program, at, out, taken, instead)
        elif program in ("unset", "printenv"):
            _mentions(words, at + 1, f"shell-{program}", instead)
        elif program in ("[", "[[", "test"):
            for index in range(at + 1, len(words) - 1):
                if words[index].literal == "-v":
                    _mentions(words[: index + 2], index + 1, "shell-test", instead)
        elif program == "read":
            _reads(words, at, out, taken)
        elif program == "for":
            _loop(words, at, out, taken)
        elif program == "set":
            _fish(words, at, end, out, taken, instead)
        elif program == "setenv" and len(words) > at + 2 and (piece := bare_name(words[at + 1])):
            value = node_of(words[at + 2].parts, words[at + 2].start, words[at + 2].end)
            out.append(EnvDef(Span(words[at].start, words[at + 2].end), piece.value, piece.inner, value, "shell-export"))
            taken |= {at + 1, at + 2}
        elif program in ("echo", "printf", "Write-Output"):
            _echo(scanner, command, program, at, out, taken)
        elif program in _PATTERNED:
            _patterns(scanner, command, at)
        elif program in CONTAINERS:
            containers(scanner, words, at, out, taken)
        elif program in COMPILERS:
            compiled_in(scanner, words, at, out, taken)
        else:
            store_commands(scanner, words, at, out, taken, instead)
        inline_programs(scanner, words, program, at, instead)
    out += _call(command, taken, instead)
    return out


def _call(command: Command, taken: set[int], instead: dict[int, Node]) -> Iterator[Node]:
    """The call that a command is, with the words and redirections that define nothing; without a name, what its files refer to."""
    words = command.words
    args: list[Arg] = []
    for index, word in enumerate(words[1:], 1):
        if index not in taken:
            node = instead.get(index) or node_of(word.parts, word.start, word.end)
            args.append(Arg(Span(word.start, word.end), node))
    last = words[-1].end if words else command.start
    for operator, span, word in command.redirects:
        node = node_of(word.parts, word.start, word.end)
        args.append(Arg(Span(span.start, word.end), node, name=operator, name_span=span))
        last = max(last, word.end)
    if not words:
        yield from (arg.value for arg in args if not isinstance(arg.value, Str))
    elif args or words[0].literal not in DECLARE:
        first = words[0]
        literal = first.literal
        span = Span(first.start, first.end)
        func: Node = Name(span, literal) if literal is not None else node_of(first.parts, first.start, first.end)
        args.sort(key=lambda arg: arg.span)
        yield Call(Span(command.start if not command.assigns else first.start, last), func, tuple(args), last)


def _wrappers(scanner: Scanner, command: Command, out: list[Node], taken: set[int], instead: dict[int, Node]) -> None:
    """`env X=v cmd`, `sudo X=v cmd`, `npx cross-env X=v cmd`, `env -u X cmd`."""
    words = command.words
    first = 1 if words[0].literal in RUNNERS and len(words) > 1 else 0
    name = (words[first].literal or "").rsplit("/", 1)[-1]
    if name not in WRAPPERS:
        return
    _, until = program_of(scanner.text, command, first)
    for index in range(first + 1, min(until, len(words))):
        definition = definition_of(scanner.text, words[index], "shell-prefix")
        if definition is not None:
            out.append(definition)
            taken.add(index)
        elif words[index - 1].literal == "-u" and name == "env":
            _mentions(words[: index + 1], index, "shell-unset", instead)


def _mentions(words: Sequence[Word], at: int, how: str, instead: dict[int, Node], owner: str = "") -> None:
    for index in range(at, len(words)):
        if piece := bare_name(words[index]):
            instead[index] = EnvRef(piece.inner, piece.value, piece.inner, how, owner=owner)


def _declare(
    scanner: Scanner, command: Command, program: str, at: int, out: list[Node], taken: set[int], instead: dict[int, Node]
) -> None:
    words = command.words
    flags = "".join(word.literal or "" for word in words[at + 1 :] if (word.literal or "").startswith("-"))
    how = "shell-export" if program == "export" or "x" in flags else "shell-assign"
    named = [i for i in range(at + 1, len(words)) if is_assign(scanner.text, words[i]) or bare_name(words[i])]
    for index in range(at + 1, len(words)):
        word = words[index]
        span = Span(command.start, word.end) if named == [index] else None
        if definition := definition_of(scanner.text, word, how, span=span):
            if index in command.arrays:
                definition.value = command.arrays[index]
            elif isinstance(definition.value, Str):
                scanner.known[definition.name] = definition.value.value
            out.append(definition)
            taken.add(index)
        elif (word.literal or "").startswith("-"):
            taken.add(index)
        elif program == "export" and (piece := bare_name(word)) and "f" not in flags:
            if "n" in flags:
                instead[index] = EnvRef(piece.inner, piece.value, piece.inner, "shell-unset")
            else:
                out.append(EnvDef(span or piece.inner, piece.value, piece.inner, None, how))
                taken.add(index)


def _reads(words: Sequence[Word], at: int, out: list[Node], taken: set[int]) -> None:
    """`read -rsp "Key: " X`: the value comes from whoever types it; without a prompt, from what is led into the command."""
    index, asks, names = at + 1, False, []
    while index < len(words):
        literal = words[index].literal or ""
        if literal.startswith("-"):
            asks = asks or bool(set("ps") & set(literal))
            index += 2 if literal[-1] in "pntudiN" else 1
            continue
        if piece := bare_name(words[index]):
            names.append(piece)
            taken.add(index)
        index += 1
    value = None if asks else Other(Span(words[at].start, words[at].end), "substitution", ())
    out += [EnvDef(piece.inner, piece.value, piece.inner, value, "shell-read") for piece in names]


def _loop(words: Sequence[Word], at: int, out: list[Node], taken: set[int]) -> None:
    """`for key in "$FIRST" "$SECOND"`: the name stands for each of the words in turn."""
    given = words[at + 3 :]
    if len(words) <= at + 3 or words[at + 2].literal != "in" or all(word.literal is not None for word in given):
        return
    if piece := bare_name(words[at + 1]):
        values = tuple(node_of(word.parts, word.start, word.end) for word in given)
        value = values[0] if len(values) == 1 else Seq(Span(given[0].start, given[-1].end), values)
        out.append(EnvDef(Span(words[at + 1].start, given[-1].end), piece.value, piece.inner, value, "shell-for"))
        taken |= set(range(at + 1, len(words)))


def _fish(words: Sequence[Word], at: int, end: int, out: list[Node], taken: set[int], instead: dict[int, Node]) -> None:
    """fish's `set -x X v`; in other shells `set -x` stands alone."""
    index, flags = at + 1, ""
    while index < len(words) and (words[index].literal or "").startswith("-"):
        literal = words[index].literal or ""
        flags += {"--export": "x", "--erase": "e"}.get(literal, "" if literal.startswith("--") else literal)
        index += 1
    if index >= len(words) or not (piece := bare_name(words[index])):
        return
    if "x" in flags and index + 1 < len(words):
        values = [node_of(word.parts, word.start, word.end) for word in words[index + 1 :]]
        value = values[0] if len(values) == 1 else Seq(Span(values[0].span.start, end), tuple(values))
        out.append(EnvDef(Span(words[at].start, end), piece.value, piece.inner, value, "shell-export"))
        taken |= set(range(at + 1, len(words)))
    elif "e" in flags and "x" not in flags:
        instead[index] = EnvRef(piece.inner, piece.value, piece.inner, "shell-unset")


def _echo(scanner: Scanner, command: Command, program: str, at: int, out: list[Node], taken: set[int]) -> None:
    """`echo "X=…" >> .env`."""
    kind = target_kind(scanner, command)
    if not kind:
        return
    how = {"dotenv": "echo-dotenv", "github-env": "github-env", "profile": "echo-export"}[kind]
    words = command.words
    for index in range(at + 1, len(words)):
        word = words[index]
        sign, last = scanner.text[word.start], scanner.text[word.end - 1]
        raw = scanner.text[word.start : word.end]
        whole = sign in "'\"" and sign == last and raw.count(sign) - raw.count("\\" + sign) == 2
        if not whole:
            definition = definition_of(scanner.text, word, how)
            if definition is not None:
                out.append(definition)
                taken.add(index)
            continue
        start, end = word.start + 1, word.end - 1
        if not LINE.match(scanner.text, start, end) and "=" not in raw:
            continue
        pairs = pairs_between(scanner, start, end, re.compile(r"\r?\n|\\n"), how, "", expand=sign == '"')
        definitions = [node for node in pairs if isinstance(node, EnvDef)]
        if not definitions:
            continue
        out += pairs
        taken.add(index)
        if program == "printf":
            following = [i for i in range(index + 1, len(words)) if i not in taken]
            for definition in definitions:
                if isinstance(definition.value, Str) and definition.value.value == "%s" and following:
                    i = following.pop(0)
                    definition.value = node_of(words[i].parts, words[i].start, words[i].end)
                    taken.add(i)
        break


def _patterns(scanner: Scanner, command: Command, at: int) -> None:
    """`grep -q "X=" .env`, `sed -i "s/^X=.*/…/" .env`, `env | grep X`."""
    words = command.words
    piped = command.before is not None and program_of(scanner.text, command.before, 0)[0] in (
        "env",
        "printenv",
        "set",
        "export",
        "",
    )
    piped = piped and command.before is not None and bool(command.before.words)
    about_env = piped or any(format_of(word.literal or "") == "dotenv" for word in words[at + 1 :] if word.literal)
    about_env = about_env or any(
        isinstance(word.parts[-1], Str) and format_of(word.parts[-1].value) == "dotenv" for word in words[at + 1 :]
    )
    for word in words[at + 1 :]:
        if (word.literal or "").startswith("-"):
            continue
        word.parts = split_at(word.parts, _PATTERN, "shell-pattern")
        if about_env and len(word.parts) == 1:
            word.parts = _only_name(word.parts)


def _only_name(parts: list[Node]) -> list[Node]:
    piece = parts[0]
    if isinstance(piece, Str) and piece.exact and (match := re.fullmatch(r"\^?([A-Z][A-Z0-9_]{2,})\$?", piece.value)):
        base = piece.inner.start
        name = Span(base + match.start(1), base + match.end(1))
        out: list[Node] = [EnvRef(name, match[1], name, "shell-pattern")]
        if match.start(1):
            head = Span(base, name.start)
            out.insert(0, Str(head, "^", head, True))
        if name.end < piece.inner.end:
            foot = Span(name.end, piece.inner.end)
            out.append(Str(foot, "$", foot, True))
        return out
    return parts


def inline_programs(scanner: Scanner, words: Sequence[Word], program: str, at: int, instead: dict[int, Node]) -> None:
    """Programs inside an argument: `bash -c '…'`, `python -c "…"`, `jq '…env.X…'`, `envsubst '$X'`."""
    if program == "jq":
        for word in words[at + 1 :]:
            word.parts = split_at(word.parts, _JQ, "jq")
    elif program == "envsubst":
        for word in words[at + 1 :]:
            word.parts = split_at(word.parts, _DOLLAR, "shell")
    elif any(word.literal in INTERPRETERS for word in words[at:]):
        for word in words[at + 1 :]:
            word.parts = split_at(word.parts, INLINE, "inline-code")
    shell_at = next((i for i in range(at, len(words)) if (words[i].literal or "").rsplit("/", 1)[-1] in SHELLS), None)
    if shell_at is None or scanner.depth >= DEEPEST:
        return
    for index in range(shell_at + 1, len(words) - 1):
        if re.fullmatch(r"-[a-z]*c", words[index].literal or ""):
            word = words[index + 1]
            quoted = scanner.text[word.start] == "'" and len(word.parts) == 1
            match word.parts:
                case [Str(inner=inner, exact=True)] if quoted:
                    outer, where, scanner.end, scanner.pos = scanner.end, scanner.pos, inner.end, inner.start
                    scanner.depth += 1
                    inside = scanner.commands(scanner, "")
                    scanner.depth -= 1
                    scanner.end, scanner.pos = outer, where
                    instead[index + 1] = Other(Span(word.start, word.end), "script", tuple(inside))
            return
