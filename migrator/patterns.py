"""Regular expressions that are compiled when they are first used.

Four hundred of them stand at the top of modules, and one run needs a third: compiling all cost a fifth of a small run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, AnyStr

__all__ = ("regex",)

if TYPE_CHECKING:

    def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """`re.compile(pattern, flags)`, for patterns that stand at the top of a module."""
        raise NotImplementedError
else:

    class _Regex:
        """Becomes, attribute by attribute, the compiled pattern: after the first use its methods are found as quickly as that one's."""

        def __init__(self, pattern: str | bytes, flags: int) -> None:
            self.pattern = pattern
            self._flags = flags

        def __getattr__(self, name: str) -> object:
            if name.startswith("__"):
                raise AttributeError(name)
            compiled = re.compile(self.pattern, self._flags)
            for attribute in _ATTRIBUTES:
                setattr(self, attribute, getattr(compiled, attribute))
            return getattr(compiled, name)

    _ATTRIBUTES = tuple(name for name in dir(re.Pattern) if not name.startswith("_"))

    def regex(pattern: str | bytes, flags: int = 0) -> _Regex:
        """`re.compile(pattern, flags)`, for patterns that stand at the top of a module."""
        return _Regex(pattern, flags)
