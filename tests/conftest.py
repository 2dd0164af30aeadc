"""Settings for every test: one thread for linear algebra, the same examples on every run."""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read once, when numpy is first imported

from hypothesis import settings

settings.register_profile("rbmviz", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("rbmviz")

collect_ignore_glob = ["benchmarks/*", "browser/take_screenshots.py"]  # scripts, not tests
