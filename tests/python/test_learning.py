# SPDX-License-Identifier: BSD-3-Clause
"""Learning on a running emulator: switches, reward, weights back, states saved and restored."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
from conftest import Open

import neurocorex as ncx
from neurocorex import stdp

TICKS = 60


def busy(seed: int = 3) -> ncx.Network:
    """Everything that a state holds: two rules, drift, encoders, currents, thetas, refractory counters, delays."""
    rng = np.random.default_rng(seed)
    net = ncx.Network("busy")
    noise, driven = net.axons(6, rates=0.3, name="noise"), net.axons(4, name="driven")
    cells = net.population(12, threshold=1.0, leak=0.9, leak_mode="exponential", current_decay=0.5, refractory=2,
                           theta_plus=0.125, theta_decay=0.95, name="cells")
    winners = net.population(5, threshold=0.5, leak=0.25, winner_take_all=True, name="winners")
    drifting = stdp.superneuromat([0.25, 0.125], [-0.03125, -0.015625], name="drifting")
    rule = stdp.pair(0.25, 5.0, 0.125, 8.0, w_min=0.0, w_max=1.5, rounding="stochastic", modulated=True, name="pair")
    net.connect(noise, cells, rng.uniform(0, 1, (6, 12)), profile=rule, name="in")
    net.connect(driven, cells, rng.uniform(0, 1, (4, 12)), name="driven")
    net.connect(cells, cells, 0.125, connector=ncx.fixed_probability(0.4, seed=2), delay=3, name="delayed")
    net.connect(cells, winners, rng.uniform(0, 0.5, (12, 5)), profile=drifting, name="out")
    net.connect(winners, cells, rng.uniform(0, 0.5, (5, 12)), profile=rule, name="back")
    return net


def inputs(seed: int = 5) -> np.ndarray:
    spikes = np.zeros((TICKS, 10), bool)
    spikes[:, 6:] = np.random.default_rng(seed).random((TICKS, 4)) < 0.3
    return spikes


def everything(emulator: ncx.Emulator) -> list[np.ndarray]:
    """All that can be read back."""
    weights = [np.asarray(emulator.weights(name, raw=True)) for name in emulator.image.projections]
    return [*weights, emulator.potentials(), emulator.currents(), emulator.thetas(), emulator.refractory_counters()]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b))


@pytest.mark.board
def test_split_run_is_whole_run_and_both_backends_agree(backend: str, open_emulator: Open) -> None:
    image = busy().compile("tiny")
    found = []
    for name, cuts in (("model", [0, TICKS]), (backend, [0, 1, 2, 17, TICKS])):
        emulator = open_emulator(name)
        emulator.load(image)
        spikes = [emulator.run(b - a, inputs=inputs()[a:b]).spikes + np.array([a, 0], np.uint32)
                  for a, b in zip(cuts, cuts[1:])]
        found.append([np.concatenate(spikes), *everything(emulator)])
    assert same(*found) and len(found[0][0]) > 50
    learned = found[0][1]
    assert not np.array_equal(learned, np.rint(learned.mean()) * np.ones_like(learned))


def test_a_restored_state_goes_on_as_the_first_did(backend: str, open_emulator: Open, tmp_path: Path) -> None:
    image = busy().compile("tiny")
    first = open_emulator(backend)
    first.load(image)
    first.modulation = 0.75
    first.set_learning("drifting", False)
    first.run(20, inputs=inputs()[:20])
    first.set_learning("drifting", True)
    state = first.save_state()
    state.save(tmp_path / "state.ncx")
    whole = [first.run(40, inputs=inputs()[20:]).spikes, *everything(first)]
    again = open_emulator("model")
    again.load(image)
    again.run(7)
    for form in (state, ncx.State.load(tmp_path / "state.ncx"), pickle.loads(pickle.dumps(state))):
        assert form == state and form.tick == 20 and form.image_id == image.id
        for emulator in (first, again):
            emulator.restore_state(form)
            assert emulator.tick == 20 and emulator.modulation == 0.75 and dict(emulator.learning) == {
                "drifting": True, "pair": True}
            assert same([emulator.run(40, inputs=inputs()[20:]).spikes, *everything(emulator)], whole)
    assert state != first.save_state() and "tick 20" in repr(state)


def test_a_state_of_another_network_is_refused_and_changes_nothing(open_emulator: Open, tmp_path: Path) -> None:
    emulator, other = open_emulator(), open_emulator()
    emulator.load(busy())
    other.load(busy(seed=4))
    emulator.run(10)
    before = emulator.save_state()
    for wrong in (other.save_state(), "state"):
        with pytest.raises(ncx.InputError, match="state|image"):
            emulator.restore_state(wrong)  # type: ignore[arg-type]
    assert emulator.save_state() == before
    path = tmp_path / "state"
    before.save(path)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ncx.InputError, match="state"):
        ncx.State.load(path)


def pair_network(**options: Any) -> tuple[ncx.Network, ncx.Projection]:
    """One synapse that gains 0.25 whenever its target fires a tick after its source (lag 1: the axon's own tick)."""
    net = ncx.Network("pair")
    x, a = net.axons(1, name="x"), net.population(1, threshold=0.5, leak=np.inf, name="a")
    net.connect(x, a, 1.0, name="drive")
    return net, net.connect(x, a, 0.0, profile=stdp.kernel([0.25], **options), name="learns")


@pytest.mark.board
def test_learning_is_switched_by_name_profile_or_item(backend: str, open_emulator: Open) -> None:
    net, synapse = pair_network(name="rule")
    emulator = open_emulator(backend)
    emulator.load(net)

    def gain() -> float:
        before = float(np.asarray(emulator.weights(synapse))[0])
        emulator.run(2, inputs=[(0, 0)])
        return float(np.asarray(emulator.weights(synapse))[0]) - before

    assert dict(emulator.learning) == {"rule": True} and gain() == 0.25
    emulator.set_learning("rule", False)
    assert not emulator.learning["rule"] and gain() == 0.0 and "off" in repr(emulator.learning)
    emulator.learning["rule"] = True
    assert gain() == 0.25
    assert synapse.profile is not None
    emulator.set_learning(synapse.profile, False)
    assert gain() == 0.0
    off, synapse = pair_network(name="rule", enabled=False)
    emulator.load(off)
    assert not emulator.learning["rule"] and gain() == 0.0


def test_reward_multiplies_modulated_changes_alone(backend: str, open_emulator: Open) -> None:
    for modulated in (False, True):
        net, synapse = pair_network(modulated=modulated)
        emulator = open_emulator(backend)
        emulator.load(net)
        assert emulator.modulation == 1.0
        gains = []
        for factor in (1.0, 0.0, 0.5, -1.0, 1.5):
            before = float(np.asarray(emulator.weights(synapse))[0])
            emulator.modulation = factor
            assert emulator.modulation == factor
            emulator.run(2, inputs=[(0, 0)])
            gains.append(float(np.asarray(emulator.weights(synapse))[0]) - before)
        assert gains == ([0.25, 0.0, 0.125, -0.25, 0.375] if modulated else [0.25] * 5)


@pytest.mark.board
def test_weights_come_back_with_the_drift_in_them(backend: str, open_emulator: Open) -> None:
    net = ncx.Network()
    x, a = net.axons(1), net.population(2, threshold=100.0)
    p = net.connect(x, a, [[3.0, 2.0]], plastic=[True, False], profile=stdp.kernel(drift=[-0.25, -0.125]))
    emulator = open_emulator(backend)
    emulator.load(net)
    # No tick before the first: nothing; then one lag, then both.
    for wanted in (3.0, 2.75, 2.375, 2.0):
        emulator.run(1)
        assert np.asarray(emulator.weights(p)).tolist() == [wanted, 2.0]
    emulator.set_weights(p, [1.0, 5.0])
    assert np.asarray(emulator.weights(p)).tolist() == [1.0, 5.0]
    emulator.run(1)
    assert np.asarray(emulator.weights(p)).tolist() == [0.625, 5.0]


def test_parts_are_reset_alone(backend: str, open_emulator: Open) -> None:
    net = ncx.Network()
    x = net.axons(1)
    a = net.population(1, threshold=0.5, theta_plus=0.25, refractory=3)
    net.connect(x, a, 1.0)
    emulator = open_emulator(backend)
    emulator.load(net)
    emulator.run(2, inputs=[(0, 0), (1, 0)])
    assert (emulator.potentials()[0], emulator.thetas()[0], emulator.refractory_counters()[0]) == (1.0, 0.25, 2)
    emulator.reset("membrane")
    assert (emulator.potentials()[0], emulator.thetas()[0], emulator.refractory_counters()[0]) == (0.0, 0.25, 0)
    emulator.reset("theta", "tick")
    assert emulator.thetas()[0] == 0.0 and emulator.tick == 0
    with pytest.raises(ncx.InputError, match="parts"):
        emulator.reset("weights")


def test_reset_empties_the_traces(backend: str, open_emulator: Open) -> None:
    net = ncx.Network()
    x, a = net.axons(2, name="x"), net.population(1, threshold=0.5, leak=np.inf)
    net.connect(x, a, ([1], [0], 1.0), name="drive")
    p = net.connect(x, a, ([0], [0], 0.0), profile=stdp.pair(0.5, decay_plus=0.5), name="learns")
    gains = []
    for parts in ((), ("traces",)):
        emulator = open_emulator(backend)
        emulator.load(net)
        emulator.run(1, inputs=[(0, 0)])
        if parts:
            emulator.reset(*parts)
        emulator.run(1, inputs=[(0, 1)])
        gains.append(float(np.asarray(emulator.weights(p))[0]))
    assert gains == [0.125, 0.0]


def test_a_network_can_begin_in_mid_run(backend: str, open_emulator: Open, tmp_path: Path) -> None:
    net = ncx.Network()
    a, b = (net.population(2, threshold=0.5, leak=np.inf, name=name) for name in "ab")
    p = net.connect(a, b, ([0, 1], [0, 1], [1.0, 0.0]), profile=stdp.kernel([0.25, 0.5, 0.75]), name="a->b")
    net.set_past([0], [[False, True, False, False], [True, False, False, False]], age=2)
    net.add_currents([0, 1], [3, 3], [1.0, 1.0])
    emulator = open_emulator(backend)
    emulator.load(net)
    result = emulator.run(3)
    # b0 by the spike in flight; b1 by the currents, 2 and 3 ticks after a1's spike.
    assert result.spikes.tolist() == [[0, 2], [0, 3], [1, 3]]
    assert np.asarray(emulator.weights(p)).tolist() == [1.25, 1.25]
    emulator.reset()
    assert emulator.run(3).spikes.tolist() == [[0, 2], [0, 3], [1, 3]]
    for thing, name in ((net, "net.json"), (emulator.image, "net.ncx")):
        with pytest.warns(RuntimeWarning, match="do not go into the file"):
            thing.save(tmp_path / name)
    copy = pickle.loads(pickle.dumps(emulator.image))
    assert copy.currents is not None and copy.currents.values.tolist() == [1.0, 1.0]
    with pytest.raises(ncx.InputError, match="history"):
        net.set_past([0], [[True, False]])
    for name, arguments in (("neurons", ([0], [4], [1.0])), ("values", ([0], [1], [1.0, 2.0])),
                            ("values", ([0], [1], [np.inf])), ("ticks", ([-1], [1], [1.0]))):
        with pytest.raises(ncx.InputError, match=name):
            net.add_currents(*arguments)


BAD: list[tuple[str, Callable[[ncx.Emulator], Any]]] = [
    ("profile", lambda e: e.set_learning("nothing", True)), ("profile", lambda e: e.learning[3]),  # type: ignore[index]
    ("on", lambda e: e.set_learning("rule", 2)), ("modulation", lambda e: setattr(e, "modulation", 2.0)),
    ("modulation", lambda e: setattr(e, "modulation", np.nan)),
    ("modulation", lambda e: setattr(e, "modulation", [1.0])),
    ("profile", lambda e: e.set_learning(stdp.pair(1.0, 5.0, name="other"), True)),
    ("path", lambda e: e.save_state().save(None)), ("path", lambda e: e.save_state().save("a\0b")),
]


@pytest.mark.parametrize("name, call", BAD)
def test_errors_name_the_argument_and_change_nothing(name: str, call: Callable[[ncx.Emulator], Any],
                                                     open_emulator: Open) -> None:
    emulator = open_emulator()
    emulator.load(pair_network(name="rule")[0])
    before = emulator.save_state()
    with pytest.raises(ncx.InputError, match=f"^{name}"):
        call(emulator)
    assert emulator.save_state() == before


def test_learning_and_states_need_a_network(open_emulator: Open) -> None:
    emulator = open_emulator()
    for call in (lambda: emulator.learning, emulator.save_state, lambda: emulator.set_learning("rule", True)):
        with pytest.raises(ncx.InputError, match="nothing is loaded"):
            call()
