# SPDX-License-Identifier: BSD-3-Clause
"""docs/model.md once more, in plain numpy and in the user's numbering: slow, short, independent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import neurocorex as ncx

STATE_MAX, STATE_MIN = 2**23 - 1, -(2**23)
ONE = 65536  # a factor of 1 in the hardware's fixed point
FRACTION_BITS = 4
UNIT = 2**FRACTION_BITS  # state units in the network's unit


def sat(x: np.ndarray) -> np.ndarray:
    return np.clip(x, STATE_MIN, STATE_MAX)


def decay(x: np.ndarray, beta: np.ndarray) -> np.ndarray:
    return np.sign(x) * ((np.abs(x) * beta) >> 16)


@dataclass
class Spec:
    """A network in state units, all int64. Populations are dicts of arrays of their size."""

    populations: list[dict[str, np.ndarray]]
    exponential: list[bool]
    winner_take_all: list[bool]
    rates: list[np.ndarray]  # one an axon group, in 1/256
    projections: list[dict[str, Any]] = field(default_factory=list)

    def network(self) -> ncx.Network:
        """The same for NeuroCoreX."""
        net = ncx.Network("random")
        groups = [net.axons(len(rates), rates=rates / 256) for rates in self.rates]
        populations = []
        for p, exponential, wta in zip(self.populations, self.exponential, self.winner_take_all):
            populations.append(net.population(
                len(p["threshold"]), threshold=p["threshold"] / UNIT, leak_mode=("exponential" if exponential
                                                                                 else "subtractive"),
                leak=p["leak"] / (ONE if exponential else UNIT), v_reset=p["v_reset"] / UNIT,
                v_rest=p["v_rest"] / UNIT, v_init=p["v_init"] / UNIT, current_decay=p["syn_beta"] / ONE,
                refractory=p["refractory"], refractory_hold=p["hold"], soft_reset=p["soft"],
                theta_plus=p["theta_plus"] / UNIT, theta_decay=p["theta_beta"] / ONE, winner_take_all=wta))
        for p in self.projections:
            net.connect((groups if p["axon"] else populations)[p["pre"]], populations[p["post"]],
                        (p["pre_index"], p["post_index"], p["weight"] / UNIT), delay=p["delay"], format=p["format"])
        return net


class Reference:
    """Runs a Spec. The image tells only what the user cannot know: slots, generators, hardware axons."""

    def __init__(self, spec: Spec, image: ncx.Image) -> None:
        self.spec = spec
        self.first = np.concatenate(([0], np.cumsum([len(p["threshold"]) for p in spec.populations])))
        self.p = {name: np.concatenate([p[name] for p in spec.populations]) for name in spec.populations[0]}
        sizes = np.diff(self.first)
        self.exponential = np.repeat(spec.exponential, sizes)
        n = int(self.first[-1])
        self.v = self.p["v_init"].copy()
        self.i, self.theta, self.r = (np.zeros(n, np.int64) for _ in range(3))
        self.acc = np.zeros((16, n), np.int64)
        self.spiked = np.zeros(n, bool)
        self.tick = 0
        self.slots = image.slots
        self.lanes = image.geometry.lanes
        core = image._core
        words = [int(word) for word in core.generators]
        self.generators = [[words[at] | words[at + 1] << 32, words[at + 2] | words[at + 3] << 32]
                           for at in range(0, len(words), 4)]    # older and newer half of each
        self.encoder_rows = core.encoder_rows
        self.hardware_axons = core.hardware_axons
        self.rates = np.concatenate(spec.rates)
        self.first_axon = np.concatenate(([0], np.cumsum([len(rates) for rates in spec.rates])))

    def _encoders(self) -> np.ndarray:
        fires = np.zeros((self.encoder_rows, self.lanes), bool)
        rates = np.zeros(self.encoder_rows * self.lanes, np.uint64)
        inside = self.hardware_axons < len(rates)
        rates[self.hardware_axons[inside]] = self.rates[inside]
        for row in range(self.encoder_rows):
            draws = [self.generators[lane // 8][1] >> lane % 8 * 8 & 0xFF for lane in range(self.lanes)]
            fires[row] = np.array(draws, np.uint64) < rates[row * self.lanes:(row + 1) * self.lanes]
            for g in self.generators:
                older, newer = g
                g[:] = newer, (older ^ older << 23 ^ newer ^ newer << 13 ^ newer >> 51) & 0xFFFFFFFFFFFFFFFF
        result = np.zeros(len(self.rates), bool)
        result[inside] = fires.ravel()[self.hardware_axons[inside]]
        return result

    def step(self, axons: np.ndarray, currents: np.ndarray) -> np.ndarray:
        """One tick: bool (axons,) and int (neurons,) in, bool (neurons,) spikes out."""
        axons = axons | self._encoders()
        for p in self.spec.projections:
            first = (self.first_axon if p["axon"] else self.first)[p["pre"]]
            due = (axons if p["axon"] else self.spiked)[first + p["pre_index"]]
            when = (self.tick + p["delay"] - 1) % len(self.acc)
            np.add.at(self.acc, (when[due], self.first[p["post"]] + p["post_index"][due]), p["weight"][due])
        now = self.acc[self.tick % len(self.acc)]
        self.i = sat(decay(self.i, self.p["syn_beta"]) + now + currents)
        now[:] = 0
        distance = self.v - self.p["v_rest"]
        subtracted = np.sign(distance) * np.maximum(np.abs(distance) - self.p["leak"], 0)
        self.v = self.p["v_rest"] + np.where(self.exponential, decay(distance, self.p["leak"]), subtracted)
        self.v = sat(self.v + self.i)
        spikes = self._fire()
        soft = sat(self.v - self.p["threshold"])
        self.v = np.where(spikes, np.where(self.p["soft"] != 0, soft, self.p["v_reset"]), self.v)
        self.r = np.where(spikes, self.p["refractory"], self.r)
        self.theta = np.minimum(STATE_MAX, decay(self.theta, self.p["theta_beta"]) + spikes * self.p["theta_plus"])
        self.spiked = spikes
        self.tick += 1
        return spikes

    def _fire(self) -> np.ndarray:
        held = self.r > 0
        self.r = self.r - held
        self.v = np.where(held & (self.p["hold"] != 0), self.p["v_reset"], self.v)
        margin = self.v - self.p["threshold"] - self.theta
        spikes = ~held & (margin > 0)
        for k, wta in enumerate(self.spec.winner_take_all):
            members = np.arange(self.first[k], self.first[k + 1])
            candidates = members[spikes[members]]
            if wta and len(candidates):
                winner = min(candidates, key=lambda n: (-margin[n], self.slots[n]))
                spikes[members] = members == winner
                losers = members[members != winner]
                self.v[losers] = self.p["v_reset"][losers]
        return spikes


def random_spec(rng: np.random.Generator, max_delay: int) -> Spec:
    """A small network that uses everything; values small enough for busy neurons, some at the rails."""
    sizes = rng.integers(1, 14, rng.integers(1, 4))
    large = rng.random() < 0.1  # saturates states

    def population(size: int, exponential: bool) -> dict[str, np.ndarray]:
        # Few distinct parameter sets, as the hardware has a limited number.
        which = rng.integers(0, 3, size)

        def pick(low: int, high: int) -> np.ndarray:
            return rng.integers(low, high, 3)[which].astype(np.int64)

        scale = 2**22 if large else 300
        return {
            "threshold": pick(-20, scale), "leak": pick(0, ONE + 1) if exponential else pick(0, 60),
            "v_reset": pick(-100, 50), "v_rest": pick(-100, 50), "v_init": pick(-200, 200),
            "syn_beta": pick(0, ONE + 1) * pick(0, 2), "refractory": pick(0, 5), "hold": pick(0, 2),
            "soft": pick(0, 2), "theta_plus": pick(0, 100) * pick(0, 2), "theta_beta": pick(0, ONE + 1)}

    exponential = [bool(rng.integers(0, 2)) for _ in sizes]
    rates = [rng.integers(0, 257, rng.integers(1, 9)).astype(np.int64) * rng.integers(0, 2) for _ in range(2)]
    spec = Spec([population(int(size), e) for size, e in zip(sizes, exponential)], exponential,
                [bool(rng.random() < 0.3) for _ in sizes], rates)
    for _ in range(rng.integers(1, 6)):
        axon = bool(rng.integers(0, 2))
        pre = int(rng.integers(0, 2 if axon else len(sizes)))
        post = int(rng.integers(0, len(sizes)))
        n_pre, n_post = len(rates[pre]) if axon else sizes[pre], sizes[post]
        count = int(rng.integers(0, 40))
        # Seven bits and a power of two: exact with 8-bit weights and an exponent too.
        weight = rng.integers(-100, 128, count) << int(rng.choice([10, 12]) if large else rng.integers(0, 2))
        delayed = bool(rng.integers(0, 2))
        spec.projections.append({
            "axon": axon, "pre": pre, "post": post, "pre_index": rng.integers(0, n_pre, count),
            "post_index": rng.integers(0, n_post, count), "weight": weight,
            "delay": rng.integers(1, max_delay + 1 if delayed else 2, count),
            "format": "auto" if delayed else str(rng.choice(["auto", "dense", "sparse"]))})
    return spec
