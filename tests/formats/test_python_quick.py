"""What CPython's own parser reads of Python is the tree that libcst gives, to the letter."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from migrator.formats import python
from migrator.formats.python import quick
from migrator.formats.tree import Unreadable
from migrator.model import Source
from migrator.plan.pipeline import reparse

SNIPPETS = (
    "def f():\n    x = yield from (a)\n    yield  from b\n    y = ((yield from (g(  1 )) ))\n",
    "d = {**a, 'x': (1), ( # c (\n 'y'): ((2)), **(b)}\nf((a), *(b), c=(1), **(d))(((e)))\n",
    "f(a=1, *b, **c)\nf(x for x in (y))\nf((x for x in y))\nf( (x) for (x) in y if (z) )\n",
    "x[(1), (2),] = 1; x[1:]; x[:]; x[1, 2:3, ::4]; x[(a, b)]; x[(a), b]; x[()]; x[a,]\n",
    "try:\n  a;\n# finally\nexcept (A) as e: b\nexcept (B, C)as e: pass\nelse: c\nfinally:\n  # finally\n  c\n",
    "x = f'{a!r:>{w}} {b=} {c = !r} {d[\"x\"]:{e.f}} {{}} {g(x, y=1)} {h if i else j} {(lambda: 1)()} {k!s} {l != m} {n:%Y-%m}'\n",
    "x = f'{None}' f'{{}}' 'a' rf'\\{b}' f'\\N{EM DASH}{c}' f''\n",
    "x = f'''{a}\n{b.c.d!s}'''; y = fr\"{z[0]:.2f}\"\n",
    "é = 'ü' + f'é{ä}ö{ü.ß!r}' ; x = é.foo(é, b=é)\n",
    "global a, b\ndef f(a, /, b: int = (1), *c, d=(2), **e: (str)) -> (x): pass\n",
    "@a\n@(b)\nclass C(A, (B), metaclass=M): pass\nclass D: pass\nclass E(): pass\n@ c\nasync def g(): await h\n",
    "a = (b + c) + d + (e)\n(a.b).c\n(a)[0](b)\nx = 'x' 'y'.format(1), (('x' 'y')).format(1), '%s' % (1), '%s' % (1,), -1, not a\n",
    "# c\r\nx = '''a\r\n#b''' # d\r\ny = 1\r",
    "from . import a as b, c\nfrom ..d.e import (f,\n  g as h)\nimport i.j as k, l.m\nfrom n import *\n",
    "with a as b, c(d) as (e, f), g: pass\nfor x in y: pass\nelse: z\nwhile a < b <= c != d: continue\ndel a, b; del (c)\n",
    "raise A from None\nassert a, b\nx: (int) = (1)\nx += (2)\n(y := 3)\nz = [*a, (b), c if d else e, *(f)]\nlambda a, *b, c=(1), **d: a\n",
    "x, = y\nfor a, in b: c = d, # e\nf = 1, ; g = h = i,\\\n\n",
    "if a: b\nelif c:\n  '''d'''\nelse:\n  if e: f\n  \n  # g\n",
)
LEFT = (
    "match a:\n  case 1: pass\n",
    "with (open(x)) as f: pass\n",
    "with a:\n  b;\n",
    "x = " + "[" * 150 + "]" * 150,
    "print 'a'\n",
)
MODULES = (
    "argparse",
    "ast",
    "asyncio.events",
    "dataclasses",
    "email.message",
    "json.decoder",
    "pathlib",
    "re._parser",
    "typing",
    "urllib.parse",
)


@pytest.mark.parametrize("text", SNIPPETS, ids=range(len(SNIPPETS)))
def test_both_parsers_give_the_same_tree(text: str) -> None:
    assert quick.lower("a.py", text) == python.lower_exactly("a.py", text)


@pytest.mark.parametrize("name", MODULES)
def test_the_same_tree_of_the_standard_library(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text("utf-8")
    module = quick.lower("a.py", text)
    assert module is None or module == python.lower_exactly("a.py", text)


@pytest.mark.parametrize("text", LEFT, ids=range(len(LEFT)))
def test_what_is_left_to_libcst(text: str) -> None:
    assert quick.lower("a.py", text) is None


def test_an_edited_file_is_read_by_libcst() -> None:
    """`ast` takes `(x): int` and libcst does not: a file like this is not written."""
    text = "(x): int = 1\n"
    assert quick.lower("a.py", text) is not None
    with pytest.raises(Unreadable):
        reparse(Source(path="a.py", text=text, encoding="utf-8", bom=False, digest=""))
