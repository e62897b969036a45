"""Names of models whose prefix chooses the gateway: `openrouter/deepseek/deepseek-chat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.facts.gateway_choice import is_constant
from migrator.formats.tree import Str
from migrator.model import Span
from migrator.records import dataclass
from migrator.resolve.origins import From, origins

if TYPE_CHECKING:
    from migrator.facts.model import ClientFact
    from migrator.integrations.schema import Client
    from migrator.resolve.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixed:
    """A literal that begins with the prefix."""

    path: str
    span: Span


def chosen_by_prefix(repository: Repository, row: Client, client: ClientFact) -> list[Prefixed]:
    """The literals with the prefix that a call's model may be."""
    assert row.model is not None
    ways = origins(repository, client.model, client.node_path.scope)
    return [
        Prefixed(path=origin.path, span=Span(*origin.node.inner))
        for origin in ways
        if isinstance(origin.node, Str) and origin.kind is From.LITERAL and origin.node.value.startswith(row.model.prefix)
    ]


def open_model(repository: Repository, client: ClientFact) -> bool:
    """May a call's model have the prefix without a literal that says so?"""
    ways = origins(repository, client.model, client.node_path.scope)
    return client.model is None or any(origin.kind is not From.LITERAL for origin in ways)


def doubt(repository: Repository, row: Client, client: ClientFact) -> tuple[str, str]:
    """Why a call's model may be one of another gateway: a reason that refuses, and one that `--unsafe` accepts; "" for neither."""
    if row.model is None:
        return "", ""
    unsure = ""
    for origin in origins(repository, client.model, client.node_path.scope):
        if origin.kind is From.LITERAL and isinstance(origin.node, Str):
            if not origin.node.value.startswith(row.model.prefix):
                return f"the model may also be {origin.node.value}, which another gateway serves", ""
        elif origin.kind is From.ENV:
            unsure = f"{origin.name} may name a model that another gateway serves"
        elif not is_constant(row.model, origin, client.node_path.scope):
            unsure = "the model is given at run time and may be one that another gateway serves"
    return "", unsure
