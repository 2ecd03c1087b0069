# SPDX-License-Identifier: BSD-3-Clause
"""Classifies scientific papers by their citations with SuperNeuroMAT's STDP, on the model and on the simulated
hardware, and compares every weight.

    python -m neurocorex.examples.microseer

A neuron a paper and a neuron a topic. Papers that cite each other excite each other; a training paper is tied to its
topic, and every other paper weakly to all topics, by synapses that learn. One spike into a paper spreads through its
citations, and the synapse to the topic that answers grows. The network is loaded once; between papers only states are
reset and the weights that have changed are written.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import datasets, stdp
from neurocorex import progress as progress_bars
from neurocorex._arguments import Floats
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.network import Network, Projection

TICKS = 10
SPIKE = 100.0
CITED, KNOWN, UNKNOWN = 100.0, 1.0, 0.001
APOS, ANEG = (1.0, 0.5, 0.1, 0.01, 0.001), (-1e-4,) * 5
# Refractory ticks: a paper whose topic is sought fires once.
TRAINING_REST, TEST_REST = 1, 1000
# All values are multiples of 0.0001. So the network's unit is 10,000 steps, and nothing has to be rounded: not even 100
# beside 0.0001 in 16-bit weights, as fixed weights have an exponent of their own.
FRACTION_BITS = 13
UNIT = 10_000 / 2**FRACTION_BITS
# Weights that learn stay far below: half of a 16-bit field, the other half is left to the drift.
BOUND = 1.6


@dataclass(frozen=True, eq=False)
class Graph:
    """The network.

    Attributes
    ----------
    answers, back
        What learns: synapses from test papers to topics, and from topics to test papers.
    papers, topics
        int64: neuron of each paper, and of each topic. What learns comes first and training papers last, which spares
        cycles: learning looks only at as many rows of neurons as it must.
    """

    network: Network
    answers: Projection
    back: Projection
    papers: npt.NDArray[np.int64]
    topics: npt.NDArray[np.int64]


def build(data: datasets.Citations) -> Graph:
    """The spiking graph network.

    Parameters
    ----------
    data
        Papers, their citations, and the topics of some.
    """
    net = Network("microseer")
    net.fraction_bits = FRACTION_BITS
    tests, known = len(data.test), len(data.training)
    topics = np.arange(len(data.topics))
    papers = np.empty(len(data), np.int64)
    papers[data.test] = len(topics) + np.arange(tests)
    papers[data.training] = len(topics) + tests + np.arange(known)
    nodes = net.population(len(data) + len(topics), threshold=UNIT, name="nodes", refractory=np.repeat(
        (0, TEST_REST, TRAINING_REST), (len(topics), tests, known)))

    def both_ways(name: str, a: npt.ArrayLike, b: npt.ArrayLike, weight: float) -> None:
        pairs = np.unique(np.concatenate((np.column_stack((a, b)), np.column_stack((b, a)))), axis=0)
        net.connect(nodes, nodes, (pairs[:, 0], pairs[:, 1], weight * UNIT), name=name)

    links = papers[data.citations[data.citations[:, 0] != data.citations[:, 1]]]
    both_ways("citations", links[:, 0], links[:, 1], CITED)
    both_ways("training", papers[data.training], topics[data.labels[data.training]], KNOWN)
    rule = stdp.superneuromat(np.array(APOS) * UNIT, np.array(ANEG) * UNIT, w_min=-BOUND * UNIT, w_max=BOUND * UNIT,
                              name="stdp")
    paper, topic = np.repeat(papers[data.test], len(topics)), np.tile(topics, tests)
    answers = net.connect(nodes, nodes, (paper, topic, UNKNOWN * UNIT), profile=rule, format="sparse", name="answers")
    back = net.connect(nodes, nodes, (topic, paper, UNKNOWN * UNIT), profile=rule, format="dense", name="back")
    return Graph(net, answers, back, papers, topics)


@dataclass(frozen=True, eq=False)
class Outcome:
    """All test papers on one backend.

    Attributes
    ----------
    scores
        float64, shape (test papers, topics): weights to the topics after the paper's ticks.
    weights
        int32, shape (test papers, plastic synapses): every weight that learns, as stored.
    cycles
        Clock cycles of all ticks.
    """

    scores: Floats
    weights: npt.NDArray[np.int32]
    cycles: int
    ticks: int
    seconds: float

    @property
    def answers(self) -> npt.NDArray[np.int64]:
        """The topic with the largest weight; of equals the first."""
        best: npt.NDArray[np.int64] = self.scores.argmax(axis=1)
        return best


def classify(graph: Graph, data: datasets.Citations, backend: str, config: str = "cmod_a7",
             progress: Optional[bool] = None) -> Outcome:
    """Shows the network every test paper.

    Parameters
    ----------
    graph, data
        The network, and what it was built from.
    backend, config
        Where it runs; see `Emulator`.
    progress
        A bar; None: on terminals and in notebooks.
    """
    begin = time.monotonic()
    scores, weights, cycles = [], [], 0
    with Emulator(backend, config) as emulator:
        emulator.load(graph.network)
        step = emulator.image.weight_step(graph.answers.index)
        learning = (graph.answers, graph.back)
        start = [np.asarray(emulator.weights(p, raw=True)) for p in learning]
        with progress_bars.bar(len(data.test), "papers", progress) as report:
            for done, paper in enumerate(data.test):
                if done:
                    emulator.reset()
                    for projection, stored in zip(learning, start):
                        emulator.set_weights(projection, stored, raw=True)
                neuron = graph.papers[paper]
                result = emulator.run(TICKS, currents=([0], [neuron], [SPIKE * UNIT]), record=(), count_spikes=False,
                                      progress=False)
                cycles += result.cycles
                learned = [np.asarray(emulator.weights(p, raw=True)) for p in learning]
                weights.append(np.concatenate(learned))
                scores.append(learned[0].reshape(len(data.test), -1)[done] * step / UNIT)
                if report is not None:
                    report(done + 1)
    return Outcome(np.array(scores), np.array(weights), cycles, TICKS * len(data.test), time.monotonic() - begin)


def one_vs_rest(scores: Floats, labels: npt.NDArray[np.uint8]) -> float:
    """Share of the decisions "this paper has this topic" that are right; a paper gets every topic of largest weight.

    Parameters
    ----------
    scores
        Shape (papers, topics).
    labels
        Topic of each paper, shape (papers,).
    """
    given = scores == scores.max(axis=1, keepdims=True)
    return float(np.mean(given == (labels[:, np.newaxis] == np.arange(scores.shape[1]))))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the example; exit code 1 if the backends differ."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.examples.microseer", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="cmod_a7", help="named build (default: %(default)s)")
    parser.add_argument("--backends", nargs="+", default=["model", "rtl"], metavar="BACKEND",
                        help="where to run it; all must agree (default: model rtl)")
    options = parser.parse_args(arguments)
    data = datasets.microseer()
    labels = data.labels[data.test]
    outcomes = []
    try:
        graph = build(data)
        print(f"{data}\n{graph.network}")
        for backend in options.backends:
            outcome = classify(graph, data, backend, options.config)
            outcomes.append(outcome)
            right = int(np.count_nonzero(outcome.answers == labels))
            print(f"{backend:<8} {right} of {len(labels)} right ({right / len(labels):.1%}), one-vs-rest "
                  f"{one_vs_rest(outcome.scores, labels):.3f}, {outcome.cycles / outcome.ticks:.1f} cycles a tick, "
                  f"{outcome.seconds:.1f} s", flush=True)
    except Error as error:
        print(f"microseer: {error}", file=sys.stderr)
        return 1
    differing = sum(int(np.count_nonzero(outcome.weights != outcomes[0].weights)) for outcome in outcomes)
    print(f"{differing} differing weights, of {outcomes[0].weights.size} after all papers together")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
