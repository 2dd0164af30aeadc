"""The README's library example runs as it is printed, and what it prints is true."""

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_library_example_runs(capsys):
    readme = README.read_text(encoding="utf-8")
    (block,) = re.finditer(r"```python\n(.*?)```", readme, re.DOTALL)
    above = "\n" * readme.count("\n", 0, block.start(1))  # so that an error names the README's line
    names: dict = {}
    exec(compile(above + block[1], "README.md", "exec"), names)
    log_z, low, high, mean = map(float, re.findall(r"-?\d+\.\d+", capsys.readouterr().out))
    assert low <= high
    assert abs(names["estimate"].log_z - log_z) < 1  # the interval itself is tested for coverage
    assert mean == round(float(names["rv"].mean_log_likelihood(names["rbm"], names["v"], log_z)), 3)
    assert names["uphill"].vh.shape == names["rbm"].W.shape
