"""How far a value is followed: what keeps a question about code in which everything calls everything from going on without end."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_DEPTH = 14
"""Steps in one line."""
MAX_STEPS = 3000
"""Steps in all, for one question from outside."""

Question = tuple[str, int, int]
"""What is asked, the identity of the node and that of its scope."""


@dataclass(slots=True, eq=False)
class Following:
    """Questions that are being answered: asking one again on the way to its answer ends there."""

    steps: int = 0
    busy: set[Question] = field(default_factory=set)

    def enter(self, question: Question, depth: int) -> bool:
        """May this question be followed? Not twice on one way, not too deep, and not without end in code where all calls all."""
        if not self.busy:
            self.steps = 0
        self.steps += 1
        if depth > MAX_DEPTH or self.steps > MAX_STEPS or question in self.busy:
            return False
        self.busy.add(question)
        return True

    def leave(self, question: Question) -> None:
        """The question is answered; it may be asked again."""
        self.busy.discard(question)
