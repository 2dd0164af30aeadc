"""Links: what is written comes back the same, and nothing that comes from outside breaks a lab."""

from dataclasses import asdict, fields, replace
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rbmviz
from rbmviz.run import link as link_module
from rbmviz.run.difference import (
    DIFFERENCES,
    MAX_FORK_STEP,
    Difference,
    read_difference,
    suggested_value,
)
from rbmviz.run.estimators import OFFERED
from rbmviz.run.lab import Lab
from rbmviz.run.link import (
    VIEWS,
    LabLink,
    decode_link,
    encode_link,
    is_left_out,
)
from rbmviz.run.link_changes import MAX_CHANGES, without_false_start, write_lab_changes
from rbmviz.run.own_data import encode_rows
from rbmviz.run.player import SPEEDS
from rbmviz.run.query import MAX_STEP
from rbmviz.run.requests import Command, Request
from rbmviz.run.schedule import Place, Schedule
from rbmviz.run.settings import ROWS, LabSettings, clamp_settings

MINE = encode_rows([[1, 0, 0, 1], [0, 1, 1, 0]], (2, 2))


def there_and_back(link: LabLink) -> tuple[LabLink, list[str]]:
    return decode_link(dict(parse_qsl(encode_link(link), keep_blank_values=True)))


def number(name: str) -> st.SearchStrategy[float]:
    low, high = ROWS[name].limits
    if isinstance(getattr(LabSettings(), name), int):
        return st.integers(int(low), int(high))
    return st.floats(low, high)


@st.composite
def links(draw: st.DrawFn) -> LabLink:
    """Any state that the lab can be in."""
    values = {name: draw(number(name)) for name, row in ROWS.items() if row.kind in (int, float)}
    values["dataset"] = draw(st.sampled_from([*rbmviz.dataset_names(), MINE]))
    values["estimator"] = draw(st.sampled_from(OFFERED))
    values["centered"] = draw(st.booleans())
    lab, _ = clamp_settings(values)
    n_visible, n_hidden = lab.data.n_visible, lab.n_hidden
    i, j = draw(st.integers(0, n_visible - 1)), draw(st.integers(0, n_hidden - 1))
    difference = None
    name = draw(st.sampled_from(["", *DIFFERENCES]))
    if name and lab.uses(name):
        value = draw(
            st.sampled_from(OFFERED)
            if name == "estimator"
            else st.just(not lab.centered)
            if name == "centered"
            else number(name)
        )
        fork = draw(st.just(0) | st.integers(0, MAX_STEP) | st.just(MAX_FORK_STEP))
        difference, _ = read_difference(lab, name, value, fork)
    return LabLink(
        lab,
        step=draw(st.integers(0, MAX_STEP)),
        speed=draw(st.sampled_from(SPEEDS)),
        view=draw(st.sampled_from(VIEWS)),
        selected=draw(st.sampled_from([f"{i},{j}", f"b{i}", f"c{j}"])),
        difference=difference,
    )


@given(links())
def test_every_state_comes_back_without_a_word(link: LabLink) -> None:
    assert there_and_back(link) == (link, [])


def test_a_new_lab_has_no_query_and_a_link_is_short() -> None:
    assert encode_link(LabLink()) == ""
    assert decode_link({}) == (LabLink(), [])
    link = LabLink(LabSettings(n_hidden=12, seed=7), step=500, selected="3,5")
    assert encode_link(link) == "v=1&n_hidden=12&seed=7&step=500&selected=3,5"


def test_the_defaults_of_version_1_are_fixed() -> None:
    """They are those of the lab of today; a lab with others needs a version 2, and both tables."""
    fixed = dict(link_module._DEFAULTS_1)
    assert {name: fixed[name] for name in asdict(LabSettings())} == asdict(LabSettings())
    new = LabLink()
    for name in ("step", "speed", "view", "selected"):
        assert fixed[name] == getattr(new, name)
    assert set(fixed) == {s.name for s in fields(LabSettings)} | {
        "step",
        "speed",
        "view",
        "selected",
    }


@settings(max_examples=15)
@given(links())
def test_a_link_gives_the_same_numbers_bit_for_bit(link: LabLink) -> None:
    again, _ = there_and_back(link)
    runs = []
    for asked in (link.settings, again.settings):
        state = rbmviz.start(asked.training_settings(), asked.data.v)
        try:
            runs.append(rbmviz.train(state, 2).rbm)
        except rbmviz.DivergedError:
            return
    for name in "Wbc":
        assert np.array_equal(getattr(runs[0], name), getattr(runs[1], name))


# ---- own data -----------------------------------------------------------------------------


def test_small_own_data_travel_and_large_ones_are_named() -> None:
    small = LabSettings(dataset=MINE)
    assert "dataset=own.2x2.2.lg" in encode_link(LabLink(small))
    large = LabSettings(dataset=encode_rows(np.eye(120), (10, 12)))
    assert is_left_out(large)
    query = encode_link(LabLink(large, step=10))
    assert len(query) < 100
    link, (message,) = there_and_back(LabLink(large, step=10))
    assert link.settings.dataset == LabSettings().dataset
    assert link.step == 10
    assert "too large" in message
    assert "Upload the data again" in message


def test_the_largest_painted_patterns_that_travel_fit_an_address() -> None:
    most = LabSettings(dataset=encode_rows(np.ones((34, 256)), (16, 16)))
    assert not is_left_out(most)
    link = LabLink(most, MAX_STEP, 0, "images", "100,7", Difference("n_steps", 10, 10**9))
    assert there_and_back(link) == (link, [])
    assert len(encode_link(link)) < 2000


# ---- hostile links ------------------------------------------------------------------------

HOSTILE = {
    "n_hidden": ["-1", "1e999", "nan", "9" * 400, "8; drop table", "", "\x00", "8.5", "0x8"],
    "dataset": ["../../etc/passwd", "own.", "own.9x9.1.A", "own.2x2.1." + "A" * 9999, "<script>"],
    "estimator": ["magic", "CD", "", "exact;"],
    "centered": ["maybe", "2", ""],
    "seed": ["-5", "1e30", "seed"],
    "step": ["-1", "1.5", "1e5", "99999999999999999999999", "", " ", "NaN", "٣", "100001"],
    "speed": ["3", "-1", "fast", "1e9"],
    "view": ["matrix2", "<img src=x>", ""],
    "selected": ["99,99", "b99", "c8", "W", "1,2,3", "-1,0", "b", ",", "b1,2", "٣,1", "1e1,0"],
    "rival": ["seed", "n_chains", "__class__", ""],
    "v": ["2", "0", "-1", "one", ""],
    "n_hiden": ["9"],
    "![x](http://evil.example/)": ["1"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, vs in HOSTILE.items() for v in vs], ids=lambda t: t[:16]
)
def test_a_wrong_value_is_named_and_the_rest_is_taken(name: str, value: str) -> None:
    link, messages = decode_link({"v": "1", "learning_rate": "0.25", name: value})
    assert link.settings.learning_rate == 0.25
    assert len(messages) >= 1
    assert any(name[:30] in message or "version" in message for message in messages) or (
        name in ("rival", "dataset")
    )
    assert all(20 < len(message) < 300 for message in messages)
    _, quiet = decode_link({"v": "1", "learning_rate": "0.25"})
    assert quiet == []


def test_what_others_put_into_an_address_is_nothing_to_talk_about() -> None:
    query = {"v": "1", "embed": "true", "embed_options": "x", "utm_source": "mail", "fbclid": "1"}
    assert decode_link(query) == (LabLink(), [])
    assert decode_link({"page": "lab"}) == (LabLink(), [])  # no link of ours


def test_a_flood_of_names_is_cut_short() -> None:
    _, messages = decode_link({"v": "1", **{f"name{k}": "1" for k in range(10_000)}})
    assert len(messages) == 5
    assert messages[-1] == "Only the first 64 names of the address were read."


def test_run_b_cannot_be_made_of_anything() -> None:
    for rival, value, said in (
        ("n_steps", "1", "the same as run A"),
        ("n_steps", "999", "using 50"),
        ("n_steps", "abc", "not a number"),
        ("estimator", "magic", "not known"),
        ("n_chains", "5", "cannot differ"),  # CD has none
        ("dataset", "XOR", "cannot differ"),
    ):
        query = {"rival": rival, "rival_value": value, "rival_from": "30"}
        link, messages = decode_link(query)
        assert any(said in message for message in messages)
        assert link.difference is None or link.difference == Difference("n_steps", 50, 30)


@pytest.mark.parametrize(
    ("given", "taken", "said"),
    [
        ("0", 0, ""),
        (" 30 ", 30, ""),
        ("5000", 5000, ""),  # run A has still to come there
        ("1000000000", MAX_FORK_STEP, ""),
        ("1000000001", MAX_FORK_STEP, "beyond the limit"),
        ("9" * 5000, MAX_FORK_STEP, "beyond the limit"),
        ("-1", 0, "no whole number"),
        ("1e3", 0, "no whole number"),
        ("2.5", 0, "no whole number"),
        ("nan", 0, "no whole number"),
        ("٣", 0, "no whole number"),
        ("", 0, "no whole number"),
        ("<script>" * 99, 0, "no whole number"),
    ],
    ids=lambda value: str(value)[:16],
)
def test_the_step_of_a_fork_is_checked(given: str, taken: int, said: str) -> None:
    query = {"rival": "learning_rate", "rival_value": "0.5", "rival_from": given, "step": "100"}
    link, messages = decode_link(query)
    assert link.difference == Difference("learning_rate", 0.5, taken)
    assert len(messages) == bool(said)
    assert all("rival_from" in message and said in message for message in messages)


def test_parts_of_a_run_b_without_one_are_named() -> None:
    link, messages = decode_link({"rival_value": "5", "rival_from": "30"})
    assert link == LabLink()
    assert [message.split()[0] for message in messages] == ["rival_value", "rival_from"]
    assert all("has no run B" in message for message in messages)


names = st.sampled_from([*link_module.KNOWN, "x"]) | st.text(max_size=12)
texts = st.text(max_size=30) | st.from_regex(r"-?\d{1,30}(\.\d+)?(e\d{1,4})?", fullmatch=True)


@given(st.dictionaries(names, texts, max_size=12))
def test_no_query_breaks_the_lab(query: dict[str, str]) -> None:
    link, messages = decode_link(query)
    assert clamp_settings(asdict(link.settings)) == (link.settings, [])
    assert 0 <= link.step <= MAX_STEP
    assert link.speed in SPEEDS
    assert link.view in VIEWS
    assert there_and_back(link) == (link, [])  # what it was made to is a state of the lab
    assert len(messages) < 40
    decode_link(dict(parse_qsl(urlencode(query))))


# ---- the lab on the way to the step ----------------------------------------------------


def test_the_lab_trains_to_the_step_in_slices_bit_for_bit() -> None:
    settings = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, estimator="pcd")
    lab = Lab(settings)
    for goal in (7, 7, 50, 123):
        lab.lead_to(goal)
        while lab.way:
            before = lab.step
            lab.go_on(0.0)  # no time: it still comes a little further
            assert lab.step > before
    assert lab.state.step == 123
    whole = rbmviz.train(rbmviz.start(settings.training_settings(), settings.data.v), 123)
    assert np.array_equal(lab.state.rbm.W, whole.rbm.W)
    assert lab.curves()["step"][-1] == 123
    (snapshot,) = lab.answer().snapshots
    assert snapshot.step == 123
    assert len(lab.schedule.entries) == 1
    lab.lead_to(100)
    lab.go_on(1.0)  # it stays where it is
    assert lab.state.step == 123


def test_a_link_that_diverges_ends_with_the_reason() -> None:
    wild = LabSettings(learning_rate=10.0, weight_decay=1.0, initial_scale=5.0)
    lab = Lab(wild)
    lab.lead_to(500)
    while lab.way:
        lab.go_on(0.1)
    assert lab.step < 500
    assert "diverged" in lab.answer().notice.text


# ---- settings that changed on the way -------------------------------------------------------


def test_changes_travel_in_the_link() -> None:
    first = LabSettings(seed=3)
    second = replace(first, learning_rate=0.5, centered=True)
    third = replace(second, estimator="pcd", n_chains=7)
    link = LabLink(first, step=400, changes=((100, second), (400, third)))
    query = encode_link(link)
    assert "changes=100,learning_rate,0.5,centered,true~400,n_chains,7,estimator,pcd" in (
        query.replace("estimator,pcd,n_chains,7", "n_chains,7,estimator,pcd")
    )
    assert there_and_back(link) == (link, [])
    earlier, messages = decode_link({**dict(parse_qsl(query)), "step": "399"})
    assert (earlier.last_settings, messages) == (second, [])  # the last one was yet to come


@pytest.mark.parametrize(
    "text", ["", "~", "5", "5,seed,2", "5,learning_rate", "x,momentum,0.5", "5,dataset,digits",
             "9,momentum,0~5,momentum,1", "5,momentum,0.5" * 100, "-1,momentum,0.5",
             "٣,momentum,0.5"],
)  # fmt: skip
def test_changes_that_cannot_be_read_are_named(text: str) -> None:
    link, messages = decode_link({"v": "1", "step": "10", "changes": text})
    assert len(messages) == 1
    assert "cannot be read" in messages[0]
    assert link.last_settings == LabSettings()
    clamped, said = decode_link({"v": "1", "step": "10", "changes": "5,momentum,7"})
    assert clamped.last_settings.momentum == 0.99
    assert "momentum 7 is outside" in said[0]


def test_what_was_only_tried_before_the_first_update_leaves_no_trace() -> None:
    a, b = LabSettings(n_hidden=3), LabSettings(n_hidden=3, learning_rate=0.5)
    assert without_false_start([(0, a), (0, b), (9, a)]) == ((0, b), (9, a))
    chains = LabSettings(n_hidden=3, estimator="pcd")
    kept = [(0, chains), (0, replace(chains, n_chains=5))]  # its generator has moved on
    moved = without_false_start(kept)
    whole = Place.first(Schedule(tuple(kept))).with_changes(Schedule(tuple(kept))).state
    again = Place.first(Schedule(moved)).with_changes(Schedule(moved)).state
    assert np.array_equal(whole.chains.h, again.chains.h)


def test_what_left_a_trace_in_run_b_alone_stays_in_the_link() -> None:
    """Run A has no chains; those of B were taken over when their number changed."""
    a, b = LabSettings(n_hidden=3), LabSettings(n_hidden=3, n_chains=5)
    tried, pcd = [(0, a), (0, b)], Difference("estimator", "pcd")
    assert without_false_start(tried) == ((0, b),)
    assert without_false_start(tried, pcd) == tuple(tried)
    assert without_false_start(tried, replace(pcd, from_step=9)) == ((0, b),)
    assert without_false_start(tried, Difference("momentum", 0.5)) == ((0, b),)


def test_too_many_changes_are_not_written() -> None:
    first = LabSettings()
    many = tuple((k, replace(first, learning_rate=0.01 * k)) for k in range(1, MAX_CHANGES + 2))
    assert write_lab_changes(first, many) is None
    assert write_lab_changes(first, many[:3]) is not None


# ---- run B ----------------------------------------------------------------------------------

USED_BY = {"n_steps": "cd", "n_temperatures": "tempering", "fast_learning_rate": "fpcd"}


@pytest.mark.parametrize("fork", [0, 20, 27, 40])  # from the start, at a change, between, ahead
@pytest.mark.parametrize("name", DIFFERENCES)
def test_run_b_comes_back_bit_for_bit(name: str, fork: int) -> None:
    """Whatever differs, and although run A changed its settings before and after the fork."""
    first = LabSettings("XOR", 3, USED_BY.get(name, "pcd"), seed=5, n_chains=7, batch_size=2)
    second = replace(first, learning_rate=0.3)
    settings = replace(second, weight_decay=0.02)
    difference = Difference(name, suggested_value(settings, name), fork)
    sender = Lab(first)
    for k, asked in enumerate((first, second, settings), start=1):
        sender.apply(asked, 20)
        sender.receive(Request("tab", -1, 1, (Command(k, "step", 12 if k == 3 else 10),)))
        sender.answer()
    sender.apply(settings, 20, difference)
    sender.catch_up(60.0)
    expected = sender.state.rbm, sender._second.run.state.rbm
    (_, at_first), *changes = without_false_start(sender.schedule.entries, difference)
    link = LabLink(at_first, step=32, difference=difference, changes=tuple(changes))
    assert f"rival_from={fork}" in encode_link(link) or fork == 0
    again, messages = there_and_back(link)
    assert (again, messages) == (link, [])
    receiver = Lab(again.settings)
    receiver.lead_to(32, Schedule(((0, again.settings), *again.changes)))
    receiver.apply(again.last_settings, 20, again.difference)
    receiver.go_on(60.0)
    receiver.answer()
    receiver.catch_up(60.0)
    run_b = receiver._second.run
    for part in "Wbc":
        values = getattr(run_b.state.rbm, part)
        assert np.array_equal(values, getattr(expected[1], part))
    same_as_a = np.array_equal(values, expected[0].c)
    assert same_as_a == (fork == 40)
