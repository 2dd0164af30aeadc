"""The race: pulled, paused, bounded, replayed bit for bit, and exact where it says so."""

from dataclasses import replace

import numpy as np
import pytest

import rbmviz
from rbmviz.core.boltzmann import BoltzmannMachine, training
from rbmviz.run.player import WAY_POINTS
from rbmviz.run.requests import Command, Request, parse_request
from rbmviz.studio import machine_cost, machine_race
from rbmviz.studio.machine_race import MANY_UPDATES, Race
from rbmviz.studio.machine_settings import KINDS, RaceSettings

SMALL = RaceSettings("bars-and-stripes 2x2", n_hidden=3, n_coupled=2)


def pulled(race: Race) -> int:
    race.receive(Request(want=1, seen=race.answer().seq))
    race.answer()
    return race.step


def run_to(race: Race, step: int) -> None:
    """Go on to a multiple of MANY_UPDATES."""
    while race.step < step:
        race.act("play", MANY_UPDATES)
        while race.playing:
            pulled(race)


def test_all_machines_stand_at_one_step_and_many_updates_end_by_themselves():
    race = Race(SMALL)
    run_to(race, MANY_UPDATES)
    assert race.step == MANY_UPDATES
    assert not race.playing
    assert {s.state.step for s in race.standings().values()} == {MANY_UPDATES}
    race.act("restart")
    assert race.step == 0


def test_the_race_repeats_bit_for_bit_whatever_its_pulls_were():
    races = [Race(SMALL), Race(SMALL)]
    run_to(races[0], MANY_UPDATES)
    races[1].budget = 0.0
    races[1].act("play", MANY_UPDATES)
    while races[1].playing:
        pulled(races[1])  # one update each
    for kind in KINDS:
        a, b = (race.standings()[kind].state.machine for race in races)
        assert np.array_equal(a.couplings, b.couplings)
        assert np.array_equal(a.fields, b.fields)


def test_standings_are_those_of_the_library():
    race = Race(SMALL)
    run_to(race, MANY_UPDATES)
    v = SMALL.data.v
    for kind, standing in race.standings().items():
        machine = standing.state.machine
        likelihood = rbmviz.machine_log_likelihood(machine, v)
        assert standing.log_likelihood == pytest.approx(likelihood, abs=1e-12)
        assert race.curves()[kind][-1] == pytest.approx(likelihood, abs=1e-12)
        assert standing.gap >= -1e-12
        if kind in ("fully visible", "restricted"):
            assert standing.gap == pytest.approx(0, abs=1e-12)
        near = race.approximation(kind)
        assert np.isfinite(near.negative.flat()).all()
        assert race.approximation(kind) is near  # a second look draws nothing new


def test_looking_does_not_change_the_run():
    quiet, watched = Race(SMALL), Race(SMALL)
    run_to(quiet, MANY_UPDATES)
    watched.act("play", MANY_UPDATES)
    while watched.playing:
        pulled(watched)
        watched.standings()
        watched.approximation("general")
    a, b = (r.standings()["general"].state.machine for r in (quiet, watched))
    assert np.array_equal(a.couplings, b.couplings)


def test_a_rate_goes_on_and_another_size_starts_anew():
    race = Race(SMALL)
    run_to(race, MANY_UPDATES)
    machine = race.standings()["deep"].state.machine
    race.apply(replace(SMALL, learning_rate=0.01, positive="gibbs", negative="exact"))
    assert race.step == MANY_UPDATES
    assert race.standings()["deep"].state.machine is machine
    first = race.approximation("deep").negative.flat()
    race.act("play")
    assert pulled(race) > MANY_UPDATES
    assert not np.array_equal(race.approximation("deep").negative.flat(), first)
    race.apply(replace(SMALL, n_hidden=2))
    assert (race.step, race.playing) == (0, False)


def test_a_course_leads_another_race_to_the_same_machines_bit_for_bit():
    first = RaceSettings("XOR", n_hidden=2, n_coupled=1)
    changes = [{"learning_rate": 0.1}, {"positive": "gibbs"}, {"negative": "exact"}]
    race = Race(first)
    for number, change in enumerate(changes, 1):
        race.receive(Request("tab", -1, 1, (Command(number, "step", 37 * number),)))
        race.apply(replace(race.settings, **change))
    race.act("step", 5)
    again = Race(race.course.entries[0][1])
    again.lead_to(race.step, race.course)
    while again.way:
        again.go_on(0.02)
    assert again.step == race.step == 37 * 6 + 5
    assert again.settings == race.settings
    for kind in KINDS:
        one, other = race.machine(kind), again.machine(kind)
        assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in "bcWRS"), (
            kind
        )
    steps = again.curves()["step"]
    assert len(steps) > WAY_POINTS  # no line is drawn over the whole way


def test_before_the_first_update_other_settings_are_a_new_start():
    race = Race(SMALL)
    race.act("play")
    exact = replace(SMALL, negative="exact")
    race.apply(exact)
    assert race.playing
    assert race.course.entries == ((0, exact),)


def test_curves_stay_bounded_and_keep_both_ends(monkeypatch):
    monkeypatch.setattr(machine_race, "MAX_POINTS", 20)
    race = Race(RaceSettings("XOR", n_hidden=2, n_coupled=1))
    assert race.curves()["step"] == [0]
    race.act("play")
    race.budget = 0.0
    for _ in range(70):
        pulled(race)
        steps = race.curves()["step"]
        assert len(steps) <= 20
        assert race.step - steps[-1] <= max(np.diff(steps), default=1)
    assert steps[0] == 0
    assert steps == sorted(set(steps))


def test_a_diverging_race_stops_with_the_remedy(monkeypatch):
    monkeypatch.setattr(training, "MAX_PARAMETER", 0.5)
    race = Race(SMALL)
    race.act("play")
    pulled(race)
    assert not race.playing
    assert "Lower the learning rate" in race.notice.text
    race.standings()  # where they stood before


@pytest.mark.parametrize("value", [0.0, 50.0])
def test_extreme_machines_are_described(value):
    race = Race(SMALL)
    for kind, state in race._states.items():
        s = state.machine.structure
        machine = BoltzmannMachine(
            value * s.R, value * s.W, value * s.S,
            np.full(s.n_visible, -value), np.full(s.n_hidden, value), s,
        )  # fmt: skip
        race._states[kind] = replace(state, machine=machine)
    race._forget_descriptions()
    for kind, standing in race.standings().items():
        assert np.isfinite([standing.log_likelihood, standing.gap]).all()
        assert np.isfinite(race.approximation(kind).negative.flat()).all()
    race.act("play")
    assert pulled(race) > 0


def test_costs_are_measured_for_every_line_and_can_be_cancelled(monkeypatch):
    monkeypatch.setattr(machine_cost, "SIZES", (4, 6))
    told: list[float] = []
    points = machine_cost.measure_machine_costs(told.append)
    lines = {(point.phase, point.kind) for point in points}
    assert lines == {(p, k) for p in ("positive", "negative") for k in KINDS} | {
        ("positive", "mean field"),
        ("negative", "gibbs"),
    }
    assert all(point.seconds > 0 for point in points)
    assert told == sorted(told)
    assert told[-1] < 1

    def cancel(_done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        machine_cost.measure_machine_costs(cancel)


def test_no_point_of_the_costs_is_predicted_to_take_long():
    todo = machine_cost._todo()
    assert max(seconds for *_, seconds in todo) < 2 * machine_cost.MAX_POINT_SECONDS
    assert {n for phase, kind, n, _ in todo if (phase, kind) == ("positive", "restricted")} == set(
        machine_cost.SIZES
    )
    for kind in KINDS:
        for n in machine_cost.SIZES:
            structure = machine_cost.structure_of(kind, n)
            assert structure.n_visible + structure.n_hidden == n


def test_an_answer_that_the_browser_has_not_seen_is_not_made_again():
    race = Race(SMALL)
    race.act("play")
    race.answer()
    step = race.step
    for stale in (None, "1", True, 1.5, []):
        race.receive(parse_request({"want": 1, "seq": stale or -1}))
        race.answer()
    assert race.step == step
    race.act("pause")
    assert pulled(race) == step
