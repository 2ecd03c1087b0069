# SPDX-License-Identifier: BSD-3-Clause
"""SuperNeuroMAT networks on the hardware, with their states, pending inputs and history; bit for bit where every value
is on the fixed-point grid."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import _superneuromat, stdp
from neurocorex._arguments import Floats
from neurocorex._map import HISTORY_W, REFRACTORY_W, STATE_W
from neurocorex.network import Network, Population, Projection

if TYPE_CHECKING:
    from neurocorex.emulator import Emulator

MAX_FRACTION_BITS = 20
_MAX_EXPONENT = 15
_MAX_REFRACTORY = 2**REFRACTORY_W - 1
# 16-bit builds; an 8-bit build rounds more, and its compile report says what.
_FIELD = 2**15 - 1
# A weight that drifts keeps a guard bit for the drift.
_DRIFTING_FIELD = 2**14 - 1
_STATE_HALF = 2 ** (STATE_W - 2)
# Ticks of full potentiation that a plastic weight gets room for when nothing else decides the grid.
_ROOM = 8


@dataclass(frozen=True)
class Inexact:
    """One value that the grid does not hold exactly."""

    item: str
    index: Union[int, tuple[int, int]]
    value: float
    stored: float

    def __str__(self) -> str:
        return f"{self.item}[{self.index}] = {self.value:.12g} is stored as {self.stored:.12g}"


@dataclass(frozen=True, eq=False)
class ImportReport:
    """What became of a SuperNeuroMAT network; print it for people.

    Attributes
    ----------
    fraction_bits
        All values are multiples of 2**-fraction_bits; None if the compiler chooses.
    exact
        Whether every value is on the grid: then spikes, weights, states and countdowns are SuperNeuroMAT's to the bit
        for as long as nothing saturates.
    inexact
        Each value that is not, and what it became.
    notes
        What else is worth knowing.
    """

    fraction_bits: int
    inexact: tuple[Inexact, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def exact(self) -> bool:
        """Whether `inexact` is empty."""
        return not self.inexact

    def __str__(self) -> str:
        shown = 20
        lines = [f"fixed point: {self.fraction_bits} fraction bits, step {2.0**-self.fraction_bits:.3g}",
                 "every value is exact" if self.exact else f"{len(self.inexact)} values are not exact:"]
        lines += [f"  {value}" for value in self.inexact[:shown]]
        if len(self.inexact) > shown:
            lines.append(f"  ... and {len(self.inexact) - shown} more in .inexact")
        return "\n".join([*lines, *self.notes])


class SuperNeuroMATNetwork(Network):
    """A network from `from_superneuromat`: neurons and synapses are numbered as in the source.

    Attributes
    ----------
    import_report
        Which values are exact.
    """

    import_report: ImportReport
    _snapshot: _superneuromat.Snapshot
    _parts: list[tuple[Projection, npt.NDArray[np.int64]]]

    @property
    def neurons(self) -> Population:
        """All neurons, numbered as in the source."""
        return self.populations[0]

    def superneuromat_weights(self, emulator: Emulator) -> Floats:
        """The weights now, float64, in the source's synapse order (`SNN.synaptic_weights`)."""
        result = self._snapshot.weights.copy()
        for projection, where in self._parts:
            raw = emulator.weights(projection, raw=True)
            number, _ = emulator.image._core.plasticity(projection.index)
            if number >= 0:
                bounds = emulator.image._core.profiles[number]
                self._warn("weights", int(np.count_nonzero((raw <= bounds.w_min) | (raw >= bounds.w_max))))
            result[where] = raw * emulator.image.weight_step(projection.index)
        return result

    def superneuromat_states(self, emulator: Emulator) -> Floats:
        """The membrane potentials now, float64, in the source's neuron order (`SNN.neuron_states`)."""
        states = emulator.potentials()
        limit = (2 ** (STATE_W - 1) - 1) * emulator.image.step
        self._warn("potentials", int(np.count_nonzero(np.abs(states) >= limit)))
        return states

    def superneuromat_countdowns(self, emulator: Emulator) -> Floats:
        """Refractory ticks left, float64, in the source's neuron order (`SNN.neuron_refractory_periods_state`)."""
        return emulator.refractory_counters().astype(np.float64)

    @staticmethod
    def _warn(what: str, count: int) -> None:
        if count:
            warnings.warn(f"{count} {what} are at the end of their range; SuperNeuroMAT has no range, so results may "
                          "differ: try fewer fraction_bits", RuntimeWarning, stacklevel=3)


def from_superneuromat(source: Union[str, os.PathLike[str], Any], *, network: Union[int, str] = 0,
                       fraction_bits: Optional[int] = None) -> SuperNeuroMATNetwork:
    """The network of a SuperNeuroMAT JSON file (native, base85 or base64) or of a live `superneuromat.SNN`.

    Everything comes along: states, refractory countdowns, pending input spikes (as currents that `Emulator.run`
    applies), the spikes of the last tick and the history that STDP looks at. Relay neurons of delays are neurons like
    others, as they are in SuperNeuroMAT. The source is not changed.

    Parameters
    ----------
    source
        Path, or SNN object. (With `manual_setup`, call its `devec()` first.)
    network
        Number or name of the network in a file.
    fraction_bits
        0 to 20: forces the grid. Default: the coarsest that holds every value, or, if none does, the finest that
        leaves room for potentials and for learning.

    Returns
    -------
    SuperNeuroMATNetwork
        With `import_report`, which names each value that is not exact.

    Examples
    --------
        net = ncx.from_superneuromat("model.snn.json")
        emulator = ncx.Emulator("rtl"); emulator.load(net)
        emulator.run(100).spikes                # tick, neuron
        net.superneuromat_weights(emulator)
    """
    snapshot = _superneuromat.read(source, network)
    forced = None if fraction_bits is None else arg.whole("fraction_bits", fraction_bits, 0, MAX_FRACTION_BITS)
    too_long = np.flatnonzero(np.maximum(snapshot.refractory, snapshot.countdowns) > _MAX_REFRACTORY)
    if len(too_long):
        at = int(too_long[0])
        raise arg.refuse(f"neuron_refractory_periods[{at}]",
                         f"{max(snapshot.refractory[at], snapshot.countdowns[at]):g}", f"at most {_MAX_REFRACTORY}",
                         "0 for periods that no run is longer than, with a threshold out of reach")
    bits = _choose(snapshot) if forced is None else forced
    net = SuperNeuroMATNetwork(snapshot.name)
    net._snapshot = snapshot
    net.fraction_bits = bits
    cells = net.population(
        snapshot.neurons, threshold=snapshot.thresholds, leak=snapshot.leaks, v_reset=snapshot.resets,
        v_rest=snapshot.resets, v_init=snapshot.states, refractory=snapshot.refractory,
        refractory_init=snapshot.countdowns, name="neurons")
    learns = _learns(snapshot)
    profile = stdp.superneuromat(snapshot.apos, snapshot.aneg, name="stdp") if learns.any() else None
    net._parts = []
    steps = np.zeros(len(learns))
    for name, plastic, where, exponent in _groups(snapshot, learns, bits):
        steps[where] = 2.0 ** (exponent - bits)
        projection = net.connect(cells, cells, (snapshot.pre[where], snapshot.post[where], snapshot.weights[where]),
                                 profile=profile if plastic else None, name=name)
        net._parts.append((projection, where))
    if len(snapshot.input_ticks):
        net.add_currents(snapshot.input_ticks, snapshot.input_neurons, snapshot.input_values)
    train = snapshot.spike_train
    if len(train):
        net.set_past(np.flatnonzero(train[-1]), train[-HISTORY_W:], len(train))
    net.import_report = _report(snapshot, bits, learns, steps)
    return net


def _learns(snapshot: _superneuromat.Snapshot) -> npt.NDArray[np.bool_]:
    return snapshot.enabled if len(snapshot.apos) else np.zeros(len(snapshot.enabled), bool)


def _needed_bits(*arrays: Floats) -> int:
    """Fewest fraction bits with which all finite values are whole; more than MAX_FRACTION_BITS: none."""
    values = np.concatenate([array[np.isfinite(array)] for array in arrays])
    for bits in range(MAX_FRACTION_BITS + 1):
        if bool(np.all(values * 2.0**bits == np.rint(values * 2.0**bits))):
            return bits
    return MAX_FRACTION_BITS + 1


def _largest(*arrays: Floats) -> float:
    values = np.concatenate([np.abs(array[np.isfinite(array)]) for array in arrays])
    return float(values.max(initial=0.0))


def _choose(snapshot: _superneuromat.Snapshot) -> int:
    learns = _learns(snapshot)
    state_values = (snapshot.thresholds, snapshot.leaks, snapshot.resets, snapshot.states)
    weights = snapshot.weights
    largest_plastic = _largest(weights[learns])

    def fits(bits: int, states: float, plastic: float) -> bool:
        unit = 2.0**bits
        return bool(states * unit < _STATE_HALF and plastic * unit <= _DRIFTING_FIELD
                    and _largest(snapshot.input_values) * unit < 2 * _STATE_HALF
                    and _largest(weights) * unit <= _FIELD * 2.0**_MAX_EXPONENT)

    exact = _needed_bits(*state_values, weights, snapshot.apos, snapshot.aneg, snapshot.input_values)
    if exact <= MAX_FRACTION_BITS and fits(exact, _largest(*state_values), largest_plastic):
        return exact
    room = largest_plastic + _ROOM * float(np.abs(snapshot.apos).sum()) if learns.any() else 0.0
    for bits in range(MAX_FRACTION_BITS, -1, -1):
        if fits(bits, _largest(*state_values), room):
            return bits
    return 0


def _groups(snapshot: _superneuromat.Snapshot, learns: npt.NDArray[np.bool_],
            bits: int) -> list[tuple[str, bool, npt.NDArray[np.int64], int]]:
    """Synapses that share a weight exponent: name, plastic, numbers, exponent."""
    stored = np.rint(snapshot.weights * 2.0**bits)
    magnitude = np.abs(stored)
    result = []
    for plastic, members in ((False, np.flatnonzero(~learns)), (True, np.flatnonzero(learns))):
        most = _DRIFTING_FIELD if plastic and len(snapshot.aneg) and snapshot.aneg.any() else _FIELD
        needed = np.zeros(len(members), np.int64)
        while bool((magnitude[members] > most * 2.0**needed).any()) and needed.max() < _MAX_EXPONENT:
            needed += magnitude[members] > most * 2.0**needed
        exponents = sorted(set(needed.tolist()))
        # One group less means fewer rows to walk: small weights that are whole at the next exponent move there.
        for lower, higher in zip(exponents, exponents[1:]):
            inside = needed == lower
            if not plastic and bool(np.all(stored[members[inside]] % 2**higher == 0)):
                needed[inside] = higher
        for exponent in sorted(set(needed.tolist())):
            name = ("plastic" if plastic else "fixed") + (f" * 2^{exponent}" if exponent else "")
            result.append((name, plastic, members[needed == exponent], int(exponent)))
    return result


def _report(snapshot: _superneuromat.Snapshot, bits: int, learns: npt.NDArray[np.bool_],
            steps: Floats) -> ImportReport:
    step = 2.0**-bits
    state_limit = 2.0 ** (STATE_W - 1) - 1
    found: list[Inexact] = []

    def look(item: str, values: Floats, step: Union[float, Floats], limit: float) -> None:
        steps = np.broadcast_to(step, values.shape)
        stored = np.clip(np.trunc(values / steps + np.copysign(0.5, values)), -limit, limit) * steps
        for at in np.flatnonzero(np.isfinite(values) & (stored != values)):
            found.append(Inexact(item, int(at), float(values[at]), float(stored[at])))

    for item, values in (("neuron_thresholds", snapshot.thresholds), ("neuron_leaks", snapshot.leaks),
                         ("neuron_reset_states", snapshot.resets), ("neuron_states", snapshot.states)):
        look(item, values, step, state_limit)
    look("synaptic_weights", snapshot.weights, steps, _FIELD)
    if learns.any():
        coarsest = float(steps[learns].max())
        look("apos", snapshot.apos, coarsest, _FIELD)
        look("aneg", snapshot.aneg, coarsest, _FIELD)
    stored = np.rint(snapshot.input_values / step)
    for at in np.flatnonzero(stored * step != snapshot.input_values):
        found.append(Inexact("input_spikes", (int(snapshot.input_ticks[at]), int(snapshot.input_neurons[at])),
                             float(snapshot.input_values[at]), float(stored[at] * step)))
    notes = []
    if learns.any() and bool(snapshot.aneg.any()):
        per_tick = -float(snapshot.aneg.sum())
        room = _DRIFTING_FIELD * float(steps[learns].min())
        notes.append(f"aneg takes up to {per_tick:.4g} a tick from every plastic weight; weights beyond +-{room:.4g} "
                     "may saturate, and superneuromat_weights then warns")
    return ImportReport(bits, tuple(found), tuple(notes))
