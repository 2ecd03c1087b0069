# SPDX-License-Identifier: BSD-3-Clause
"""Teaches the chip handwritten digits without labels, then classifies them with a network that was trained offline, on
the model, on the simulated hardware and through a virtual board, and compares every spike. Exits with 1 if an accuracy
is below its goal or anything differs."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import progress as progress_bars
from neurocorex.datasets import Images
from neurocorex.datasets import digits as load_digits
from neurocorex.demo import board, learning, pictures
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.image import Image
from neurocorex.results import SamplesResult
from neurocorex.training import digits, unsupervised

GOAL = 0.94
BOARD_IMAGES = 20
CLOCK_HZ = 100e6


@dataclass(frozen=True, eq=False)
class Trial:
    """The test images on one backend."""

    name: str
    result: SamplesResult
    answers: npt.NDArray[np.int64]
    right: float
    seconds: float
    link_bytes: int


def classify(name: str, backend: str, config: str, image: Image, test: Images, baud: int = 0) -> Trial:
    """Loads the network and shows it every image."""
    begin = time.monotonic()
    with Emulator(backend, config, baud=baud) as emulator:
        emulator.load(image)
        before = emulator.link_statistics
        outputs = np.arange(digits.HIDDEN, digits.HIDDEN + digits.CLASSES)
        result = emulator.run_samples(digits.encode(test), digits.TICKS, n_samples=len(test), probes=outputs)
        after = emulator.link_statistics
    answers = digits.decide(result.counts_of("output"), result.potentials[:, -1])
    link_bytes = 0
    if before is not None and after is not None:
        link_bytes = (after["bytes_sent"] - before["bytes_sent"]
                      + after["bytes_received"] - before["bytes_received"])
    return Trial(name, result, answers, float(np.mean(answers == test.labels)), time.monotonic() - begin, link_bytes)


def differing_spikes(a: SamplesResult, b: SamplesResult, samples: int) -> int:
    """Spikes of the first `samples` samples that only one of the two has."""
    def keys(result: SamplesResult) -> npt.NDArray[np.int64]:
        spikes = result.spikes[result.spikes[:, 0] < samples].astype(np.int64)
        neurons = result.spike_counts.shape[1]
        codes: npt.NDArray[np.int64] = (spikes[:, 0] * result.ticks + spikes[:, 1]) * neurons + spikes[:, 2]
        return codes

    return len(np.setxor1d(keys(a), keys(b)))


def differing_potentials(a: SamplesResult, b: SamplesResult, samples: int) -> int:
    """Recorded potentials that are not equal to the bit."""
    return int(np.count_nonzero(a.potentials_raw[:samples] != b.potentials_raw[:samples]))


def table(trials: Sequence[Trial], reference: Trial) -> str:
    """One line a backend."""
    lines = [f"{'backend':<32} {'images':>6} {'right':>8} {'spikes':>8} {'differ':>7} {'cycles/tick':>12} {'time':>8}"]
    for trial in trials:
        result = trial.result
        differ = differing_spikes(reference.result, result, result.n_samples)
        lines.append(f"{trial.name:<32} {result.n_samples:>6} {trial.right:>8.2%} {len(result.spikes):>8} {differ:>7} "
                     f"{result.cycles.mean() / result.ticks:>12.1f} {trial.seconds:>6.1f} s")
    return "\n".join(lines)


def summary(trials: Sequence[Trial], config: str) -> dict[str, Any]:
    """What goes into digits.json."""
    model, rtl = trials[0], trials[1]
    others = trials[1:]
    result = rtl.result
    cycles_an_image = float(result.cycles.mean())
    return {
        "config": config,
        "accuracy": model.right,
        "accuracy_rtl": rtl.right,
        "test_images": model.result.n_samples,
        "differing_spikes": sum(differing_spikes(model.result, t.result, t.result.n_samples) for t in others),
        "differing_potentials": sum(differing_potentials(model.result, t.result, t.result.n_samples) for t in others),
        "differing_cycles": sum(int(np.count_nonzero(model.result.cycles[:t.result.n_samples] != t.result.cycles))
                                for t in others),
        "virtual_board_images": sum(t.result.n_samples for t in trials[2:]),
        "ticks_per_image": result.ticks,
        "spikes_per_image": len(result.spikes) / result.n_samples,
        "cycles_per_tick_mean": cycles_an_image / result.ticks,
        "cycles_per_image_mean": cycles_an_image,
        # Of cycles spent in ticks: neither the resets between images nor the link are in it.
        "images_per_second_at_100MHz": CLOCK_HZ / cycles_an_image,
        "link_bytes_per_image": rtl.link_bytes / result.n_samples,
    }


def problems(found: dict[str, Any]) -> list[str]:
    """What keeps the demo from being a success."""
    result = [f"{found[key]} {key.replace('_', ' ')} between the backends"
              for key in ("differing_spikes", "differing_potentials", "differing_cycles") if found[key]]
    if found["accuracy"] < GOAL:
        result.append(f"accuracy {found['accuracy']:.2%} is below {GOAL:.0%}")
    return result


def weights_for(training: Images, anew: bool) -> digits.Weights:
    """The package's weights, or new ones."""
    if not anew:
        return digits.Weights.load()
    print(f"training on {len(training)} images...", flush=True)
    with progress_bars.bar(digits.EPOCHS, "epochs", None) as report:
        return digits.train(training, progress=report)


def teach(config: str, training: Images, test: Images, out: Path) -> dict[str, Any]:
    """Learning on the chip; returns what goes into digits.json."""
    print(f"learning {len(training)} images without labels, {unsupervised.EPOCHS} times...", flush=True)
    lesson = learning.teach(config, training, test)
    print(f"model: {lesson.accuracy:.2%} of {len(test)} test images right, {lesson.seconds:.1f} s; now the simulated "
          "hardware...", flush=True)
    comparison = learning.compare(lesson, config, training, test)
    found = learning.summary(lesson, comparison)
    pictures.receptive_fields(out / "learned.png", lesson.weights, lesson.names)
    pictures.confusion(out / "learned_confusion.png", test.labels, lesson.answers,
                       "learned on the chip, without labels")
    print(f"rtl: {comparison.accuracy:.2%} right; it learned the first {learning.FIRST_IMAGES} and the last "
          f"{learning.LAST_IMAGES} images too and saw all {len(test)} test images:\n     "
          f"{comparison.differing_weights} differing weights, {comparison.differing_states} differing states, "
          f"{comparison.differing_counts} differing spike counts; {comparison.cycles_per_tick:.0f} cycles a tick; "
          f"{comparison.seconds:.1f} s\n", flush=True)
    return found


def run(options: argparse.Namespace) -> int:
    """The demo; returns the exit code."""
    begin = time.monotonic()
    training, test = load_digits().split()
    arg.whole("--board-images", options.board_images, 0, len(test))
    out = Path(options.out) if options.out else board.build_folder() / "demo"
    out.mkdir(parents=True, exist_ok=True)  # before minutes of work for it
    learned = {} if options.skip_learning else teach(options.config, training, test, out)
    parts = digits.build(weights_for(training, options.train))
    image = parts.network.compile(options.config)
    print(f"{parts.network}\n\n{image.report}\n")

    trials = [classify("model", "model", options.config, image, test)]
    print(f"model: {len(test)} images in {trials[0].seconds:.2f} s; now the simulated hardware...", flush=True)
    trials.append(classify("rtl (cycle by cycle)", "rtl", options.config, image, test))
    if options.board_images:
        print(f"rtl: {trials[1].seconds:.1f} s; now {options.board_images} images through a serial port...", flush=True)
        with board.virtual_board(board.find_ncx(options.ncx), options.config) as port:
            trials.append(classify("virtual board (pseudo-terminal)", f"serial:{port}", options.config, image,
                                   test[:options.board_images], baud=image.geometry.baud))

    print("\n" + table(trials, trials[0]) + "\n")
    found = summary(trials, options.config) | learned
    pictures.raster(out / "raster.png", test, trials[0].result)
    pictures.answers(out / "answers.png", test, trials[0].result, trials[0].answers)
    pictures.confusion(out / "confusion.png", test.labels, trials[0].answers, "trained offline")
    partial = out / "digits.json.part"
    partial.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    partial.replace(out / "digits.json")

    wrong = problems(found) + (learning.problems(found) if learned else [])
    print(f"accuracy {found['accuracy']:.2%} of {found['test_images']} test images, {found['differing_spikes']} "
          f"differing spikes, {found['cycles_per_tick_mean']:.0f} cycles a tick,\n"
          f"{found['images_per_second_at_100MHz']:,.0f} images a second at 100 MHz (ticks alone, without resets and "
          f"link)\nwrote {out} ({', '.join(sorted(path.name for path in out.iterdir()))}) in "
          f"{time.monotonic() - begin:.0f} s")
    for problem in wrong:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if wrong else 0


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.demo", description=__doc__)
    parser.add_argument("--config", default="cmod_a7", help="named build (default: %(default)s)")
    parser.add_argument("--out", help="folder for results (default: demo in the build folder)")
    parser.add_argument("--ncx", default=os.environ.get("NCX"), help="the program ncx (default: the build's)")
    parser.add_argument("--board-images", type=int, default=BOARD_IMAGES, metavar="N",
                        help="images that also go through `ncx sim` (default: %(default)s; 0: none)")
    parser.add_argument("--train", action="store_true", help="train anew instead of using the package's weights")
    parser.add_argument("--skip-learning", action="store_true", help="leave out the part without labels")
    options = parser.parse_args(arguments)
    try:
        return run(options)
    except (Error, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
