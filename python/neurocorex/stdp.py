# SPDX-License-Identifier: BSD-3-Clause
"""Learning rules, ready for `Network.connect(..., profile=...)`.

A spike of a source acts on its targets one tick later, an axon's in its own tick: that tick is lag 1. So between
neurons the lag is t_post - t_pre. Weights and amplitudes are in the network's unit, times in ticks. The equations to
the bit are in docs/model.md, "Learning"; docs/learning.md compares the rules with other simulators.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import _core
from neurocorex._arguments import Floats
from neurocorex._map import HISTORY_W

MAX_TAPS = HISTORY_W
MAX_SHIFT = 16
RULES = ("additive", "instar")
TRACES = ("kernel", "exponential")
ROUNDINGS = ("down", "nearest", "stochastic")


@dataclass(frozen=True)
class Profile:
    """How the plastic synapses of a projection learn. Comes from one of this module's functions.

    Attributes
    ----------
    kind
        The function that made it.
    rule
        "additive": a pair of spikes adds its change. "instar": a postsynaptic spike moves the weight towards the
        presynaptic trace.
    traces
        "kernel": a table of changes, one a lag. "exponential": amplitude * decay ** lag.
    nearest
        Whether only the newest spike of a trace counts; otherwise all add up.
    pre_taps, post_taps
        Kernel: element k is the change at lag k + 1; pre: post follows pre, added; post: pre follows post, subtracted.
    pre_amplitude, pre_decay, post_amplitude, post_decay
        Exponential, likewise.
    drift
        Element k is added to every plastic synapse in every tick later than tick k.
    instar_shift
        Instar: the weight moves by 1 / 2 ** instar_shift of the distance.
    w_min, w_max
        Bounds; infinite: what the weight field holds.
    rounding
        Of each change to the weight's step: "down", "nearest" or "stochastic".
    modulated
        Whether changes are multiplied by `Emulator.modulation`.
    enabled
        Whether it changes weights from the start; traces are kept anyway.
    name
        For `Emulator.learning`; empty: "profile0", "profile1", ...
    """

    kind: str
    rule: str = "additive"
    traces: str = "kernel"
    nearest: bool = False
    pre_taps: tuple[float, ...] = ()
    post_taps: tuple[float, ...] = ()
    pre_amplitude: float = 0.0
    pre_decay: float = 0.0
    post_amplitude: float = 0.0
    post_decay: float = 0.0
    drift: tuple[float, ...] = ()
    instar_shift: int = 4
    w_min: float = -math.inf
    w_max: float = math.inf
    rounding: str = "nearest"
    modulated: bool = False
    enabled: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        arg.choice("rule", self.rule, RULES)
        arg.choice("traces", self.traces, TRACES)
        arg.choice("rounding", self.rounding, ROUNDINGS)
        for name in ("pre_taps", "post_taps", "drift"):
            object.__setattr__(self, name, _taps(name, getattr(self, name)))
        for name in ("pre_amplitude", "post_amplitude"):
            object.__setattr__(self, name, _finite(name, getattr(self, name)))
        for name in ("pre_decay", "post_decay"):
            object.__setattr__(self, name, _number(name, getattr(self, name), 0.0, 1.0))
        object.__setattr__(self, "instar_shift", arg.whole("instar_shift", self.instar_shift, 0, MAX_SHIFT))
        for name in ("w_min", "w_max"):
            object.__setattr__(self, name, _number(name, getattr(self, name), -math.inf, math.inf))
        if self.w_min >= self.w_max:
            raise arg.refuse("w_min", self.w_min, f"below w_max, {self.w_max}")
        for name in ("nearest", "modulated", "enabled"):
            object.__setattr__(self, name, arg.flag(name, getattr(self, name)))
        if not isinstance(self.name, str):
            raise arg.refuse("name", repr(self.name), "a string")
        if self.rule == "instar" and (self.post_taps or self.post_amplitude or self.drift):
            raise arg.refuse("rule", "instar with a postsynaptic trace or a drift", "a presynaptic trace alone")

    def but(self, **changes: Any) -> Profile:
        """The same with some attributes changed, for example `profile.but(modulated=True)`."""
        known = set(self.__dataclass_fields__) - {"kind"}
        for name in changes:
            if name not in known:
                raise arg.refuse(name, "no attribute of a profile", "one of " + ", ".join(sorted(known)))
        return replace(self, **changes)

    def change(self, lags: npt.ArrayLike, weight: float = 0.0) -> Floats:
        """What one pair of spikes does to a weight between two neurons, before rounding and bounds.

        Parameters
        ----------
        lags
            t_post - t_pre in ticks, whole numbers. At 0 neither side has seen the other: nothing happens, except
            that instar moves the weight towards a trace of 0.
        weight
            The weight before; only instar depends on it.
        """
        array = arg.floats("lags", lags)
        if not bool(np.all(array == np.rint(array))):
            raise arg.refuse("lags", "not whole", "ticks")
        pre = self._trace(array, self.pre_taps, self.pre_amplitude, self.pre_decay)
        if self.rule == "instar":
            return (pre - weight) / 2.0**self.instar_shift
        return pre - self._trace(-array, self.post_taps, self.post_amplitude, self.post_decay)

    def _trace(self, lags: Floats, taps: tuple[float, ...], amplitude: float, factor: float) -> Floats:
        if self.traces == "exponential":
            return np.where(lags > 0, amplitude * factor ** np.maximum(lags, 1.0), 0.0)
        table = np.array((0.0, *taps, 0.0))
        return table[np.where(lags > 0, np.minimum(lags, len(table) - 1), 0).astype(np.int64)]

    def __repr__(self) -> str:
        defaults = Profile(self.kind)
        if self.traces == "exponential":
            sides = [f"{name} {amplitude:g} * {factor:.4g}^lag" for name, amplitude, factor in
                     (("pre", self.pre_amplitude, self.pre_decay), ("post", self.post_amplitude, self.post_decay))
                     if amplitude]
        else:
            sides = [f"{name} [{', '.join(f'{tap:g}' for tap in taps)}]" for name, taps in
                     (("pre", self.pre_taps), ("post", self.post_taps), ("drift", self.drift)) if taps]
        if self.rule == "instar":
            sides.append(f"rate 1/{2**self.instar_shift}")
        if self.w_min > -math.inf or self.w_max < math.inf:
            sides.append(f"weights {self.w_min:g} to {self.w_max:g}")
        if self.rounding != defaults.rounding:
            sides.append(f"rounding {self.rounding}")
        sides += [word for word, there in (("nearest spikes only", self.nearest), ("modulated", self.modulated),
                                           ("off at the start", not self.enabled)) if there]
        name = f" {self.name!r}" if self.name else ""
        return f"<stdp.{self.kind}{name}: {', '.join(sides) or 'nothing'}>"


def _number(name: str, value: Any, low: float, high: float) -> float:
    array = arg.floats(name, value)
    if array.ndim or not low <= float(array) <= high:
        raise arg.refuse(name, repr(value), f"a number from {low:g} to {high:g}")
    return float(array)


def _finite(name: str, value: Any) -> float:
    number = _number(name, value, -math.inf, math.inf)
    if math.isinf(number):
        raise arg.refuse(name, repr(value), "a finite number")
    return number


def _taps(name: str, value: npt.ArrayLike) -> tuple[float, ...]:
    """A tuple without trailing zeros."""
    array = arg.floats(name, value)
    if array.ndim != 1 and array.size or not bool(np.all(np.isfinite(array))):
        raise arg.refuse(name, f"an array of shape {array.shape} or not finite", "a list of finite numbers")
    taps = [float(tap) for tap in array.ravel()]
    while taps and taps[-1] == 0.0:
        taps.pop()
    if len(taps) > MAX_TAPS:
        raise arg.refuse(name, f"{len(taps)} taps", f"at most {MAX_TAPS}: the hardware remembers so many ticks",
                         "an exponential profile (stdp.pair), or fewer, longer ticks")
    return tuple(taps)


def _decay(tau_name: str, tau: Optional[float], decay_name: str, decay: Optional[float]) -> float:
    """Factor a tick, given as a time constant or as itself."""
    if (tau is None) == (decay is None):
        raise arg.refuse(tau_name, f"{tau!r} beside {decay_name} {decay!r}", "exactly one of the two")
    if decay is not None:
        return _number(decay_name, decay, 0.0, 1.0)
    ticks = _number(tau_name, tau, 0.0, math.inf)
    return math.exp(-1.0 / ticks) if ticks > 0.0 else 0.0


def pair(a_plus: float, tau_plus: Optional[float] = None, a_minus: float = 0.0, tau_minus: Optional[float] = None, *,
         decay_plus: Optional[float] = None, decay_minus: Optional[float] = None, nearest: bool = False,
         **options: Any) -> Profile:
    """Pair-based exponential STDP, as in Brian2's and NEST's examples.

    For each pair of spikes with t_post - t_pre = lag:

        dw = + a_plus  * exp(-lag / tau_plus)    lag > 0: post after pre
        dw = - a_minus * exp( lag / tau_minus)   lag < 0: pre after post
        dw = 0                                   lag = 0

    Source: Song, Miller and Abbott, "Competitive Hebbian learning through spike-timing-dependent synaptic
    plasticity", Nature Neuroscience 3 (2000); Morrison, Diesmann and Gerstner, Biological Cybernetics 98 (2008).

    Parameters
    ----------
    a_plus, a_minus
        Amplitudes in the network's unit; a positive `a_minus` depresses.
    tau_plus, tau_minus
        Time constants in ticks; or decay_plus, decay_minus: factors a tick, 0 to 1.
    nearest
        Only the newest spike of the other side counts (NEST: nearest-neighbour); otherwise all pairs.
    options
        w_min, w_max, rounding, modulated, enabled, name: see `Profile`.
    """
    plus = _decay("tau_plus", tau_plus, "decay_plus", decay_plus)
    silent = a_minus == 0.0 and tau_minus is None and decay_minus is None
    minus = 0.0 if silent else _decay("tau_minus", tau_minus, "decay_minus", decay_minus)
    return _made("pair", options, traces="exponential", nearest=nearest, pre_amplitude=_finite("a_plus", a_plus),
                 pre_decay=plus, post_amplitude=_finite("a_minus", a_minus), post_decay=minus)


def rectangular(a_plus: float, window_plus: int, a_minus: float = 0.0, window_minus: int = 0, *, nearest: bool = True,
                **options: Any) -> Profile:
    """NeuroCoreX's rule: a constant change within a window before and after.

        dw = + a_plus    0 < t_post - t_pre <= window_plus
        dw = - a_minus   0 < t_pre - t_post <= window_minus

    Source: the VHDL of ORNL's NeuroCoreX, where a counter started by each spike says whether the window is open, so
    that only the newest spike counts.

    Parameters
    ----------
    a_plus, a_minus
        Changes in the network's unit; a positive `a_minus` depresses.
    window_plus, window_minus
        Ticks, 0 to 16.
    nearest
        Only the newest spike of the other side counts; False: every spike in the window.
    options
        As in `pair`.
    """
    plus = arg.whole("window_plus", window_plus, 0, MAX_TAPS)
    minus = arg.whole("window_minus", window_minus, 0, MAX_TAPS)
    return _made("rectangular", options, nearest=nearest, pre_taps=(_finite("a_plus", a_plus),) * plus,
                 post_taps=(_finite("a_minus", a_minus),) * minus)


def kernel(pre_taps: npt.ArrayLike = (), post_taps: npt.ArrayLike = (), *, drift: npt.ArrayLike = (),
           nearest: bool = False, **options: Any) -> Profile:
    """Any window of up to 16 ticks.

        dw = + pre_taps[lag - 1]      lag = t_post - t_pre > 0
        dw = - post_taps[-lag - 1]    lag < 0
        dw = + sum(drift[:age])       every plastic synapse, every tick, age: ticks before this one

    Parameters
    ----------
    pre_taps, post_taps, drift
        At most 16 numbers each, in the network's unit.
    nearest
        Only the newest spike of the other side counts; otherwise all add up.
    options
        As in `pair`.
    """
    return _made("kernel", options, nearest=nearest, pre_taps=pre_taps, post_taps=post_taps, drift=drift)


def superneuromat(apos: npt.ArrayLike = (), aneg: npt.ArrayLike = (), **options: Any) -> Profile:
    """SuperNeuroMAT's rule, exactly.

    In every tick, for every lag up to the number of taps that has already passed, each plastic synapse gets

        dw = apos[lag - 1]   if the source fired lag ticks ago and the target now
        dw = aneg[lag - 1]   otherwise

    which is the same as pre_taps = apos - aneg and a drift of aneg. There is no change for pre after post.
    The drift costs two cycles a tick, however many synapses there are.

    Source: SuperNeuroMAT 3.5.0, `SNN.stdp_setup` and `SNN.simulate`.

    Parameters
    ----------
    apos, aneg
        At most 16 numbers each (SuperNeuroMAT: apos >= 0 >= aneg); the shorter one is filled up with zeros.
    options
        As in `pair`. SuperNeuroMAT has no bounds.
    """
    plus, minus = np.array(_taps("apos", apos)), np.array(_taps("aneg", aneg))
    size = max(len(plus), len(minus))
    difference = np.pad(plus, (0, size - len(plus))) - np.pad(minus, (0, size - len(minus)))
    return _made("superneuromat", options, pre_taps=tuple(difference), drift=tuple(minus))


def instar(amplitude: float, tau: Optional[float] = None, *, decay: Optional[float] = None, shift: int = 4,
           nearest: bool = False, **options: Any) -> Profile:
    """The instar rule: a neuron that fires moves its weights towards its recent input. Soft bounds by itself.

        dw = (x - w) / 2 ** shift     at each spike of the target, for every plastic synapse of it
        x  = sum over spikes of the source, amplitude * exp(-lag / tau)

    Source: Grossberg, "Adaptive pattern classification and universal recoding", Biological Cybernetics 23 (1976).

    Parameters
    ----------
    amplitude
        Rise of the trace x at a spike, in the network's unit.
    tau, decay
        The trace's time constant in ticks, or its factor a tick.
    shift
        0 to 16.
    nearest
        The trace is set to `amplitude` at a spike instead of rising by it.
    options
        As in `pair`.
    """
    return _made("instar", options, rule="instar", traces="exponential", nearest=nearest,
                 pre_amplitude=_finite("amplitude", amplitude),
                 pre_decay=_decay("tau", tau, "decay", decay), instar_shift=arg.whole("shift", shift, 0, MAX_SHIFT))


_OPTIONS = ("w_min", "w_max", "rounding", "modulated", "enabled", "name")


def _made(kind: str, options: dict[str, Any], **fields: Any) -> Profile:
    for name in options:
        if name not in _OPTIONS:
            raise TypeError(f"stdp.{kind}() got an unexpected keyword argument {name!r}; "
                            f"options are {', '.join(_OPTIONS)}")
    return Profile(kind, **fields, **options)


_FIELDS = ("pre_taps", "post_taps", "pre_amplitude", "pre_decay", "post_amplitude", "post_decay", "drift",
           "instar_shift", "w_min", "w_max", "modulated", "enabled", "name")


def to_core(profile: Profile) -> _core.LearningProfile:
    """The compiled library's form."""
    core = _core.LearningProfile()
    for field in _FIELDS:
        value = getattr(profile, field)
        setattr(core, field, list(value) if isinstance(value, tuple) else value)
    core.newest = profile.nearest
    core.rule = getattr(_core.Rule, profile.rule.upper())
    core.traces = getattr(_core.Traces, profile.traces.upper())
    core.rounding = getattr(_core.Rounding, profile.rounding.upper())
    return core


def from_core(core: _core.LearningProfile) -> Profile:
    """The form of this module; the function that made it is not known any more."""
    fields: dict[str, Any] = {field: getattr(core, field) for field in _FIELDS}
    rule = next(word for word in RULES if core.rule == getattr(_core.Rule, word.upper()))
    traces = next(word for word in TRACES if core.traces == getattr(_core.Traces, word.upper()))
    rounding = next(word for word in ROUNDINGS if core.rounding == getattr(_core.Rounding, word.upper()))
    kind = "instar" if rule == "instar" else "pair" if traces == "exponential" else "kernel"
    return Profile(kind, rule=rule, traces=traces, nearest=core.newest, rounding=rounding, **fields)
