# SPDX-License-Identifier: BSD-3-Clause
"""The emulator's interface, on every backend."""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
import threading
import time
import warnings
from typing import Any, Callable

import numpy as np
import pytest
from conftest import Open

import neurocorex as ncx
from neurocorex import encoders


@pytest.fixture
def emulator(backend: str, open_emulator: Open, ring: ncx.Network) -> ncx.Emulator:
    """With the ring network on it."""
    result = open_emulator(backend)
    result.load(ring)
    return result


@pytest.mark.board
def test_a_spike_goes_round_the_ring(emulator: ncx.Emulator) -> None:
    result = emulator.run(6, inputs=[(1, 0)])
    assert result.spikes.dtype == np.uint32 and result.spikes.tolist() == [[1, 0], [2, 1], [3, 2], [4, 3], [5, 0]]
    assert result.spike_counts.tolist() == [2, 1, 1, 1] and result.n_spikes == 5
    assert emulator.tick == 6 and emulator.spike_counts().tolist() == [2, 1, 1, 1]
    on = emulator.run(2)
    assert on.spikes.tolist() == [[0, 1], [1, 2]] and on.first_tick == 6
    emulator.reset()
    assert emulator.tick == 0 and emulator.run(5).n_spikes == 0


def test_all_forms_of_inputs_mean_the_same(emulator: ncx.Emulator, ring: ncx.Network) -> None:
    boolean = np.zeros((8, 2), bool)
    boolean[[0, 3], [0, 1]] = True
    group = ring.axon_groups[0]
    forms: list[Any] = [[(0, 0), (3, 1)], np.array([[3, 1], [0, 0]], np.int64), boolean, boolean[:4],
                        {"in": boolean}, {group: [(0, 0), (3, 1)]}]
    spikes = []
    for form in forms:
        emulator.reset()
        spikes.append(emulator.run(8, inputs=form).spikes.tolist())
    assert len(spikes[0]) == 13 and all(other == spikes[0] for other in spikes)
    emulator.reset()
    assert emulator.run(8, inputs=[]).n_spikes == emulator.run(8, inputs={}).n_spikes == 0


def test_all_forms_of_currents_mean_the_same(emulator: ncx.Emulator, ring: ncx.Network) -> None:
    dense = np.zeros((6, 4))
    dense[2, 1], dense[4, 3] = 0.75, 0.25
    forms: list[Any] = [dense, ([2, 4], [1, 3], [0.75, 0.25]), {"ring": dense}, {ring.populations[0]: dense[:5]},
                        ([2, 4, 4], [1, 3, 3], [0.75, 0.125, 0.125])]
    results = []
    for form in forms:
        emulator.reset()
        results.append(emulator.run(6, currents=form, record=["spikes", "potentials"]))
    assert results[0].spikes.tolist() == [[2, 1], [3, 2], [4, 3], [5, 0]]
    for other in results[1:]:
        assert np.array_equal(other.spikes, results[0].spikes)
        assert np.array_equal(other.potentials_raw, results[0].potentials_raw)
    emulator.reset()
    assert emulator.run(3, currents=0.25, record="potentials").potentials.tolist() == [[0.25] * 4] * 3
    emulator.reset()
    constant = emulator.run(2, currents=[0.0, 0.25, 0.5, -1.0], probes=[3, 1])
    assert constant.potentials.tolist() == [[-1.0, 0.25]] * 2 and constant.probes.tolist() == [3, 1]


BAD_RUNS: list[tuple[str, Callable[[ncx.Emulator], Any]]] = [
    ("ticks", lambda e: e.run(-1)), ("ticks", lambda e: e.run(1.5)), ("ticks", lambda e: e.run("many")),
    ("inputs", lambda e: e.run(5, inputs=[(5, 0)])), ("inputs", lambda e: e.run(5, inputs=[(0, 2)])),
    ("inputs", lambda e: e.run(5, inputs=[(-1, 0)])), ("inputs", lambda e: e.run(5, inputs=[(0.5, 0)])),
    ("inputs", lambda e: e.run(5, inputs=[1, 2, 3])), ("inputs", lambda e: e.run(5, inputs=np.zeros((6, 2), bool))),
    ("inputs", lambda e: e.run(5, inputs=np.zeros((5, 3), bool))), ("inputs", lambda e: e.run(5, inputs={"out": []})),
    ("inputs: masked values", lambda e: e.run(5, inputs=np.ma.masked_equal([(1, 0), (2, 1)], 2))),
    (r"inputs\['in'\]: masked values", lambda e: e.run(5, inputs={
        "in": np.ma.masked_equal(np.eye(2, dtype=bool), True)})),
    ("currents: masked values", lambda e: e.run(5, currents=np.ma.masked_equal([0.0, 1.0, 2.0, 3.0], 3.0))),
    ("samples: masked values", lambda e: e.run_samples(np.ma.masked_equal([[0, 0, 0]], 0), 5)),
    ("two events", lambda e: e.run(5, inputs=[(1, 1), (1, 1)])),
    ("currents", lambda e: e.run(5, currents=np.zeros((5, 3)))), ("currents", lambda e: e.run(5, currents=np.nan)),
    ("currents", lambda e: e.run(5, currents=np.zeros((6, 4)))), ("currents", lambda e: e.run(5, currents=1e12)),
    ("currents", lambda e: e.run(5, currents=([0], [0]))),
    ("currents", lambda e: e.run(5, currents=([0, 1], [0], [1.0]))),
    (r"currents\[0\]", lambda e: e.run(5, currents=([5], [0], [1.0]))),
    (r"currents\[1\]", lambda e: e.run(5, currents=([0], [4], [1.0]))),
    ("record", lambda e: e.run(5, record=["voltages"])), ("probes", lambda e: e.run(5, probes=[4])),
    ("samples", lambda e: e.run_samples([[0, 0]], 5)), ("samples", lambda e: e.run_samples([[0, 5, 0]], 5)),
    ("samples", lambda e: e.run_samples([[3, 0, 0]], 5, n_samples=2)),
    ("n_samples", lambda e: e.run_samples([[0, 0, 0]], 5, n_samples=-1)),
    ("projection", lambda e: e.weights("nothing")), ("projection", lambda e: e.weights(2)),
    ("values", lambda e: e.set_weights("around", [1.0, 2.0])), ("values", lambda e: e.set_weights("around", np.nan)),
    ("weight", lambda e: e.set_weights("around", 1e5)), ("values", lambda e: e.set_potentials([0.0])),
    ("values", lambda e: e.set_potentials(1e8)),
    ("potential 8388608", lambda e: e.set_potentials(2**23 * e.image.step)), ("rates", lambda e: e.set_rates(2.0)),
    ("rates", lambda e: e.set_rates({"nothing": 0.5})), ("network", lambda e: e.load("ring.ncx")),
    ("tick_period", lambda e: setattr(e, "tick_period", -1.0)),
    # Less than half a clock cycle would be rounded to 0, which means something else.
    ("tick_period", lambda e: setattr(e, "tick_period", 1e-12)),
    ("tick_period", lambda e: setattr(e, "tick_period", [1e-3, 1e-3])),
    ("inputs.*no ticks", lambda e: e.run(0, inputs=[(0, 0)])),
    ("inputs: rows of different lengths", lambda e: e.run(5, inputs=[(0, 0), (1,)])),
    ("record", lambda e: e.run(5, record=None)), ("record", lambda e: e.run(5, record=5)),
    ("samples", lambda e: e.run_samples([("a", "b", "c")], 5)),
    ("samples", lambda e: e.run_samples([(0, 0, 0), (1,)], 5)),
    ("image", lambda e: e.attach(ncx.Network())),
    ("steps of", lambda e: e.set_weights("around", 1e5)),
    ("steps of", lambda e: e.set_potentials(2**23 * e.image.step)),
    ("numbers within", lambda e: e.set_potentials(np.nan)),
]


@pytest.mark.parametrize("name, call", BAD_RUNS)
def test_errors_name_the_argument_and_change_nothing(name: str, call: Callable[[ncx.Emulator], Any],
                                                     open_emulator: Open, ring: ncx.Network) -> None:
    emulator = open_emulator()
    emulator.load(ring)
    with pytest.raises(ncx.InputError, match=name):
        call(emulator)
    assert emulator.tick == 0 and emulator.run(6, inputs=[(1, 0)]).n_spikes == 5


def test_too_many_probes_are_refused_by_name(open_emulator: Open) -> None:
    net = ncx.Network()
    net.population(17)
    emulator = open_emulator()
    emulator.load(net)
    with pytest.raises(ncx.InputError, match="probes: 17 neurons; expected at most 16"):
        emulator.run(1, record=["potentials"])


def test_what_to_record_may_come_from_a_generator(emulator: ncx.Emulator) -> None:
    result = emulator.run(3, record=(word for word in ("spikes", "potentials")))  # type: ignore[arg-type]
    assert result.recorded and result.potentials.shape == (3, 4)


def test_spikes_are_counted_even_when_they_are_not_recorded(emulator: ncx.Emulator) -> None:
    result = emulator.run(9, inputs=[(1, 0)], record=[])
    assert len(result.spikes) == 0 and result.spike_counts.tolist() == [2, 2, 2, 2]
    emulator.clear_spike_counts()
    assert emulator.spike_counts().tolist() == [0] * 4
    assert "spikes neither recorded nor counted" in repr(emulator.run(4, record=[], count_spikes=False))
    uncounted = emulator.run(4, count_spikes=False)
    assert uncounted.spike_counts.tolist() == [1] * 4 and emulator.spike_counts().tolist() == [0] * 4


def test_weights_are_read_and_written(emulator: ncx.Emulator, ring: ncx.Network) -> None:
    around = ring.projections[1]
    assert emulator.weights(around).tolist() == emulator.weights("around").tolist() == emulator.weights(1).tolist()
    assert emulator.weights(around).tolist() == [1.0] * 4
    emulator.set_weights(around, [1.0, 1.0, 0.25, 1.0])
    assert emulator.weights(around).tolist() == [1.0, 1.0, 0.25, 1.0]
    assert emulator.run(8, inputs=[(1, 0)]).spikes.tolist() == [[1, 0], [2, 1], [3, 2]]
    emulator.set_weights(around, np.full((4, 4), 0.75))
    assert emulator.weights(around).tolist() == [0.75] * 4
    raw = emulator.weights(around, raw=True)
    assert raw.dtype == np.int32 and np.array_equal(raw * emulator.image.weight_step(1), [0.75] * 4)
    emulator.set_weights(around, raw + 1, raw=True)
    assert np.array_equal(emulator.weights(around, raw=True), raw + 1)
    emulator.reset()
    assert np.array_equal(emulator.weights(around, raw=True), raw + 1), "weights survive a reset"


def test_rates_are_set_for_all_or_by_group(backend: str, open_emulator: Open) -> None:
    net = ncx.Network()
    first, second = net.axons(2, rates=1.0, name="first"), net.axons(2, name="second")
    cells = net.population(4, threshold=0.5, leak=np.inf)
    net.connect(first, cells, ([0, 1], [0, 1], 1.0))
    net.connect(second, cells, ([0, 1], [2, 3], 1.0))
    emulator = open_emulator(backend)
    emulator.load(net)
    assert emulator.run(10).spike_counts.tolist() == [10, 10, 0, 0]
    emulator.set_rates({second: [0.0, 1.0]})
    emulator.reset()
    assert emulator.run(10).spike_counts.tolist() == [10, 10, 0, 10]
    emulator.set_rates({"first": [0.5, 0.0]})
    assert emulator.rates().tolist() == [0.5, 0.0, 0.0, 1.0], "other groups keep theirs"
    emulator.set_rates([0.0, 0.0, 1.0, 0.0])
    emulator.reset()
    assert emulator.run(10).spike_counts.tolist() == [0, 0, 10, 0]
    emulator.set_rates(0.0)
    emulator.reset()
    assert emulator.run(10).n_spikes == 0


def test_samples_equal_single_runs_from_reset(emulator: ncx.Emulator) -> None:
    rng = np.random.default_rng(3)
    samples = rng.random((12, 7, 2)) < 0.2
    many = emulator.run_samples(samples, 7, probes=[0, 2])
    shuffled = rng.permutation(np.argwhere(samples))
    again = emulator.run_samples(shuffled, 7, n_samples=12, probes=[0, 2])
    assert np.array_equal(many.spikes, again.spikes)
    assert many.spike_counts.shape == (12, 4) and many.potentials.shape == (12, 7, 2)
    for k in range(12):
        emulator.reset()
        one = emulator.run(7, inputs=samples[k], probes=[0, 2], count_spikes=False)
        part = many.sample(k)
        assert np.array_equal(part.spikes, one.spikes) and np.array_equal(part.potentials, one.potentials)
        assert np.array_equal(many.counts_of("ring")[k], one.spike_counts) and part.cycles == one.cycles
    assert emulator.run_samples(np.empty((0, 3), int), 7).spike_counts.shape == (0, 4)
    assert emulator.run_samples([], 7, n_samples=2).spike_counts.tolist() == [[0] * 4] * 2


def test_encoder_output_is_taken_as_it_is(emulator: ncx.Emulator) -> None:
    values = np.array([[1.0, 0.0], [0.0, 0.5]])
    result = emulator.run_samples(encoders.rate(values, 4), 4)
    assert result.n_samples == 2 and result.spikes[0].tolist() == [0, 0, 0]
    assert emulator.run(4, inputs=encoders.latency([1.0, 0.0], 4)).n_spikes > 0


def test_state_is_read_and_written(emulator: ncx.Emulator) -> None:
    emulator.set_potentials([0.25, -0.5, 0.0, 0.125])
    assert emulator.potentials().tolist() == [0.25, -0.5, 0.0, 0.125]
    assert emulator.currents().tolist() == emulator.thetas().tolist() == [0.0] * 4
    assert emulator.refractory_counters().tolist() == [0] * 4


def test_spikes_of_one_population_count_from_its_start(open_emulator: Open) -> None:
    net = ncx.Network()
    source = net.axons(1)
    first, second = net.population(3, name="first"), net.population(2, threshold=0.5, name="second")
    net.connect(source, second, ([0], [1], 1.0))
    emulator = open_emulator()
    emulator.load(net)
    result = emulator.run(3, inputs=[(1, 0)])
    assert result.spikes.tolist() == [[1, 4]]
    assert result.of(second).tolist() == result.of("second").tolist() == [[1, 1]] and len(result.of(first)) == 0
    with pytest.raises(ncx.InputError, match="population"):
        result.of("third")


def test_results_tell_their_cost(emulator: ncx.Emulator) -> None:
    result = emulator.run(10, inputs=[(1, 0)])
    report = emulator.image.report
    assert report is not None
    assert 10 * report.cycles_idle <= result.cycles <= 10 * report.cycles_all
    assert result.seconds == result.cycles / 100e6
    assert "10 ticks" in repr(result) and f"{result.cycles:,} cycles" in repr(result)
    emulator.reset()
    assert "no neuron fired" in repr(emulator.run(5))


@pytest.mark.board
def test_backends_cost_the_same_cycles(backend: str, open_emulator: Open, ring: ncx.Network) -> None:
    cycles = []
    for name in ("model", backend):
        emulator = open_emulator(name)
        emulator.load(ring)
        cycles.append(emulator.run(50, inputs=[(1, 0), (3, 1)]).cycles)
    assert cycles[0] == cycles[1]


@pytest.mark.board
def test_pace_is_kept_and_lateness_is_counted(emulator: ncx.Emulator) -> None:
    emulator.tick_period = 5e-6
    assert emulator.tick_period == 5e-6
    assert emulator.run(20, inputs=[(1, 0)]).overruns == 0
    emulator.tick_period = 1e-8
    late = emulator.run(20)
    assert late.overruns > 0 and "ticks late" in repr(late)


def test_a_board_stands_for_its_build(ring: ncx.Network) -> None:
    image = ring.compile("basys3")
    for config in ("basys3", "cmod_a7"):
        with ncx.Emulator("model", config=config) as emulator:
            emulator.load(image)
            assert emulator.run(6, inputs=[(1, 0)]).n_spikes == 5


def test_a_closed_emulator_says_so(open_emulator: Open, ring: ncx.Network) -> None:
    with open_emulator() as emulator:
        emulator.load(ring)
        assert "'ring' loaded" in repr(emulator)
    assert repr(emulator) == "<Emulator: closed>"
    emulator.close()
    for call in (lambda: emulator.run(1), emulator.reset, lambda: emulator.load(ring), lambda: emulator.geometry):
        with pytest.raises(ncx.InputError, match="loaded|closed"):
            call()


def test_nothing_runs_before_a_load(open_emulator: Open) -> None:
    emulator = open_emulator()
    assert "nothing loaded" in repr(emulator)
    with pytest.raises(ncx.InputError, match="load"):
        emulator.run(1)


def test_a_load_that_fails_leaves_the_old_network(emulator: ncx.Emulator) -> None:
    large = ncx.Network()
    large.population(65)
    with pytest.raises(ncx.CapacityError, match="neurons"):
        emulator.load(large)
    assert emulator.image.name == "ring" and emulator.run(6, inputs=[(1, 0)]).n_spikes == 5


def test_an_image_for_another_build_is_refused(emulator: ncx.Emulator, ring: ncx.Network) -> None:
    with pytest.raises(ncx.InputError, match="cmod_a7|lanes"):
        emulator.load(ring.compile("cmod_a7"))


def busy_network() -> ncx.Network:
    net = ncx.Network()
    cells = net.population(64, threshold=0.5)
    net.connect(net.axons(8, rates=0.5), cells, 1.0)
    net.connect(cells, cells, 0.01)
    return net


@pytest.mark.board
def test_ctrl_c_stops_a_run(backend: str, open_emulator: Open) -> None:
    emulator = open_emulator(backend)
    emulator.load(busy_network())
    killer = threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT))
    begin = time.monotonic()
    killer.start()
    with pytest.raises(KeyboardInterrupt):
        emulator.run(100_000_000, record=[])
    # The simulated hardware looks up only every 100 ms of its own, slower, time.
    assert time.monotonic() - begin < (5.0 if backend == "model" else 60.0)
    emulator.reset()
    assert emulator.tick == 0 and emulator.run(20).n_spikes > 0, "usable after a reset"


def test_ctrl_c_stops_samples(open_emulator: Open) -> None:
    emulator = open_emulator()
    emulator.load(busy_network())
    threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        emulator.run_samples([], 200, n_samples=10_000_000)
    assert emulator.run_samples([], 2, n_samples=3).n_samples == 3


@pytest.mark.model_sized
def test_other_threads_go_on_during_a_run_and_may_not_meddle(open_emulator: Open) -> None:
    emulator = open_emulator()
    emulator.load(busy_network())
    done: list[Any] = []
    worker = threading.Thread(target=lambda: done.append(emulator.run(60_000, record=[])))
    worker.start()
    time.sleep(0.05)
    refused = 0
    while worker.is_alive():
        try:
            emulator.tick
        except ncx.InputError as error:
            assert "another thread" in str(error)
            refused += 1
        time.sleep(0.001)
    worker.join()
    assert refused > 0 and done[0].ticks == 60_000


@pytest.mark.model_sized
@pytest.mark.parametrize("samples", [False, True])
def test_another_thread_stops_a_run(open_emulator: Open, samples: bool) -> None:
    emulator = open_emulator()
    emulator.load(busy_network())
    emulator.stop()
    assert emulator.run(5).ticks == 5, "nothing was going on"
    seen: list[Exception] = []

    def work() -> None:
        try:
            if samples:
                emulator.run_samples([], 20, n_samples=1_000_000)
            else:
                emulator.run(4_000_000_000, record=[])
        except ncx.Interrupted as error:
            seen.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    # Before the run has begun there is nothing to stop.
    end = time.monotonic() + 60.0
    while worker.is_alive() and time.monotonic() < end:
        emulator.stop()
        worker.join(0.05)
    assert not worker.is_alive() and len(seen) == 1 and "stopped" in str(seen[0])
    emulator.reset()
    assert emulator.run(5).ticks == 5, "usable after a reset"


def test_python_ends_while_a_thread_runs() -> None:
    program = ("import threading, time, neurocorex as ncx\n"
               "net = ncx.Network(); cells = net.population(50); net.connect(net.axons(9, rates=0.5), cells, 0.3)\n"
               "emulator = ncx.Emulator('model', 'tiny'); emulator.load(net)\n"
               "run = lambda: emulator.run(4_000_000_000, record=())\n"
               "threading.Thread(target=run, daemon=True).start(); time.sleep(0.2); print('end')")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_values_are_rounded_as_they_are_compiled(open_emulator: Open) -> None:
    net = ncx.Network()
    net.fraction_bits = 2
    cells = net.population(4, threshold=9.0, v_init=[0.625, -0.625, 0.5, 0.375])
    given = net.connect(net.axons(4), cells, [0.625, -0.625, 0.375, 0.1], connector=ncx.one_to_one())
    emulator = open_emulator()
    emulator.load(net)
    weights, potentials = emulator.weights(given), emulator.potentials()
    assert weights.tolist() == [0.75, -0.75, 0.5, 0.0]
    emulator.set_weights(given, given.weights)
    emulator.set_potentials([0.625, -0.625, 0.5, 0.375])
    assert emulator.weights(given).tolist() == weights.tolist()
    assert emulator.potentials().tolist() == potentials.tolist() == [0.75, -0.75, 0.5, 0.5]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ncx.InputError, match="values: contains inf"):
            emulator.set_weights(given, np.inf)
    emulator.set_potentials(0.0)
    emulator.run(1, currents=[[0.625, -0.625, 0.5, 0.375]])
    assert emulator.potentials().tolist() == [0.75, -0.75, 0.5, 0.5]


def test_handles_of_another_network_are_refused(open_emulator: Open) -> None:
    one, other = ncx.Network(), ncx.Network()
    theirs = one.connect(one.axons(2), one.population(2), [[np.nan, 0.25], [0.5, np.nan]])
    mine = other.connect(other.axons(2), other.population(2), [[0.75, np.nan], [np.nan, 0.125]])
    assert theirs.name == mine.name
    emulator = open_emulator()
    emulator.load(other)
    with pytest.raises(ncx.InputError, match="projection: .*another network"):
        emulator.set_weights(theirs, 0.5)
    assert emulator.weights(copy.deepcopy(other).projections[0]).tolist() == [0.75, 0.125]
    larger = ncx.Network().population(3)
    with pytest.raises(ncx.InputError, match="population"):
        emulator.run(2).of(larger)
    with pytest.raises(ncx.InputError, match="currents"):
        emulator.run(2, currents={larger: 1.0})


def test_a_raster_of_bytes_is_not_taken_for_events(open_emulator: Open, ring: ncx.Network) -> None:
    emulator = open_emulator()
    emulator.load(ring)
    raster = np.array([[1, 0], [0, 1]], np.uint8)
    with pytest.raises(ncx.InputError, match="inputs: .*raster"):
        emulator.run(2, inputs=raster)
    emulator.run(2, inputs=raster.astype(bool))
    emulator.run(3, inputs=raster)


@pytest.mark.model_sized
def test_progress_is_shown_when_asked_for(open_emulator: Open, capsys: pytest.CaptureFixture[str]) -> None:
    emulator = open_emulator()
    emulator.load(busy_network())
    emulator.run(1000)
    assert capsys.readouterr().err == "", "no bar where nobody watches"
    ticks = 200_000
    while True:
        result_begin = time.monotonic()
        emulator.run(ticks, record=[], progress=True)
        shown = capsys.readouterr().err
        if time.monotonic() - result_begin > 1.0:
            break
        ticks *= 4
    assert "ticks" in shown and "%" in shown
