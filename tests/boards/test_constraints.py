# SPDX-License-Identifier: BSD-3-Clause
"""Every pin of every board: the top, the constraints, the table and the vendor's facts agree."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = tomllib.loads((ROOT / "constraints" / "boards.toml").read_text())["board"]
FACTS = tomllib.loads((Path(__file__).parent / "vendor_facts.toml").read_text())
EXPECTED = ["cmod_a7", "basys3", "arty_a7_35", "arty_a7_100", "nexys_a7_100", "nexys_video"]
PACKAGES = {"cpg236": 19, "csg324": 18, "sbg484": 22}  # pins on a side
ROWS = "ABCDEFGHJKLMNPRTUVWY"  # JEDEC rows leave I, O, Q, S, X and Z out

board_of = pytest.mark.parametrize("name", EXPECTED)


def ports(name: str) -> dict[str, str]:
    """Port bit -> direction, as Yosys sees the top: not as our own generator does."""
    script = f"read_verilog -sv {ROOT}/rtl/boards/ncx_{name}.sv; write_json"
    result = subprocess.run(["yosys", "-q", "-p", script], capture_output=True, text=True, check=True)
    module = json.loads(result.stdout)["modules"][f"ncx_{name}"]
    bits: dict[str, str] = {}
    for port, what in module["ports"].items():
        width = len(what["bits"])
        for i in range(width):
            bits[port if width == 1 else f"{port}[{i}]"] = what["direction"]
    return bits


class Xdc:
    """The constraints, word by word; anything that we do not know is an error."""

    def __init__(self, text: str) -> None:
        self.pins: list[tuple[str, str, str]] = []
        self.clocks: list[tuple[str, float]] = []
        self.false_from: list[str] = []
        self.false_to: list[str] = []
        self.design: list[tuple[str, str]] = []
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            assert line.count("{") == line.count("}") and line.count("[") == line.count("]"), line
            if m := re.fullmatch(
                r"set_property -dict \{PACKAGE_PIN (\w+) IOSTANDARD (\w+)\} \[get_ports \{([^}]+)\}\]", line
            ):
                self.pins.append((m[3], m[1], m[2]))
            elif m := re.fullmatch(r"create_clock -name (\w+) -period ([\d.]+) \[get_ports \{(\w+)\}\]", line):
                self.clocks.append((m[3], float(m[2])))
            elif m := re.fullmatch(r"set_false_path -from \[get_ports \{([^}]+)\}\]", line):
                self.false_from += m[1].split()
            elif m := re.fullmatch(r"set_false_path -to \[get_ports \{([^}]+)\}\]", line):
                self.false_to += m[1].split()
            elif m := re.fullmatch(r"set_property (\S+) (\S+) \[current_design\]", line):
                self.design.append((m[1], m[2]))
            else:
                pytest.fail(f"unknown constraint: {line}")


def xdc(name: str) -> Xdc:
    return Xdc((ROOT / "constraints" / f"{name}.xdc").read_text())


def test_all_boards_are_in_the_table_and_nothing_is_left_over() -> None:
    assert list(TABLE) == EXPECTED == list(FACTS)
    assert {p.stem for p in (ROOT / "constraints").glob("*.xdc")} == set(EXPECTED)
    shared = {"ncx_board", "ncx_clocking"}
    assert {p.stem for p in (ROOT / "rtl/boards").glob("*.sv")} == {f"ncx_{b}" for b in EXPECTED} | shared


def test_generated_files_are_up_to_date() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "tools/generate_boards.py", "--check"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr


@board_of
def test_every_port_has_one_pin_and_every_pin_a_port(name: str) -> None:
    constrained = [port for port, _, _ in xdc(name).pins]
    assert sorted(constrained) == sorted(ports(name))
    pins = [pin for _, pin, _ in xdc(name).pins]
    assert len(set(pins)) == len(pins)


@board_of
def test_pins_exist_on_the_package(name: str) -> None:
    package = re.sub(r"^xc7a\d+ti?|-.*$", "", TABLE[name]["part"])
    side = PACKAGES[package]
    rows = [*ROWS, "AA", "AB"][:side]
    for port, pin, _ in xdc(name).pins:
        m = re.fullmatch(r"([A-Z]+)(\d+)", pin)
        assert m and m[1] in rows and 1 <= int(m[2]) <= side, f"{port}: no ball {pin} on {package}"


@board_of
def test_pins_and_standards_are_the_vendors(name: str) -> None:
    facts: dict[str, str] = FACTS[name]["pins"]
    for port, pin, standard in xdc(name).pins:
        vendor = TABLE[name]["pin"][port]["vendor"]
        assert facts[vendor] == f"{pin} {standard}", f"{port} is {vendor} there"


@board_of
def test_the_uart_is_not_crossed(name: str) -> None:
    # The vendor names these pins from either end; what counts is which one the FPGA drives.
    driven = {"uart_rxd_out", "RsTx", "UART_RXD_OUT", "uart_rx_out"}
    listened = {"uart_txd_in", "RsRx", "UART_TXD_IN", "uart_tx_in"}
    pin = TABLE[name]["pin"]
    assert pin["uart_tx_o"]["vendor"] in driven and pin["uart_rx_i"]["vendor"] in listened
    directions = ports(name)
    assert directions["uart_tx_o"] == "output" and directions["uart_rx_i"] == "input"


@board_of
def test_the_only_clock_is_the_oscillator(name: str) -> None:
    (clock,) = xdc(name).clocks
    assert clock[0] == "clk_i"
    assert TABLE[name]["pin"]["clk_i"]["vendor"] == FACTS[name]["clock"]["name"]
    assert clock[1] == pytest.approx(FACTS[name]["clock"]["period_ns"], rel=1e-4)
    assert clock[1] == pytest.approx(1e9 / TABLE[name]["oscillator_hz"], rel=1e-5)


@board_of
def test_every_pin_but_the_clock_is_a_false_path(name: str) -> None:
    directions = ports(name)
    constraints = xdc(name)
    inputs = sorted(p for p, d in directions.items() if d == "input" and p != "clk_i")
    assert sorted(constraints.false_from) == inputs
    assert sorted(constraints.false_to) == sorted(p for p, d in directions.items() if d == "output")


@board_of
def test_configuration_voltage(name: str) -> None:
    design = xdc(name).design
    assert len({key for key, _ in design}) == len(design)
    known: dict[str, str] = FACTS[name].get("config", {"CFGBVS": "VCCO", "CONFIG_VOLTAGE": "3.3"})
    assert {key: dict(design)[key] for key in ("CFGBVS", "CONFIG_VOLTAGE")} == known


@board_of
def test_line_rates_are_within_what_chip_and_core_can_do(name: str) -> None:
    board = TABLE[name]
    limit = {0x6010: 12_000_000, 0x6001: 3_000_000}[board["uart"]["pid"]]  # FT2232H, FT232R
    assert board["baud"] <= min(limit, 100_000_000 // 16)
    # Both chips divide by eighths of their base clock; the core's fraction is finer than that.
    base = {0x6010: 12_000_000, 0x6001: 3_000_000}[board["uart"]["pid"]]
    assert base % board["baud"] == 0


def test_serial_numbers_tell_kinds_apart() -> None:
    prefixes: dict[str, set[str]] = {}
    for board in TABLE.values():
        prefixes.setdefault(board["serial_prefix"], set()).add(board["title"].split("-")[0])
    assert all(len(titles) == 1 for titles in prefixes.values())


def test_shared_top_passes_every_parameter_on() -> None:
    def parameters(path: Path) -> set[str]:
        head = path.read_text().split(") (", 1)[0]
        return set(re.findall(r"parameter [\w\[\]: ]*?(\w+)\s*=", head))

    top = parameters(ROOT / "rtl/ncx_top.sv")
    own = {"InputPeriodNs", "Multiply", "Divide", "ResetActiveLow", "LedActiveLow", "HoldClocks", "BlinkClocks"}
    assert "Profiles" in top
    assert parameters(ROOT / "rtl/boards/ncx_board.sv") == top | own
    for name in EXPECTED:
        assert parameters(ROOT / f"rtl/boards/ncx_{name}.sv") == top | {"HoldClocks", "BlinkClocks"}


@pytest.mark.skipif(shutil.which("yosys") is None, reason="no yosys")
@pytest.mark.parametrize("name", ["cmod_a7", "nexys_video"])
def test_synthesis_for_7_series_keeps_clock_and_pins(name: str, tmp_path: Path) -> None:
    # ncx_top is a black box here: tools/synth.py has it.
    rtl = ROOT / "rtl"
    out = tmp_path / "out.json"
    script = (
        f"read_verilog -sv -lib {rtl}/ncx_pkg.sv {rtl}/ncx_top.sv; read_verilog -sv {rtl}/boards/ncx_clocking.sv "
        f"{rtl}/boards/ncx_board.sv {rtl}/boards/ncx_{name}.sv; synth_xilinx -family xc7 -top ncx_{name} -flatten; "
        f"write_json {out}"
    )
    subprocess.run(["yosys", "-q", "-p", script], check=True, capture_output=True)
    cells: dict[str, Any] = json.loads(out.read_text())["modules"][f"ncx_{name}"]["cells"]
    kinds = [cell["type"] for cell in cells.values()]
    directions = ports(name)
    assert kinds.count("MMCME2_BASE") == 1
    assert kinds.count("BUFG") in (1, 2)  # Yosys may buffer the oscillator as well
    assert kinds.count("IBUF") == list(directions.values()).count("input")
    assert kinds.count("OBUF") == list(directions.values()).count("output")
    (mmcm,) = (cell for cell in cells.values() if cell["type"] == "MMCME2_BASE")
    assert float(mmcm["parameters"]["CLKFBOUT_MULT_F"]) == TABLE[name]["mmcm"]["multiply"]
    assert float(mmcm["parameters"]["CLKOUT0_DIVIDE_F"]) == TABLE[name]["mmcm"]["divide"]


def broken(tmp_path: Path, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """Runs the generator on a copy of the table with a fault."""
    for part in ("tools/generate_boards.py", "tools/config_params.py", "rtl/ncx_map.toml", "docs/boards.md"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    text = (ROOT / "constraints/boards.toml").read_text()
    assert old in text
    (tmp_path / "constraints").mkdir()
    (tmp_path / "constraints/boards.toml").write_text(text.replace(old, new, 1))
    return subprocess.run(
        [sys.executable, tmp_path / "tools/generate_boards.py"], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("multiply = 62.5", "multiply = 40.0", "VCO at 480 MHz"),
        ("divide = 7.5", "divide = 8.0", "core clock of 93.75 MHz"),
        ("multiply = 62.5", "multiply = 62.6", "multiply 62.6 is not 2 to 64 in eighths"),
        ("divide = 7.5", "divide = 0.5", "divide 0.5 is not 1 to 128"),
        ('build = "cmod_a7"', 'build = "cmod"', "build 'cmod' is none of"),
        ('part = "xc7a35tcpg236-1"', 'part = "xc7a35t"', "is not the full name"),
        ('pin = "A17"', 'pin = "C16"', "pins used twice: C16"),
        ("uart_tx_o = ", "uart_txx_o = ", "missing or unknown"),
        ('price_class = "low"', 'price_class = "cheap"', "price_class 'cheap'"),
        ('cable = "digilent"', 'cables = "digilent"', "keys missing: ['cable']"),
    ],
)
def test_faults_in_the_table_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    result = broken(tmp_path, old, new)
    assert result.returncode == 2
    assert "board 'cmod_a7'" in result.stderr and message in result.stderr
    assert not list((tmp_path / "constraints").glob("*.xdc"))


def rules() -> list[str]:
    text = (ROOT / "constraints/60-neurocorex.rules").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_udev_rules_cover_every_usb_function_of_the_table() -> None:
    for board in TABLE.values():
        for function, subsystem in ((board["jtag"], "usb"), (board["uart"], "tty")):
            ids = [f'{{idVendor}}=="{function["vid"]:04x}"', f'{{idProduct}}=="{function["pid"]:04x}"']
            assert any(f'SUBSYSTEM=="{subsystem}"' in r and all(i in r for i in ids) for r in rules())


def test_udev_rules_are_well_formed() -> None:
    for line in rules():
        for part in line.split(", "):
            assert re.fullmatch(r'[A-Z_]+(\{\w+\})?(==|=|\+=)"[^"]*"', part), part
    assert rules()[0].endswith('GOTO="neurocorex_end"') and rules()[-1] == 'LABEL="neurocorex_end"'


def test_installing_and_removing_udev_rules(tmp_path: Path) -> None:
    def install(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"UDEV_RULES": str(tmp_path), "PATH": "/usr/bin:/bin"}
        command = [str(ROOT / "tools/install_udev.sh"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    target = tmp_path / "60-neurocorex.rules"
    assert "wrote" in install().stdout
    assert target.read_text() == (ROOT / "constraints/60-neurocorex.rules").read_text()
    assert "up to date" in install().stdout
    assert install("--remove").returncode == 0 and not target.exists()
    assert install("--help").returncode == 2
