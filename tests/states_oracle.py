"""The most probable states of a model, a second time in plain numpy: no code of rbmviz in it."""

import numpy as np


def all_states(n: int) -> np.ndarray:
    """Every 0/1 vector of length n."""
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1


def log_p_tilde(W: np.ndarray, b: np.ndarray, c: np.ndarray, v: np.ndarray) -> np.ndarray:
    """log of the sum of exp(-E(v, h)) over h, for each row of v."""
    return v @ b + np.logaddexp(0.0, v @ W + c).sum(axis=1)


def log_z(W: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    """log of the sum over the shorter layer."""
    if len(b) > len(c):
        W, b, c = W.T, c, b
    return float(np.logaddexp.reduce(log_p_tilde(W, b, c, all_states(len(b)))))


def assert_states_of(
    W: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    states: np.ndarray,  # 0 or 255, as a frame holds them
    p: np.ndarray,
    candidates: np.ndarray | None = None,  # None: all states
    rel: float = 1e-5,  # of p: float32 in a frame
) -> None:
    """Compare what is shown with the model: these states have these p, and none has more."""
    assert set(np.unique(states)) <= {0, 255}
    shown = states / 255
    assert len(np.unique(shown, axis=0)) == len(shown)
    truth = np.exp(log_p_tilde(W, b, c, shown) - log_z(W, b, c))
    np.testing.assert_allclose(p, truth, rtol=rel)
    among = all_states(len(b)) if candidates is None else np.unique(candidates, axis=0)
    best = np.sort(np.exp(log_p_tilde(W, b, c, among) - log_z(W, b, c)))[::-1][: len(p)]
    assert len(p) == min(12, len(among))
    np.testing.assert_allclose(p, best, rtol=rel)
