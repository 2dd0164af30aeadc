"""What the fuzzer found, mended and kept; and that the fuzzer would find it again."""

import io
import json
import struct
import zipfile
import zlib

import numpy as np
import pytest
from scipy.io import savemat

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.run.link import decode_link
from rbmviz.run.run_file import read_run
from rbmviz.run.settings import LabSettings
from rbmviz.studio.model_files import read_model
from rbmviz.studio.own_files import read_files
from tests.fuzz import mutate
from tests.fuzz.__main__ import MAX_BYTES, case_of, trouble_with
from tests.fuzz.targets import TARGETS, Target, arrays_in, recording

MODEL = {"W": np.ones((2, 3)), "b": np.zeros(2), "c": np.zeros(3)}


def npz(arrays: dict[str, np.ndarray], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    entries = [
        (f"{n}.npy", mutate.npy(a.dtype.str, str(a.shape), a.tobytes())) for n, a in arrays.items()
    ]
    return mutate.packed(entries, method)


def with_json(arrays: dict[str, np.ndarray], name: str, text: bytes) -> bytes:
    return npz({**arrays, name: np.frombuffer(text, np.uint8)})


def mat(compressed: bool) -> bytes:
    file = io.BytesIO()
    savemat(file, MODEL, do_compression=compressed)
    return file.getvalue()


def test_an_array_packed_by_another_method_is_refused() -> None:
    with pytest.raises(InputError, match="unusual way"):
        read_model("a.npz", npz(MODEL, zipfile.ZIP_LZMA))


def test_a_matlab_file_cannot_ask_for_more_than_it_has() -> None:
    """scipy's own reader took four gigabytes, or ended the process."""
    content = bytearray(mat(compressed=False))
    at = bytes(content).index(MODEL["W"].tobytes()) - 4  # of the numbers: their size
    content[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    with pytest.raises(InputError, match="promises 4,294,967,280 bytes"):
        read_model("a.mat", bytes(content))
    broken = bytearray(mat(compressed=True))
    broken[150] ^= 0xFF
    with pytest.raises(InputError, match=r"no \.mat file"):
        read_model("a.mat", bytes(broken))
    bomb = zlib.compress(bytes(MAX_FILE_BYTES + 9))
    with pytest.raises(InputError, match="Unpacked"):
        read_model("a.mat", mat(True)[:128] + struct.pack("<II", 15, len(bomb)) + bomb)
    for k in range(0, len(content), 7):  # cut anywhere
        with pytest.raises(InputError):
            read_model("a.mat", mat(compressed=False)[:k])


def test_the_head_of_an_array_that_numpy_cannot_cut_into_tokens_is_refused() -> None:
    with pytest.raises(InputError, match="no array"):
        read_files([("a.npy", mutate.npy("<f8", "(2, 2", bytes(32)))])


def test_a_zip_whose_directory_lies_before_its_beginning_is_refused() -> None:
    content = npz({"v": np.ones((2, 4))})
    for k in range(1, len(content)):
        try:
            read_files([("a.npz", content[k:])])
        except InputError:
            continue


def test_a_scale_of_minus_zero_is_zero() -> None:
    link, _ = decode_link({"initial_scale": "-0", "learning_rate": "-0.0"})
    assert str(link.settings.initial_scale) == str(link.settings.learning_rate) == "0.0"
    assert link.settings == LabSettings(initial_scale=0.0, learning_rate=0.0)


def test_a_run_s_file_holds_plain_numbers_of_a_bounded_number() -> None:
    arrays = arrays_in(recording)
    wrong = {
        "complex": {"frames/positive": arrays["frames/positive"].astype("c16")},
        "text of another kind": {"about": arrays["about"].astype("c16")},
        "a long ledger": {f"ledger/{n}": np.zeros(2**17) for n in ("step", "log_z")},
    }
    for changed in wrong.values():
        with pytest.raises(InputError):
            read_run(npz({**arrays, **changed}), any_size=True)
    with pytest.raises(InputError, match="broken"):
        read_run(with_json(arrays, "about", b"[" * 50_000), any_size=True)


def test_the_order_of_a_recording_s_rows_is_of_whole_numbers() -> None:
    arrays = arrays_in(recording)
    with pytest.raises(InputError, match="order"):
        read_run(npz({**arrays, "state/order": arrays["state/order"].astype("c16")}))


def test_a_matlab_4_file_cannot_promise_more_than_is_read() -> None:
    file = io.BytesIO()
    savemat(file, MODEL, format="4")
    content = bytearray(file.getvalue())
    content[4:12] = struct.pack("<ii", 2**14, 2**13)  # rows and columns of the first matrix
    with pytest.raises(InputError, match=r"Unpacked|no \.mat"):
        read_model("a.mat", bytes(content))


def test_a_message_does_not_repeat_a_long_value() -> None:
    arrays = arrays_in(recording)
    about = json.loads(arrays["about"].tobytes())
    about["state"]["cursor"] = "x" * 5000
    with pytest.raises(InputError) as found:
        read_run(with_json(arrays, "about", json.dumps(about).encode()))
    assert len(str(found.value)) < 300


# ---- the fuzzer itself ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "page"])
def test_a_few_cases_of_every_target_are_taken_well(name: str) -> None:
    for number in range(15):
        assert trouble_with(TARGETS[name], case_of(name, number)) == ""
    assert repr(case_of(name, 3)) == repr(case_of(name, 3))


def test_readers_that_break_their_promise_are_found_out() -> None:
    def refuse(case: object) -> None:
        raise InputError("This is not what the reader reads.")

    def leak(case: object) -> None:
        raise KeyError(case)

    def parse(case: object) -> None:
        int("x")

    def mumble(case: object) -> None:
        raise InputError("no")

    assert trouble_with(Target(repr, refuse), 1) == ""
    assert "InputError" in trouble_with(Target(repr, refuse, may_refuse=False), 1)
    assert "KeyError" in trouble_with(Target(repr, leak), 1)
    assert "invalid literal" in trouble_with(Target(repr, parse), 1)
    assert "2 characters" in trouble_with(Target(repr, mumble), 1)
    assert "took" in trouble_with(Target(repr, lambda case: None, seconds=-1.0), 1)
    assert MAX_BYTES < 2**30
