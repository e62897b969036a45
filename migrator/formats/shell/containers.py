"""Variables that `docker run`, `docker build` and their relatives are given, and those that Dart's compiler builds into a program."""

from __future__ import annotations

import re
from collections.abc import Sequence

from migrator.formats.shell.scanner import Scanner
from migrator.formats.shell.words import Word, bare_name, definition_of, tail_of
from migrator.formats.tree import EnvDef, Node, Str
from migrator.model import Span
from migrator.patterns import regex

_TAG = regex(r"(?:\s(?:-t|--tag)[= ]\s*|\b(?:docker|podman)\s+push\s+|\b(?:docker|podman)\s+tag\s+\S+\s+)[\"']?([^\s\"';|&]+)")
CONTAINERS = frozenset({"docker", "podman", "nerdctl", "docker-compose", "podman-compose"})
_RUN_SWITCHES = frozenset({
    "--rm", "--init", "--privileged", "--read-only", "--publish-all", "--no-healthcheck", "--oom-kill-disable", "--detach",
    "--interactive", "--tty", "--quiet", "--no-deps", "--service-ports", "--build", "--no-TTY", "--use-aliases", "--no-trunc",
})  # fmt: skip


def containers(scanner: Scanner, words: Sequence[Word], at: int, out: list[Node], taken: set[int]) -> None:
    """`docker run -e X=…`, `docker build --build-arg X=…` and their relatives."""
    verb = next((i for i in range(at + 1, len(words)) if words[i].literal in ("run", "create", "exec", "build", "up")), None)
    if verb is None:
        return
    building = words[verb].literal == "build"
    is_own_image = building or words[verb].literal in ("exec", "up") or any(word.literal == "compose" for word in words[at:verb])
    is_own_image = is_own_image or (words[at].literal or "").endswith("-compose")
    flags = ("--build-arg",) if building else ("-e", "--env")
    how = "docker-build-arg" if building else "docker-run"
    defs: list[EnvDef] = []
    index, image = verb + 1, None
    while index < len(words):
        word = words[index]
        head = word.parts[0].value if isinstance(word.parts[0], Str) and word.parts[0].inner.start == word.start else ""
        if head in flags and len(word.parts) == 1 and index + 1 < len(words):
            _container_variable(scanner, words[index + 1], word.start, how, defs, taken, (index, index + 1))
            index += 2
            continue
        flag = next((flag for flag in flags if head.startswith(flag + "=")), None)
        if flag:
            _container_variable(scanner, tail_of(word, len(flag) + 1), word.start, how, defs, taken, (index,))
        elif not building and head.startswith("-e") and len(head) > 2 and (head[2].isupper() or head[2] == "_"):
            _container_variable(scanner, tail_of(word, 2), word.start, how, defs, taken, (index,))
        elif not building and head.startswith("-"):
            switch = head in _RUN_SWITCHES or "=" in head or re.fullmatch(r"-[ditTPq]+", head)
            index += 1 if switch else 2
            continue
        elif not building:
            image = word.literal
            break
        index += 1
    if image and not is_own_image and "/" in image and image.lstrip("./") == image and not _builds(scanner, image):
        for definition in defs:
            definition.owner = f"image:{image}"
    out += defs


COMPILERS = frozenset({"flutter", "dart", "fvm"})


def compiled_in(scanner: Scanner, words: Sequence[Word], at: int, out: list[Node], taken: set[int]) -> None:
    """`flutter build apk --dart-define=X=…`, `dart run -DX=…`: https://dart.dev/libraries/core/environment-declarations"""
    defs: list[EnvDef] = []
    for index in range(at + 1, len(words)):
        word = words[index]
        head = (
            word.parts[0].value if word.parts and isinstance(word.parts[0], Str) and word.parts[0].inner.start == word.start else ""
        )
        if head in ("--dart-define", "--define") and len(word.parts) == 1 and index + 1 < len(words):
            _container_variable(scanner, words[index + 1], word.start, "dart-define", defs, taken, (index, index + 1))
        elif flag := next((flag for flag in ("--dart-define=", "--define=", "-D") if head.startswith(flag)), None):
            _container_variable(scanner, tail_of(word, len(flag)), word.start, "dart-define", defs, taken, (index,))
    out += defs


def _container_variable(
    scanner: Scanner, word: Word, start: int, how: str, found: list[EnvDef], taken: set[int], indices: tuple[int, ...]
) -> None:
    span = Span(start, word.end)
    definition = definition_of(scanner.text, word, how, span=span) if word.parts else None
    if definition is None and word.parts and (piece := bare_name(word)):
        definition = EnvDef(span, piece.value, piece.inner, None, how)
    if definition is not None:
        found.append(definition)
        taken.update(indices)


def _builds(scanner: Scanner, image: str) -> bool:
    """Whether this text builds, tags or pushes the image itself."""
    if scanner.built is None:
        scanner.built = frozenset(_untagged(match[1]) for match in _TAG.finditer(scanner.text))
    return _untagged(image) in scanner.built


def _untagged(image: str) -> str:
    """An image's name without its digest and tag."""
    name = image.split("@", 1)[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.split(":", 1)[0]
