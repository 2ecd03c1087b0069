#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Print a named build's RTL parameters, as options of the tool that elaborates it.

    tools/config_params.py cmod_a7 --format verilator    # -GLanes=8 -GNeurons=1024 ...
    tools/config_params.py cmod_a7 --format yosys        # -set Lanes 8 -set Neurons 1024 ...
    tools/config_params.py --list
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_PARAMETERS = {"doc", "part"}
RTL_NAMES = {"weight_bits": "WeightW"}
NAME_BYTES = 16


def load() -> dict[str, dict[str, int | str]]:
    """All named builds of the map, by name."""
    with (ROOT / "rtl" / "ncx_map.toml").open("rb") as file:
        configs: dict[str, dict[str, int | str]] = tomllib.load(file)["config"]
    return configs


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def name_hex(name: str) -> str:
    """The Name parameter: first letter in the lowest byte, zero padded to 16 bytes."""
    data = name.encode("ascii")
    if len(data) > NAME_BYTES:
        raise ValueError(f"configuration name '{name}' has {len(data)} letters, at most {NAME_BYTES} fit")
    return f"{int.from_bytes(data.ljust(NAME_BYTES, bytes(1)), 'little'):032x}"


def parameters(name: str) -> dict[str, str]:
    """Parameter name -> value as a Verilog literal."""
    configs = load()
    if name not in configs:
        raise ValueError(f"no configuration '{name}' in rtl/ncx_map.toml: it has {', '.join(configs)}")
    result = {RTL_NAMES.get(k, camel(k)): str(v) for k, v in configs[name].items() if k not in NOT_PARAMETERS}
    result["Name"] = f"128'h{name_hex(name)}"
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", help="named build of rtl/ncx_map.toml")
    parser.add_argument("--format", choices=("verilator", "yosys", "text"), default="text")
    parser.add_argument("--list", action="store_true", help="print the names of all builds")
    args = parser.parse_args()
    if args.list:
        print("\n".join(load()))
        return 0
    if not args.config:
        parser.error("a configuration or --list is needed")
    try:
        params = parameters(args.config)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.format == "verilator":
        print("\n".join(f"-G{k}={v}" for k, v in params.items()))
    elif args.format == "yosys":
        print(" ".join(f"-set {k} {v}" for k, v in params.items()))
    else:
        print("\n".join(f"{k} = {v}" for k, v in params.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
