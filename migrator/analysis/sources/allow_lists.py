"""Lists of hosts that may be called: they must be extended, not replaced, or the calls are blocked after the move.

Content security policies, allow-lists of proxies, sandboxes and frameworks, host permissions of browser extensions. An address in one of
them is no place that requests go to, so it never moves with a client.
"""

from __future__ import annotations

import re
from functools import lru_cache

from migrator.facts.model import UrlFact
from migrator.formats.tree import Arg, Assign, Call, EnvDef, Item, Str
from migrator.patterns import regex
from migrator.resolve.context import source_name

_POLICY = regex(r"(connect|default|script|img|frame|form|child|worker)-(src|action)\b|content-security-policy", re.IGNORECASE)
_DIRECTIVE = regex(r"connect[-_]?src|default[-_]?src", re.IGNORECASE)
_FLAG = regex(r"--allow-net=[^\s\"']*openrouter\.ai", re.IGNORECASE)
"""What Deno lets a program call; https://docs.deno.com/runtime/fundamentals/security/"""
_NAME = regex(
    r"(allow(ed)?_?(list|hosts?|domains?|origins?|urls?|targets?|egress)|white_?list|trusted_?(hosts?|domains?|origins?)|permitted_?(hosts?|domains?)"
    r"|egress|no_?proxy|remote_?patterns|host_?permissions|optional_?host_?permissions|permissions|network_?(policy|allow\w*|access)|connect_?src"
    r"|csp|content_?security_?policy|cors\w*|safe_?(hosts?|domains?)|outbound\w*|domains?_?allow\w*|known_?hosts|allow_?net|firewall\w*)$",
    re.IGNORECASE,
)


@lru_cache(1 << 12)
def is_policy(text: str) -> bool:
    """Does a text read as a content security policy? One text may hold thousands of addresses, each of which asks."""
    return _POLICY.search(text) is not None


@lru_cache(1 << 12)
def _permits(text: str) -> bool:
    return is_policy(text) or _FLAG.search(text) is not None


def is_followed(fact: UrlFact) -> bool:
    """Is it a list that the program obeys at once, so that what moves is blocked until the list follows: a policy, Deno's flags?

    Other lists are somebody's decision: what a sandbox may reach, what the users of an extension have granted.
    """
    if _permits(fact.literal.value):
        return True
    keys = (step.node.key for step in fact.node_path.ancestors() if isinstance(step.node, Item))
    return any(isinstance(key, Str) and _DIRECTIVE.fullmatch(key.value) for key in keys)


def allows(fact: UrlFact) -> bool:
    """Does this address stand in a list of hosts that may be called?"""
    if _permits(fact.literal.value):
        return True
    for step in fact.node_path.ancestors():
        match step.node:
            case Item(key=Str(value=name)) | Arg(name=str(name)) | EnvDef(name=name):
                if _NAME.search(name.replace("-", "_")):
                    return True
                if isinstance(step.node, EnvDef):
                    return False
            case Assign(targets=targets) if targets:
                return bool(_NAME.search(source_name(targets[0]).replace("-", "_")))
            case Call():
                return False
            case _:
                pass
    return False
