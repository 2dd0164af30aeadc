"""The bytes of the linked heat maps."""

import json
import struct

import numpy as np

from rbmviz.core.phase import PhaseStatistics
from rbmviz.stage.maps import HeatMap, encode_maps, encode_pair_maps


def test_every_number_of_every_map_arrives():
    rng = np.random.default_rng(0)
    phases = [
        PhaseStatistics(rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=2))
        for _ in range(4)
    ]
    kinds = ["share", "share", "signed", "spread"]
    maps = [
        HeatMap(f"map {n}", "meaning", phase, kind)
        for n, (phase, kind) in enumerate(zip(phases, kinds, strict=True))
    ]
    message = encode_maps(maps)
    assert message[:4] == b"RBM1"
    (length,) = struct.unpack("<I", message[4:8])
    header = json.loads(message[8 : 8 + length])
    assert (header["n_visible"], header["n_hidden"]) == (3, 2)
    assert [m["kind"] for m in header["maps"]] == kinds
    (block,) = header["blocks"]
    values = np.frombuffer(message, "<f4", 4 * 4 * 3, block["offset"]).reshape(4, 4, 3)
    for sent, phase in zip(values, phases, strict=True):
        assert np.array_equal(sent[:3, :2], phase.vh.astype("<f4"))
        assert np.array_equal(sent[:3, 2], phase.v.astype("<f4"))
        assert np.array_equal(sent[3, :2], phase.h.astype("<f4"))


def test_pairs_of_units_arrive_with_their_names_and_the_number_to_pull():
    rng = np.random.default_rng(1)
    pairs = [rng.random((5, 5)), np.where(np.eye(5, dtype=bool), 1.0, np.nan)]
    maps = [HeatMap(f"map {n}", "meaning", values) for n, values in enumerate(pairs)]
    message = encode_pair_maps(maps, ["v0", "v1", "v2", "h0", "h1"], 3, pull=7)
    (length,) = struct.unpack("<I", message[4:8])
    header = json.loads(message[8 : 8 + length])
    assert (header["n_visible"], header["n_hidden"], header["pull"]) == (3, 2, 7)
    assert header["units"][3] == "h0"
    (block,) = header["blocks"]
    sent = np.frombuffer(message, "<f4", 50, block["offset"]).reshape(2, 5, 5)
    np.testing.assert_array_equal(sent, np.array(pairs).astype("<f4"))
