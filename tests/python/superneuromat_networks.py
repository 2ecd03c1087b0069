# SPDX-License-Identifier: BSD-3-Clause
"""Random SuperNeuroMAT networks on a dyadic grid, and the script that recorded tests/data/superneuromat:

    python3 tests/python/superneuromat_networks.py tests/data/superneuromat

with a Python that has superneuromat 3.5.0.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

TICKS = 30
STEP = 2.0**-6
# How a recorded network was exported, and what is special about it.
CASES = ("native-start", "base85-start", "base64-start", "native-middle", "base85-middle", "native-positive",
         "native-negative", "native-off", "native-delays", "base64-middle")


def random_snn(rng: np.random.Generator, *, flags: str = "", delays: bool = False, middle: bool = False) -> Any:
    """An SNN; `flags`: "positive", "negative", "off" or drawn; `middle`: it has run for some ticks already."""
    from superneuromat import SNN

    snn = SNN()

    def grid(low: float, high: float) -> float:
        return float(rng.integers(round(low / STEP), round(high / STEP) + 1)) * STEP

    size = int(rng.integers(2, 22))
    for _ in range(size):
        leak = [float("inf"), 0.0, grid(0, 0.5)][rng.integers(0, 3)]
        snn.create_neuron(threshold=grid(-0.1, 2), leak=leak, reset_state=grid(-0.5, 0.5),
                          refractory_period=int(rng.integers(0, 4)), refractory_state=int(rng.integers(0, 4)),
                          initial_state=grid(-2, 2))
    density = rng.uniform(0.1, 0.6)
    for pre in range(size):
        for post in range(size):
            if rng.random() < density:
                delay = int(rng.integers(2, 4)) if delays and rng.random() < 0.15 else 1
                snn.create_synapse(pre, post, weight=grid(-1.5, 2.5), delay=delay,
                                   stdp_enabled=bool(rng.random() < 0.7))
                if delay > 1 and rng.random() < 0.3:  # a parallel one through relay neurons of its own
                    snn.create_synapse(pre, post, weight=grid(-1, 2), delay=delay, stdp_enabled=True)
    taps = int(rng.integers(1, 7))
    snn.apos = [grid(0, 1) for _ in range(taps)]
    snn.aneg = [grid(-0.06, 0) for _ in range(taps)]
    kind = flags or ["both", "both", "both", "positive", "negative", "off", "zeros", "one list"][rng.integers(0, 8)]
    if kind == "positive":
        snn.stdp_negative_update = False
        snn.aneg = snn.aneg[:rng.integers(0, taps + 1)]
    elif kind == "negative":
        snn.stdp_positive_update = False
        snn.apos = [0.5]
    elif kind == "off":
        snn.stdp = False
    elif kind == "zeros":
        snn.apos = [0.0] * taps
    elif kind == "one list":
        snn.apos = []
    if middle:
        excite(snn, rng, 12)
        snn.simulate(int(rng.integers(1, 12)))
    excite(snn, rng, TICKS)
    return snn


def excite(snn: Any, rng: np.random.Generator, ticks: int) -> None:
    """Input spikes for some ticks."""
    for _ in range(int(rng.integers(ticks, 4 * ticks))):
        snn.add_spike(int(rng.integers(0, ticks)), int(rng.integers(0, snn.num_neurons)),
                      float(rng.integers(-64, 192)) * STEP, exist="overwrite")


def expected(snn: Any, ticks: int = TICKS) -> dict[str, np.ndarray]:
    """What SuperNeuroMAT makes of it: runs `snn` on."""
    before = len(snn.spike_train)
    snn.simulate(ticks, use="cpu", sparse=False)
    raster = np.asarray(snn.spike_train[before:], bool)
    return {"spikes": np.argwhere(raster).astype(np.uint32), "weights": np.asarray(snn.synaptic_weights, float),
            "states": np.asarray(snn.neuron_states, float),
            "countdowns": np.asarray(snn.neuron_refractory_periods_state, float)}


def record(folder: Path) -> None:
    """Writes the recorded networks."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, case in enumerate(CASES):
        encoding, what = case.split("-")
        rng = np.random.default_rng([2026, seed])
        while True:
            snn = random_snn(rng, flags=what if what in ("positive", "negative", "off") else "both",
                             delays=what == "delays", middle=what in ("middle", "off"))
            text = snn.to_json({"native": "json-native"}.get(encoding, encoding), net_name=case, indent=None)
            found = expected(snn)
            if len(found["spikes"]) > 60 and snn.num_neurons < 40:
                break
        (folder / f"{case}.snn.json").write_text(text + "\n", encoding="utf-8")
        np.savez_compressed(folder / f"{case}.npz", **found)


if __name__ == "__main__":
    record(Path(sys.argv[1]))
