"""The first of many spans that holds a stretch is found as if each were looked at."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from migrator.model import Span
from migrator.text.covering import Covering

SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8)), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SPANS, st.integers(0, 25), st.integers(0, 6))
@example([(1, 1), (0, 10)], 3, 2)  # one that ends too early stands between
@example([(0, 10), (0, 10), (2, 3)], 2, 1)  # the first given, not the nearest
@example([(0, 3), (1, 3)], 1, 3)
@example([(2, 4), (0, 4)], 2, 2)
def test_the_first_that_holds_it(given_spans: list[tuple[int, int]], start: int, size: int) -> None:
    pairs = [(Span(begin, begin + length), f"number {order}") for order, (begin, length) in enumerate(given_spans)]
    expected = next((held for span, held in pairs if span.start <= start and start + size <= span.end), None)
    assert Covering(pairs).first(start, start + size) == expected
