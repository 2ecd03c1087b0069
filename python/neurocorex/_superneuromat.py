# SPDX-License-Identifier: BSD-3-Clause
"""Reads SuperNeuroMAT networks, JSON files and live SNN objects alike, into checked numpy arrays."""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex._arguments import Floats, Indices
from neurocorex._map import HISTORY_W
from neurocorex.errors import InputError

# What a network must have; everything else has SuperNeuroMAT's default.
_NEURON_LISTS = ("neuron_thresholds", "neuron_leaks", "neuron_reset_states", "neuron_refractory_periods")
_SYNAPSE_LISTS = ("pre_synaptic_neuron_ids", "post_synaptic_neuron_ids", "synaptic_weights")
_DECODERS: dict[str, Callable[[str], bytes]] = {"base85": base64.b85decode, "base64": base64.b64decode}


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A SuperNeuroMAT network between two ticks; arrays in its own numbering."""

    name: str
    thresholds: Floats
    leaks: Floats
    resets: Floats
    states: Floats
    refractory: Floats
    countdowns: Floats
    pre: Indices
    post: Indices
    weights: Floats
    enabled: npt.NDArray[np.bool_]
    input_ticks: Indices
    input_neurons: Indices
    input_values: Floats
    spike_train: npt.NDArray[np.bool_]  # (the last 16 ticks at most, neurons), oldest first
    apos: Floats  # both empty where nothing learns
    aneg: Floats

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return len(self.thresholds)


def read(source: Union[str, os.PathLike[str], Any], network: Union[int, str]) -> Snapshot:
    """From a path or from an SNN object; InputError names the field."""
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"source: {error}\n  try: the path of a file that SNN.saveas_json wrote") from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}: no JSON: {error}") from error
        return _Reader(str(path), *_select(str(path), document, network)).snapshot()
    fields = {name: getattr(source, name) for name in _KNOWN if hasattr(source, name)}
    if "neuron_thresholds" not in fields:
        raise arg.refuse("source", repr(source), "the path of a SuperNeuroMAT JSON file, or an SNN")
    return _Reader("SNN", fields, "superneuromat").snapshot()


_KNOWN = frozenset((*_NEURON_LISTS, *_SYNAPSE_LISTS, "neuron_states", "neuron_refractory_periods_state",
                    "synaptic_delays", "enable_stdp", "input_spikes", "spike_train", "stdp", "apos", "aneg",
                    "stdp_positive_update", "stdp_negative_update"))


def _select(origin: str, document: Any, network: Union[int, str]) -> tuple[dict[str, Any], str]:
    """The data and the name of one network of a file."""
    networks = document.get("networks") if isinstance(document, dict) else None
    if not isinstance(networks, list) or not networks or not all(isinstance(entry, dict) for entry in networks):
        raise InputError(f"{origin}: no list 'networks'; expected a file that SNN.saveas_json wrote")
    if isinstance(network, str):
        chosen = [entry for entry in networks if entry.get("name") == network]
        if len(chosen) != 1:
            raise arg.refuse("network", f"{len(chosen)} networks are called {network!r}", "the name of one",
                             ", ".join(repr(entry.get("name")) for entry in networks) + ", or a number")
    else:
        chosen = [networks[arg.whole("network", network, 0, len(networks) - 1)]]
    entry = chosen[0]
    meta = entry.get("meta", {})
    if isinstance(meta, dict) and (meta.get("format", "snm") != "snm" or meta.get("type", "SNN") != "SNN"):
        raise InputError(f"{origin}: format {meta.get('format')!r}, type {meta.get('type')!r}; expected 'snm', 'SNN'")
    if not isinstance(entry.get("data"), dict):
        raise InputError(f"{origin}: the network has no 'data'")
    name = entry.get("name")
    return entry["data"], name if isinstance(name, str) and name else "superneuromat"


class _Reader:
    def __init__(self, origin: str, fields: Mapping[str, Any], name: str) -> None:
        self.origin, self.fields, self.name = origin, fields, name

    def fail(self, field: str, found: object, expected: str, hint: str = "") -> InputError:
        return arg.refuse(f"{self.origin}: {field}", found, expected, hint)

    def plain(self, field: str, value: Any) -> Any:
        """Undoes base85 and base64."""
        if not isinstance(value, dict):
            return value
        for word, decode in _DECODERS.items():
            if word in value:
                try:
                    return np.frombuffer(decode(value[word]), np.dtype(value.get("dtype", "<f8")))
                except (TypeError, ValueError, binascii.Error) as error:
                    raise self.fail(field, f"damaged {word} ({error})", "an array") from error
        return value

    def numbers(self, field: str, size: Optional[int], default: Optional[float] = None) -> Floats:
        """A list of numbers, `size` of them; all `default` where the field is missing."""
        value = self.plain(field, self.fields.get(field))
        if value is None or (default is not None and np.size(value) == 0):
            if default is None:
                raise self.fail(field, "missing", "a list of numbers")
            return np.full(size or 0, default)
        array = arg.floats(f"{self.origin}: {field}", value)
        if array.ndim != 1 or (size is not None and array.size != size):
            raise self.fail(field, f"shape {array.shape}", "a list" + ("" if size is None else f" of {size}"))
        if bool(np.isnan(array).any()):
            raise self.fail(field, f"NaN at {int(np.argmax(np.isnan(array)))}", "numbers")
        return array.copy()

    def whole(self, field: str, array: Floats, most: float) -> Floats:
        bad = ~((array >= 0) & (array <= most) & (array == np.floor(array)))
        if bad.any():
            at = int(np.argmax(bad))
            raise self.fail(field, f"{array[at]:g} at {at}", f"whole numbers from 0 to {most:g}")
        return array

    def flag(self, field: str) -> bool:
        value = self.fields.get(field, True)
        return bool(value)

    def snapshot(self) -> Snapshot:
        """All fields, checked."""
        thresholds = self.numbers("neuron_thresholds", None)
        n = len(thresholds)
        if n == 0:
            raise self.fail("neuron_thresholds", "no neurons", "at least one")
        leaks = self.numbers("neuron_leaks", n)
        if bool((leaks < 0).any()):
            raise self.fail("neuron_leaks", f"{leaks[leaks < 0][0]:g} at {int(np.argmax(leaks < 0))}", "0 or more")
        resets = self.numbers("neuron_reset_states", n)
        pre = self.whole("pre_synaptic_neuron_ids", self.numbers("pre_synaptic_neuron_ids", None), n - 1)
        m = len(pre)
        post = self.whole("post_synaptic_neuron_ids", self.numbers("post_synaptic_neuron_ids", m), n - 1)
        _, first, count = np.unique(pre * n + post, return_index=True, return_counts=True)
        if bool((count > 1).any()):
            at = int(first[np.argmax(count > 1)])
            raise self.fail("pre_synaptic_neuron_ids", f"several synapses {pre[at]:g} -> {post[at]:g}", "one a pair",
                            "parallel synapses through relay neurons, as SNN.create_synapse makes them")
        delays = self.numbers("synaptic_delays", m, 1.0)
        # A delay of -d marks the last synapse of a chain of relay neurons; it acts after one tick like all others.
        if bool((delays > 1).any()):
            at = int(np.argmax(delays > 1))
            raise self.fail("synaptic_delays", f"{delays[at]:g} at {at}", "1, or below 0 after relay neurons",
                            "SNN.create_synapse(delay=...), which makes the relay neurons")
        when, who, values = self.inputs(n)
        apos, aneg = self.learning(m)
        enabled = self.numbers("enable_stdp", m, 0.0) != 0
        if not len(apos) or not enabled.any():
            apos = aneg = np.empty(0)
        most = 2.0**53
        return Snapshot(
            self.name, thresholds, leaks, resets, self.states(resets),
            self.whole("neuron_refractory_periods", self.numbers("neuron_refractory_periods", n), most),
            self.whole("neuron_refractory_periods_state",
                       self.numbers("neuron_refractory_periods_state", n, 0.0), most),
            pre.astype(np.uint32), post.astype(np.uint32), self.numbers("synaptic_weights", m), enabled,
            when, who, values, self.spikes(n), apos, aneg)

    def states(self, resets: Floats) -> Floats:
        return resets.copy() if "neuron_states" not in self.fields else self.numbers("neuron_states", len(resets))

    def spikes(self, n: int) -> npt.NDArray[np.bool_]:
        rows = self.fields.get("spike_train")
        rows = self.plain("spike_train", [] if rows is None else rows)
        if not isinstance(rows, (list, tuple, np.ndarray)):
            raise self.fail("spike_train", type(rows).__name__, "a list of rows, one a tick")
        rows = rows[-HISTORY_W:]  # of what lies further back nothing acts any more
        if len(rows) == 0:
            return np.empty((0, n), bool)
        sizes = {np.size(row) for row in rows}
        if sizes != {n}:
            raise self.fail("spike_train", f"rows of {sorted(sizes)} neurons", f"rows of {n}",
                            "SNN.clear_spike_train() before the export: neurons were created after it began")
        return np.array([np.asarray(row, np.float64) != 0 for row in rows])

    def inputs(self, n: int) -> tuple[Indices, Indices, Floats]:
        """Ticks, neurons, values. Of two values for one neuron and tick SuperNeuroMAT takes the last."""
        there: dict[tuple[int, int], float] = {}
        table = self.fields.get("input_spikes") or {}
        if not isinstance(table, Mapping):
            raise self.fail("input_spikes", type(table).__name__, "a dict from ticks to 'nids' and 'values'")
        for key, entry in table.items():
            name = f"input_spikes[{key!r}]"
            tick = arg.whole(f"{self.origin}: {name}", key, 0)
            if not isinstance(entry, Mapping) or not {"nids", "values"} <= set(entry):
                raise self.fail(name, repr(entry), "'nids' and 'values'")
            nids = arg.floats(f"{self.origin}: {name}['nids']", self.plain(name, entry["nids"])).ravel()
            values = arg.floats(f"{self.origin}: {name}['values']", self.plain(name, entry["values"])).ravel()
            self.whole(f"{name}['nids']", nids, n - 1)
            if len(nids) != len(values) or not bool(np.all(np.isfinite(values))):
                raise self.fail(name, f"{len(nids)} neurons and {len(values)} values",
                                "as many finite values as neurons")
            there.update({(tick, int(nid)): float(value) for nid, value in zip(nids, values)})
        order = sorted(there)
        return (np.array([tick for tick, _ in order], np.uint32), np.array([nid for _, nid in order], np.uint32),
                np.array([there[key] for key in order], np.float64))

    def learning(self, synapses: int) -> tuple[Floats, Floats]:
        """apos and aneg of one length, both empty if nothing learns."""
        nothing = np.empty(0), np.empty(0)
        sides = {}
        for field, flag, sign in (("apos", "stdp_positive_update", 1), ("aneg", "stdp_negative_update", -1)):
            sides[field] = self.numbers(field, None, 0.0) if self.flag(flag) else None
            taps = sides[field]
            if taps is not None and self.flag("stdp") and bool((taps * sign < 0).any()):
                raise self.fail(field, f"contains {taps[taps * sign < 0][0]:g}",
                                "0 or more" if sign > 0 else "0 or less")
        apos, aneg = sides["apos"], sides["aneg"]
        if not self.flag("stdp"):
            return nothing
        if apos is not None and aneg is not None and len(apos) and len(aneg) and len(apos) != len(aneg):
            raise self.fail("apos", f"{len(apos)} values beside {len(aneg)} of aneg",
                            "as many, as SuperNeuroMAT needs it", "zeros at the end of the shorter one")
        plus = np.empty(0) if apos is None else apos
        minus = np.empty(0) if aneg is None else aneg
        if not plus.any() and not minus.any():
            return nothing
        size = max(len(plus), len(minus))
        return np.pad(plus, (0, size - len(plus))), np.pad(minus, (0, size - len(minus)))
