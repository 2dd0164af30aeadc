"""Pictures of machines: graphs, the table, curves and costs."""

from urllib.parse import unquote

import pytest

from rbmviz import Structure
from rbmviz.charts.machine_cost import machine_cost_columns, machine_cost_spec
from rbmviz.charts.machines import (
    LOOKS,
    OverviewRow,
    PhaseCell,
    graph_picture,
    likelihood_columns,
    overview_html,
    race_spec,
)

NAMES = ("a", "b", "c", "d", "e")
BLUE = "#2f80d0"


def drawn(structure: Structure, layers: tuple[int, ...], clamped: bool) -> str:
    cut = structure.free_cut
    if clamped:
        cut = [structure.n_visible + unit for unit in structure.clamped_cut]
    return unquote(graph_picture(structure, layers, clamped, tuple(cut)))


@pytest.mark.parametrize(
    ("structure", "layers"),
    [
        (Structure.fully_visible(9), ()),
        (Structure.restricted(9, 8), (8,)),
        (Structure.general(4, 3), (3,)),
        (Structure.deep(5, 4, 4), (4, 4)),
        (Structure.fully_visible(1), ()),
    ],
)
def test_every_unit_and_every_coupling_is_drawn(structure, layers):
    n = structure.n_visible + structure.n_hidden
    for clamped in (False, True):
        svg = drawn(structure, layers, clamped)
        assert svg.startswith("data:image/svg+xml,<svg")
        assert svg.count("<circle") == n
        assert svg.count("M") == structure.adjacency.sum() / 2
        assert svg.count(f'fill="{BLUE}"') == (structure.n_visible if clamped else 0)
        cut = len(structure.clamped_cut if clamped else structure.free_cut)
        assert svg.count('fill="#7d828b"') == cut
        assert '"' not in graph_picture(structure, layers, clamped, ())


def test_clamping_makes_only_lines_to_visible_units_faint():
    faint, strong = drawn(Structure.deep(3, 2, 2), (2, 2), True).split("<path")[1:3]
    assert (faint.count("M"), strong.count("M")) == (6, 4)


def row(name: str, chosen: bool = False) -> OverviewRow:
    cell = PhaseCell("data:x", "spoken <b>", "hard", "2<sup>3</sup> = 8", "1 ms")
    return OverviewRow(name, "3 + 2 units", cell, cell, "−1.0", "none", chosen)


def test_the_table_escapes_names_and_marks_the_chosen_row():
    html = overview_html([row("<script>"), row("b", True), row("c"), row("d"), row("e")])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "spoken &lt;b&gt;" in html
    assert html.count('<tr aria-selected="true">') == 1
    assert html.count("<img") == html.count("alt=") == 10
    assert all(f"border-left-color:{hue}" in html for hue in LOOKS)


def test_every_curve_has_a_column_and_the_specification_no_data():
    spec = race_spec(NAMES, 200)
    assert race_spec(NAMES, 200) is spec
    columns = likelihood_columns([0, 1], [[-1.0, -2.0]] * 5, -0.5)
    folded = next(x for x in spec["layer"] if "transform" in x)["transform"][0]["fold"]
    assert set(folded) | {"step"} == {n for n in columns if not n.endswith("_part")}
    assert columns["best"] == [-0.5, -0.5]
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    assert scale["range"][:5] == list(LOOKS)
    assert len(set(LOOKS)) == 5
    curves = next(x["encoding"] for x in spec["layer"] if "strokeDash" in x["encoding"])
    # They are one legend: Vega warns of two
    assert curves["color"]["legend"] == curves["strokeDash"]["legend"]
    assert all(not any(rows) for rows in spec.get("datasets", {}).values())


def luminance(colour: str) -> float:
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["#ffffff", "#12161c"])
def test_every_look_stands_out_on_both_grounds(ground):
    for colour in LOOKS:
        light, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def test_costs_draw_exact_lines_whole_and_the_approximation_dashed():
    spec = machine_cost_spec("title", NAMES, "near")
    lines, points = spec["layer"]
    dashes = lines["encoding"]["strokeDash"]["scale"]["range"]
    assert dashes[:5] == [[1, 0]] * 5
    assert dashes[5] != [1, 0]
    assert points["encoding"]["color"]["scale"]["domain"] == [*NAMES, "near"]
    columns = machine_cost_columns(["a"], [4], [0.1])
    assert set(columns) == {"name", "units", "seconds"}
