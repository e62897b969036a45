"""What should become of each connection of an application, by the table of what is recognised: it moves, it stays, or both are right."""

from __future__ import annotations

from enum import StrEnum

from tests.proof.grammar import CHAIN_FORMS, ENV_FORMS, LATE_CLIENTS, SERVICE, SERVICE_CLIENTS, Call, Program


class Fate(StrEnum):
    """What must happen to a connection in a plain run."""

    MOVES = "moves"
    STAYS = "stays"
    EITHER = "either"


BY_LIBRARY = frozenset(
    {
        "settings",
        "settings-alias",
        "settings-both",
        "settings-prefix",
        "decouple",
        "zod",
        "require-env",
        "parameter",
        "guarded",
        "bag",
        "merged-bag",
    }
)
"""Ways to read a key that cannot be repeated in another place: what shares them with a request that stays may be held back."""


def _cannot_be_split(program: Program, call: Call) -> bool:
    """Does a request to what only OpenRouter has use the same key, in a way that cannot be read a second time there?"""
    stays = any(other.endpoint in ("credits", "key") and other.key == call.key for calls in program.scripts for other in calls)
    return stays and program.keys[call.key].form in BY_LIBRARY


def _stands_in_tree(program: Program) -> bool:
    """Whether a file of the tree says that the variable holds OpenRouter's address."""
    kind, form = program.delivery.kind, program.delivery.address
    written = form == "literal" or (form == "default" and kind not in ("docker",))
    return program.delivery.example or kind in ("dotenv", "own-dotenv", "env-file") or (kind != "host" and written)


def fate(program: Program, call: Call) -> Fate:
    """Every documented form moves; what only OpenRouter has stays; a key that also stands in a store may be held back."""
    key, address = program.keys[call.key], program.addresses[call.address]
    if call.endpoint in ("credits", "key"):
        return Fate.STAYS
    if key.form == "library":
        given = program.delivery.kind in ("dotenv", "own-dotenv") or program.delivery.alias or call.client == "create-openrouter"
        return (
            Fate.MOVES if given else Fate.EITHER
        )  # a pair whose key comes from outside under the library's own name waits for a word
    if address.form == "required" and not _stands_in_tree(program) and "OPENROUTER" not in address.name:
        return Fate.EITHER
    tied = _sharing(program, call)
    if SERVICE in program.extras and program.scripts[0][0] in tied and program.scripts[0][0].client in SERVICE_CLIENTS:
        return Fate.EITHER  # the other service keeps the old key, which cannot be read a second time everywhere
    # what is given an address or a key by its caller is not given others where it stays
    if any(other.client in LATE_CLIENTS or other.wrapper == "class-both" for other in tied) and any(
        other.endpoint in ("credits", "key") for other in tied
    ):
        return Fate.EITHER
    if any(_fate_of_key(program, other) is not Fate.MOVES or _cannot_be_split(program, other) for other in tied):
        return Fate.EITHER
    return _fate_of_key(program, call)


_STORES_THAT_MOVE = frozenset({"bag", "merged-bag", "secrets", "or-secrets", "list", "loop"})
"""Keys that are read under a name like a variable, or are the first of several; a file or an entry of a configuration waits for the new key."""


def _fate_of_key(program: Program, call: Call) -> Fate:
    documented = {*ENV_FORMS[program.language], *CHAIN_FORMS[program.language], *_STORES_THAT_MOVE}
    return Fate.MOVES if program.keys[call.key].form in documented else Fate.EITHER


def _sharing(program: Program, call: Call) -> list[Call]:
    """The connections that are tied to one by an address or a key, itself among them: what holds one of them back may hold all."""
    every = [other for calls in program.scripts for other in calls]
    tied = [call]
    for member in tied:
        tied += [other for other in every if other not in tied and (other.address == member.address or other.key == member.key)]
    return tied
