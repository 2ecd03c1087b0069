#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures what we claim, beside the peers that are installed, in one run: build/bench/numbers.json.

The network is 256 neurons all to all with 16-bit weights on 8 lanes. Chosen neurons have a threshold below their
potential and so fire in every tick: the activity is exact. With learning, a spike goes round a ring instead, so that
all neurons take turns: as many fire in every tick, and five times as many have a trace of five taps. A rate is the best
of three runs, as the machine's noise only ever slows one down.

End to end, a run of the hardware description says how many cycles its ticks took and how many bytes the link moved,
frames, COBS, CRCs and acknowledgements included. With spikes streamed, both directions of the line overlap: there a
byte takes its 10 bits at 4 Mbaud in the simulation, and the clocks from the call to its result are counted. With counts
nothing can overlap, and the time follows from cycles and bytes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

import numpy as np

import neurocorex as ncx
from neurocorex import stdp
from neurocorex.datasets import microseer
from neurocorex.examples import microseer as microseer_example

NEURONS = 256
CONFIG = "cmod_a7"
# Measured on another machine of this kind with the peer's own code; docs/benchmarks.md says how.
SPIKE_ENGINE_CYCLES = 8594
SPIKE_ENGINE_LOAD_SECONDS = 1.90
SPIKE_ENGINE_LEARNING_CYCLES = 16821
SPIKE_ENGINE_MICROSEER_CYCLES = 483
SPIKE_ENGINE_END_TO_END = 1100
RUNS = 3

CLOCK_HZ, BAUD, BITS_A_BYTE = 100e6, 4e6, 10
# 2 % active. The hardware's rates are multiples of 1/256, so with one of 5 as many neurons fire in a tick on average.
ACTIVE = 5
STREAMED_TICKS, COUNTED_TICKS = 2_000, 20_000

# With learning: a ring drives the neurons, all other synapses learn by five taps and stay too small to matter.
THRESHOLD, DRIVE, LEAK = 2000.0, 4000.0, 1000.0
APOS, ANEG = (1.0, 0.5, 0.25, 0.125, 0.0625), (-1.0 / 1024,) * 5


def network(active: int) -> ncx.Network:
    """All to all; `active` neurons, spread evenly, fire in every tick."""
    net = ncx.Network("bench")
    threshold = np.full(NEURONS, 1000.0)
    if active:
        threshold[np.linspace(0, NEURONS - 1, active).astype(int)] = -1000.0
    cells = net.population(NEURONS, threshold=threshold, leak=1.0)
    weights = np.fromfunction(lambda i, j: (31 * i + 17 * j) % 7 - 3, (NEURONS, NEURONS))
    net.connect(cells, cells, weights, format="dense")
    return net


def ring(active: int) -> tuple[np.ndarray, np.ndarray]:
    """For each neuron the one that it drives, and the potentials with which `active` of them begin."""
    start = np.zeros(NEURONS)
    start[np.linspace(0, NEURONS, active, endpoint=False).astype(int)] = DRIVE
    return (np.arange(NEURONS) + 1) % NEURONS, start


def learning_network(active: int) -> ncx.Network:
    """All to all and plastic; `active` neurons fire in every tick, all in turn."""
    net = ncx.Network("bench learning")
    target, start = ring(active)
    cells = net.population(NEURONS, threshold=THRESHOLD, leak=LEAK, v_init=start)
    weights = np.fromfunction(lambda i, j: (31 * i + 17 * j) % 7 - 3, (NEURONS, NEURONS))
    net.connect(cells, cells, weights, format="dense", name="learns",
                profile=stdp.superneuromat(APOS, ANEG, w_min=-8.0, w_max=8.0))
    net.connect(cells, cells, (np.arange(NEURONS), target, DRIVE), format="sparse", name="ring")
    return net


def best(rate: Callable[[], float]) -> float:
    return max(rate() for _ in range(RUNS))


def ticks_per_second(backend: str, net: ncx.Network, ticks: int) -> float:
    with ncx.Emulator(backend, CONFIG) as emulator:
        emulator.load(net)

        def once() -> float:
            start = time.perf_counter()
            emulator.run(ticks, record=(), count_spikes=False, progress=False)
            return ticks / (time.perf_counter() - start)

        return best(once)


def cycles_per_tick(net: ncx.Network) -> float:
    with ncx.Emulator("rtl", CONFIG) as emulator:
        emulator.load(net)
        emulator.run(10, record=(), count_spikes=False, progress=False)
        return emulator.run(100, record=(), count_spikes=False, progress=False).cycles / 100


def driven_network() -> ncx.Network:
    """All to all; each neuron fires when the encoder of its own axon does, and only then."""
    net = ncx.Network("bench end to end")
    axons = net.axons(NEURONS, rates=ACTIVE / 256)
    cells = net.population(NEURONS, threshold=THRESHOLD, leak=LEAK)
    weights = np.fromfunction(lambda i, j: (31 * i + 17 * j) % 7 - 3, (NEURONS, NEURONS))
    net.connect(cells, cells, weights, format="dense")
    net.connect(axons, cells, (np.arange(NEURONS), np.arange(NEURONS), DRIVE), format="sparse")
    return net


class EndToEnd(NamedTuple):
    """What one run took from the call to its result: also the registers read before and after it. A USB adapter's
    latency is left out, as for the peer."""

    ticks: int
    spikes: int
    cycles: int  # of the core; clocks in which it waits for the line are none of them
    sent: int
    received: int
    seconds: float


def streamed(ncx_program: str) -> EndToEnd:
    """Input spikes go to the device and output spikes come back in every tick, over a simulated line."""
    found = json.loads(subprocess.run(
        [ncx_program, "--json", "bench", "--backend", "rtl", "--config", CONFIG, "--neurons", str(NEURONS),
         "--rate", str(ACTIVE), "--ticks", str(STREAMED_TICKS), "--line", str(int(BAUD))],
        check=True, capture_output=True, text=True).stdout)
    ticks = found["ticks"]
    spikes = round(found["activity"] * NEURONS * ticks)
    if spikes != ACTIVE * ticks:
        raise RuntimeError(f"end to end: {spikes / ticks:g} spikes a tick, not {ACTIVE}: not the activity it says")
    return EndToEnd(ticks, spikes, round(found["cycles_per_tick"] * ticks), found["bytes_sent"],
                    found["bytes_received"], found["line_clocks"] / CLOCK_HZ)


def counted() -> EndToEnd:
    """The chip's encoders are the input, and the neurons' spike counts are read before and after. Core and line follow
    one another: the run begins when its request has come, and counts are read when its last tick is over."""
    with ncx.Emulator("rtl", CONFIG) as emulator:
        emulator.load(driven_network())
        before = emulator.link_statistics
        result = emulator.run(COUNTED_TICKS, record=(), progress=False)
        after = emulator.link_statistics
    sent, received = (after[key] - before[key] for key in ("bytes_sent", "bytes_received"))
    seconds = result.cycles / CLOCK_HZ + BITS_A_BYTE * (sent + received) / BAUD
    return EndToEnd(COUNTED_TICKS, int(result.spike_counts.sum()), result.cycles, sent, received, seconds)


def superneuromat_ticks_per_second(active: int, learning: bool = False) -> Optional[float]:
    try:
        from superneuromat import SNN
    except ImportError:
        return None
    snn = SNN()
    chosen = set(np.linspace(0, NEURONS - 1, active).astype(int))
    target, start = ring(active)
    if learning:
        cells = [snn.create_neuron(threshold=THRESHOLD, leak=LEAK, initial_state=float(v)) for v in start]
        snn.apos, snn.aneg = list(APOS), list(ANEG)
    else:
        cells = [snn.create_neuron(threshold=-1000.0 if k in chosen else 1000.0, leak=1.0) for k in range(NEURONS)]
    for i in range(NEURONS):
        for j in range(NEURONS):
            drives = learning and target[i] == j
            snn.create_synapse(cells[i], cells[j], weight=DRIVE if drives else float((31 * i + 17 * j) % 7 - 3),
                               stdp_enabled=learning and not drives)
    rates = []
    for sparse in (False, True):
        snn.sparse = sparse
        for _ in range(RUNS):
            start = time.perf_counter()
            snn.simulate(2000)
            rates.append(2000 / (time.perf_counter() - start))
            snn.clear_spike_train()
    return max(rates)


def brian2_ticks_per_second(active: int, folder: Path) -> Optional[float]:
    """Compiled Brian2 (cpp_standalone): the time that its own program reports for the run."""
    try:
        import brian2 as b2
    except ImportError:
        return None
    ticks = 100_000
    b2.set_device("cpp_standalone", directory=str(folder), build_on_run=False)
    b2.defaultclock.dt = 1 * b2.ms
    group = b2.NeuronGroup(NEURONS, "v : 1\nthr : 1", threshold="v > thr", reset="v = 0", method="euler")
    group.run_regularly("v = sign(v) * clip(abs(v) - 1, 0, inf)")
    threshold = np.full(NEURONS, 1000.0)
    threshold[np.linspace(0, NEURONS - 1, active).astype(int)] = -1000.0
    group.thr = threshold
    synapses = b2.Synapses(group, group, "w : 1", on_pre="v_post += w", delay=1 * b2.ms)
    synapses.connect()
    synapses.w = "(31 * i + 17 * j) % 7 - 3"
    b2.run(ticks * b2.ms)
    b2.device.build(directory=str(folder), compile=True, run=False)
    rates = []
    for _ in range(RUNS):
        b2.device.run(directory=str(folder), with_output=False, run_args=[])
        rates.append(ticks / b2.device._last_run_time)
    return max(rates)


def brian2_learning_ticks_per_second(active: int, folder: Path) -> Optional[float]:
    """Compiled Brian2 with its own pair-based STDP on all synapses, the same activity."""
    try:
        import brian2 as b2
    except ImportError:
        return None
    ticks = 20_000
    target, start = ring(active)
    b2.device.reinit()
    b2.set_device("cpp_standalone", directory=str(folder), build_on_run=False)
    b2.start_scope()
    b2.defaultclock.dt = 1 * b2.ms
    group = b2.NeuronGroup(NEURONS, "v : 1", threshold=f"v > {THRESHOLD}", reset="v = 0", method="euler")
    group.run_regularly(f"v = sign(v) * clip(abs(v) - {LEAK}, 0, inf)", when="start")
    group.v = start
    synapses = b2.Synapses(group, group, """w : 1
                           dapre/dt = -apre / (5*ms) : 1 (event-driven)
                           dapost/dt = -apost / (5*ms) : 1 (event-driven)""",
                           on_pre="v_post += w\napre += 1\nw = clip(w - apost, -8, 8)",
                           on_post="apost += 1\nw = clip(w + apre, -8, 8)", delay=1 * b2.ms)
    synapses.connect()
    synapses.w = "(31 * i + 17 * j) % 7 - 3"
    # Brian2 delivers after it has looked at thresholds: without a delay the next neuron fires in the next step.
    around = b2.Synapses(group, group, on_pre=f"v_post += {DRIVE}")
    around.connect(i=np.arange(NEURONS), j=target)
    group.v = start
    monitor = b2.SpikeMonitor(group, record=False)
    b2.run(ticks * b2.ms)
    b2.device.build(directory=str(folder), compile=True, run=False)
    rates = []
    for _ in range(RUNS):
        b2.device.run(directory=str(folder), with_output=False, run_args=[])
        rates.append(ticks / b2.device._last_run_time)
    if monitor.num_spikes != active * ticks:
        raise RuntimeError(f"Brian2 had {monitor.num_spikes / ticks:g} spikes a tick, not {active}: no fair comparison")
    return max(rates)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ncx", default="build/bin/ncx", help="the ncx program")
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    command = "make bench"
    rows: list[dict[str, Any]] = []

    def row(name: str, value: float, unit: str, peer: str = "", peer_value: Optional[float] = None) -> None:
        rows.append({"name": name, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value,
                     "command": command})
        beside = f"   {peer}: {peer_value:,.4g}" if peer_value is not None else ""
        print(f"{name:92} {value:14,.4g} {unit}{beside}", flush=True)

    for percent, active in ((0, 0), (2, 5), (20, 51)):
        row(f"cycles per tick, 256 dense, {percent} % active", cycles_per_tick(network(active)), "cycles",
            "SpikeEngine", SPIKE_ENGINE_CYCLES)
    for percent, active in ((0, 0), (2, 5), (20, 51)):
        row(f"cycles per tick, 256 dense learning, {percent} % active", cycles_per_tick(learning_network(active)),
            "cycles", "SpikeEngine", SPIKE_ENGINE_LEARNING_CYCLES)
    data = microseer()
    papers = microseer_example.classify(microseer_example.build(data), data, "rtl", CONFIG, progress=False)
    row("cycles per tick, MicroSeer", papers.cycles / papers.ticks, "cycles", "SpikeEngine",
        SPIKE_ENGINE_MICROSEER_CYCLES)
    for name, run in (("spikes streamed in and out", streamed(options.ncx)), ("encoders in, counts out", counted())):
        of = f"end to end at 4 Mbaud, 256 dense, 2 % active, {name}"
        row(of, run.ticks / run.seconds, "ticks/s", "SpikeEngine", SPIKE_ENGINE_END_TO_END)
        row(f"{of}: run", run.ticks, "ticks")
        row(f"{of}: activity", run.spikes / run.ticks, "spikes/tick")
        row(f"{of}: core", run.cycles / run.ticks, "cycles/tick")
        row(f"{of}: to the device", run.sent, "bytes")
        row(f"{of}: from the device", run.received, "bytes")
    ours = ticks_per_second("model", network(5), 300_000)
    for peer, rate in (("SuperNeuroMAT", superneuromat_ticks_per_second(5)),
                       ("Brian2 cpp_standalone", brian2_ticks_per_second(5, options.out / "brian2"))):
        if rate is None:
            print(f"{peer} is not installed: not compared")
        else:
            row("model, 256 dense, 2 % active", ours, "ticks/s", peer, rate)
    row("model, 256 dense, 2 % active", ours, "ticks/s")
    ours = ticks_per_second("model", learning_network(5), 100_000)
    for peer, rate in (("SuperNeuroMAT", superneuromat_ticks_per_second(5, learning=True)),
                       ("Brian2 cpp_standalone", brian2_learning_ticks_per_second(5, options.out / "brian2-stdp"))):
        if rate is None:
            print(f"{peer} is not installed: not compared")
        else:
            row("model, 256 dense learning, 2 % active", ours, "ticks/s", peer, rate)
    row("model, 256 dense learning, 2 % active", ours, "ticks/s")
    done = [json.loads(subprocess.run([options.ncx, "--json", "bench", "--backend", "rtl", "--config", CONFIG,
                                       "--ticks", "4000"], check=True, capture_output=True, text=True).stdout)
            for _ in range(RUNS)]
    row("RTL simulation", max(d["clocks_per_second"] for d in done), "clocks/s")
    with ncx.Emulator("rtl", CONFIG) as emulator:
        emulator.load(network(0))
        before = emulator.link_statistics["bytes_sent"]
        weights = np.random.default_rng(1).integers(-(2**15), 2**15, NEURONS * NEURONS)
        emulator.set_weights(0, weights, raw=True)
        wire = emulator.link_statistics["bytes_sent"] - before
    payload = 2 * NEURONS * NEURONS
    row("bulk load of 65,536 weights: payload of wire bytes", 100 * payload / wire, "%")
    row("bulk load of 65,536 weights at 4 Mbaud", BITS_A_BYTE * wire / BAUD, "s", "SpikeEngine",
        SPIKE_ENGINE_LOAD_SECONDS)
    target = options.out / "numbers.json"
    target.write_text(json.dumps(rows, indent=1) + "\n")
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
