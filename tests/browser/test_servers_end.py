"""The app that tests and benchmarks start ends with them, however they end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from browser.chromium import ROOT

CANCELLED = """
import os, signal, sys
from pathlib import Path
from tests.browser import chromium

chromium.wait_until_healthy = lambda app, server: None  # that it runs is enough
with chromium.run_app(Path(sys.argv[1])) as app:
    print(app.pid, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_the_server_ends_where_its_process_is_told_to_end(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CANCELLED, str(tmp_path / "server.log")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), signal.SIGKILL)
    assert done.returncode != 0
