# SPDX-License-Identifier: BSD-3-Clause
"""What a run gave: spikes, potentials, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Mapping, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg

if TYPE_CHECKING:
    from neurocorex.network import Population

U32 = npt.NDArray[np.uint32]


def member_range(populations: Mapping[str, slice], population: Union[str, Population]) -> slice:
    """The numbers of a population given by name or handle."""
    members = arg.member_of(populations, population)
    if members is None:
        raise arg.refuse("population", repr(population), "one of " + ", ".join(map(repr, populations)))
    return members


def _link_trouble(stalls: int, overruns: int, retries: int) -> str:
    parts = [(retries, "frames sent again"), (stalls, "cycles waiting for the host"), (overruns, "ticks late")]
    return "".join(f", {count:,} {what}" for count, what in parts if count)


@dataclass(frozen=True, eq=False)
class RunResult:
    """One run. Ticks count from its start.

    Attributes
    ----------
    ticks
        Length of the run.
    first_tick
        The device's tick counter at the start.
    spikes
        uint32, shape (spikes, 2): tick, neuron; ordered by tick, then neuron. Empty if not `recorded`.
    spike_counts
        uint32, shape (neurons,): spikes of each neuron in this run. All 0 if neither `recorded` nor `counted`.
    probes
        uint32, shape (probes,): neurons whose potential was recorded.
    potentials
        float64, shape (ticks, probes), in the network's unit, after each tick.
    potentials_raw
        The same as int32 in state units.
    cycles
        Clock cycles spent in ticks, without stalls.
    stalls, overruns, retries
        Clock cycles waiting for the host; ticks late against `Emulator.tick_period`; frames that had to
        be sent again.
    clock_hz
        The build's clock.
    recorded, counted
        Whether the run was asked for "spikes" in its `record`, and for `count_spikes`.
    """

    ticks: int
    first_tick: int
    spikes: U32
    spike_counts: U32
    probes: U32
    potentials_raw: npt.NDArray[np.int32]
    step: float
    cycles: int
    stalls: int
    overruns: int
    retries: int
    clock_hz: int
    populations: Mapping[str, slice] = field(repr=False)
    recorded: bool = True
    counted: bool = True

    @property
    def potentials(self) -> npt.NDArray[np.float64]:
        """Recorded potentials in the network's unit, float64, shape (ticks, probes)."""
        return self.potentials_raw * self.step

    @property
    def n_spikes(self) -> int:
        """Spikes of all neurons, recorded or not."""
        return int(self.spike_counts.sum(dtype=np.int64))

    @property
    def seconds(self) -> float:
        """Time that the ticks take at the build's clock, in seconds."""
        return self.cycles / self.clock_hz

    def of(self, population: Union[str, Population]) -> U32:
        """Spikes of one population, neurons counted from 0 within it: uint32, shape (spikes, 2)."""
        members = member_range(self.populations, population)
        inside = (self.spikes[:, 1] >= members.start) & (self.spikes[:, 1] < members.stop)
        relative: U32 = self.spikes[inside] - np.array([0, members.start], np.uint32)
        return relative

    def plot_raster(self, **options: Any) -> Any:
        """`neurocorex.plot.raster` of this run; returns the axes."""
        from neurocorex import plot

        return plot.raster(self, **options)

    def plot_potentials(self, **options: Any) -> Any:
        """`neurocorex.plot.potentials` of this run; returns the axes."""
        from neurocorex import plot

        return plot.potentials(self, **options)

    def __repr__(self) -> str:
        spikes = f"{self.n_spikes} spikes" if self.n_spikes else "0 spikes (no neuron fired)"
        if not self.recorded and not self.counted:
            spikes = "spikes neither recorded nor counted"
        return (f"<RunResult: {self.ticks} ticks, {spikes}, {self.cycles:,} cycles = "
                f"{self.seconds * 1e3:.3g} ms at {self.clock_hz / 1e6:g} MHz"
                f"{_link_trouble(self.stalls, self.overruns, self.retries)}>")


@dataclass(frozen=True, eq=False)
class SamplesResult:
    """Many short runs, each from the initial state.

    Attributes
    ----------
    n_samples, ticks
        Number of runs, and the length of each.
    spikes
        uint32, shape (spikes, 3): sample, tick, neuron.
    spike_counts
        uint32, shape (samples, neurons).
    probes
        uint32, shape (probes,).
    potentials, potentials_raw
        Shape (samples, ticks, probes), as in `RunResult`.
    cycles
        uint64, shape (samples,): clock cycles spent in each sample's ticks.
    stalls, overruns, retries
        As in `RunResult`, over all samples.
    """

    n_samples: int
    ticks: int
    spikes: U32
    spike_counts: U32
    probes: U32
    potentials_raw: npt.NDArray[np.int32]
    step: float
    cycles: npt.NDArray[np.uint64]
    stalls: int
    overruns: int
    retries: int
    clock_hz: int
    populations: Mapping[str, slice] = field(repr=False)

    @property
    def potentials(self) -> npt.NDArray[np.float64]:
        """Recorded potentials in the network's unit, float64, shape (samples, ticks, probes)."""
        return self.potentials_raw * self.step

    def counts_of(self, population: Union[str, Population]) -> U32:
        """Spike counts of one population: uint32, shape (samples, size)."""
        return self.spike_counts[:, member_range(self.populations, population)]

    def sample(self, index: int) -> RunResult:
        """One of the runs; what is counted over all samples (stalls and so on) is 0 in it."""
        index = range(self.n_samples)[index]
        first, last = np.searchsorted(self.spikes[:, 0], [index, index + 1])
        return RunResult(self.ticks, 0, self.spikes[first:last, 1:], self.spike_counts[index], self.probes,
                         self.potentials_raw[index], self.step, int(self.cycles[index]), 0, 0, 0,
                         self.clock_hz, self.populations)

    def __repr__(self) -> str:
        mean = float(self.cycles.mean()) if self.n_samples else 0.0
        return (f"<SamplesResult: {self.n_samples} samples of {self.ticks} ticks, {len(self.spikes)} spikes, "
                f"{mean:,.0f} cycles a sample{_link_trouble(self.stalls, self.overruns, self.retries)}>")
