# SPDX-License-Identifier: BSD-3-Clause
"""Classifies scientific papers by their citations with SuperNeuroMAT's STDP, on the model and on the simulated
hardware, and compares every weight.

    python -m neurocorex.examples.microseer

A neuron a paper and a neuron a topic. Papers that cite each other excite each other; a training paper is tied to its
topic, and every other paper weakly to all topics, by synapses that learn. One spike into a paper spreads through its
citations, and the synapse to the topic that answers grows. The network is loaded once; between papers the state from
before the first is restored.
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
# 100 and 0.0001 in one network of 16-bit weights: potentials to 8192, learning weights to 16.
FRACTION_BITS = 10


@dataclass(frozen=True)
class Graph:
    """The network and the projection whose weights answer."""

    network: Network
    to_topics: Projection


def build(data: datasets.Citations) -> Graph:
    """The spiking graph network."""
    net = Network("microseer")
    net.fraction_bits = FRACTION_BITS
    papers, topics = len(data), len(data.topics)
    rest = np.full(papers, TEST_REST)
    rest[data.training] = TRAINING_REST
    paper = net.population(papers, threshold=1.0, refractory=rest, name="papers")
    topic = net.population(topics, threshold=1.0, name="topics")
    links = np.unique(np.sort(data.citations[data.citations[:, 0] != data.citations[:, 1]], axis=1), axis=0)
    net.connect(paper, paper, (np.concatenate((links[:, 0], links[:, 1])),
                               np.concatenate((links[:, 1], links[:, 0])), CITED), name="citations")
    known, label = data.training, data.labels[data.training]
    net.connect(paper, topic, (known, label, KNOWN), name="known->topics")
    net.connect(topic, paper, (label, known, KNOWN), name="topics->known")
    profile = stdp.superneuromat(APOS, ANEG, name="stdp")
    others = np.repeat(np.setdiff1d(np.arange(papers), known), topics)
    all_topics = np.tile(np.arange(topics), len(others) // topics)
    to_topics = net.connect(paper, topic, (others, all_topics, UNKNOWN), profile=profile, name="papers->topics")
    net.connect(topic, paper, (all_topics, others, UNKNOWN), profile=profile, name="topics->papers")
    return Graph(net, to_topics)


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
    """Shows the network every test paper."""
    begin = time.monotonic()
    scores, weights, cycles = [], [], 0
    with Emulator(backend, config) as emulator:
        emulator.load(graph.network)
        start = emulator.save_state()
        with progress_bars.bar(len(data.test), "papers", progress) as report:
            for done, paper in enumerate(data.test):
                emulator.restore_state(start)
                result = emulator.run(TICKS, currents=([0], [paper], [SPIKE]), record=(), count_spikes=False,
                                      progress=False)
                cycles += result.cycles
                learned = [emulator.weights(p, raw=True) for p in graph.network.projections if p.profile is not None]
                weights.append(np.concatenate(learned))
                scores.append(emulator.weights(graph.to_topics)[graph.to_topics.pre_index == paper])
                if report is not None:
                    report(done + 1)
    return Outcome(np.array(scores), np.array(weights), cycles, TICKS * len(data.test), time.monotonic() - begin)


def one_vs_rest(scores: Floats, labels: npt.NDArray[np.uint8]) -> float:
    """Share of the decisions "this paper has this topic" that are right; a paper gets every topic of largest weight."""
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
