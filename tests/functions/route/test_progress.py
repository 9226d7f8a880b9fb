"""How far one call of the drain has come, and which request it doubts."""

from types import SimpleNamespace

import pytest

from functions.route.progress import DrainProgress, Outcome
from functions.shared.concerns import Concern
from functions.shared.errors import WorkbookRefusedError
from tests.functions.route.arrivals import MORNING

REFUSED = WorkbookRefusedError("refusé")
CONCERN = Concern("ici", "ceci", "cela")


def requests(*names):
    return [SimpleNamespace(name=name, reference=f"LOT-{name}") for name in names]


@pytest.fixture
def progress():
    return DrainProgress(MORNING, 8)


def test_only_when_nothing_can_be_written_is_a_round_the_last():
    assert {outcome for outcome in Outcome if outcome.is_last} == {
        Outcome.NOTHING_TO_DO,
        Outcome.PAUSED,
    }


def test_a_committed_batch_counts_its_rows_and_leaves_its_concerns(progress):
    progress.sweep = True
    assert progress.committed(3, [CONCERN], more=True) == []
    assert progress.committed(2, [], more=False) == []
    assert progress.rows == 5
    assert progress.concerns == []
    assert not progress.sweep


def test_rows_that_wait_to_be_completed_keep_the_sweep_going(progress):
    progress.committed(0, [CONCERN], more=True)
    assert progress.completes
    assert progress.concerns == [CONCERN]


def test_the_first_two_refusals_say_nothing_of_requests(progress):
    progress.sweep = True
    progress.refused(requests("a", "b"), REFUSED)
    assert progress.completes
    progress.refused(requests("a", "b"), REFUSED)
    assert not progress.completes  # without completions now
    assert (progress.limit, progress.condemned, progress.concerns) == (8, {}, [])


def test_a_refused_completion_is_noted_once_the_batch_is_taken_without_it(progress):
    progress.sweep = True
    for _ in range(2):
        progress.refused(requests("a"), REFUSED, completed=True)
    progress.committed(1, [CONCERN], more=False)
    first, second = progress.concerns
    assert first == CONCERN
    assert second.subject == "Google Sheets refuse de compléter une des lignes tapées à la main."


@pytest.mark.parametrize(("times", "completed"), [(1, True), (2, False), (3, True)])
def test_any_other_refusal_says_nothing_of_completions(times, completed, progress):
    progress.sweep = True
    for _ in range(times):
        progress.refused(requests("a", "b"), REFUSED, completed=completed)
    progress.committed(1, [], more=False)
    assert progress.concerns == []


def test_then_half_of_them_is_tried_down_to_one_which_is_condemned(progress):
    progress.refusals = 2
    limits = []
    for names in ("abcdefg", "abc", "a"):
        progress.refused(requests(*names), REFUSED)
        limits.append(progress.limit)
    assert limits == [3, 1, 1]
    assert list(progress.condemned) == ["a"]
    (concern,) = progress.concerns
    assert concern.place == "LOT-a"
    assert "mise à part" in concern.subject


def test_the_condemned_are_named_once_another_batch_is_written(progress):
    """As long as Google refuses everything, it is not the request that is at fault."""
    progress.refusals = 2
    progress.refused(requests("a"), REFUSED)
    assert [guilty.name for guilty in progress.committed(1, [], more=False)] == ["a"]
    assert progress.committed(1, [], more=False) == []


def test_a_batch_without_requests_that_is_refused_thrice_stops_the_drain(progress):
    for _ in range(2):
        progress.refused([], REFUSED)
    with pytest.raises(WorkbookRefusedError):
        progress.refused([], REFUSED)


def test_after_a_success_batches_grow_again_up_to_the_most(progress):
    progress.limit = 1
    limits = []
    for _ in range(4):
        progress.committed(1, [], more=False)
        limits.append(progress.limit)
    assert limits == [2, 4, 8, 8]
