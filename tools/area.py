#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compare reports of tools/synth.py with the recorded areas, or record them.

    tools/area.py check build/synth/tiny.json     # exit code 1 when a figure is more than 5 % away
    tools/area.py accept build/synth/tiny.json    # record this report's figures
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

RECORD = Path(__file__).resolve().parent / "area.json"
KINDS = ("lut", "lut_packed", "lutram", "ff", "bram36", "dsp")
TOLERANCE = 0.05

Areas = dict[str, dict[str, float]]


def drift(recorded: dict[str, float], found: dict[str, float]) -> list[str]:
    """One line for each figure that is more than the tolerance away from the recorded one, up or down."""
    lines = []
    for kind in KINDS:
        old, new = recorded[kind], found[kind]
        if abs(new - old) > TOLERANCE * old:
            change = f"{100 * (new - old) / old:+.1f} %" if old else "from nothing"
            lines.append(f"{kind}: {new:g}, recorded {old:g} ({change})")
    return lines


def read_report(path: Path) -> dict[str, float]:
    report = json.loads(path.read_text())
    return {kind: report[kind] for kind in KINDS}


def read_record(record: Path) -> Areas:
    areas: Areas = json.loads(record.read_text()) if record.exists() else {}
    return areas


def check(report: Path, record: Path = RECORD) -> list[str]:
    """What is wrong with the area of this report; its file's name is the build's."""
    config = report.stem
    areas = read_record(record)
    found = read_report(report)
    if config not in areas:
        return [f"no area is recorded for '{config}' in {record.name}"]
    return drift(areas[config], found)


def accept(report: Path, record: Path = RECORD) -> None:
    areas = read_record(record)
    areas[report.stem] = read_report(report)
    text = json.dumps(dict(sorted(areas.items())), indent=2) + "\n"
    new = record.with_suffix(".new")
    new.write_text(text)
    new.replace(record)


def report_check(report: Path) -> bool:
    """Prints what is wrong and how to accept it; true when nothing is."""
    problems = check(report)
    if not problems:
        print(f"area of {report.stem}: within {100 * TOLERANCE:g} % of the recorded figures")
        return True
    print(f"error: area of {report.stem}: " + "; ".join(problems), file=sys.stderr)
    print(
        f"  try: find out what changed it; if it is meant to be so, tools/area.py accept {report}\n"
        f"       (or make synth-accept CONFIG={report.stem}) and commit tools/{RECORD.name}",
        file=sys.stderr,
    )
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("check", "accept"))
    parser.add_argument("report", type=Path, nargs="+", help="CONFIG.json of tools/synth.py")
    args = parser.parse_args()
    try:
        if args.action == "accept":
            for report in args.report:
                accept(report)
                print(f"area of {report.stem}: recorded in tools/{RECORD.name}")
            return 0
        return 0 if all([report_check(report) for report in args.report]) else 1
    except (OSError, KeyError, ValueError) as error:
        print(f"error: {error!r}\n  try: make synth, which writes the report", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
