"""What one round of settling works out: who reads which variable, and the analysis with what the round has held back so far."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import Party, parties
from migrator.analysis.decisions import Decision
from migrator.analysis.hidden_clients.model import unbroken
from migrator.analysis.model import Detachment
from migrator.analysis.variables.decide import Space, Uses
from migrator.facts.model import EnvFact
from migrator.records import dataclass, field, replace
from migrator.resolve.context import Identity


@dataclass(slots=True)
class Round:
    """One attempt to fit variables to the decisions so far."""

    analysis: Analysis
    """As the steps of this round have left it: each replaces it, because the next step has to see what is held back."""
    addresses: Mapping[Identity, Detachment] = field(default_factory=dict)
    """By the identity of a connection that stays: the address of its own in place of what it shared."""
    uses: dict[Space, Uses] = field(default_factory=dict)
    staying: dict[Identity, str] = field(default_factory=dict)
    """Mentions (by identity) that keep the old name, with the reason."""
    detached: list[Detachment] = field(default_factory=list)
    """Calls that stay and get the old key where they use it."""
    handed: list[Detachment] = field(default_factory=list)
    """Reads of the old key where it is handed to another program."""
    readers: dict[Identity, set[Space]] = field(default_factory=dict)
    """By the identity of a connection that moves: the variables it reads."""

    def parties(self) -> Iterator[Party]:
        """Everything in code that talks to OpenRouter."""
        return parties(self.analysis)

    def gives_up(self, fact: EnvFact) -> bool:
        """Does an address of a call's own stand in place of this mention?"""
        return any(
            edit.path == fact.path and edit.span.start <= fact.span.start and fact.span.end <= edit.span.end
            for given in self.addresses.values()
            for edit in given.edits
        )

    def decide(self, party: Party, decision: Decision) -> None:
        """Give a connection another decision."""
        self.analysis = self.analysis.with_decisions({party.identity: decision})

    def hold(self, space: Space, decision: Decision, apart: Container[Identity] = ()) -> None:
        """No connection that reads a variable moves, and no client with OpenRouter built in, but those `apart` that read it elsewhere."""
        analysis = self.analysis
        reading = {identity for identity, spaces in self.readers.items() if space in spaces and identity not in apart}
        explicits = analysis.explicits
        held = [addition for addition in explicits.additions if addition.identity in reading and analysis.adds(addition)]
        if held:
            refused = {mark.identity: decision.because for addition in held for mark in addition.marks}
            additions = unbroken(explicits.additions, (addition for addition in explicits.additions if addition not in held))
            left = frozenset(call for each in explicits.additions if each not in additions for call in each.requests)
            explicits = replace(
                explicits, additions=additions, refused={**explicits.refused, **refused}, staying=explicits.staying | left
            )
        decisions = {party.identity: decision for party in self.parties() if party.identity in reading and analysis.applies(party)}
        self.analysis = replace(analysis.with_decisions(decisions), explicits=explicits)
