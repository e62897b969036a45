"""What should become of each connection of an application, by the table of what is recognised: it moves, it stays, or both are right."""

from __future__ import annotations

from enum import StrEnum

from tests.proof.grammar import CHAIN_FORMS, ENV_FORMS, Call, Program


class Fate(StrEnum):
    """What must happen to a connection in a plain run."""

    MOVES = "moves"
    STAYS = "stays"
    EITHER = "either"


def _suffix(name: str) -> str:
    """What tells two key variables apart after the rename; those of one suffix would become one variable."""
    return next((end for end in ("PROD", "2") if name.upper().endswith(f"_{end}")), "VITE" if name.startswith("VITE_") else "")


def _stands_in_tree(program: Program) -> bool:
    """Whether a file of the tree says that the variable holds OpenRouter's address."""
    kind, form = program.delivery.kind, program.delivery.address
    written = form == "literal" or (form == "default" and kind != "docker")
    return program.delivery.example or kind in ("dotenv", "own-dotenv") or (kind != "host" and written)


def fate(program: Program, call: Call) -> Fate:
    """Every documented form moves; what only OpenRouter has stays; a key that also stands in a store may be held back."""
    key, address = program.keys[call.key], program.addresses[call.address]
    if call.endpoint in ("credits", "key"):
        return Fate.STAYS
    if call.endpoint == "models" or call.wrapper == "class" or {"order", "only", "sort"} & set(call.options):
        return Fate.EITHER
    if program.delivery.kind == "password-store":
        return Fate.EITHER
    if address.form in ("library",) or key.form == "library":
        return Fate.EITHER
    if len(key.names) > 1 and len({_suffix(name) for name in key.names}) < len(key.names):
        return Fate.EITHER
    if address.form == "required" and not _stands_in_tree(program):
        return Fate.EITHER
    documented = {*ENV_FORMS[program.language], *CHAIN_FORMS[program.language]}
    return Fate.MOVES if key.form in documented else Fate.EITHER
