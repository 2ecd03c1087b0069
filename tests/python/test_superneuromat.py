# SPDX-License-Identifier: BSD-3-Clause
"""SuperNeuroMAT networks: recorded runs, live comparison where the package is installed, the grid, and bad files."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
import superneuromat_networks as networks
from conftest import Open

import neurocorex as ncx
from neurocorex.examples import microseer

DATA = Path(__file__).resolve().parents[1] / "data" / "superneuromat"
# Random networks compared live: they take SuperNeuroMAT longer than us.
LIVE = {"model": 200, "rtl": 25}
OVER_A_LINE = 6


def compare(net: ncx.SuperNeuroMATNetwork, emulator: ncx.Emulator, wanted: dict[str, np.ndarray],
            parts: int = 1) -> None:
    """Runs a network, in one go or in parts, and compares everything that SuperNeuroMAT knows."""
    assert net.import_report.exact, str(net.import_report)
    image = emulator.load(net)
    assert image.report is not None and image.report.inexact == ()
    spikes = []
    cuts = np.linspace(0, networks.TICKS, parts + 1).astype(int)
    for first, last in zip(cuts, cuts[1:]):
        spikes.append(emulator.run(int(last - first)).spikes + np.array([first, 0], np.uint32))
    assert np.concatenate(spikes).tolist() == wanted["spikes"].tolist()
    assert np.array_equal(net.superneuromat_weights(emulator), wanted["weights"])
    assert np.array_equal(net.superneuromat_states(emulator), wanted["states"])
    assert np.array_equal(net.superneuromat_countdowns(emulator), wanted["countdowns"])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_knows_its_source(copied: Callable[[Any], Any], open_emulator: Open) -> None:
    net = ncx.from_superneuromat(DATA / "native-start.snn.json")
    twin, emulator = copied(net), open_emulator("model", "cmod_a7")
    emulator.load(twin)
    emulator.run(3)
    assert str(twin.import_report) == str(net.import_report)
    assert twin.superneuromat_weights(emulator).tolist() == net.superneuromat_weights(emulator).tolist()
    emulator.load(ncx.from_superneuromat(DATA / "native-positive.snn.json"))
    with pytest.raises(ncx.InputError, match="emulator"):
        net.superneuromat_states(emulator)
    with pytest.raises(ncx.InputError, match="emulator"):
        net.superneuromat_countdowns(emulator)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("case", networks.CASES)
def test_recorded_networks_give_what_superneuromat_gave(case: str, parts: int, backend: str,
                                                        open_emulator: Open) -> None:
    with np.load(DATA / f"{case}.npz") as wanted:
        net = ncx.from_superneuromat(DATA / f"{case}.snn.json", network=case)
        compare(net, open_emulator(backend), dict(wanted), parts)


def test_live_networks_give_what_superneuromat_gives(backend: str, open_emulator: Open) -> None:
    pytest.importorskip("superneuromat", reason="superneuromat is not installed: no live comparison")
    emulator = open_emulator(backend)
    count = LIVE.get(backend, OVER_A_LINE)
    compared, learned, spikes = 0, 0, 0
    for seed in range(count):
        rng = np.random.default_rng([seed, 7])
        snn = networks.random_snn(rng, delays=seed % 3 == 0, middle=seed % 2 == 0)
        if snn.num_neurons > emulator.geometry.neurons:
            continue
        net = ncx.from_superneuromat(snn)
        before = np.array(snn.synaptic_weights)
        wanted = networks.expected(snn)
        compare(net, emulator, wanted, parts=1 + seed % 2)
        compared, spikes = compared + 1, spikes + len(wanted["spikes"])
        learned += not np.array_equal(before, wanted["weights"])
    # The comparison means something only if the networks are busy and learn.
    assert compared > 0.9 * count and learned > 0.6 * compared and spikes > 50 * compared


def test_reset_begins_again_with_states_inputs_and_history_but_keeps_the_weights(open_emulator: Open) -> None:
    net = ncx.from_superneuromat(DATA / "native-off.snn.json")  # weights do not change
    emulator = open_emulator()
    emulator.load(net)
    first = emulator.run(networks.TICKS).spikes
    emulator.reset()
    assert np.array_equal(net.superneuromat_states(emulator), net._snapshot.states)
    assert len(first) > 0 and np.array_equal(emulator.run(networks.TICKS).spikes, first)
    with pytest.raises(ncx.InputError, match="run_samples"):
        emulator.run_samples(np.empty((0, 3), int), 5, n_samples=1)


# --- the grid ----------------------------------------------------------------------------------


def data(**changes: Any) -> dict[str, Any]:
    """Two neurons, two synapses, one of which learns."""
    return {"neuron_thresholds": [1.0, 1.0], "neuron_leaks": [float("inf"), 0.0], "neuron_reset_states": [0.0, 0.0],
            "neuron_refractory_periods": [0, 0], "neuron_refractory_periods_state": [0.0, 0.0],
            "neuron_states": [0.0, 0.0], "pre_synaptic_neuron_ids": [0.0, 1], "post_synaptic_neuron_ids": [1, 0],
            "synaptic_weights": [0.5, 0.25], "synaptic_delays": [1, 1], "enable_stdp": [1, 0], "apos": [0.5],
            "aneg": [-0.25], "input_spikes": {"3": {"nids": [0.0], "values": [2.0]}}, "spike_train": [], **changes}


def write(folder: Path, *networks: dict[str, Any]) -> Path:
    path = folder / "file.snn.json"
    path.write_text(json.dumps({"networks": [{"name": f"net{k}", "meta": {"format": "snm", "type": "SNN"}, "data": d}
                                             for k, d in enumerate(networks)]}), encoding="utf-8")
    return path


def test_the_grid_is_the_coarsest_that_is_exact(tmp_path: Path) -> None:
    assert ncx.from_superneuromat(write(tmp_path, data())).import_report.fraction_bits == 2
    net = ncx.from_superneuromat(write(tmp_path, data(input_spikes={"0": {"nids": [1], "values": [2.0**-7]}})))
    assert net.import_report.fraction_bits == net.fraction_bits == 7 and net.import_report.exact


def test_the_report_names_each_value_that_is_not_exact(tmp_path: Path) -> None:
    net = ncx.from_superneuromat(write(tmp_path, data(synaptic_weights=[0.5, 0.1], neuron_thresholds=[1.0, 1 / 3])))
    found = {(value.item, value.index) for value in net.import_report.inexact}
    assert found == {("synaptic_weights", 1), ("neuron_thresholds", 1)}
    assert "synaptic_weights[1] = 0.1 is stored as" in str(net.import_report) and not net.import_report.exact
    forced = ncx.from_superneuromat(write(tmp_path, data()), fraction_bits=1)
    assert {value.item for value in forced.import_report.inexact} == {"synaptic_weights", "aneg"}
    assert forced.compile("tiny").fraction_bits == 1
    pending = data(input_spikes={"4": {"nids": [1], "values": [0.3]}})
    report = ncx.from_superneuromat(write(tmp_path, pending), fraction_bits=4).import_report
    assert [(value.item, value.index) for value in report.inexact] == [("input_spikes", (4, 1))]


def test_decimal_values_get_a_decimal_grid(tmp_path: Path, open_emulator: Open) -> None:
    values = data(synaptic_weights=[0.3, 0.07], neuron_thresholds=[1.1, 0.2], apos=[0.05], aneg=[-0.01],
                  input_spikes={"0": {"nids": [0], "values": [1.3]}})
    net = ncx.from_superneuromat(write(tmp_path, values))
    report = net.import_report
    assert report.decimals == 2 and report.step == 0.01 and report.inexact == () and not report.exact
    assert "whole number of steps" in str(report) and f"{report.scale:.6g}" in str(report)
    emulator = open_emulator()
    image = emulator.load(net)
    assert image.report is not None and image.report.inexact == ()
    assert net.superneuromat_weights(emulator).tolist() == [0.3, 0.07]
    # Neuron 0 fires by its input, neuron 1 by the synapse a tick later; the synapse gets apos then, aneg ever after.
    assert emulator.run(3).spikes.tolist() == [[0, 0], [1, 1]]
    assert net.superneuromat_weights(emulator).tolist() == [0.34, 0.07]
    assert net.superneuromat_states(emulator).tolist() == [0.07, 0.0]
    # Seven decimals are too many.
    fine = ncx.from_superneuromat(write(tmp_path, data(synaptic_weights=[0.1234567, 0.0])))
    assert fine.import_report.decimals is None and [v.item for v in fine.import_report.inexact] == ["synaptic_weights"]


def test_microseer_comes_out_of_a_superneuromat_file_as_it_should(tmp_path: Path, open_emulator: Open) -> None:
    papers = ncx.datasets.microseer()
    graph = microseer.build(papers)
    unit, size = microseer.UNIT, graph.network.n_neurons
    synapses = [(p.pre_index, p.post_index, np.round(p.weights / unit, 4), np.full(len(p), p.profile is not None))
                for p in graph.network.projections]
    pre, post, weights, learns = (np.concatenate(column).tolist() for column in zip(*synapses))
    rest = np.zeros(size)
    rest[graph.papers[papers.test]], rest[graph.papers[papers.training]] = microseer.TEST_REST, microseer.TRAINING_REST
    net = ncx.from_superneuromat(write(tmp_path, data(
        neuron_thresholds=[1.0] * size, neuron_leaks=[0.0] * size, neuron_reset_states=[0.0] * size,
        neuron_refractory_periods=rest.tolist(), neuron_refractory_periods_state=[0.0] * size,
        neuron_states=[0.0] * size, pre_synaptic_neuron_ids=pre, post_synaptic_neuron_ids=post,
        synaptic_weights=weights, synaptic_delays=[1] * len(pre), enable_stdp=learns, apos=list(microseer.APOS),
        aneg=list(microseer.ANEG), input_spikes={})))
    assert net.import_report.decimals == 4 and net.import_report.inexact == ()
    emulator = open_emulator("model", "cmod_a7")
    emulator.load(net)
    start, answers = emulator.save_state(), []
    for paper in graph.papers[papers.test]:
        emulator.restore_state(start)
        emulator.run(microseer.TICKS, currents=([0], [paper], [microseer.SPIKE * net.import_report.scale]))
        table = np.zeros((size, size))
        table[pre, post] = net.superneuromat_weights(emulator)
        answers.append(int(table[paper, graph.topics].argmax()))
    assert np.count_nonzero(answers == papers.labels[papers.test]) == 44


def test_large_fixed_weights_get_an_exponent_of_their_own(tmp_path: Path, open_emulator: Open) -> None:
    weights = [0.0009765625, 100.0]  # 1 and 102,400 steps of 2^-10
    net = ncx.from_superneuromat(write(tmp_path, data(synaptic_weights=weights, stdp=False)))
    assert net.import_report.exact and net.import_report.fraction_bits == 10 and len(net.projections) == 2
    emulator = open_emulator()
    emulator.load(net)
    assert net.superneuromat_weights(emulator).tolist() == weights
    # One projection if all of them are whole at the larger exponent.
    assert len(ncx.from_superneuromat(write(tmp_path, data(synaptic_weights=[1.0, 100.0], stdp=False)),
                                      fraction_bits=10).projections) == 1


def test_weights_at_the_end_of_their_range_warn(tmp_path: Path, open_emulator: Open) -> None:
    fast = data(apos=[4096.0], aneg=[0.0], neuron_thresholds=[-1.0, -1.0])  # both fire in every tick
    net = ncx.from_superneuromat(write(tmp_path, fast))
    emulator = open_emulator()
    emulator.load(net)
    emulator.run(2)
    assert net.superneuromat_weights(emulator)[0] > 4096
    emulator.run(20)
    with pytest.warns(RuntimeWarning, match="1 weights are at the end of their range"):
        net.superneuromat_weights(emulator)


def test_one_of_several_networks_is_chosen_by_number_or_name(tmp_path: Path) -> None:
    path = write(tmp_path, data(), data(neuron_thresholds=[5.0, 6.0]))
    for which in (1, "net1"):
        assert ncx.from_superneuromat(path, network=which)._snapshot.thresholds.tolist() == [5.0, 6.0]
    for wrong in (2, "net2", -1):
        with pytest.raises(ncx.InputError, match="network"):
            ncx.from_superneuromat(path, network=wrong)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("neuron_thresholds", {"neuron_thresholds": []}), ("neuron_leaks", {"neuron_leaks": [0.0]}),
    ("neuron_leaks", {"neuron_leaks": [-1.0, 0.0]}), ("neuron_reset_states", {"neuron_reset_states": [0.0, "x"]}),
    ("neuron_refractory_periods", {"neuron_refractory_periods": [0.5, 0]}),
    (r"neuron_refractory_periods\[1\]", {"neuron_refractory_periods": [0, 5000]}),
    ("pre_synaptic_neuron_ids", {"pre_synaptic_neuron_ids": [0, 2]}),
    ("pre_synaptic_neuron_ids", {"pre_synaptic_neuron_ids": [0.5, 1]}),
    ("several synapses 0 -> 1", {"pre_synaptic_neuron_ids": [0, 0], "post_synaptic_neuron_ids": [1, 1]}),
    ("post_synaptic_neuron_ids", {"post_synaptic_neuron_ids": [1]}),
    ("synaptic_weights", {"synaptic_weights": [float("nan"), 0.0]}), ("synaptic_delays", {"synaptic_delays": [3, 1]}),
    ("apos", {"apos": [0.5, 0.5]}), ("apos", {"apos": [-0.5]}), ("aneg", {"aneg": [0.5]}),
    ("apos", {"apos": [0.5] * 17, "aneg": [0.0] * 17}),
    ("spike_train", {"spike_train": [[0], [1]]}), ("spike_train: int", {"spike_train": 5}),
    ("spike_train: dict", {"spike_train": {"0": [0, 1]}}), ("input_spikes", {"input_spikes": [1]}),
    ("input_spikes", {"input_spikes": {"1": {"nids": [2], "values": [1.0]}}}),
    ("input_spikes", {"input_spikes": {"-1": {"nids": [1], "values": [1.0]}}}),
    ("input_spikes", {"input_spikes": {"1": {"nids": [1], "values": []}}}),
    ("damaged base85", {"neuron_leaks": {"dtype": "<d", "base85": "~~\u007f"}}),
]


@pytest.mark.parametrize("name, changes", BAD)
def test_errors_name_the_field(name: str, changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ncx.InputError, match=name):
        ncx.from_superneuromat(write(tmp_path, data(**changes)))


BAD_SOURCES: list[tuple[str, Callable[[Path], Any]]] = [
    ("source", lambda folder: folder / "absent.json"), ("source", lambda folder: 3), ("source", lambda folder: None),
    ("no JSON", lambda folder: write_text(folder, "[1,")), ("no JSON", lambda folder: write_text(folder, "[" * 10**5)),
    ("networks", lambda folder: write_text(folder, "[]")),
    ("networks", lambda folder: write_text(folder, '{"networks": []}')),
    ("format 'nir'", lambda folder: write_text(folder, '{"networks": [{"meta": {"format": "nir"}, "data": {}}]}')),
    ("data", lambda folder: write_text(folder, '{"networks": [{"meta": {}}]}')),
    ("neuron_thresholds: missing", lambda folder: write_text(folder, '{"networks": [{"data": {}}]}')),
]


def write_text(folder: Path, text: str) -> Path:
    path = folder / "bad.json"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name, source", BAD_SOURCES)
def test_bad_sources_are_refused(name: str, source: Callable[[Path], Any], tmp_path: Path) -> None:
    with pytest.raises(ncx.InputError, match=name):
        ncx.from_superneuromat(source(tmp_path))
