"""What is planned happens in the order of its time, and only when it is time."""

from gateway.simulator.timeline import Timeline


def test_order_of_time() -> None:
    """Earlier goes first, equal times keep the order of planning, the future waits."""
    done: list[tuple[str, float]] = []
    timeline = Timeline()
    for at, name in ((3.0, "c"), (1.0, "a"), (1.0, "b"), (9.0, "later")):
        timeline.plan(at, lambda at, name=name: done.append((name, at)))  # type: ignore[misc]  # mypy cannot tell a default
    timeline.run(5.0)

    assert [("a", 1.0), ("b", 1.0), ("c", 3.0)] == done


def test_actions_plan_actions() -> None:
    """What an action plans for a time that has come already is done in the same run."""
    done: list[float] = []
    timeline = Timeline()
    timeline.plan(1.0, lambda at: timeline.plan(at + 1.0, done.append))
    timeline.run(5.0)

    assert [2.0] == done
