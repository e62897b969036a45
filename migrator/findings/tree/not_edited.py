"""not-edited, not-read: files that name OpenRouter and that this tool does not change or cannot read."""

from __future__ import annotations

from migrator.catalog.rules import RuleId
from migrator.findings.flags import flagged
from migrator.model import Action, Category, Finding


def not_edited(path: str) -> Finding:
    """A lock, minified or generated file."""
    if path.endswith("worker-configuration.d.ts"):
        message = "generated types of a Worker name the key variable"
        because = "run `wrangler types` after the migration, or the code no longer type-checks"
        return flagged(RuleId.NOT_EDITED, path, None, Category.DEPENDENCY, message, because)
    message = "a lock, minified or generated file names OpenRouter"
    because = "its generator writes it anew; run that after the migration"
    return flagged(RuleId.NOT_EDITED, path, None, Category.DEPENDENCY, message, because, action=Action.KEEP)


def not_read(path: str, reason: str) -> Finding:
    """A file that cannot be read."""
    message = f"names OpenRouter but cannot be read: {reason}"
    because = "what it says about OpenRouter is not known; look at it yourself"
    return flagged(RuleId.NOT_READ, path, None, Category.OTHER, message, because)
