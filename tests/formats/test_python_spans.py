"""Offsets by form and offsets by libcst's own printing are the same offsets, and a wrong form costs only time."""

from __future__ import annotations

from pathlib import Path

import libcst
import pytest

from migrator.formats.python import spans
from migrator.formats.python.printing import FORMS
from migrator.formats.python.spans import Spans, locate

ROOT = Path(__file__).resolve().parents[2]
OWN = sorted((ROOT / "migrator").rglob("*.py"))
FIXTURES = sorted((ROOT / "fixtures").rglob("*.py"))

EVERYTHING = '''\
#!/usr/bin/env python
# a comment
import a . b as c , d
from . x import ( y as z , # inside
                  w , )
from q import *
@dec ( 1 )

# before
async def f ( a , b : int = 1 , / , c : "x" = 2 , * , d = ( 3 ) , ** e ) -> List [ int , str ] :
  """doc"""
  x = y = ( z )
  x : int = ( yield )
  x += 1 ; del x ; pass
  async with ( a as b , c ) : pass
  async for i in range ( 3 ) : continue
  else : break
  return
class A ( B , metaclass = C , ** kw ) :

    def g ( self , * args ) : return
    # last
  # further out
if ( a ) : b
elif not a and b or - c < d <= e not in f is not g :
    raise X from ( Y )
elif q : pass
else :
    assert x , "y"
while x : x = ( lambda a , * b : a ) ( * c , ** d , k = v )
else : pass
try :
    global h
except ( E , F ) as e : pass
else : pass
finally : nonlocal_ = { ** a , b : c , } , { 1 , * d } , [ * e , f ] , ( ) , ( g , )
'''
MORE = """\
v = [ a for b in c if d if e for f in g ]
v = { a : b for c in d } , { a for b in c } , ( a async for b in c )
v = a [ 1 : 2 : 3 , ... ] . b [ : ] [ :: ] \\
    if c else d
v = "a" 'b' f"{ c !r : > { d } } e" r"x" + 1.5j ** ~ 2 // 3 @ 4
if ( n := 10 ) > 5 : pass
match x :
    case { "a" : [ 1 , * _ ] , ** rest } if y : pass
    case A ( b = 1 ) | None : pass
type T [ U ] = list [ U ]
def f [ T : int ] ( x : T ) : ...
print ( "no line end" )"""


def _own(module: libcst.Module) -> Spans:
    found = Spans(indent=module.default_indent, newline=module.default_newline)
    module._codegen(found)  # type: ignore[arg-type]
    return found


def _same(text: str) -> None:
    module = libcst.parse_module(text)
    own = _own(module)
    by_form = Spans(indent=module.default_indent, newline=module.default_newline)
    spans.put(by_form, module)
    assert "".join(by_form.tokens) == "".join(own.tokens)
    assert by_form.spans == own.spans
    assert by_form.starts == own.starts
    assert by_form.comments == own.comments


@pytest.mark.parametrize("text", [EVERYTHING, MORE, MORE.replace("\n", "\r\n"), "", "\n", "# only\n", "x", "if x:\n\ty\n\n\n\tz"])
def test_forms_place_every_node_where_libcst_prints_it(text: str) -> None:
    _same(text)


@pytest.mark.parametrize("path", [*OWN, *FIXTURES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_forms_hold_on_whole_files(path: Path) -> None:
    try:
        text = path.read_bytes().decode().removeprefix("\ufeff")
        libcst.parse_module(text)
    except (UnicodeDecodeError, libcst.ParserSyntaxError):
        pytest.skip("no Python text")
    _same(text)


def test_forms_name_fields_that_libcst_has() -> None:
    """A field that were renamed would have every file printed twice."""
    for name, form in FORMS.items():
        kind = getattr(libcst, {"elif": "If"}.get(name, name), None)
        if kind is None or name == "MaybeSentinel":
            assert name in ("NoneType", "MaybeSentinel")
            continue
        fields = set(kind.__dataclass_fields__)
        for word in form.split():
            part = word.lstrip("=:->").rstrip("?*!")
            if part.isidentifier():
                assert part in fields, (name, word)


@pytest.mark.parametrize("wrong", ["( =value '_' )", "=value '!'", "'_' ( =value )", "( =renamed )", "( renamed )"])
def test_a_wrong_form_costs_only_time(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    module = libcst.parse_module(EVERYTHING)
    right = locate(module, EVERYTHING)
    steps = tuple(spans.step(word) for word in wrong.split())
    monkeypatch.setitem(spans.FORM_OF, libcst.Name, steps)
    again = locate(module, EVERYTHING)
    assert (again.spans, again.starts, again.comments) == (right.spans, right.starts, right.comments)
