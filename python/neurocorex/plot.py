# SPDX-License-Identifier: BSD-3-Clause
"""Pictures with matplotlib. Every function draws on `ax`, or on a new figure, and returns the axes."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import stdp
from neurocorex._arguments import Floats
from neurocorex.network import Network, Projection
from neurocorex.results import RunResult

# More neurons than this get no line of their own in a legend.
_LEGEND = 10


def _axes(ax: Any, size: tuple[float, float]) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


def raster(spikes: Union[RunResult, npt.ArrayLike], *, ax: Any = None, ticks: Optional[int] = None,
           n_neurons: Optional[int] = None) -> Any:
    """A dot a spike; populations in colours of their own.

    Parameters
    ----------
    spikes
        A run's result, or an array of shape (spikes, 2): tick, neuron.
    ax
        Matplotlib axes; None: those of a new figure.
    ticks, n_neurons
        Extent of the axes, for an array. Default: all spikes fit.
    """
    events: npt.NDArray[Any]
    if isinstance(spikes, RunResult):
        if not spikes.recorded:
            raise arg.refuse("result", "no spikes were recorded", "a run with record=['spikes']")
        ticks, n_neurons = spikes.ticks, len(spikes.spike_counts)
        groups = dict(spikes.populations)
        events = spikes.spikes
    else:
        events = arg.floats("spikes", spikes)
        events = events if events.size else events.reshape(0, 2)
        if events.ndim != 2 or events.shape[1] != 2:
            raise arg.refuse("spikes", f"an array of shape {events.shape}", "shape (spikes, 2): tick, neuron")
        arg.all_whole("spikes", events, 0, arg.MAX_U32)
        last = events.max(axis=0, initial=0)
        ticks = int(last[0]) + 1 if ticks is None else arg.whole("ticks", ticks, 0)
        n_neurons = int(last[1]) + 1 if n_neurons is None else arg.whole("n_neurons", n_neurons, 0)
        groups = {"": slice(0, n_neurons)}
    axes = _axes(ax, (7.0, 3.5))
    size = float(np.clip(2400.0 / max(n_neurons, 1), 2.0, 60.0))
    for name, members in groups.items():
        inside = (events[:, 1] >= members.start) & (events[:, 1] < members.stop)
        axes.scatter(events[inside, 0], events[inside, 1], s=size, marker="|" if n_neurons <= 200 else ".",
                     label=name, linewidths=1.2)
        if members.start:
            axes.axhline(members.start - 0.5, color="0.8", linewidth=0.7, zorder=0)
    # Room for one where there is nothing: matplotlib has no axis without an extent.
    axes.set(xlim=(-0.5, max(ticks, 1) - 0.5), ylim=(-0.5, max(n_neurons, 1) - 0.5), xlabel="time (ticks)",
             ylabel="neuron (number)")
    if len(groups) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return axes


def potentials(result: RunResult, *, ax: Any = None, threshold: Optional[npt.ArrayLike] = None) -> Any:
    """The recorded membrane potentials after each tick; a triangle at the top for each spike.

    Parameters
    ----------
    result
        A run with "potentials" in its `record`, or with `probes`.
    ax
        Matplotlib axes; None: those of a new figure.
    threshold
        Draws a dashed line there: one number, or one a probe, shape (probes,), in the colour of its trace.
    """
    if not isinstance(result, RunResult):
        raise arg.refuse("result", type(result).__name__, "what Emulator.run gave")
    if not len(result.probes):
        raise arg.refuse("result", "no potentials were recorded", "a run with record=['potentials']")
    levels = np.empty(0) if threshold is None else arg.per_item("threshold", threshold, len(result.probes), "probe")
    if not bool(np.all(np.isfinite(levels))):
        raise arg.refuse("threshold", f"contains {levels[~np.isfinite(levels)][0]}", "finite numbers")
    axes = _axes(ax, (7.0, 3.5))
    for k, (neuron, trace) in enumerate(zip(result.probes, result.potentials.T)):
        (line,) = axes.plot(np.arange(result.ticks), trace, drawstyle="steps-mid", linewidth=1.2,
                            label=f"neuron {neuron}")
        fired = result.spikes[result.spikes[:, 1] == neuron, 0]
        axes.scatter(fired, np.full(len(fired), 0.96), marker="v", s=24, color=line.get_color(),
                     transform=axes.get_xaxis_transform())
        if len(levels) > 1:
            axes.axhline(levels[k], color=line.get_color(), linestyle="--", linewidth=1.0)
    if len(levels) == 1:
        axes.axhline(levels[0], color="0.4", linestyle="--", linewidth=1.0, label="threshold")
    axes.margins(y=0.12)  # room for the triangles
    axes.set(xlabel="time (ticks)", ylabel="membrane potential (network's unit)",
             xlim=(-0.5, max(result.ticks, 1) - 0.5))
    if len(result.probes) <= _LEGEND:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return axes


def weights(matrix: Union[Projection, npt.ArrayLike], *, ax: Any = None) -> Any:
    """Weights as a picture, red above and blue below 0; white where there is no synapse (NaN) or 0.

    Parameters
    ----------
    matrix
        A projection, or an array of shape (sources, targets), for example
        `projection.matrix(emulator.weights(projection))`.
    ax
        Matplotlib axes; None: those of a new figure.
    """
    array = matrix.matrix() if isinstance(matrix, Projection) else arg.floats("matrix", matrix, "np.nan")
    if array.ndim != 2:
        raise arg.refuse("matrix", f"an array of shape {array.shape}", "shape (sources, targets)")
    axes = _axes(ax, (6.0, 4.0))
    finite = np.abs(array[np.isfinite(array)])
    most = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    picture = axes.imshow(array, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto", interpolation="nearest",
                          origin="lower")
    axes.set(xlabel="target neuron (number)", ylabel="source (number)")
    axes.figure.colorbar(picture, ax=axes, label="weight (network's unit)")
    return axes


class Window(NamedTuple):
    """A measured STDP window.

    Attributes
    ----------
    lags
        int64: t_post - t_pre in ticks.
    changes
        float64: what one pair at that lag did to the weight, in the network's unit, without drift.
    axes
        With the picture; None if none was wanted.
    """

    lags: npt.NDArray[np.int64]
    changes: Floats
    axes: Any


def stdp_window(profile: stdp.Profile, *, lags: Optional[npt.ArrayLike] = None, weight: Optional[float] = None,
                modulation: float = 1.0, backend: str = "model", config: str = "cmod_a7",
                fraction_bits: Optional[int] = None, ax: Any = None, draw: bool = True) -> Window:
    """Measures a profile's window: pairs of neurons fire once each, driven by the host, a lag apart.

    Parameters
    ----------
    profile
        The rule.
    lags
        Whole numbers, t_post - t_pre in ticks. Default: -20 to 20.
    weight
        Weight of every synapse before. Default: the middle of finite bounds, else the bound that is finite, else 0.
    modulation
        The reward, for a modulated profile.
    backend, config
        Where it is measured; see `Emulator`.
    fraction_bits
        As in `Network.compile`.
    ax
        Matplotlib axes; None: those of a new figure.
    draw
        Draws the curve, and what the profile's equation says as a thin line.

    Returns
    -------
    Window
        Lags, changes, axes. Bounds count: a change that would pass them is cut off there.
    """
    from neurocorex.emulator import Emulator

    if not isinstance(profile, stdp.Profile):
        raise arg.refuse("profile", repr(profile), "a profile", "neurocorex.stdp.pair(...)")
    apart = np.atleast_1d(arg.floats("lags", np.arange(-20, 21) if lags is None else lags))
    if apart.ndim != 1 or not bool(np.all(np.isfinite(apart) & (apart == np.rint(apart)))) or not apart.size:
        raise arg.refuse("lags", "not whole, or none", "ticks, shape (lags,)")
    if weight is None:
        finite = [bound for bound in (profile.w_min, profile.w_max) if np.isfinite(bound)]
        weight = float(np.mean(finite)) if finite else 0.0
    weight = arg.number("weight", weight, "a number")
    # One pair a lag, and one that never fires: what it does is drift.
    count = len(apart) + 1
    most = int(np.abs(apart).max())
    drive = 2.0 * max(1.0, abs(weight), float(np.abs(profile.change(apart, weight)).max()))
    net = Network("stdp window")
    net.fraction_bits = fraction_bits
    cells = net.population(2 * count, threshold=drive, leak=np.inf, name="pairs")
    first = np.arange(count)
    synapses = net.connect(cells, cells, (first, count + first, np.full(count, weight)), profile=profile.but(
        enabled=True), format="sparse")
    pre = np.where(apart > 0, 0, -apart).astype(np.int64)
    post = np.where(apart > 0, apart, 0).astype(np.int64)
    ticks = np.concatenate((pre, post)) + 1
    neurons = np.concatenate((first[:-1], count + first[:-1]))
    with Emulator(backend, config) as emulator:
        emulator.load(net)
        emulator.modulation = modulation
        before = np.asarray(emulator.weights(synapses))
        # Above the threshold whatever the synapse adds.
        emulator.run(most + 3, currents=(ticks, neurons, 2.0 * drive), record=(), progress=False)
        after = np.asarray(emulator.weights(synapses))
    changes = (after - before)[:-1] - (after - before)[-1]
    whole = apart.astype(np.int64)
    if not draw:
        return Window(whole, changes, None)
    fine = np.arange(whole.min(), whole.max() + 1)
    equation = profile.change(fine, weight) * (modulation if profile.modulated else 1.0)
    return Window(whole, changes, _draw_window(whole, changes, fine, equation, ax))


def _draw_window(lags: npt.NDArray[np.int64], changes: Floats, fine: npt.NDArray[np.int64], equation: Floats,
                 ax: Any) -> Any:
    axes = _axes(ax, (6.0, 3.5))
    axes.axhline(0.0, color="0.6", linewidth=0.7)
    axes.axvline(0.0, color="0.6", linewidth=0.7)
    axes.plot(fine, equation, color="0.5", linewidth=1.0, drawstyle="steps-mid", label="equation")
    axes.scatter(lags, changes, s=22, color="tab:blue", zorder=3, label="measured")
    axes.set(xlabel="t_post - t_pre (ticks)", ylabel="weight change (network's unit)")
    axes.legend(frameon=False)
    return axes
