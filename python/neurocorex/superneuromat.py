# SPDX-License-Identifier: BSD-3-Clause
"""SuperNeuroMAT networks on the hardware, with their states, pending inputs and history; bit for bit where every value
is on the fixed-point grid."""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import _superneuromat, stdp
from neurocorex._arguments import Floats
from neurocorex._map import REFRACTORY_W, STATE_W
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
_MAX_DECIMALS = 6


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
        The emulator's values are multiples of 2**-fraction_bits.
    decimals
        None, or the number of decimal places that all values have: then the grid is decimal.
    inexact
        Each value that is not on the grid, and what it became.
    notes
        What else is worth knowing.
    """

    fraction_bits: int
    decimals: Optional[int]
    inexact: tuple[Inexact, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def exact(self) -> bool:
        """Whether spikes, weights, states and countdowns are SuperNeuroMAT's to the bit for as long as nothing
        saturates: every value is on a binary grid."""
        return not self.inexact and self.decimals is None

    @property
    def step(self) -> float:
        """The grid's step in the source's unit."""
        return 1.0 / self._steps

    @property
    def scale(self) -> float:
        """What the source's potentials and weights are multiplied by to get the emulator's; 1 on a binary grid."""
        return self._steps / 2.0**self.fraction_bits

    @property
    def _steps(self) -> float:
        return 2.0**self.fraction_bits if self.decimals is None else 10.0**self.decimals

    def __str__(self) -> str:
        shown = 20
        lines = [f"fixed point: {self.fraction_bits} fraction bits, step {self.step:.3g}"]
        if self.inexact:
            lines.append(f"{len(self.inexact)} values are not exact:")
        elif self.decimals is None:
            lines.append("every value is exact")
        else:
            lines.append(f"every value is a whole number of steps: nothing is rounded here. SuperNeuroMAT's floating "
                         f"point rounds, so\nits last digits may differ. The emulator's potentials and weights are the "
                         f"source's times {self.scale:.6g}")
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

    def __getstate__(self) -> dict[str, Any]:
        parts = [(projection.index, where) for projection, where in self._parts]
        return {**super().__getstate__(), "import_report": self.import_report, "_snapshot": self._snapshot,
                "_parts": parts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        parts = state.pop("_parts")
        super().__setstate__(state)
        self._parts = [(self.projections[index], where) for index, where in parts]

    def superneuromat_weights(self, emulator: Emulator) -> Floats:
        """The weights now, float64, in the source's synapse order (`SNN.synaptic_weights`)."""
        result = self._snapshot.weights.copy()
        for projection, where in self._parts:
            raw = emulator.weights(projection, raw=True)
            number, _ = emulator.image._core.plasticity(projection.index)
            if number >= 0:
                bounds = emulator.image._core.profiles[number]
                self._warn("weights", int(np.count_nonzero((raw <= bounds.w_min) | (raw >= bounds.w_max))))
            result[where] = raw * emulator.image.weight_step(projection.index) / self.import_report.scale
        return result

    def superneuromat_states(self, emulator: Emulator) -> Floats:
        """The membrane potentials now, float64, in the source's neuron order (`SNN.neuron_states`)."""
        self._check_loaded(emulator)
        states = emulator.potentials()
        limit = (2 ** (STATE_W - 1) - 1) * emulator.image.step
        self._warn("potentials", int(np.count_nonzero(np.abs(states) >= limit)))
        return states / self.import_report.scale

    def superneuromat_countdowns(self, emulator: Emulator) -> Floats:
        """Refractory ticks left, float64, in the source's neuron order (`SNN.neuron_refractory_periods_state`)."""
        self._check_loaded(emulator)
        return emulator.refractory_counters().astype(np.float64)

    def _check_loaded(self, emulator: Emulator) -> None:
        if arg.member_of(emulator.image.populations, self.neurons) is None:
            raise arg.refuse("emulator", f"has {emulator.image!r} loaded", "this network", "emulator.load(network)")

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
        0 to 20: forces a binary grid. Default: the coarsest binary grid that holds every value; or the coarsest decimal
        one; or, if none does, the finest binary grid that leaves room for potentials and for learning.

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
    bits, decimals = _choose(snapshot) if forced is None else (forced, None)
    original, snapshot = snapshot, snapshot if decimals is None else _scaled(snapshot, bits, decimals)
    net = SuperNeuroMATNetwork(snapshot.name)
    net._snapshot = original
    net.fraction_bits = bits
    cells = net.population(
        snapshot.neurons, threshold=snapshot.thresholds, leak=snapshot.leaks, v_reset=snapshot.resets,
        v_rest=snapshot.resets, v_init=snapshot.states, refractory=snapshot.refractory,
        refractory_init=snapshot.countdowns, name="neurons")
    learns = _learns(snapshot)
    net._parts = []
    steps = np.zeros(len(learns))
    for name, plastic, where, exponent in _groups(snapshot, learns, bits):
        steps[where] = 2.0 ** (exponent - bits)
        bound = _field(snapshot) * 2.0 ** (exponent - bits)
        # The bounds tell the compiler that it need not trade exactness for more room.
        profile = stdp.superneuromat(snapshot.apos, snapshot.aneg, w_min=-bound, w_max=bound, name=name.replace(
            "plastic", "stdp")) if plastic else None
        projection = net.connect(cells, cells, (snapshot.pre[where], snapshot.post[where], snapshot.weights[where]),
                                 profile=profile, name=name)
        net._parts.append((projection, where))
    if len(snapshot.input_ticks):
        net.add_currents(snapshot.input_ticks, snapshot.input_neurons, snapshot.input_values)
    train = snapshot.spike_train
    if len(train):
        net.set_past(np.flatnonzero(train[-1]), train, len(train))
    net.import_report = _report(snapshot, bits, decimals, learns, steps)
    return net


def _field(snapshot: _superneuromat.Snapshot) -> int:
    """Largest stored plastic weight."""
    return _DRIFTING_FIELD if snapshot.aneg.any() else _FIELD


def _scaled(snapshot: _superneuromat.Snapshot, bits: int, decimals: int) -> _superneuromat.Snapshot:
    """With multiples of 10**-decimals as multiples of 2**-bits."""
    def moved(values: Floats) -> Floats:
        whole: Floats = np.where(np.isfinite(values), np.rint(values * 10.0**decimals) * 2.0**-bits, values)
        return whole

    return replace(snapshot, thresholds=moved(snapshot.thresholds), leaks=moved(snapshot.leaks),
                   resets=moved(snapshot.resets), states=moved(snapshot.states), weights=moved(snapshot.weights),
                   input_values=moved(snapshot.input_values), apos=moved(snapshot.apos), aneg=moved(snapshot.aneg))


def _learns(snapshot: _superneuromat.Snapshot) -> npt.NDArray[np.bool_]:
    return snapshot.enabled if len(snapshot.apos) else np.zeros(len(snapshot.enabled), bool)


def _exact_places(base: float, most: int, *arrays: Floats) -> Optional[int]:
    """Fewest places after the point, to this base, with which all finite values are what they are; None: too many."""
    values = np.concatenate([array[np.isfinite(array)] for array in arrays])
    for places in range(most + 1):
        if bool(np.all(np.rint(values * base**places) / base**places == values)):
            return places
    return None


def _largest(*arrays: Floats) -> float:
    values = np.concatenate([np.abs(array[np.isfinite(array)]) for array in arrays])
    return float(values.max(initial=0.0))


def _choose(snapshot: _superneuromat.Snapshot) -> tuple[int, Optional[int]]:
    """Fraction bits; and decimals, if the grid is decimal."""
    learns = _learns(snapshot)
    state_values = (snapshot.thresholds, snapshot.leaks, snapshot.resets, snapshot.states)
    weights = snapshot.weights
    largest_plastic = _largest(weights[learns])

    def fits(unit: float, states: float, plastic: float) -> bool:
        return bool(states * unit < _STATE_HALF and plastic * unit <= _field(snapshot)
                    and _largest(snapshot.input_values) * unit < 2 * _STATE_HALF
                    and _largest(weights) * unit <= _FIELD * 2.0**_MAX_EXPONENT)

    values = (*state_values, weights, snapshot.apos, snapshot.aneg, snapshot.input_values)
    bits = _exact_places(2.0, MAX_FRACTION_BITS, *values)
    if bits is not None and fits(2.0**bits, _largest(*state_values), largest_plastic):
        return bits, None
    decimals = _exact_places(10.0, _MAX_DECIMALS, *values)
    if decimals is not None and fits(10.0**decimals, _largest(*state_values), largest_plastic):
        return math.ceil(decimals * math.log2(10.0)), decimals
    room = largest_plastic + _ROOM * float(np.abs(snapshot.apos).sum()) if learns.any() else 0.0
    for bits in range(MAX_FRACTION_BITS, -1, -1):
        if fits(2.0**bits, _largest(*state_values), room):
            return bits, None
    return 0, None


def _groups(snapshot: _superneuromat.Snapshot, learns: npt.NDArray[np.bool_],
            bits: int) -> list[tuple[str, bool, npt.NDArray[np.int64], int]]:
    """Synapses that share a weight exponent: name, plastic, numbers, exponent."""
    stored = np.rint(snapshot.weights * 2.0**bits)
    magnitude = np.abs(stored)
    result = []
    for plastic, members in ((False, np.flatnonzero(~learns)), (True, np.flatnonzero(learns))):
        most = _field(snapshot) if plastic else _FIELD
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


def _report(snapshot: _superneuromat.Snapshot, bits: int, decimals: Optional[int], learns: npt.NDArray[np.bool_],
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
        scale = 1.0 if decimals is None else 10.0**decimals / 2.0**bits
        per_tick = -float(snapshot.aneg.sum()) / scale
        room = _DRIFTING_FIELD * float(steps[learns].min()) / scale
        notes.append(f"aneg takes up to {per_tick:.4g} a tick from every plastic weight; weights beyond +-{room:.4g} "
                     "may saturate, and superneuromat_weights then warns")
    return ImportReport(bits, decimals, tuple(found), tuple(notes))
