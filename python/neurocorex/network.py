# SPDX-License-Identifier: BSD-3-Clause
"""Networks as their authors think of them: populations, axon groups, projections."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import _core, _synapses, report, stdp
from neurocorex._arguments import Floats, Indices
from neurocorex._map import HISTORY_W, MAX_RATE, REFRACTORY_W
from neurocorex.connectors import Connector
from neurocorex.errors import InputError
from neurocorex.image import Currents, Image, warn_of_lost_currents

Target = Union[str, _core.Geometry]

_FORMATS = {"auto": _core.Format.AUTO, "dense": _core.Format.DENSE, "sparse": _core.Format.SPARSE}
_MAX_REFRACTORY = 2**REFRACTORY_W - 1


@dataclass(frozen=True)
class _Group:
    name: str
    index: int
    first: int
    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, which: Union[int, slice, npt.NDArray[Any]]) -> Indices:
        """Network-wide numbers of some members, as a uint32 array."""
        chosen: Indices = np.atleast_1d(self.numbers[which])
        return chosen

    @property
    def numbers(self) -> Indices:
        """Network-wide numbers of all members, uint32, shape (size,)."""
        return np.arange(self.first, self.first + self.size, dtype=np.uint32)

    @property
    def _range(self) -> str:
        return f"{self.size} (numbers {self.first} to {self.first + self.size - 1})"


@dataclass(frozen=True)
class Population(_Group):
    """Neurons with consecutive numbers; `population[2:5]` gives network-wide numbers."""

    def __repr__(self) -> str:
        return f"<Population {self.name!r}: {self._range}>"


@dataclass(frozen=True)
class AxonGroup(_Group):
    """External spike inputs with consecutive numbers; `axons[2:5]` gives network-wide numbers."""

    def __repr__(self) -> str:
        return f"<AxonGroup {self.name!r}: {self._range}>"


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses between two groups.

    Attributes
    ----------
    pre_index, post_index
        uint32, shape (synapses,): numbers within the source and target group.
    weights
        float64, shape (synapses,), in the unit of the potentials.
    delays
        uint32, shape (synapses,), ticks.
    plastic
        Whether any synapse is marked for learning.
    plastic_mask
        bool, shape (synapses,): which are.
    profile
        How they learn; None: never.
    """

    name: str
    index: int
    pre: Union[Population, AxonGroup]
    post: Population
    pre_index: Indices
    post_index: Indices
    weights: Floats
    delays: Indices
    plastic: bool
    plastic_mask: npt.NDArray[np.bool_]
    profile: Optional[stdp.Profile] = None

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def shape(self) -> tuple[int, int]:
        """Size of the source group, size of the target population."""
        return self.pre.size, self.post.size

    def matrix(self, values: Optional[npt.ArrayLike] = None) -> Floats:
        """One value a synapse as a matrix of `shape`, NaN where there is no synapse.

        Parameters
        ----------
        values
            Shape (synapses,); default: `weights`. Where several synapses join one pair, their sum.
        """
        array = self.weights if values is None else arg.per_item("values", values, len(self), "synapse")
        result = np.full(self.shape, np.nan)
        result[self.pre_index, self.post_index] = 0.0
        np.add.at(result, (self.pre_index, self.post_index), array)
        return result

    def __repr__(self) -> str:
        learns = "" if self.profile is None else f", {np.count_nonzero(self.plastic_mask)} learn by {self.profile!r}"
        return f"<Projection {self.name!r}: {len(self)} synapses, {self.pre.size} x {self.post.size}{learns}>"


class Network:
    """A network under construction. Valid at all times: what is wrong is refused when it is added.

    Potentials, thresholds and weights share one unit of your choice; times are ticks.

    Attributes
    ----------
    fraction_bits
        Resolution with which `compile`, `check` and `Emulator.load` work unless told otherwise: potentials and
        weights are stored in steps of 2**-fraction_bits. None: the compiler chooses.

    Examples
    --------
    >>> net = Network()
    >>> source = net.axons(2)
    >>> cells = net.population(3, threshold=1.0)
    >>> projection = net.connect(source, cells, [[0.6, 0.6, 0.0], [0.0, 0.6, 0.6]])
    """

    def __init__(self, name: str = "network") -> None:
        self._adopt(_core.Network(arg.text("name", name)))

    @property
    def fraction_bits(self) -> Optional[int]:
        return self._core.fraction_bits

    @fraction_bits.setter
    def fraction_bits(self, bits: Optional[int]) -> None:
        self._core.fraction_bits = None if bits is None else arg.whole("fraction_bits", bits, 0)

    def _adopt(self, core: _core.Network) -> None:
        self._core = core
        self._populations = [Population(name, k, first, size)
                             for k, (name, first, size) in enumerate(core.populations)]
        self._axon_groups = [AxonGroup(name, k, first, size)
                             for k, (name, first, size) in enumerate(core.axon_groups)]
        self._projections: list[Projection] = []
        self._profiles = [stdp.from_core(profile) for profile in core.profiles]
        self._given_profiles = {profile: k for k, profile in enumerate(self._profiles)}
        self._currents: Optional[Currents] = None
        self._rates = [rates / MAX_RATE for rates in core.rates]
        for k, (name, axons, pre, post, pre_index, post_index, weights, delays, plastic) in enumerate(core.projections):
            source: Union[Population, AxonGroup] = self._axon_groups[pre] if axons else self._populations[pre]
            profile, mask = core.plasticity(k)
            self._projections.append(Projection(
                name, k, source, self._populations[post], pre_index, post_index, weights,
                delays if delays.size else np.ones(weights.size, np.uint32), plastic,
                mask.astype(bool) if mask.size else np.full(weights.size, plastic),
                self._profiles[profile] if profile >= 0 else None))

    # A copy, shallow or deep, and what comes out of a pickle are networks with groups and projections of their own.
    def __getstate__(self) -> dict[str, Any]:
        kept = ("_currents", "_rates", "_given_profiles")
        return {"json": self._core.to_json(), **{name: copy.copy(getattr(self, name)) for name in kept}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._adopt(_core.Network.from_json(state.pop("json"), "a copied network"))
        self.__dict__.update(state)

    # --- building -----------------------------------------------------------------------------

    def population(
        self,
        size: int,
        *,
        threshold: npt.ArrayLike = 1.0,
        leak: npt.ArrayLike = 0.0,
        leak_mode: str = "subtractive",
        v_reset: npt.ArrayLike = 0.0,
        v_rest: npt.ArrayLike = 0.0,
        v_init: Optional[npt.ArrayLike] = None,
        current_decay: npt.ArrayLike = 0.0,
        refractory: npt.ArrayLike = 0,
        refractory_init: npt.ArrayLike = 0,
        refractory_hold: npt.ArrayLike = False,
        soft_reset: npt.ArrayLike = False,
        theta_plus: npt.ArrayLike = 0.0,
        theta_decay: npt.ArrayLike = 1.0,
        winner_take_all: bool = False,
        name: str = "",
    ) -> Population:
        """Adds neurons. Every parameter is one value for all or an array of shape (size,).

        Parameters
        ----------
        size
            Number of neurons.
        threshold
            A neuron fires when its potential is above (not at) it.
        leak, leak_mode
            "subtractive": the potential moves towards `v_rest` by `leak` a tick, never past it
            (infinity: it forgets everything). "exponential": the distance to `v_rest` is multiplied
            by `leak`, 0 to 1, in every tick.
        v_reset, v_rest, v_init
            Potential after a spike, the leak's goal, and the initial potential (default: `v_reset`).
        current_decay
            Factor a tick that the synaptic current keeps, 0 to 1. 0: no synaptic time constant.
        refractory, refractory_init, refractory_hold
            Ticks without a spike after a spike, 0 to 4095, and from the start; whether the potential is held at
            `v_reset` meanwhile (else it goes on integrating).
        soft_reset
            A spike subtracts the threshold, instead of setting the potential to `v_reset`.
        theta_plus, theta_decay
            Rise of the adaptive part of the threshold at a spike, and the factor it keeps a tick.
        winner_take_all
            At most one neuron of the population fires in a tick, the one furthest above its threshold (of equals the
            first). If one fires, the potentials of all others become their `v_reset`.
        name
            Default: "population0", "population1", ...
        """
        size = arg.whole("size", size, 1)
        mode = arg.choice("leak_mode", leak_mode, ("subtractive", "exponential"))
        reals = {"threshold": threshold, "leak": leak, "v_reset": v_reset, "v_rest": v_rest,
                 "current_decay": current_decay, "theta_plus": theta_plus, "theta_decay": theta_decay}
        flags = {"refractory_hold": refractory_hold, "soft_reset": soft_reset}
        values = {key: arg.per_item(key, value, size) for key, value in reals.items()}
        values |= {key: arg.whole_per_item(key, value, size, 0, 1) for key, value in flags.items()}
        values["refractory"] = arg.whole_per_item("refractory", refractory, size, 0, _MAX_REFRACTORY)
        values["leak_exponential"] = np.array([float(mode == "exponential")])
        initial = np.empty(0)
        if v_init is not None:
            initial = np.ascontiguousarray(np.broadcast_to(arg.per_item("v_init", v_init, size), (size,)))
        counters = _counters("refractory_init", refractory_init, size)
        index = self._core.add_population(arg.text("name", name), size, values, initial,
                                          arg.flag("winner_take_all", winner_take_all), counters)
        self._populations.append(Population(*_nth(self._core.populations, index)))
        return self._populations[index]

    def axons(self, size: int, *, rates: Optional[npt.ArrayLike] = None, name: str = "") -> AxonGroup:
        """Adds external spike inputs.

        Parameters
        ----------
        size
            Number of axons.
        rates
            Spike probability a tick, 0 to 1, of the encoder on the chip: one for all or shape (size,).
            The hardware's steps are 1/256. Default: no encoders, only `Emulator.run`'s `inputs`.
        name
            Default: "axons0", "axons1", ...
        """
        size = arg.whole("size", size, 1)
        wanted, stored = np.empty(0), np.empty(0, np.uint16)
        if rates is not None:
            wanted = np.array(np.broadcast_to(arg.per_item("rates", rates, size, "axon"), (size,)))
            stored = hardware_rates("rates", wanted)
        index = self._core.add_axons(arg.text("name", name), size, stored)
        self._rates.append(wanted)
        self._axon_groups.append(AxonGroup(*_nth(self._core.axon_groups, index)))
        return self._axon_groups[index]

    def connect(
        self,
        pre: Union[Population, AxonGroup],
        post: Population,
        weights: Union[npt.ArrayLike, tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]] = 1.0,
        *,
        connector: Optional[Connector] = None,
        delay: npt.ArrayLike = 1,
        plastic: Optional[npt.ArrayLike] = None,
        profile: Optional[stdp.Profile] = None,
        format: str = "auto",
        name: str = "",
    ) -> Projection:
        """Adds synapses from `pre` to `post`.

        Parameters
        ----------
        pre, post
            Source group and target population of this network.
        weights
            Without a connector: a matrix of shape (pre.size, post.size); a synapse for each entry that
            is not NaN and, unless `format` is "dense", not 0. Or a tuple (pre_index, post_index,
            weights) of 1-D arrays. Or one number: all to all.
            With a connector: one number, one a synapse, or such a matrix of which its pairs are taken.
        connector
            For example `neurocorex.fixed_probability(0.1)`.
        delay
            Ticks, at least 1: one for all, one a synapse, or a matrix.
        plastic
            Which synapses learn: True or False for all, booleans of shape (synapses,), or a boolean matrix.
            Default: all, if there is a `profile`, which learning needs.
        profile
            How they learn: `neurocorex.stdp.pair(...)` and so on. One profile may serve many projections; each
            has its own bounds, modulation and on/off switch.
        format
            How rows are stored: "dense" (two or four weights a word), "sparse" (one a word, with delay), or
            "auto" for the smaller one.
        name
            Default: "pre->post".

        Returns
        -------
        Projection
            The synapses in the order in which the emulator gives and takes weights.
        """
        self._own("pre", pre, (Population, AxonGroup))
        self._own("post", post, (Population,))
        arg.text("name", name)
        stored = _FORMATS[arg.choice("format", format, tuple(_FORMATS))]
        synapses, values = _synapses.collect(pre, post, weights, connector, format == "dense")
        if synapses.delays is None:
            delays = _synapses.spread("delay", delay, synapses, (pre.size, post.size))
            delays = arg.whole_per_item("delay", delays, len(delays), 1, arg.MAX_U32, "synapse")
        else:
            delays = synapses.delays.astype(np.float64)
        in_ticks = delays.astype(np.uint32)
        given = np.empty(0, np.uint32) if np.all(in_ticks == 1) else in_ticks
        if not bool(np.all(np.isfinite(values))):
            raise arg.refuse("weights", f"contains {values[~np.isfinite(values)][0]}", "finite numbers")
        mask = _synapses.plastic_mask(plastic, profile, synapses, (pre.size, post.size))
        any_plastic = bool(mask.any()) if mask.size else bool(profile)
        if any(name and name == other.name for other in self._projections):
            # Before the profile is added: a refused projection leaves nothing behind.
            raise arg.refuse("name", f"{name!r}, which is taken", "another one", "none: it gets one of its own")
        number = -1 if profile is None else self._profile(profile)
        index = self._core.add_projection(
            name, isinstance(pre, AxonGroup), pre.index, post.index, synapses.pre, synapses.post, values, given,
            any_plastic, stored, number,
            np.empty(0, np.uint8) if mask.all() or not any_plastic else mask.astype(np.uint8))
        actual = name or self._core.projection_name(index)
        projection = Projection(actual, index, pre, post, synapses.pre, synapses.post, values, in_ticks, any_plastic,
                                mask, None if profile is None else self._profiles[number])
        self._projections.append(projection)
        return projection

    def _profile(self, profile: stdp.Profile) -> int:
        """Number of a profile; equal ones share one."""
        if profile not in self._given_profiles:
            index = self._core.add_profile(stdp.to_core(profile))
            self._profiles.append(profile.but(name=self._core.profiles[index].name))
            self._given_profiles[self._profiles[index]] = self._given_profiles[profile] = index
        return self._given_profiles[profile]

    def add_currents(self, ticks: npt.ArrayLike, neurons: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Currents that the network brings along: `Emulator.run` applies those that fall into its ticks.

        They add to the currents that `run` is given. Files of networks and images do not hold them: saving warns.

        Parameters
        ----------
        ticks, neurons, values
            1-D arrays of one length: ticks counted from the network's first, network-wide numbers, and values in
            the network's unit.
        """
        when = arg.indices("ticks", ticks, arg.MAX_U32, "the tick counter")
        who = arg.indices("neurons", neurons, self.n_neurons, "the network")
        amounts = arg.floats("values", values).reshape(-1)
        if not len(when) == len(who) == len(amounts):
            raise arg.refuse("values", f"{len(when)} ticks, {len(who)} neurons and {len(amounts)} values",
                             "as many of each")
        if not bool(np.all(np.isfinite(amounts))):
            raise arg.refuse("values", "not finite", "finite numbers")
        there = self._currents
        if there is not None:
            when, who = np.concatenate((there.ticks, when)), np.concatenate((there.neurons, who))
            amounts = np.concatenate((there.values, amounts))
        order = np.argsort(when, kind="stable")
        self._currents = Currents(when[order], who[order], amounts[order])

    def set_past(self, spiked: npt.ArrayLike, history: Optional[npt.ArrayLike] = None, age: int = 0) -> None:
        """Lets the network begin in mid-run.

        Parameters
        ----------
        spiked
            Numbers of the neurons that fired in the tick before the first: their spikes arrive in the first.
        history
            For kernel traces: booleans of shape (ticks, neurons), the last row being the tick before the first.
        age
            Ticks that have passed before the first; for `drift`.
        """
        who = arg.indices("spiked", spiked, self.n_neurons, "the network")
        words = np.empty(0, np.uint16)
        if history is not None:
            rows = np.atleast_1d(arg.floats("history", history) != 0)[::-1][:HISTORY_W]
            if rows.ndim != 2 or rows.shape[1] != self.n_neurons:
                raise arg.refuse("history", f"an array of shape {np.shape(history)}",
                                 f"shape (ticks, {self.n_neurons})")
            words = (rows * (1 << np.arange(len(rows)))[:, np.newaxis]).sum(axis=0).astype(np.uint16)
        self._core.set_past(who, words, min(arg.whole("age", age, 0), HISTORY_W))

    def _own(self, name: str, group: object, kinds: tuple[type, ...]) -> None:
        known: tuple[object, ...] = (*self._populations, *self._axon_groups)
        if not isinstance(group, kinds) or not any(group is member for member in known):
            what = " or ".join("a population" if kind is Population else "an axon group" for kind in kinds)
            raise arg.refuse(name, repr(group), f"{what} of this network")

    # --- looking ------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The network's name."""
        return self._core.name

    @property
    def n_neurons(self) -> int:
        """Neurons in all populations."""
        return self._core.neurons

    @property
    def n_axons(self) -> int:
        """Axons in all groups."""
        return self._core.axons

    @property
    def n_synapses(self) -> int:
        """Synapses in all projections."""
        return self._core.synapses

    @property
    def populations(self) -> tuple[Population, ...]:
        """In the order of their numbers."""
        return tuple(self._populations)

    @property
    def axon_groups(self) -> tuple[AxonGroup, ...]:
        """In the order of their numbers."""
        return tuple(self._axon_groups)

    @property
    def projections(self) -> tuple[Projection, ...]:
        """In the order in which they were added."""
        return tuple(self._projections)

    @property
    def profiles(self) -> tuple[stdp.Profile, ...]:
        """Learning profiles in use, with their names."""
        return tuple(self._profiles)

    def __repr__(self) -> str:
        return (f"<Network {self.name!r}: {self.n_neurons} neurons in {len(self._populations)} populations, "
                f"{self.n_axons} axons, {self.n_synapses} synapses>")

    # --- compiling ----------------------------------------------------------------------------

    def check(self, target: Target = "cmod_a7", *, baud: Optional[int] = None, fraction_bits: Optional[int] = None,
              activity: float = 0.02) -> report.Report:
        """Whether and how the network fits a board or build; never raises because it does not.

        Parameters
        ----------
        target
            Name of a board or build (see `targets`) or an emulator's `geometry`.
        baud
            Line rate in bits a second for the load time. Default: the target's own.
        fraction_bits
            Resolution of potentials and weights, 2**-fraction_bits. Default: the network's `fraction_bits`, or
            chosen by the compiler.
        activity
            Share of the neurons and axons that spike in a tick, for the report's cycles.
        """
        geometry = _geometry(target, baud)
        core = _core.check(self._core, geometry, _bits(fraction_bits),
                           arg.number("activity", activity, "a share of the sources, 0 to 1"))
        return report.from_core(core, geometry, self._rate_entries())

    def compile(self, target: Target = "cmod_a7", *, fraction_bits: Optional[int] = None, seed: int = 1) -> Image:
        """Compiles the network for a build.

        Parameters
        ----------
        target, fraction_bits
            As in `check`.
        seed
            Of the encoders on the chip.

        Raises
        ------
        CapacityError
            Names every memory that is too small.
        """
        compiled = self._compile(_geometry(target, None), _bits(fraction_bits), arg.whole("seed", seed, 0))
        return Image(*compiled, currents=self._currents)

    def _compile(self, geometry: _core.Geometry, fraction_bits: Optional[int],
                 seed: int) -> tuple[_core.Image, report.Report]:
        core, core_report = _core.compile(self._core, geometry, fraction_bits, seed)
        return core, report.from_core(core_report, geometry, self._rate_entries())

    def _rate_entries(self) -> list[report.Quantisation]:
        entries = []
        for group, wanted in zip(self._axon_groups, self._rates):
            if wanted.size:
                error = np.abs(hardware_rates("rates", wanted) / MAX_RATE - wanted)
                entries.append(report.Quantisation(f"axons {group.name}: rate", wanted.size,
                                                   int(np.count_nonzero(error)), 0, 1 / MAX_RATE,
                                                   float(error.max())))
        return entries

    # --- files --------------------------------------------------------------------------------

    def to_json(self) -> str:
        """The form that `ncx compile` reads."""
        return self._core.to_json()

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes `to_json` to a file; an existing file stays whole until the new one is complete."""
        if self._currents is not None:
            warn_of_lost_currents()
        self._core.save(arg.path("path", path))

    @classmethod
    def from_json(cls, text: str, origin: str = "text") -> Network:
        """The network of a JSON text; errors name `origin` and the field."""
        if not isinstance(text, (str, bytes)):
            raise arg.refuse("text", type(text).__name__, "a JSON text", "json.dumps(...)")
        network = cls.__new__(cls)
        network._adopt(_core.Network.from_json(text, origin))
        return network

    @classmethod
    def load(cls, path: Union[str, os.PathLike[str]]) -> Network:
        """The network of a JSON file."""
        path = arg.path("path", path)
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"path: {error}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"path: {path} is no text: {error}\n  try: a file that Network.save wrote; "
                             "Image.load reads compiled ones") from error
        return cls.from_json(text, path)


def targets() -> tuple[str, ...]:
    """Names of the builds and boards that networks can be compiled for."""
    return tuple(_core.Geometry.target_names())


def recommend(network: Network, *, fraction_bits: Optional[int] = None) -> str:
    """Name of the smallest board that holds the network, from small parts to large ones.

    Parameters
    ----------
    fraction_bits
        As in `Network.check`.

    Raises
    ------
    CapacityError
        No board does; says what the largest one lacks.
    """
    if not isinstance(network, Network):
        raise arg.refuse("network", repr(network), "a Network")
    return _core.recommend(network._core, _bits(fraction_bits))


def hardware_rates(name: str, rates: Floats) -> npt.NDArray[np.uint16]:
    """Probabilities a tick as the hardware's 1/256 steps."""
    if not bool(np.all((rates >= 0.0) & (rates <= 1.0))):
        raise arg.refuse(name, f"contains {rates[~((rates >= 0) & (rates <= 1))][0]:g}", "probabilities from 0 to 1")
    steps: npt.NDArray[np.uint16] = np.rint(rates * MAX_RATE).astype(np.uint16)
    return steps


def _nth(groups: list[tuple[str, int, int]], index: int) -> tuple[str, int, int, int]:
    name, first, size = groups[index]
    return name, index, first, size


def _geometry(target: Target, baud: Optional[int]) -> _core.Geometry:
    if isinstance(target, str):
        geometry = _core.Geometry.of_target(target)
    elif isinstance(target, _core.Geometry):
        geometry = target
    else:
        raise arg.refuse("target", repr(target), "the name of a board or build or an emulator's geometry",
                         ", ".join(targets()))
    return geometry if baud is None else geometry.with_baud(arg.whole("baud", baud, 1))


def _bits(fraction_bits: Optional[int]) -> Optional[int]:
    return None if fraction_bits is None else arg.whole("fraction_bits", fraction_bits, 0)


def _counters(name: str, value: npt.ArrayLike, size: int) -> Indices:
    """Refractory counters, one a neuron; none if all are 0."""
    array = arg.whole_per_item(name, value, size, 0, _MAX_REFRACTORY)
    if not array.any():
        return np.empty(0, np.uint32)
    return np.array(np.broadcast_to(array, (size,))).astype(np.uint32)
