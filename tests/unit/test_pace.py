from inference.pace import LONGEST_S, SHORTEST_S, Pace


def test_the_wait_grows_with_the_queue_and_with_the_seconds_that_a_photo_takes() -> None:
    pace = Pace()
    pace.begun(100.0)
    for number in range(1, 60):
        pace.answered(100.0 + 2 * number)
    assert abs(pace.seconds_per_photo - 2) < 0.01
    assert 7.9 < pace.wait_for(4) < 8.1


def test_time_without_work_is_not_counted() -> None:
    pace = Pace()
    pace.begun(0.0)
    pace.answered(0.5)
    pace.idle()
    pace.begun(1_000.0)
    pace.answered(1_000.5)
    assert pace.seconds_per_photo == 0.5


def test_a_new_pace_soon_forgets_the_old_one() -> None:
    pace = Pace()
    pace.begun(0.0)
    pace.answered(10.0)
    for number in range(80):
        pace.answered(10.0 + (number + 1) * 0.1)
    assert pace.seconds_per_photo < 0.11


def test_the_wait_has_bounds() -> None:
    pace = Pace()
    assert pace.wait_for(0) == SHORTEST_S
    assert pace.wait_for(10**9) == LONGEST_S
