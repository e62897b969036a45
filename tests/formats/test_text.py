from __future__ import annotations

from migrator.formats.documents import text
from tests.formats.probing import source


def test_nothing_is_said_about_text() -> None:
    module = text.lower(source("key: ${X}\n", "a.tpl"))
    assert (module.language, module.body, module.regions) == ("text", (), ())
