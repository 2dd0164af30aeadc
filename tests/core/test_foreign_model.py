"""Models of other programs: the right arrays under their names, and nothing that could harm."""

import io
import pickle
import zipfile

import numpy as np
import oracle
import pytest
from scipy.io import savemat
from sklearn.neural_network import BernoulliRBM

from rbmviz import RBM, InputError, exact_log_z
from rbmviz.core import foreign_model
from rbmviz.core.foreign_model import (
    rbm_from_arrays,
    rbm_from_mat,
    rbm_from_npz,
    rbm_from_scikit_learn,
)

RNG = np.random.default_rng(0)
W, B, C = RNG.normal(size=(5, 3)), RNG.normal(size=5), RNG.normal(size=3)
SQUARE = RNG.normal(size=(3, 3))


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def mat(**arrays: object) -> bytes:
    file = io.BytesIO()
    savemat(file, arrays)
    return file.getvalue()


def same(rbm: RBM, weights: np.ndarray = W, b: np.ndarray = B, c: np.ndarray = C) -> bool:
    pairs = ((rbm.W, weights), (rbm.b, b), (rbm.c, c))
    return all(np.array_equal(ours, theirs) for ours, theirs in pairs)


@pytest.mark.parametrize(
    "arrays",
    [
        {"W": W, "b": B, "c": C},
        {"w": W.T, "b": B, "c": C},  # transposed: the biases tell
        {"W": W, "a": B, "b": C},  # Hinton's letters
        {"weights": W, "vbias": B, "hbias": C},
        {"vishid": W, "visbiases": B[None, :], "hidbiases": C[:, None]},
        {"components_": W.T, "intercept_visible_": B, "intercept_hidden_": C},
        {"W": W, "b": B, "c": C, "extra": np.zeros((7, 7))},
    ],
)
def test_arrays_are_found_under_common_names(arrays):
    assert same(rbm_from_arrays(arrays))
    assert same(rbm_from_npz(npz(**arrays)))
    assert same(rbm_from_mat(mat(**arrays)))


def test_a_square_matrix_is_visible_by_hidden_but_for_scikit_learn():
    b, c = np.arange(3.0), np.arange(3.0) + 10
    assert same(rbm_from_arrays({"W": SQUARE, "b": b, "c": c}), SQUARE, b, c)
    theirs = {"components_": SQUARE.T, "intercept_visible_": b, "intercept_hidden_": c}
    assert same(rbm_from_arrays(theirs), SQUARE, b, c)


def test_a_layer_of_one_unit_is_read():
    arrays = {"W": np.array([[1.0], [2.0]]), "b": np.array([0.0, 1.0]), "c": np.array([3.0])}
    assert same(rbm_from_mat(mat(**arrays)), arrays["W"], arrays["b"], arrays["c"])


def test_a_fitted_scikit_learn_model_means_the_same():
    rows = (np.random.default_rng(1).random((40, 5)) < 0.4).astype(float)
    theirs = BernoulliRBM(n_components=3, n_iter=5, random_state=0).fit(rows)
    ours = rbm_from_scikit_learn(theirs)
    assert ours.W.shape == (5, 3)
    free = [oracle.log_p_tilde(ours.W, ours.b, ours.c, v) for v in rows]
    assert np.allclose(-theirs._free_energy(rows), free)
    assert exact_log_z(ours) == pytest.approx(oracle.log_z(ours.W, ours.b, ours.c))
    with pytest.raises(InputError, match="fitted"):
        rbm_from_scikit_learn(BernoulliRBM())


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "no weight matrix"),
        ({"b": B, "c": C}, "no weight matrix"),
        ({"W": W}, "no visible and hidden biases"),
        ({"W": W, "vbias": B}, "no hidden biases"),
        ({"W": W, "b": C, "c": C}, "must fit"),
        ({"W": np.zeros(3), "b": B, "c": C}, "needs 2 axes"),
        ({"W": W * np.nan, "b": B, "c": C}, "finite"),
        ({"W": np.full((5, 3), "x"), "b": B, "c": C}, "not numeric"),
    ],
)
def test_what_is_missing_or_wrong_is_said(arrays, said):
    with pytest.raises(InputError, match=said):
        rbm_from_arrays(arrays)


class Harmful:
    """Pickled, it would raise when it is opened."""

    def __reduce__(self):
        return (pytest.fail, ("it was unpickled",))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 but no more",
        b"MATLAB 5.0 MAT-file" + bytes(200),
        pickle.dumps(Harmful()),
        npz(W=np.array([Harmful()], dtype=object), b=B, c=C),
        npz(W=W, b=B, c=C)[:-40],
        mat(vishid=W, visbiases=B, hidbiases=C)[:200],
    ],
)
def test_broken_and_hostile_files_are_refused(content):
    for read in (rbm_from_npz, rbm_from_mat):
        with pytest.raises(InputError):
            read(content)


def test_a_file_that_unpacks_too_large_is_refused_before_it_is_unpacked(monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("W.npy", bytes(2_000_000))  # packs to some 2 kB
    monkeypatch.setattr(foreign_model, "MAX_FILE_BYTES", 1_000_000)
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(InputError, match="Unpacked"):
        rbm_from_npz(file.getvalue())
    packed_mat = io.BytesIO()
    savemat(packed_mat, {"vishid": np.zeros((500, 500))}, do_compression=True)
    assert len(packed_mat.getvalue()) < 1_000_000
    with pytest.raises(InputError, match="Unpacked"):
        rbm_from_mat(packed_mat.getvalue())
    with pytest.raises(InputError, match="The file has"):
        rbm_from_npz(bytes(1_100_000))
