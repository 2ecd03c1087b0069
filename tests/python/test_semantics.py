# SPDX-License-Identifier: BSD-3-Clause
"""Random networks: the emulator against the numpy reference, spike for spike and bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import Open
from reference import FRACTION_BITS, UNIT, Reference, random_spec

import neurocorex as ncx

NETWORKS = {"model": 150, "rtl": 25}
OVER_A_LINE = 10
TICKS = 40


def compare(emulator: ncx.Emulator, seed: int) -> int:
    """Runs one network on both sides; returns the number of spikes."""
    rng = np.random.default_rng(seed)
    spec = random_spec(rng, emulator.geometry.max_delay)
    image = spec.network().compile(emulator.geometry, fraction_bits=FRACTION_BITS, seed=seed + 1)
    assert image.report is not None and image.report.inexact == ()
    emulator.load(image)
    reference = Reference(spec, image)
    # The encoders make their own spikes; the host's go to the other axons.
    inputs = (rng.random((TICKS, image.n_axons)) < 0.2) & (reference.rates == 0)
    currents = rng.integers(-300, 400, (TICKS, image.n_neurons)) * (rng.random((TICKS, image.n_neurons)) < 0.1)
    probes = rng.permutation(image.n_neurons)[:emulator.geometry.probe_entries]
    expected = [(reference.step(inputs[t], currents[t]), reference.v.copy()) for t in range(TICKS)]
    # In two parts: what is in flight at the cut must arrive after it.
    cut = int(rng.integers(0, TICKS + 1))
    parts = [emulator.run(len(inputs[part]), inputs=inputs[part], currents=currents[part] / UNIT, probes=probes)
             for part in (slice(0, cut), slice(cut, TICKS))]
    spikes = np.concatenate([parts[0].spikes, parts[1].spikes + np.array([cut, 0], np.uint32)])
    assert spikes.tolist() == np.argwhere([fired for fired, _ in expected]).tolist(), f"spikes, seed {seed}"
    potentials = np.concatenate([part.potentials_raw for part in parts])
    assert np.array_equal(potentials, np.array([v for _, v in expected])[:, probes]), f"potentials, seed {seed}"
    state = [emulator.potentials(), emulator.currents(), emulator.thetas()]
    for found, wanted in zip(state, (reference.v, reference.i, reference.theta)):
        assert np.array_equal(found * UNIT, wanted), f"state, seed {seed}"
    assert np.array_equal(emulator.refractory_counters(), reference.r), f"refractory, seed {seed}"
    assert np.array_equal(emulator.spike_counts(), np.sum([fired for fired, _ in expected], axis=0))
    return len(spikes)


@pytest.mark.parametrize("config", ["tiny", "tiny8"])
def test_random_networks_equal_the_reference(backend: str, config: str, open_emulator: Open) -> None:
    emulator = open_emulator(backend, config)
    spikes = []
    count = NETWORKS.get(backend, OVER_A_LINE)
    for seed in range(count):
        try:
            spikes.append(compare(emulator, seed))
        except ncx.CapacityError:
            continue
    # The comparison means something only if most networks fit and are busy.
    assert len(spikes) > 0.7 * count
    assert np.median(spikes) > 20
