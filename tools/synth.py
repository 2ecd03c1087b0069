#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Synthesise ncx_top for a named build with Yosys, report what it takes of the part, compare with the record.

Yosys has no place and route for 7-series parts: the figures are cells after mapping, without timing.
--set gives an RTL parameter another value: `--set Neurons=256`. Other memories keep their sizes, also those that such a
build would want larger or smaller (see tools/synth_scaling.py). These figures have no record and are not compared.
All is flattened; with --netlist the border of ncx_device is kept (about 0.5 % more LUTs), so that its netlist can be
simulated behind its byte stream.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import area
from config_params import ROOT, load, parameters

# LUTs, LUTs usable as RAM, flip-flops, 36 Kbit block RAMs, DSP slices (Xilinx DS180).
PARTS = {
    "xc7a35t": {"lut": 20800, "lutram": 9600, "ff": 41600, "bram36": 50, "dsp": 90},
    "xc7a100t": {"lut": 63400, "lutram": 19000, "ff": 126800, "bram36": 135, "dsp": 240},
    "xc7a200t": {"lut": 133800, "lutram": 46200, "ff": 269200, "bram36": 365, "dsp": 740},
}
# LUTs that one cell of distributed RAM or one shift register occupies.
LUT_RAM = {
    "RAM32M": 4,
    "RAM64M": 4,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1D": 4,
    "RAM32X1S": 1,
    "RAM64X1S": 1,
    "RAM128X1S": 2,
    "RAM256X1S": 4,
    "SRL16E": 1,
    "SRLC32E": 1,
}
KINDS = ("lut", "lutram", "ff", "bram36", "dsp")
# synth_xilinx's own last step ("map_luts") weighs a LUT by its inputs, since small ones can share a site, and so takes
# two small ones rather than a large one. The figures count every LUT as one; so does this mapping.
MAP_LUTS = (
    "opt_expr -mux_undef -noclkinv",
    "abc -lut 6",
    "clean",
    "techmap -map +/xilinx/ff_map.v",
    "xilinx_srl -fixed -minlen 3",
    "techmap -map +/xilinx/lut_map.v -map +/xilinx/cells_map.v -D LUT_WIDTH=6",
    "xilinx_dffopt",
    "opt_lut_ins -tech xilinx",
    "clean",
)


class Synthesis(NamedTuple):
    """What Yosys made: module -> cells by type, and its own guess of the LUTs after packing pairs (no LUT RAM)."""

    modules: dict[str, dict[str, int]]
    packed: int


def part_of(part: str) -> str:
    for name in PARTS:
        if part.startswith(name):
            return name
    raise ValueError(f"part '{part}' is none of {', '.join(PARTS)}")


def override(params: dict[str, str], changes: list[str]) -> dict[str, str]:
    """Parameters with other values for some, from NAME=NUMBER as on a command line."""
    result = dict(params)
    for change in changes:
        name, _, value = change.partition("=")
        if name not in params or re.fullmatch("[0-9]+", value) is None:
            raise ValueError(f"--set {change}: not NAME=NUMBER, with a name of {', '.join(params)}")
        result[name] = value
    return result


def sources() -> list[Path]:
    """What ncx_top is made of, the package first."""
    files = [ROOT / "rtl" / "ncx_pkg.sv"]
    files += sorted(p for d in ("lib", "link", "core") for p in (ROOT / "rtl" / d).glob("*.sv"))
    return files + [ROOT / "rtl" / "ncx_device.sv", ROOT / "rtl" / "ncx_top.sv"]


def count(cells: dict[str, int]) -> dict[str, float]:
    """Cells by type -> resources. Two LUTs of at most five inputs may share a site: not counted on."""
    use = dict.fromkeys(KINDS, 0.0)
    for cell, number in cells.items():
        if re.fullmatch(r"LUT[1-6]", cell):
            use["lut"] += number
        elif cell == "INV":  # absorbed by what it drives
            continue
        elif cell in LUT_RAM:
            use["lut"] += LUT_RAM[cell] * number
            use["lutram"] += LUT_RAM[cell] * number
        elif cell.startswith("FD") or cell.startswith("LD"):
            use["ff"] += number
        elif cell == "RAMB36E1":
            use["bram36"] += number
        elif cell == "RAMB18E1":
            use["bram36"] += number / 2
        elif cell == "DSP48E1":
            use["dsp"] += number
    return use


def run_yosys(
    params: dict[str, str], flatten: bool, log: Path, netlist: Path | None = None, border: str = ""
) -> Synthesis:
    """Maps ncx_top to cells. `border`: a module that is kept whole, so that its own cells can be counted. Writes the
    netlist of ncx_device, which is then that module, if asked to."""
    if netlist:
        border = "ncx_device"
    chparam = " ".join(f"-chparam {k} {v}" for k, v in params.items())
    with tempfile.TemporaryDirectory() as folder:
        stat = Path(folder) / "stat.json"
        packed = Path(folder) / "packed.txt"
        script = [
            f"read_verilog -sv -DSYNTHESIS {' '.join(str(s) for s in sources())}",
            f"hierarchy -check -top ncx_top {chparam}",
            *([f"setattr -mod -set keep_hierarchy 1 *{border}"] if border else []),
            f"synth_xilinx -family xc7 -top ncx_top {'-flatten' if flatten else ''} -noiopad -noclkbuf"
            " -run begin:map_luts",
            *MAP_LUTS,
            f"tee -o {stat} stat -json",
            f"tee -o {packed} stat -tech xilinx",
        ]
        if netlist:
            # The device alone, by its plain name. Bits of one bus drive each other: as one net they would look like
            # a loop to a simulator.
            script += ["delete ncx_top", "hierarchy -auto-top", "rename -top ncx_device", "splitnets"]
            script += [f"write_verilog -noattr {netlist}"]
        if shutil.which("yosys") is None:
            raise RuntimeError("yosys is not installed\n  try: make install-test")
        result = subprocess.run(
            ["yosys", "-q", "-l", str(log), "-p", "; ".join(script)],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if result.returncode != 0:
            raise RuntimeError(f"yosys failed, see {log}:\n{result.stdout[-2000:]}")
        text = stat.read_text()
        estimates = re.findall(r"Estimated number of LCs:\s+(\d+)", packed.read_text())
    # With several modules Yosys 0.23 prints their tree, which is no JSON, behind the list of modules.
    text = text[text.index("{") : text.index("\n   },")] + "\n   }}"
    modules = json.loads(text)["modules"]
    # The last estimate is that of the whole design.
    return Synthesis({name: m.get("num_cells_by_type", {}) for name, m in modules.items()}, int(estimates[-1]))


def resources(synthesis: Synthesis) -> dict[str, float]:
    """What the whole design takes, and `lut_packed`: Yosys' estimate of packing, its LUT RAM included."""
    use = dict.fromkeys(KINDS, 0.0)
    for cells in synthesis.modules.values():
        for kind, number in count(cells).items():
            use[kind] += number
    return {**use, "lut_packed": synthesis.packed + use["lutram"]}


def plain(module: str) -> str:
    """Yosys's name of a parameterised module -> the module's own."""
    return re.sub(r"^\\?(?:\$paramod(?:\$[0-9a-f]+)?\\)?", "", module).split("\\")[0]


def per_block(modules: dict[str, dict[str, int]], top: str) -> list[tuple[str, int, dict[str, float]]]:
    """Every module with its number of instances and what all of them take together, without children."""
    instances: dict[str, int] = {}

    def walk(module: str, times: int) -> None:
        instances[module] = instances.get(module, 0) + times
        for cell, number in modules[module].items():
            for child in (cell, "\\" + cell):  # a module without parameters is listed with a backslash
                if child in modules:
                    walk(child, times * number)

    walk(top, 1)
    blocks: dict[str, tuple[int, dict[str, float]]] = {}
    for module, times in instances.items():
        name = plain(module)
        number, use = blocks.get(name, (0, dict.fromkeys(KINDS, 0.0)))
        own = count(modules[module])
        blocks[name] = (number + times, {k: use[k] + own[k] * times for k in KINDS})
    return sorted(((n, t, u) for n, (t, u) in blocks.items()), key=lambda b: -b[2]["lut"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="named build of rtl/ncx_map.toml")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER", help="another RTL parameter value")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "synth")
    parser.add_argument("--part", help="count against another part: " + ", ".join(PARTS))
    parser.add_argument(
        "--blocks",
        action="store_true",
        help="also synthesise without flattening, for the table of blocks (twice the time)",
    )
    parser.add_argument("--netlist", action="store_true", help="also write ncx_device's netlist, CONFIG.v")
    record = parser.add_mutually_exclusive_group()
    record.add_argument("--accept", action="store_true", help="record the figures in tools/area.json")
    record.add_argument("--no-check", action="store_true", help="do not compare with the recorded figures")
    args = parser.parse_args()
    try:
        params = override(parameters(args.config), args.set)
        part = part_of(args.part or str(load()[args.config]["part"]))
    except ValueError as error:
        print(f"error: {error}\n  try: tools/config_params.py --list, or with a build's name", file=sys.stderr)
        return 2
    if args.set and args.accept:
        parser.error("--accept: the record is of the named builds, without --set")
    args.out.mkdir(parents=True, exist_ok=True)
    name = "_".join([args.config, *(change.replace("=", "") for change in args.set)])
    report_file = args.out / f"{name}.json"
    report_file.unlink(missing_ok=True)  # an old one must not pass for the result of a failed run

    netlist = (args.out / f"{name}.v").absolute() if args.netlist else None
    use = resources(run_yosys(params, True, args.out / f"{name}.log", netlist))
    described = {"neurons": "Neurons", "axons": "Axons", "lanes": "Lanes", "synapse_words": "SynapseWords"}
    report: dict[str, Any] = {"part": part, **use, **{k: int(params[v]) for k, v in described.items()}}
    lines = [f"{name} on {part}"]
    for kind in ("lut", "lut_packed", *KINDS[1:]):
        number, total = use[kind], PARTS[part]["lut" if kind == "lut_packed" else kind]
        lines.append(f"  {kind:<10}{number:>7g} of {total:>7} {100 * number / total:>6.1f} %")
    if args.blocks:
        hierarchy = run_yosys(params, False, args.out / f"{name}_blocks.log").modules
        top = next(m for m in hierarchy if plain(m) == "ncx_top")
        blocks = per_block(hierarchy, top)
        lines += ["", f"  {'block':<24}{'count':>6}" + "".join(f"{k:>9}" for k in KINDS)]
        lines += [f"  {n:<24}{t:>6}" + "".join(f"{u[k]:>9g}" for k in KINDS) for n, t, u in blocks]
        report["blocks"] = {n: {"count": t, **u} for n, t, u in blocks}
    report_file.write_text(json.dumps(report, indent=2) + "\n")
    (args.out / f"{name}.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    over = [k for k in KINDS if use[k] > PARTS[part][k]]
    if over:
        print(f"error: does not fit {part}: {', '.join(over)}\n  try: --part, or a smaller build", file=sys.stderr)
    if args.accept:
        area.accept(report_file)
        print(f"recorded in tools/{area.RECORD.name}")
    same = args.accept or args.no_check or args.set or area.report_check(report_file)
    return 0 if same and not over else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
