"""Things along a run stay few, even, and within their room, whatever arrives."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rbmviz.run.thinning import Thinning

arrivals = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 7), st.integers(1, 50), st.booleans()),
    min_size=1,
    max_size=400,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(arrivals, st.integers(3, 40), st.integers(100, 1000))
def test_they_stay_few_even_and_within_their_room(
    given_arrivals: list[tuple[int, int, int, bool]], most: int, most_bytes: int
) -> None:
    kept: Thinning[int] = Thinning(most, most_bytes)
    step, largest_gap = 0, 0
    for gap, worth, n_bytes, newest in [(0, 0, 1, True), *given_arrivals]:
        step += gap
        largest_gap = max(largest_gap, gap)
        promised = kept.takes(step, worth)
        kept.put(step, step, worth=worth, n_bytes=n_bytes, newest=newest)
        steps = kept.things
        assert len(steps) <= most
        assert kept.n_bytes == sum(each.n_bytes for each in kept.kept) <= most_bytes
        assert steps == sorted(set(steps))
        assert steps[0] == 0
        if newest:
            assert steps[-1] == step
        if not promised and not newest:
            assert step not in steps
        if promised and kept.stride == 1:
            assert steps[-1] == step
        settled = steps[:-1]  # the newest may stand closer
        assert all(b - a >= kept.stride for a, b in pairwise(settled))
        assert all(b - a < 2 * kept.stride + largest_gap for a, b in pairwise(steps))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(1, 50), st.integers(100, 3000))
def test_a_steady_run_fills_at_least_a_third(gap: int, count: int) -> None:
    kept: Thinning[int] = Thinning(60, 10**9)
    for k in range(count):
        kept.put(gap * k, k, worth=0, n_bytes=1)
    assert len(kept.kept) > min(count, 60) / 3


def test_of_two_close_ones_the_one_of_more_worth_stays() -> None:
    kept: Thinning[str] = Thinning(4, 10**9)
    for step in range(0, 100, 10):
        kept.put(step, f"plain {step}", worth=0, n_bytes=1)
    assert kept.stride >= 16
    last = kept.kept[-1].step
    kept.put(last + 1, "rich", worth=4, n_bytes=1)
    kept.put(last + 2, "poor", worth=1, n_bytes=1)
    assert kept.things[-1] == "rich"
    assert kept.takes(last + 3, 5)
    assert not kept.takes(last + 3, 4)


def test_one_of_the_same_step_replaces_the_one_before() -> None:
    kept: Thinning[str] = Thinning(4, 100)
    kept.put(0, "first", worth=0, n_bytes=1)
    kept.put(0, "again", worth=0, n_bytes=1, newest=True)
    assert kept.things == ["again"]


def test_going_back_forgets_what_came_after() -> None:
    kept: Thinning[int] = Thinning(50, 10**9)
    for step in range(0, 100, 5):
        kept.put(step, step, worth=0, n_bytes=1)
    kept.forget_after(42)
    assert kept.things[-1] == 40
    assert kept.at_or_before(39) == 35
    assert kept.at_or_before(-1) is None
    kept.put(20, 20, worth=0, n_bytes=1)  # a step that lies behind forgets as well
    assert kept.things == [0, 5, 10, 15, 20]


def test_what_does_not_fit_at_all_leaves_the_newest_alone() -> None:
    kept: Thinning[int] = Thinning(10, 100)
    for step in range(5):
        kept.put(step, step, worth=0, n_bytes=90, newest=True)
    assert kept.things == [4]
