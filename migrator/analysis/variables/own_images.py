"""Images that this tree builds: their variables are its own, though another file runs them by their name.

`image: registry.example.com/me/app:1.2` of a compose file, where a workflow, a script or another compose file builds `app`.
https://docs.docker.com/reference/cli/docker/buildx/build/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from migrator.facts.model import EnvFact, Facts
from migrator.formats.tree import EnvDef
from migrator.patterns import regex
from migrator.records import replace
from migrator.resolve.repository import Repository

_PREFIX = "image:"
_BUILDS = regex(
    r"(^|/)(Makefile|GNUmakefile|[Jj]ustfile|Taskfile\.ya?ml|package\.json|skaffold\.ya?ml|docker-bake\.\w+|\.gitlab-ci\.ya?ml"
    r"|cloudbuild\.ya?ml|(docker-)?compose[^/]*\.ya?ml|[^/]+\.(sh|bash|ps1|mk))$|(^|/)\.(github/workflows|circleci)/[^/]+\.ya?ml$"
)
"""Files in which images are built."""
_MOST = 60
"""Such files that are read; a tree with more has them generated."""
_COMMAND = regex(r"\b(?:docker|podman|nerdctl|buildah)\b(?:\s+(?:buildx|image))?\s+(?:build|bud|bake)\b(?:[^\n\\]|\\\r?\n)*")
_TAGGED = regex(r"(?:--tag|-t)[=\s]+[\"']?([^\s\"']+)")
_LISTED = regex(
    r"^[ \t-]*(?:tags|images)[ \t]*:[ \t]*(?P<first>[^\n]*)(?P<rest>(?:\n[ \t]+[^\n:]*(?::[^\n ]*)?(?=\n|\Z))*)", re.MULTILINE
)
"""What the actions that build and push images are given: one, or a line each."""
_SERVICE = regex(r"^(?P<indent>[ ]+)image:[ \t]*(?P<image>[^\n#]+)", re.MULTILINE)
_EXPRESSION = regex(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\$\([^)]*\)")


def without_own_images(repository: Repository, facts: Sequence[Facts]) -> Sequence[Facts]:
    """The facts, with those variables the tree's own that are given to an image which it builds."""
    images = {owner for each in facts for fact in each.envs for owner in _owners(fact)}
    if not images:
        return facts
    built = {name for text in _texts(repository) for name in _built(text)}
    own = {owner for owner in images if any(_is_same(_name(owner.removeprefix(_PREFIX)), name) for name in built)}
    if not own:
        return facts
    for each in facts:
        for fact in each.envs:
            for definition in _definitions(fact):
                if definition.owner in own:
                    definition.owner = ""
    return [
        replace(each, envs=tuple(replace(fact, owner="") if fact.owner in own else fact for fact in each.envs)) for each in facts
    ]


def _definitions(fact: EnvFact) -> Iterator[EnvDef]:
    for step in (fact.node_path, *fact.node_path.ancestors()) if fact.node_path is not None else ():
        if isinstance(step.node, EnvDef):
            yield step.node


def _owners(fact: EnvFact) -> set[str]:
    owners = {fact.owner, *(definition.owner for definition in _definitions(fact))}
    return {owner for owner in owners if owner.startswith(_PREFIX)}


def _texts(repository: Repository) -> Iterator[str]:
    paths = [path for path in sorted(repository.paths) if _BUILDS.search(path)]
    for path in paths[:_MOST]:
        file = repository.file(path)
        if file is not None:
            yield file.source.text


def _built(text: str) -> Iterator[_Name]:
    """The names of the images that a file builds."""
    yield from _names(tag for command in _COMMAND.finditer(text) for tag in _TAGGED.findall(command[0]))
    if "build-push-action" in text or "metadata-action" in text:
        yield from _names(
            word for listed in _LISTED.finditer(text) for word in re.split(r"[\s,]+", f"{listed['first']} {listed['rest']}")
        )
    for service in _SERVICE.finditer(text):
        if re.search(rf"^{service['indent']}build[ \t]*:", _around(text, service), re.MULTILINE):
            yield from _names([service["image"]])


def _around(text: str, service: re.Match[str]) -> str:
    """The lines of a service of compose: those around its image that are indented as far."""
    indent = service["indent"]
    before, after = text[: service.start()].split("\n"), text[service.end() :].split("\n")
    lines: list[str] = []
    for part in (reversed(before[:-1]), after[1:]):
        for line in part:
            if line.strip() and not line.startswith(indent):
                break
            lines.append(line)
    return "\n".join(lines)


_Name = tuple[str, str]
"""What stands before the last part of an image's name, `*` where a variable says it, and that part without its tag."""


def _names(images: Iterable[str]) -> Iterator[_Name]:
    yield from (name for name in map(_name, images) if name[1])


def _name(image: str) -> _Name:
    """`("ghcr.io/me", "app")` of `ghcr.io/me/app:1.2`, `("*", "app")` of `${REGISTRY:-}app`."""
    plain = _EXPRESSION.sub("*", image.strip().strip("\"'|>-")).strip("\"'").split("@")[0]
    before, _, last = re.sub(r":[^/]*$", "", plain).rpartition("/")
    return ("*" if "*" in before or "*" in last else before.lower(), last.strip("*").lower())


def _is_same(run: _Name, built: _Name) -> bool:
    """May the image that is run be the one that is built? A name with a registry of its own is not one without."""
    return run[1] == built[1] and (run[0] in ("", "*", built[0]) or built[0] == "*")
