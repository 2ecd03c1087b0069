# SPDX-License-Identifier: BSD-3-Clause
"""A network learns from reward alone which of two answers each of two inputs wants.

    python -m neurocorex.examples.reward

Two inputs, two neurons of which only one can fire in a tick, and noise that lets them try things out. A trial:

1. One input spikes; the neuron with the larger sum of weight and noise fires: that is the answer.
2. The world says whether it was right, and the host sets the modulation: +1 or -1.
3. Some ticks later the input spikes once more. The rule is "a presynaptic spike soon after a postsynaptic one changes
   the synapse": the postsynaptic trace still knows which neuron answered, and the reward gives the change its sign.

No teacher says what the answer would have been. Half way the world changes its mind, and the network follows.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import stdp
from neurocorex._arguments import Floats
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.network import Network, Projection

TRIALS = 200
# The answer takes one tick; the input spikes again in a later one; then the traces (MEMORY ticks) run empty.
REWARD_TICK, MEMORY, TRIAL_TICKS = 3, 4, 10
RATE = 0.125
# What an input gives both neurons besides the weights that learn: enough to fire, where noise alone (at most 1) is not.
DRIVE, THRESHOLD = 1.5, 1.25
NOISE_AXONS, NOISE_WEIGHT, NOISE_RATE = 16, 0.0625, 0.5


@dataclass(frozen=True)
class Chooser:
    """The network and the projection that learns."""

    network: Network
    synapses: Projection


def build() -> Chooser:
    """Two inputs, two neurons, noise."""
    net = Network("reward")
    inputs = net.axons(2, name="inputs")
    noise = net.axons(2 * NOISE_AXONS, rates=0.0, name="noise")
    answers = net.population(2, threshold=THRESHOLD, leak=np.inf, winner_take_all=True, name="answers")
    # A negative post tap: pre after post potentiates, times the reward.
    rule = stdp.kernel(post_taps=[-RATE] * MEMORY, w_min=0.0, w_max=1.0, nearest=True, modulated=True, name="reward")
    synapses = net.connect(inputs, answers, 0.5, profile=rule, name="synapses")
    net.connect(inputs, answers, DRIVE, name="drive")
    own = np.arange(2 * NOISE_AXONS)
    net.connect(noise, answers, (own, own // NOISE_AXONS, NOISE_WEIGHT), name="noise")
    return Chooser(net, synapses)


@dataclass(frozen=True, eq=False)
class Session:
    """What happened: one entry a trial.

    Attributes
    ----------
    given
        Which input spiked.
    answers
        Which neuron fired.
    right
        Whether that was what the world wanted.
    weights
        float64, shape (trials, 2, 2): input, answer; after the trial.
    """

    given: npt.NDArray[np.int64]
    answers: npt.NDArray[np.int64]
    right: npt.NDArray[np.bool_]
    weights: Floats


def learn(backend: str = "model", config: str = "tiny", trials: int = TRIALS, seed: int = 1) -> Session:
    """Runs all trials; in the second half the other answer is right.

    Parameters
    ----------
    backend, config
        Where it runs; see `Emulator`.
    trials
        How many.
    seed
        Of inputs and noise.
    """
    trials, seed = arg.whole("trials", trials, 1), arg.whole("seed", seed, 0)
    chooser = build()
    rng = np.random.default_rng(seed)
    given = rng.integers(0, 2, trials)
    answers, right, weights = [], [], []
    with Emulator(backend, config) as emulator:
        emulator.load(chooser.network.compile(emulator.geometry, seed=seed))
        for trial, cue in enumerate(given):
            wanted = cue if trial < trials // 2 else 1 - cue
            emulator.modulation = 0.0
            emulator.set_rates({"noise": NOISE_RATE})
            answer = int(emulator.run(1, inputs={"inputs": [(0, cue)]}, progress=False).spikes[0, 1])
            emulator.set_rates({"noise": 0.0})
            emulator.modulation = 1.0 if answer == wanted else -1.0
            emulator.run(TRIAL_TICKS - 1, inputs={"inputs": [(REWARD_TICK - 1, cue)]}, record=(), progress=False)
            answers.append(answer)
            right.append(answer == wanted)
            weights.append(chooser.synapses.matrix(emulator.weights(chooser.synapses)))
    return Session(given, np.array(answers), np.array(right), np.array(weights))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the example and prints how the answers get better."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.examples.reward", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default="model", help="model, rtl or serial:PORT (default: %(default)s)")
    parser.add_argument("--config", default="tiny", help="named build (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=TRIALS, help="number of trials (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of inputs and noise (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        session = learn(options.backend, options.config, options.trials, options.seed)
    except Error as error:
        print(f"reward: {error}", file=sys.stderr)
        return 1
    block = max(1, options.trials // 10)
    print("trials       right   weights input 0 -> 0, 1   input 1 -> 0, 1")
    for first in range(0, options.trials, block):
        part = session.right[first:first + block]
        w = session.weights[min(first + block, options.trials) - 1]
        print(f"{first:>4} to {first + len(part) - 1:>4} {part.mean():>6.0%}   {w[0, 0]:>10.3f} {w[0, 1]:>6.3f}"
              f"   {w[1, 0]:>12.3f} {w[1, 1]:>6.3f}" + ("   the other answer is right now"
                                                        if first == options.trials // 2 else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
