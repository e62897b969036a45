"""The words that make a file worth reading, and where a text has them. Imports nothing at its top: the front door runs on this alone."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.model import Span

NEEDLES = (b"openrouter", b"open_router", b"open-router", b"sk-or-")
"""Lower case. Every spelling of the service's name in code, hosts, packages and variables, and the head of its keys."""


DIALECT = (
    b"allow_fallbacks", b"allowFallbacks", b"data_collection", b"dataCollection", b"require_parameters", b"requireParameters",
    b"max_price", b"maxPrice", b"zdr", b"quantizations", b"enforce_distillable", b"enforceDistillable", b"preferred_m", b"preferredM",
    b"middle-out", b"provider:", b"provider =", b"provider=", b'provider"', b"provider'", b".provider", b"[provider]", b"transforms",
    b'"models"', b"'models'", b"models:", b"models =", b".models", b'"plugins"', b"'plugins'", b"plugins:", b".plugins", b'"route"',
    b"'route'", b"route:", b":nitro", b":floor", b":free", b":online", b":exacto", b":thinking", b":extended", b":batch", b":beta",
)  # fmt: skip
"""Words of OpenRouter's own options and model ids, exact case. Most stand in other programs too: they only say that a look is worth while."""


def may_ask_openrouter(data: bytes) -> bool:
    """Does a text hold words of OpenRouter's options, though it may not name OpenRouter?"""
    return any(word in data for word in DIALECT)


def names_openrouter(data: bytes, find: "Callable[[bytes, bytes], int]" = bytes.find) -> bool:
    """True where ASCII-compatible bytes hold a needle in any letter case. `find` looks for bytes in bytes.

    Lower-casing once and searching for plain text is ten times as fast as a case-blind regular expression.
    """
    lower = data.lower()
    return find(lower, b"sk-or-") >= 0 or (find(lower, b"router") >= 0 and any(needle in lower for needle in NEEDLES))


_WORDS = tuple(needle.decode() for needle in NEEDLES)
_LOWER = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}


def mentions(text: str) -> "list[Span]":
    """The places where a text names OpenRouter, in order.

    Searches for plain words in lowered text, which is many times as fast as a case-blind pattern.
    """
    from migrator.model import Span

    lower = text.lower() if text.isascii() else text.translate(_LOWER)  # no letter may become two
    places: list[Span] = []
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            places.append(Span(at, at + len(word)))
            at = lower.find(word, at + len(word))
    return sorted(places)
