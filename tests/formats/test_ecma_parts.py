"""Parts of JavaScript syntax that are told by their number are those that the grammar calls by the name."""

from __future__ import annotations

import pytest

from migrator.formats import ecma, languages
from migrator.formats.ecma.context import DEPTHS, Reading
from migrator.formats.ecma.syntax import EXPRESSIONS, STATEMENTS, program
from migrator.formats.tree import Later, RegionKind
from migrator.model import Source
from tests.harness import FIXTURES

_SCRIPTS = sorted(path for path in FIXTURES.rglob("*") if path.suffix in ecma.DIALECTS and path.is_file())
_FORMS = """
const a = b.c, d = e?.f, g: string = h.i!, j /* k */ = l[m /* n */], o!: P;
q /* r */ . s(t /* u */, v)(...w)<X>(y)`z ${a}`;
(a /* b */) + /* c */ d * (e) || f ?? g && !h;
i += j; k.l = m /* n */; [o, p] = [q]; ({ r, s: t /* u */, "v": w } = x);
if (/* y */ a) b(); else if (c) /* d */ { e(); } else f();
if (g) h(); /* i */ else j();
function k(l, m = 1, n?: O, ...p: Q[]) { return (r as S).t; }
class U { constructor(private v, readonly w: X, @Y() z: A = b) {} @C() d(e: F) {} }
type G = typeof h.i | typeof j.k.l; let m: { n: typeof o.p };
new Q(r.s).t /* u */ (v => w, async (x: Y): Promise<Z> => (a, b));
"""


def _assert_same(text: str, dialect: str) -> bool:
    parsed = ecma._Parsed(text, 0, dialect)
    if parsed.root.has_error:
        return False
    by_number, by_name = (
        program(Reading(text, 0, parsed.at, DEPTHS[0], EXPRESSIONS, STATEMENTS, parsed.plain, whole), parsed.root)
        for whole in (True, False)
    )
    assert by_number == by_name
    return True


def test_forms_with_comments_types_and_decorators() -> None:
    assert _assert_same(_FORMS, "ts")


def test_scripts_of_the_fixtures() -> None:
    read = [_assert_same(path.read_text("utf-8", "replace"), ecma.DIALECTS[path.suffix]) for path in _SCRIPTS]
    assert sum(read) > 500


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("go", "a.go", 'package a\n\n// b\nconst C = "d"\n'),
        ("ruby", "a.rb", '# b\nC = "d"\n'),
        ("dart", "a.dart", "const c = 'd'; // b\n"),
    ],
)
def test_a_language_without_markup_is_not_parsed_again_for_it(
    monkeypatch: pytest.MonkeyPatch, name: str, path: str, text: str
) -> None:
    module = languages.lower(Source(path=path, text=text, encoding="utf-8", bom=False, digest=""), name)
    monkeypatch.setattr(languages, "_regions", lambda *_: pytest.fail("all regions are looked for"))
    assert isinstance(module.regions, Later)
    assert module.regions_of(RegionKind.MARKUP) == ()
