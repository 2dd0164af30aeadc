"""The charts of the page Negative phase: what they draw comes from the columns they are given."""

import numpy as np

from rbmviz.charts.mixing import FLOOR, mixing_columns, mixing_spec
from rbmviz.charts.states import MAX_STATES, state_columns, states_spec, tiles_html
from rbmviz.language import speaking


def test_mixing_columns_mark_the_chosen_k_and_drop_what_is_too_small():
    columns = mixing_columns([0.5, 0.05, FLOOR / 2], [0.1, 0.2, 0.3], 0.1, chosen=2)
    assert columns["k"] == [1.0, 2.0, 3.0]
    assert columns["bias"] == [0.5, 0.05, None]
    assert np.allclose(columns["lambda_power"], [0.1, 0.01, 0.001])
    assert columns["chosen"] == [0.0, 1.0, 0.0]


def test_state_columns_are_sorted_by_the_model_and_keep_what_anybody_sees():
    model = np.full(512, 0.5 / 511)
    model[5] = 0.5
    data, chains = np.zeros(512), np.zeros(512)
    data[300], chains[301] = 1.0, 1.0
    columns = state_columns(model, data, chains, n_visible=9)
    assert len(columns["rank"]) == MAX_STATES
    assert columns["state"][0] == "101000000"  # unit 0 first
    assert columns["model"] == sorted(columns["model"], reverse=True)
    assert sum(columns["data"]) == sum(columns["chains"]) == 1.0


def test_specs_are_constant_and_name_their_columns():
    assert mixing_spec() is mixing_spec()
    assert "lambda_power" in str(mixing_spec())
    assert states_spec() is states_spec()
    assert "chains" in str(states_spec())


def test_the_axis_leaves_room_for_the_button_of_the_table_in_german():
    with speaking("de"):
        assert len(states_spec()["layer"][0]["encoding"]["x"]["title"]) < 40


def test_tiles_have_a_cell_a_unit_and_escape_their_words():
    html = tiles_html(np.array([[1.0, 0.25]]), ["<b>\nx"], (1, 2), 'a "b"')
    assert html.count("background:currentColor") == 2
    assert "opacity:0.25" in html
    assert "&lt;b&gt;<br>x" in html
    assert 'aria-label="a &quot;b&quot;"' in html
