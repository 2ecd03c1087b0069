# SPDX-License-Identifier: BSD-3-Clause
"""Models of the vendor's cells refuse, loudly, what they do not model."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

CELLS = Path(__file__).resolve().parents[2] / "sim" / "xilinx"
NO_PARAMETERS: dict[str, str] = {}
LINT = ["verilator", "--lint-only", "-Wall", "-Wno-DECLFILENAME", "-Wno-UNUSED", "-Wno-PINMISSING", "-Wno-UNDRIVEN"]

TDP = {"WRITE_MODE_A": '"READ_FIRST"', "WRITE_WIDTH_A": "18", "READ_WIDTH_B": "18"}
SDP = {"RAM_MODE": '"SDP"', "WRITE_MODE_B": '"READ_FIRST"', "WRITE_WIDTH_B": "36", "READ_WIDTH_A": "36"}
DSP = {name: "0" for name in ("ADREG ALUMODEREG CARRYINREG CARRYINSELREG CREG DREG INMODEREG OPMODEREG PREG").split()}


def lint(tmp_path: Path, *cells: tuple[str, dict[str, str]]) -> subprocess.CompletedProcess[str]:
    source = tmp_path / "top.sv"
    lines = []
    for number, (cell, parameters) in enumerate(cells):
        settings = ", ".join(f".{k}({v})" for k, v in parameters.items())
        lines.append(f"  {cell} {f'#({settings})' if settings else ''} u_cell{number} ();")
    source.write_text("\n".join(["module top;", *lines, "endmodule", ""]))
    return subprocess.run([*LINT, "-y", CELLS, "--top-module", "top", source], capture_output=True, text=True)


def test_what_the_netlists_use_is_clean(tmp_path: Path) -> None:
    plain = "CARRY4 FDRE FDSE INV LUT1 LUT2 LUT3 LUT4 LUT5 LUT6 MUXF7 MUXF8 RAM32M RAM64M SRL16E".split()
    plain += "RAM32X1S RAM64X1S RAM128X1S RAM256X1S".split()
    result = lint(
        tmp_path,
        ("RAMB18E1", TDP),
        ("RAMB18E1", {**TDP, "WRITE_WIDTH_A": "9", "READ_WIDTH_B": "9"}),
        ("RAMB18E1", SDP),
        ("RAMB36E1", TDP),
        ("RAMB36E1", {**TDP, "WRITE_WIDTH_A": "36", "READ_WIDTH_B": "36"}),
        ("DSP48E1", DSP),
        ("DSP48E1", {**DSP, "USE_DPORT": '"TRUE"', "AREG": "0", "BREG": "0", "MREG": "0", "PREG": "1"}),
        ("DSP48E1", {**DSP, "USE_DPORT": '"TRUE"', "CREG": "1", "DREG": "1", "MREG": "0", "PREG": "1"}),
        *[(cell, NO_PARAMETERS) for cell in plain],
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("cell", "good", "bad", "message"),
    [
        ("RAMB18E1", TDP, {"RAM_MODE": '"NONE"'}, "RAM_MODE"),
        ("RAMB18E1", TDP, {"DOB_REG": "1"}, "output registers"),
        ("RAMB18E1", TDP, {"WRITE_MODE_A": '"NO_CHANGE"'}, "READ_FIRST"),
        ("RAMB18E1", TDP, {"READ_WIDTH_A": "18"}, "both reads and writes"),
        ("RAMB18E1", TDP, {"WRITE_WIDTH_B": "18"}, "both reads and writes"),
        ("RAMB18E1", TDP, {"READ_WIDTH_B": "9"}, "differ in width"),
        ("RAMB18E1", TDP, {"WRITE_WIDTH_A": "4", "READ_WIDTH_B": "4"}, "width 4"),
        ("RAMB18E1", TDP, {"WRITE_WIDTH_A": "36", "READ_WIDTH_B": "36"}, "width 36"),
        ("RAMB18E1", SDP, {"WRITE_MODE_B": '"WRITE_FIRST"'}, "READ_FIRST"),
        ("RAMB36E1", SDP, {"WRITE_WIDTH_B": "72", "READ_WIDTH_A": "72"}, "width 72"),
        ("RAMB36E1", TDP, {"RAM_EXTENSION_A": '"LOWER"'}, "cascaded"),
        ("RAMB36E1", TDP, {"EN_ECC_READ": '"TRUE"'}, "EN_ECC_READ"),
        ("DSP48E1", DSP, {"AREG": "2"}, "two registers"),
        ("DSP48E1", DSP, {"USE_DPORT": '"TRUE"', "ADREG": "1"}, "ADREG"),
        ("DSP48E1", DSP, {"OPMODEREG": "1"}, "control inputs"),
        ("DSP48E1", DSP, {"A_INPUT": '"CASCADE"'}, "cascaded inputs"),
        ("DSP48E1", DSP, {"USE_MULT": '"NONE"'}, "USE_MULT"),
        ("DSP48E1", DSP, {"USE_SIMD": '"TWO24"'}, "USE_SIMD"),
        ("SRL16E", {}, {"IS_CLK_INVERTED": "1'b1"}, "IS_CLK_INVERTED"),
        ("RAM64M", {}, {"IS_WCLK_INVERTED": "1'b1"}, "IS_WCLK_INVERTED"),
        ("FDRE", {}, {"IS_C_INVERTED": "1'b1"}, "IS_C_INVERTED"),
    ],
)
def test_other_parameter_is_refused(
    tmp_path: Path, cell: str, good: dict[str, str], bad: dict[str, str], message: str
) -> None:
    result = lint(tmp_path, (cell, {**good, **bad}))
    assert result.returncode != 0 and message in result.stderr


TOP = """
module top (input logic clk_i, input int bad_i);
  int clocks = 0;
  always_ff @(posedge clk_i) clocks <= clocks + 1;
  logic now;
  assign now = clocks > 3;
  RAMB18E1 #(.WRITE_MODE_A("READ_FIRST"), .WRITE_WIDTH_A(9), .READ_WIDTH_B(9)) u_ram (
    .CLKARDCLK(clk_i), .CLKBWRCLK(clk_i && !(now && bad_i == 1)), .ENARDEN(1'b1), .ENBWREN(1'b1),
    .REGCEAREGCE(1'b0), .REGCEB(1'b0), .RSTRAMARSTRAM(1'b0), .RSTRAMB(now && bad_i == 2),
    .RSTREGARSTREG(1'b0), .RSTREGB(1'b0), .ADDRARDADDR('0), .ADDRBWRADDR('0), .DIADI('0), .DIBDI('0),
    .DIPADIP('0), .DIPBDIP('0), .WEA({1'b1, !(now && bad_i == 3)}), .WEBWE({3'b0, now && bad_i == 4})
  );
  DSP48E1 #(
    .ADREG(0), .ALUMODEREG(0), .AREG(0), .BREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(0), .DREG(0),
    .INMODEREG(0), .MREG(0), .OPMODEREG(0), .PREG(0)
  ) u_dsp (
    .CLK(clk_i), .A('0), .ACIN('0), .ALUMODE({3'b0, now && bad_i == 5}), .B('0), .BCIN('0), .C('0),
    .CARRYIN(now && bad_i == 6), .CARRYINSEL('0), .CEA2('0), .CEB2('0), .CEC('0), .CED('0), .CEM('0), .CEP('0), .D('0),
    .INMODE(now && bad_i == 7 ? 5'h04 : 5'h00), .OPMODE(now && bad_i == 8 ? 7'h25 : 7'h05),
    .PCIN({47'b0, now && bad_i == 9}), .RSTA('0), .RSTB('0), .RSTC('0), .RSTD('0), .RSTM('0), .RSTP('0)
  );
endmodule
"""
MAIN = """
#include <cstdlib>
#include "Vtop.h"
int main(int, char** argv) {
  Vtop top;
  top.bad_i = std::atoi(argv[1]);
  for (int i = 0; i < 16; ++i) {
    top.clk_i = i & 1;
    top.eval();
  }
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cells")
    (folder / "top.sv").write_text(TOP)
    (folder / "main.cpp").write_text(MAIN)
    command = ["verilator", "--cc", "--exe", "--build", "--assert", "--no-timing", "-Wno-lint", "-y", str(CELLS)]
    command += ["--top-module", "top", "top.sv", "main.cpp"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)
    return folder / "obj_dir" / "Vtop"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (1, "two clocks"), (2, "resets"), (3, "byte enables differ"), (4, "write to the reading port"),
        (5, "ALUMODE"), (6, "ALUMODE"), (7, "INMODE"), (8, "OPMODE"), (9, "cascades"),
    ],
)  # fmt: skip
def test_other_use_stops_the_simulation(program: Path, bad: int, message: str) -> None:
    result = subprocess.run([program, str(bad)], capture_output=True, text=True)
    assert result.returncode != 0 and message in result.stdout + result.stderr


def test_good_use_runs_to_the_end(program: Path) -> None:
    assert subprocess.run([program, "0"]).returncode == 0
