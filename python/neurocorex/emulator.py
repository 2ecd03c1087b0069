# SPDX-License-Identifier: BSD-3-Clause
"""A network on the model, on the simulated hardware, or on a board: one interface, the same bits."""

from __future__ import annotations

import atexit
import weakref
from types import TracebackType
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import _core, _inputs, _map, progress as progress_bars
from neurocorex._arguments import Floats, Indices
from neurocorex._map import MAX_RATE, MODULATION_W
from neurocorex.errors import InputError
from neurocorex.image import Image
from neurocorex.learning import State, Switches
from neurocorex.network import Network, Population, Projection, hardware_rates
from neurocorex.results import RunResult, SamplesResult
from neurocorex.stdp import Profile

I32 = npt.NDArray[np.int32]
U32 = npt.NDArray[np.uint32]

_RECORDS = ("spikes", "potentials")
_PARTS = {"membrane": _map.RESET_BIT_MEMBRANE, "theta": _map.RESET_BIT_THETA, "in_flight": _map.RESET_BIT_IN_FLIGHT,
          "tick": _map.RESET_BIT_TICK, "traces": _map.RESET_BIT_TRACES}
_MODULATION_ONE = 65536  # 1.0


_emulators: weakref.WeakSet[Emulator] = weakref.WeakSet()


def _leave() -> None:
    """Ends what other threads still run before the interpreter goes, which they would miss."""
    for emulator in list(_emulators):
        emulator._core.leave()


atexit.register(_leave)


class Emulator:
    """Runs networks.

    Parameters
    ----------
    backend
        "model": the bit-exact C++ model. "rtl": the hardware description itself, simulated.
        "serial:/dev/ttyUSB1": a board; "serial:auto": the only one that is connected. The same image gives the same
        bits on all three.
    config
        For "model" and "rtl": a named build, or a board of which the build is taken (see `targets`); "serial:" boards
        say themselves what they are.
    baud
        Line rate in bits a second for "serial:". 0: the board's, which is found by trying.

    Examples
    --------
    >>> with Emulator("model", config="tiny") as emulator:
    ...     net = Network()
    ...     source, cell = net.axons(1), net.population(1, threshold=0.5)
    ...     _ = net.connect(source, cell, 1.0)
    ...     _ = emulator.load(net)
    ...     emulator.run(3, inputs=[(1, 0)]).spikes.tolist()
    [[1, 0]]
    """

    def __init__(self, backend: str = "model", config: str = "cmod_a7", *, baud: int = 0) -> None:
        if not isinstance(backend, str):
            raise arg.refuse("backend", repr(backend), "'model', 'rtl', 'serial:PATH' or 'serial:auto'")
        if not isinstance(config, str):
            raise arg.refuse("config", repr(config), "the name of a build")
        self._core = _core.Emulator(backend, config, arg.whole("baud", baud, 0))
        self._image: Optional[Image] = None
        _emulators.add(self)

    def stop(self) -> None:
        """Ends the run that goes on in another thread: there it raises Interrupted, between two ticks. Without one
        nothing happens."""
        self._core.stop()

    def close(self) -> None:
        """Lets go of the backend; a board's port is free again. May be called twice."""
        if not self._core.closed:
            self._core.close()
        self._image = None

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._core.closed:
            return "<Emulator: closed>"
        loaded = "nothing loaded" if self._image is None else f"{self._image.name!r} loaded"
        return f"<Emulator {self._core.description} {self.geometry.name}: {loaded}>"

    @property
    def geometry(self) -> _core.Geometry:
        """What the build can hold: `neurons`, `axons`, `lanes`, `weight_bits`, `max_delay` (ticks), `profiles`,
        `probe_entries` (potentials recorded a tick), `synapse_words` (of a lane) and its other memories; `clock_hz` and
        `baud` (bits a second)."""
        return self._core.geometry

    @property
    def image(self) -> Image:
        """The loaded image."""
        if self._image is None:
            raise InputError("nothing is loaded\n  try: emulator.load(network)")
        return self._image

    # --- loading ------------------------------------------------------------------------------

    def load(self, network: Union[Network, Image]) -> Image:
        """Loads a network (compiles it for this build first) or an image, and resets.

        Nothing is sent before it is certain that everything fits.
        """
        if isinstance(network, Network):
            network = network.compile(self.geometry)
        if not isinstance(network, Image):
            raise arg.refuse("network", repr(network), "a Network or an Image")
        self._image = None
        self._core.load(network._core)
        self._image = network
        return network

    def attach(self, image: Image) -> None:
        """Takes up work with the image that the device holds already; changes nothing there."""
        if not isinstance(image, Image):
            raise arg.refuse("image", repr(image), "an Image", "network.compile(emulator.geometry)")
        self._core.attach(image._core)
        self._image = image

    def reset(self, *parts: str) -> None:
        """Back to the initial state and tick 0; weights and rates stay.

        Parameters
        ----------
        parts
            Reset these alone: "membrane" (potentials to `v_reset`, currents and refractory counters to 0), "theta"
            (adaptive thresholds to 0), "in_flight" (spikes and inputs under way), "traces" (of learning), "tick".
        """
        for part in parts:
            arg.choice("parts", part, tuple(_PARTS))
        if parts:
            self._core.reset_parts(sum({1 << _PARTS[part] for part in parts}))
        else:
            self._core.reset()

    # --- running ------------------------------------------------------------------------------

    def run(
        self,
        ticks: int,
        *,
        inputs: Any = None,
        currents: Any = None,
        record: Sequence[str] = ("spikes",),
        probes: Optional[npt.ArrayLike] = None,
        count_spikes: bool = True,
        progress: Optional[bool] = None,
    ) -> RunResult:
        """Runs on from the present state. Ctrl-C stops it cleanly; `reset` before the next run then.

        Parameters
        ----------
        ticks
            Length of the run.
        inputs
            Input spikes: an integer array of shape (events, 2), tick and axon, or a boolean array of shape
            (ticks, axons). Or a dict from axon groups (or their names) to such arrays for one group.
        currents
            Currents into neurons, in the network's unit: a tuple (ticks, neurons, values) of 1-D arrays,
            an array of shape (ticks, neurons), or a constant: shape (neurons,) or one number. Or a dict from
            populations (or their names) to such values for one population. Rounded to the image's step. Each tick and
            neuron is an event, a constant's too (some 60 bytes each): for a bias over millions of them, connect an axon
            with `rates=1.0`.
        record
            Any of "spikes" and "potentials".
        probes
            Neurons whose potentials are recorded, for example `population.numbers` or `population[:3]`.
            Default: with "potentials" in `record`, all.
        count_spikes
            Whether the counters that `spike_counts` reads go on counting.
        progress
            Whether a bar is shown. None: on terminals and in notebooks, if it takes a while.
        """
        image = self.image
        ticks = arg.whole("ticks", ticks, 0)
        spikes_wanted, chosen = self._record(record, probes)
        events = _inputs.axon_events(inputs, ticks, image.n_axons, image.axon_groups)
        where, values = _inputs.current_events(currents, ticks, image.n_neurons, image.populations, image.step)
        if image.currents is not None:
            when, who, amounts = image.currents.within(self.tick, ticks)
            own, own_values = _inputs.current_events((when, who, amounts), ticks, image.n_neurons, {}, image.step)
            where, values = np.concatenate((where, own)), np.concatenate((values, own_values))
        before = self._core.spike_counts() if count_spikes and not spikes_wanted else None
        with progress_bars.bar(ticks, "ticks", progress) as report:
            data = self._core.run(ticks, events, where, values, spikes_wanted, bool(count_spikes), chosen, report)
        if before is not None:
            counts = self._core.spike_counts() - before
        else:
            counts = np.bincount(data["spikes"][:, 1], minlength=image.n_neurons).astype(np.uint32)
        return RunResult(data["ticks"], data["first_tick"], data["spikes"], counts, chosen, data["potentials"],
                         image.step, data["cycles"], data["stalls"], data["overruns"], data["retries"],
                         self.geometry.clock_hz, image.populations, spikes_wanted, bool(count_spikes))

    def run_samples(
        self,
        samples: npt.ArrayLike,
        ticks: int,
        *,
        n_samples: Optional[int] = None,
        probes: Optional[npt.ArrayLike] = None,
        progress: Optional[bool] = None,
    ) -> SamplesResult:
        """Resets and runs for each of many samples, for example images to classify.

        Parameters
        ----------
        samples
            Input spikes: an integer array of shape (events, 3), sample, tick and axon, as the encoders make
            it, or a boolean array of shape (samples, ticks, axons).
        ticks
            Length of each run.
        n_samples
            Number of samples. Default: as many as `samples` speaks of.
        probes
            Neurons whose potentials are recorded.
        progress
            As in `run`.
        """
        image = self.image
        if image.currents is not None:
            raise InputError("run_samples: the network brings currents along, which belong to one run\n"
                             "  try: reset and run for each sample")
        ticks = arg.whole("ticks", ticks, 0)
        array = arg.table("samples", samples, "shape (events, 3): sample, tick, axon")
        if n_samples is None:
            if array.dtype == bool:
                n_samples = array.shape[0] if array.ndim else 0
            elif array.dtype.kind in "iu" and array.ndim == 2:
                n_samples = int(array[:, 0].max()) + 1 if array.size else 0
            else:
                n_samples = 0  # it is refused below, unless it is empty
        n_samples = arg.whole("n_samples", n_samples, 0)
        _, chosen = self._record(("spikes",), probes)
        bounds = (("sample", n_samples), ("tick", ticks), ("axon", image.n_axons))
        events = _inputs.event_columns("samples", array, bounds)
        if len(events) and bool(np.any(events[1:, 0] < events[:-1, 0])):
            events = events[np.argsort(events[:, 0], kind="stable")]
        offsets = np.searchsorted(events[:, 0], np.arange(n_samples + 1)).astype(np.uint64)
        with progress_bars.bar(n_samples, "samples", progress) as report:
            data = self._core.run_samples(ticks, offsets, np.ascontiguousarray(events[:, 1:]), True, chosen, report)
        spikes = data["spikes"]
        place = spikes[:, 0].astype(np.int64) * image.n_neurons + spikes[:, 2]
        counts = np.bincount(place, minlength=n_samples * image.n_neurons).astype(np.uint32)
        return SamplesResult(n_samples, ticks, spikes, counts.reshape(n_samples, image.n_neurons), chosen,
                             data["potentials"], image.step, data["cycles"], data["stalls"], data["overruns"],
                             data["retries"], self.geometry.clock_hz, image.populations)

    def _record(self, record: Sequence[str], probes: Optional[npt.ArrayLike]) -> tuple[bool, Indices]:
        if isinstance(record, str):
            record = (record,)
        if not isinstance(record, Iterable):
            raise arg.refuse("record", repr(record), "any of " + ", ".join(map(repr, _RECORDS)), "() for neither")
        record = tuple(record)  # it may be a generator
        for word in record:
            arg.choice("record", word, _RECORDS)
        size = self.image.n_neurons
        if isinstance(probes, Population):
            probes = probes.numbers
        if probes is not None:
            chosen = arg.indices("probes", probes, size, "the network")
        elif "potentials" in record:
            chosen = np.arange(size, dtype=np.uint32)
        else:
            chosen = np.empty(0, np.uint32)
        most = self.geometry.probe_entries
        if len(chosen) > most:
            raise arg.refuse("probes", f"{len(chosen)} neurons", f"at most {most} on build {self.geometry.name!r}",
                             "name fewer, or several runs")
        return "spikes" in record, chosen

    # --- state --------------------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Ticks completed since the last reset."""
        return self._core.tick

    def spike_counts(self) -> U32:
        """Spikes of each neuron since the last `reset` or `clear_spike_counts`: uint32, shape (neurons,)."""
        return self._core.spike_counts()

    def clear_spike_counts(self) -> None:
        """Sets the spike counters to 0."""
        self._core.clear_spike_counts()

    def potentials(self) -> Floats:
        """Membrane potentials in the network's unit, shape (neurons,)."""
        return self._core.potentials() * self.image.step

    def currents(self) -> Floats:
        """Synaptic currents in the network's unit, shape (neurons,)."""
        return self._core.currents() * self.image.step

    def thetas(self) -> Floats:
        """Adaptive parts of the thresholds in the network's unit, shape (neurons,)."""
        return self._core.thetas() * self.image.step

    def refractory_counters(self) -> U32:
        """Ticks for which each neuron is still refractory: uint32, shape (neurons,)."""
        return self._core.refractory_counters()

    def set_potentials(self, values: npt.ArrayLike) -> None:
        """Sets all membrane potentials: one number or shape (neurons,), rounded to the image's step."""
        image = self.image
        self._core.set_potentials(
            self._raw("values", values, image.n_neurons, image.step, "neuron", 2 ** (_map.STATE_W - 1)))

    def save_state(self) -> State:
        """Everything that a run changes: potentials, inputs in flight, counters, traces, weights, drift,
        generators, the tick. A run from a restored state gives what the first gave, to the bit."""
        self.image
        return State(self._core.save_state())

    def restore_state(self, state: State) -> None:
        """Goes on from a saved state, on this backend or another with the same image."""
        self.image
        if not isinstance(state, State):
            raise arg.refuse("state", repr(state), "what save_state or State.load gave")
        self._core.restore_state(state._core)

    # --- learning -----------------------------------------------------------------------------

    @property
    def learning(self) -> Switches:
        """Which profiles change weights now: `emulator.learning["stdp"]` reads and sets it."""
        return Switches(self._core, self.image)

    def set_learning(self, profile: Union[Profile, str], on: bool) -> None:
        """Whether a profile (or its name) changes weights; traces are kept either way."""
        self.learning[profile] = on

    @property
    def modulation(self) -> float:
        """Factor of the weight changes of all modulated profiles: the reward. -2 to 2 in steps of 2**-16; 1.0 at
        first. 0: they do not learn now."""
        return self._core.modulation() / _MODULATION_ONE

    @modulation.setter
    def modulation(self, factor: float) -> None:
        raw = np.rint(arg.floats("modulation", factor) * _MODULATION_ONE)
        limit = 2 ** (MODULATION_W - 1)
        if raw.ndim or not -limit <= float(raw) < limit:
            raise arg.refuse("modulation", repr(factor), "a number from -2 up to, not including, 2")
        self._core.set_modulation(int(raw))

    # --- weights, rates, pace -----------------------------------------------------------------

    def weights(self, projection: Union[Projection, str, int], *, raw: bool = False) -> Union[Floats, I32]:
        """The effective weights (drift included), in the order of `projection.weights`.

        Parameters
        ----------
        projection
            A projection of the loaded network, its name or its number.
        raw
            Return the stored int32 numbers instead of float64 in the network's unit.
        """
        index = self.image.projection_number(projection)
        stored = self._core.weights(index)
        return stored if raw else stored * self.image.weight_step(index)

    def set_weights(self, projection: Union[Projection, str, int], values: npt.ArrayLike, *,
                    raw: bool = False) -> None:
        """Writes a projection's weights.

        Parameters
        ----------
        projection
            As in `weights`.
        values
            One number, shape (synapses,), or, with a `Projection`, a matrix of its `shape`. In the network's
            unit, rounded to the projection's step; or, with `raw`, the numbers to be stored.
        """
        index = self.image.projection_number(projection)
        array = arg.floats("values", values)
        if isinstance(projection, Projection) and array.ndim == 2 and array.shape == projection.shape:
            array = array[projection.pre_index, projection.post_index]
        count = len(self.image._core.ends(index)[0])
        step = 1.0 if raw else self.image.weight_step(index)
        most = 2 ** (self.geometry.weight_bits - 1)
        self._core.set_weights(index, self._raw("values", array, count, step, "synapse", most))

    def rates(self) -> Floats:
        """The encoders' spike probabilities a tick now: float64, shape (axons,)."""
        return self._core.rates() / MAX_RATE

    def set_rates(self, rates: Union[npt.ArrayLike, Mapping[Any, npt.ArrayLike]]) -> None:
        """Sets the encoders' spike probabilities a tick, 0 to 1, in steps of 1/256.

        Parameters
        ----------
        rates
            One number or shape (axons,). Or a dict from axon groups (or their names) to one number or shape
            (size,); axons of other groups keep their rates.
        """
        image = self.image
        if not isinstance(rates, Mapping):
            array = np.broadcast_to(arg.per_item("rates", rates, image.n_axons, "axon"), (image.n_axons,))
        else:
            array = self.rates()
            for key, value in rates.items():
                members = _inputs._members("rates", image.axon_groups, key)
                array[members] = arg.per_item(f"rates[{key!r}]", value, members.stop - members.start, "axon")
        self._core.set_rates(hardware_rates("rates", array))

    @property
    def tick_period(self) -> float:
        """Seconds from one tick's start to the next's at the build's clock. 0: as fast as possible."""
        return self._core.period / self.geometry.clock_hz

    @tick_period.setter
    def tick_period(self, seconds: float) -> None:
        wanted = arg.number("tick_period", seconds, "a number of seconds")
        clock_hz = self.geometry.clock_hz
        cycles = np.rint(wanted * clock_hz)
        if not 0 <= cycles <= arg.MAX_U32 or (cycles == 0) != (wanted == 0):
            raise arg.refuse("tick_period", seconds, f"{1 / clock_hz:g} s, a clock cycle, to "
                             f"{arg.MAX_U32 / clock_hz:.4g} s; or 0, as fast as possible")
        self._core.period = int(cycles)

    @property
    def link_statistics(self) -> Optional[_core.LinkData]:
        """Bytes and frames so far, and how many were damaged or sent again; None for "model"."""
        return self._core.link_statistics

    @staticmethod
    def _raw(name: str, values: npt.ArrayLike, size: int, step: float, item: str, most: int) -> I32:
        """In steps; what is only a little larger than `most` is refused where the exact bounds are known."""
        array = arg.nearest(np.broadcast_to(arg.per_item(name, values, size, item), (size,)) / step)
        fits = np.abs(array) < 2.0**31  # false for NaN
        if not bool(np.all(fits)):
            raise arg.refuse(name, f"contains {array[~fits][0] * step:g}", f"numbers within +-{most * step:g}")
        raw: I32 = array.astype(np.int32)
        return raw
