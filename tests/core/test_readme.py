"""The README's library example runs as it is printed, and what it prints is true."""

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_library_examples_run(capsys):
    readme = README.read_text(encoding="utf-8")
    names: dict = {}
    printed = []
    for block in re.finditer(r"```python\n(.*?)```", readme, re.DOTALL):
        above = "\n" * readme.count("\n", 0, block.start(1))  # so that an error names its line
        exec(compile(above + block[1], "README.md", "exec"), names)
        printed.append(capsys.readouterr().out)
    log_z, low, high, mean = map(float, re.findall(r"-?\d+\.\d+", printed[0]))
    rv, rbm, v = names["rv"], names["rbm"], names["v"]
    assert low <= high
    assert abs(names["estimate"].log_z - log_z) < 1  # the interval itself is tested for coverage
    assert mean == round(float(rv.mean_log_likelihood(rbm, v, log_z)), 3)
    assert names["uphill"].vh.shape == rbm.W.shape
    exact, _ = rv.exact_negative_phase(rbm)
    assert abs(names["cd"].bias.vh - (names["cd"].mean.vh - exact.vh)).max() < 1e-12
    assert "lambda_2 0." in printed[1]
    assert names["pt"].n_repeats is not None
