#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Synthesise a build's core for several numbers of neurons: neurons are to cost memory, not logic.

Lanes, axons, synapse words a lane, learning profiles, parameter sets and queues stay those of the build. Two tables
that the compiler fills by neuron or by source grow in proportion, so that the larger build can use its neurons:
ProgramEntries with the neurons, Rows with neurons and axons together. Memories for a neuron's state, in the core, grow
by themselves. The limit is for ncx_core: link and protocol, which do not depend on neurons, would dilute the growth.
Small memories are LUT RAM and become block RAM as they grow, which hides logic that grows meanwhile: the growth of
LUTs without LUT RAM is printed too, and block RAM, which has no limit here.
The core's border is kept to count it, which costs some LUTs: `make synth` gives the figures of the build itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from config_params import ROOT, parameters
from synth import KINDS, Synthesis, count, plain, resources, run_yosys

CORE = "ncx_core"
LIMITED = ("lut", "ff")
LOGIC = "lut - lutram"


def scaled(build: dict[str, str], neurons: int) -> dict[str, str]:
    """A build's parameters for another number of neurons."""
    before, axons = int(build["Neurons"]), int(build["Axons"])
    return {
        **build,
        "Neurons": str(neurons),
        "ProgramEntries": str(int(build["ProgramEntries"]) * neurons // before),
        "Rows": str(int(build["Rows"]) * (neurons + axons) // (before + axons)),
    }


def core_of(synthesis: Synthesis) -> dict[str, float]:
    """What the core's module takes. It is one: all below it is flattened into it."""
    (cells,) = (cells for module, cells in synthesis.modules.items() if plain(module) == CORE)
    return count(cells)


def growth(figures: list[dict[str, float]]) -> dict[str, float]:
    """Percent from the first to the last."""
    with_logic = [{**use, LOGIC: use["lut"] - use["lutram"]} for use in figures]
    return {kind: 100 * (with_logic[-1][kind] / with_logic[0][kind] - 1) for kind in (*LIMITED, LOGIC)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="named build of rtl/ncx_map.toml")
    parser.add_argument("--neurons", type=int, nargs="+", default=[256, 1024, 4096], help="smallest first")
    parser.add_argument("--limit", type=float, default=10.0, metavar="PERCENT", help="of growth of LUT and FF")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "synth")
    args = parser.parse_args()
    try:
        build = parameters(args.config)
    except ValueError as error:
        print(f"error: {error}\n  try: tools/config_params.py --list", file=sys.stderr)
        return 2
    if len(args.neurons) < 2 or args.neurons != sorted(args.neurons) or args.neurons[0] < 1:
        parser.error("--neurons: at least two numbers, the smallest first")
    args.out.mkdir(parents=True, exist_ok=True)
    report_file = args.out / f"{args.config}_scaling.json"
    report_file.unlink(missing_ok=True)

    cores, wholes = [], []
    print(
        f"{args.config}: {build['Lanes']} lanes, {build['Axons']} axons, {build['SynapseWords']} synapse words a lane\n"
        f"{'':>10}{'neurons':>8}{'program':>9}{'rows':>7}" + "".join(f"{kind:>9}" for kind in KINDS),
        flush=True,
    )
    for neurons in args.neurons:
        params = scaled(build, neurons)
        synthesis = run_yosys(params, True, args.out / f"{args.config}_{neurons}.log", border=CORE)
        cores.append(core_of(synthesis))
        wholes.append(resources(synthesis))
        for name, use in ((CORE, cores[-1]), ("ncx_top", wholes[-1])):
            print(
                f"{name:<10}{neurons:>8}{params['ProgramEntries']:>9}{params['Rows']:>7}"
                + "".join(f"{use[kind]:>9g}" for kind in KINDS),
                flush=True,
            )
    grown = growth(cores)
    percents = ", ".join(f"{kind} {percent:+.1f} %" for kind, percent in grown.items())
    print(f"{CORE} from {args.neurons[0]} to {args.neurons[-1]} neurons: {percents}")
    report = {"neurons": args.neurons, CORE: cores, "ncx_top": wholes, "core_growth_percent": grown}
    report_file.write_text(json.dumps(report, indent=2) + "\n")
    over = [kind for kind in LIMITED if grown[kind] > args.limit]
    if over:
        print(
            f"error: {', '.join(over)} of {CORE}: more than {args.limit:g} %\n"
            "  try: tools/synth.py --blocks with --set Neurons=..., to see which block grows",
            file=sys.stderr,
        )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
