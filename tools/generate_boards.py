#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turn constraints/boards.toml into the tops, the constraints, the Tcl and C++ tables, the udev rules and the docs.

    tools/generate_boards.py            # writes what is out of date
    tools/generate_boards.py --check    # writes nothing, fails when something is out of date
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from config_params import ROOT, load, parameters

SOURCE = ROOT / "constraints" / "boards.toml"
DOCS = ROOT / "docs" / "boards.md"
BEGIN, END = "<!-- generated: boards -->", "<!-- end -->"
ORIGIN = "Generated from constraints/boards.toml by tools/generate_boards.py: do not edit."
CORE_HZ = 100_000_000
PRICES = {"low": "about 100", "middle": "150 to 250", "high": "over 250"}
# What `ncx sim --board` does without being configured for more.
SIMULATED = "its RTL to the pins, and `--engine tlm`"
MODELLED = "`--engine tlm`; its RTL after `-DNCX_SIM_BOARDS`"
LEDS = ("alive", "link", "spike", "error")
INPUTS = ("clk_i", "reset_i", "uart_rx_i")
KEYS = {
    "title", "part", "idcode", "build", "oscillator_hz", "mmcm", "baud", "cfgbvs", "config_voltage", "openfpgaloader",
    "cable", "serial_prefix", "jtag", "uart", "connector", "price_class", "seen", "reset_active_low", "led_active_low",
    "led_names", "pin",
}  # fmt: skip
Board = dict[str, Any]


def boards() -> dict[str, Board]:
    """All boards by name. Raises ValueError for a table that makes no sense."""
    table: dict[str, Board] = tomllib.loads(SOURCE.read_text())["board"]
    for name, board in table.items():
        problem = problem_of(board)
        if problem:
            raise ValueError(f"constraints/boards.toml: board '{name}': {problem}")
    return table


def problem_of(board: Board) -> str:
    """What is wrong with a board, or nothing."""
    if set(board) != KEYS:
        return f"keys missing: {sorted(KEYS - set(board))}, unknown: {sorted(set(board) - KEYS)}"
    if not re.fullmatch(r"xc7a(35|100|200)ti?[a-z]{3}\d+-(1|2|3|1L|2L)", board["part"]):
        return f"part '{board['part']}' is not the full name of an Artix-7, such as xc7a35tcpg236-1"
    if board["build"] not in load():
        return f"build '{board['build']}' is none of rtl/ncx_map.toml: {', '.join(load())}"
    if load()[board["build"]]["clock_hz"] != CORE_HZ:
        return f"build '{board['build']}' does not run at {CORE_HZ} Hz"
    for key, least, most in (("multiply", 2, 64), ("divide", 1, 128)):
        value = float(board["mmcm"][key])
        if not least <= value <= most or value * 8 != int(value * 8):
            return f"{key} {value:g} is not {least} to {most} in eighths"
    vco = board["oscillator_hz"] * board["mmcm"]["multiply"]
    if not 600e6 <= vco <= 1200e6:
        return f"VCO at {vco / 1e6:g} MHz is outside 600 to 1200 MHz"
    if abs(vco / board["mmcm"]["divide"] - CORE_HZ) > 1e-4 * CORE_HZ:
        return f"core clock of {vco / board['mmcm']['divide'] / 1e6:g} MHz is not {CORE_HZ / 1e6:g} MHz"
    if board["price_class"] not in PRICES:
        return f"price_class '{board['price_class']}' is none of {', '.join(PRICES)}"
    pins = [p["pin"] for p in board["pin"].values()]
    twice = {p for p in pins if pins.count(p) > 1}
    if twice:
        return f"pins used twice: {', '.join(sorted(twice))}"
    needed = {*INPUTS, "uart_tx_o", *(f"led_o[{i}]" for i in range(len(LEDS)))}
    if not needed <= set(board["pin"]) <= needed | {"dark_o"}:
        return f"pins for {sorted(set(board['pin']) ^ needed)} missing or unknown"
    return ""


def header(mark: str, purpose: str) -> str:
    return f"{mark} SPDX-License-Identifier: BSD-3-Clause\n{mark} {purpose}\n{mark} {ORIGIN}\n"


def top(name: str, board: Board) -> str:
    values = parameters(board["build"])
    values["Baud"] = f"{board['baud']}"
    kinds = {"Name": "logic [127:0]"}
    lines = []
    for key, value in values.items():
        text = value if "'" in value else f"{int(value):_}"
        lines.append(f"  parameter {kinds.get(key, 'int unsigned'):<13} {key:<14} = {text},")
    active_low = "".join(str(int(b)) for b in reversed(board["led_active_low"]))
    dark = "dark_o" in board["pin"]
    passed = [*values, "Build", "HoldClocks", "BlinkClocks"]
    passes = ""
    for key in passed:
        item = f".{key}({key}), "
        if len((passes + item).rsplit("\n", 1)[-1].rstrip()) > 92:
            passes = passes.rstrip() + "\n    "
        passes += item
    ports = [
        ("input  wire logic", "clk_i", f"{board['oscillator_hz'] / 1e6:g} MHz"),
        ("input  wire logic", "reset_i", f"the reset button, active {'low' if board['reset_active_low'] else 'high'}"),
        ("input  wire logic", "uart_rx_i", "from the host"),
        ("output      logic", "uart_tx_o", "to the host"),
    ]
    port_text = "".join(f"  {kind}       {port + ',':<11} // {why}\n" for kind, port, why in ports)
    names = ", ".join(f"{n} {w}" for n, w in zip(board["led_names"], LEDS))
    port_text += f"  output      logic [3:0] led_o{',' if dark else ' '}      // {names}\n"
    if dark:
        port_text += "  output      logic       dark_o      // a colour that no signal has\n"
    body = "  assign dark_o = 1'b1;\n\n" if dark else ""
    return (
        header("//", f"{board['title']}: top level, build {board['build']}.")
        + f"""`default_nettype none
module ncx_{name} #(
{chr(10).join(lines)}
  parameter int unsigned  Build          = 0,
  parameter int unsigned  HoldClocks     = 1 << 20,
  parameter int unsigned  BlinkClocks    = 50_000_000
) (
{port_text});
{body}  ncx_board #(
    {passes.rstrip()}
    .InputPeriodNs({1e9 / board["oscillator_hz"]:.3f}), .Multiply({float(board["mmcm"]["multiply"])}), """
        + f""".Divide({float(board["mmcm"]["divide"])}),
    .ResetActiveLow(1'b{int(board["reset_active_low"])}), .LedActiveLow(4'b{active_low})
  ) u_board (.clk_i, .reset_i, .uart_rx_i, .uart_tx_o, .led_o);
endmodule
`default_nettype wire
"""
    )


def xdc(name: str, board: Board) -> str:
    period = 1e9 / board["oscillator_hz"]
    lines = [header("#", f"{board['title']}: pins, clock and configuration of ncx_{name}.").rstrip(), ""]
    for port, pin in board["pin"].items():
        lines.append(
            f"set_property -dict {{PACKAGE_PIN {pin['pin']} IOSTANDARD {pin['standard']}}} [get_ports {{{port}}}]"
        )
    outputs = [port for port in board["pin"] if port not in INPUTS]
    lines += [
        "",
        f"create_clock -name oscillator -period {period:.3f} [get_ports {{clk_i}}]",
        "",
        "# Asynchronous to every clock: the inputs pass synchronisers, the outputs are for a UART and for eyes.",
        "set_false_path -from [get_ports {reset_i uart_rx_i}]",
        f"set_false_path -to [get_ports {{{' '.join(outputs)}}}]",
        "",
        f"set_property CFGBVS {board['cfgbvs']} [current_design]",
        f"set_property CONFIG_VOLTAGE {board['config_voltage']} [current_design]",
        "set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]",
        "# One data line from the flash: four would need the flash's quad mode, which is not set on every board.",
        "set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 1 [current_design]",
        "set_property BITSTREAM.CONFIG.CONFIGRATE 33 [current_design]",
    ]
    return "\n".join(lines) + "\n"


def tcl(table: dict[str, Board]) -> str:
    lines = [header("#", "What build.tcl needs to know of a board.").rstrip(), "set boards [dict create]"]
    for name, board in table.items():
        lines.append(f"dict set boards {name} {{part {board['part']} top ncx_{name} build {board['build']}}}")
    return "\n".join(lines) + "\n"


def usb_of(usb: dict[str, int]) -> str:
    return f"{{0x{usb['vid']:04X}, 0x{usb['pid']:04X}, {usb['interface']}}}"


def cpp(table: dict[str, Board]) -> str:
    rows = ""
    for name, b in table.items():
        leds_low = sum(low << i for i, low in enumerate(b["led_active_low"]))
        rows += (
            f'    {{"{name}", "{b["title"]}", "{b["part"]}", 0x{b["idcode"]:08X}, "{b["build"]}", {b["baud"]},\n'
            f'     "{b["openfpgaloader"]}", "{b["serial_prefix"]}", {usb_of(b["jtag"])}, {usb_of(b["uart"])},\n'
            f'     {str(b["reset_active_low"]).lower()}, 0x{leds_low:X}}},\n'
        )
    return (
        header("//", "The boards that we have tops for, and how to tell them apart.")
        + f"""#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/ports.hpp"

namespace ncx {{

/// One function of a USB device.
struct UsbFunction {{
  std::uint16_t vid, pid;
  std::uint32_t interface;
}};

struct Board {{
  std::string_view name, title;
  std::string_view part;           ///< as Vivado names it: "xc7a35tcpg236-1"
  std::uint32_t idcode;            ///< JTAG, without the version in the top four bits
  std::string_view build;          ///< named build of rtl/ncx_map.toml
  std::uint32_t baud;              ///< line rate of the board's bitstream
  std::string_view loader;         ///< openFPGALoader's name of it
  std::string_view serial_prefix;  ///< first digits of the USB serial numbers of its kind
  UsbFunction jtag, uart;
  bool reset_active_low;
  std::uint32_t leds_active_low;  ///< one bit each of led_o
}};

// clang-format off
inline constexpr std::array<Board, {len(table)}> kBoards{{{{
{rows}}}}};
// clang-format on

/// Throws InputError for a name that the table does not have.
[[nodiscard]] const Board& find_board(std::string_view name);
/// Boards that the port may be the UART of, by USB ids and serial number; two that only differ in
/// their FPGA can't be told apart that way. Empty: none of ours.
[[nodiscard]] std::vector<const Board*> boards_at(const PortInfo& port);
/// The port is not a UART but the JTAG channel of one of our boards.
[[nodiscard]] bool is_jtag(const PortInfo& port);
/// "basys3", "arty_a7_35 or arty_a7_100".
[[nodiscard]] std::string names_of(const std::vector<const Board*>& boards);

}}  // namespace ncx
"""
    )


def udev(table: dict[str, Board]) -> str:
    ids = sorted({(u["vid"], u["pid"]) for b in table.values() for u in (b["jtag"], b["uart"])})
    lines = [
        header("#", "Lets whoever sits at the machine use our boards; tools/install_udev.sh installs it.").rstrip(),
        'ACTION=="remove", GOTO="neurocorex_end"',
    ]
    for vid, pid in ids:
        match = f'ATTRS{{idVendor}}=="{vid:04x}", ATTRS{{idProduct}}=="{pid:04x}"'
        lines += [
            f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {match.replace("ATTRS", "ATTR")}, '
            'MODE="0660", GROUP="plugdev", TAG+="uaccess"',
            f'SUBSYSTEM=="tty", {match}, MODE="0660", GROUP="dialout", TAG+="uaccess", ENV{{ID_MM_DEVICE_IGNORE}}="1"',
            "# An answer then waits 1 ms in the chip and not 16.",
            f'SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", {match}, ATTR{{latency_timer}}="1"',
        ]
    return "\n".join([*lines, 'LABEL="neurocorex_end"']) + "\n"


def simulated_boards() -> list[str]:
    """Boards whose RTL `ncx sim` has in a build as it comes."""
    found = re.search(r'set\(NCX_SIM_BOARDS "([^"]*)"', (ROOT / "CMakeLists.txt").read_text())
    if not found:
        raise ValueError("CMakeLists.txt: no default of NCX_SIM_BOARDS")
    return found[1].split(";")


def markdown(table: dict[str, Board]) -> str:
    builds = load()
    verilated = simulated_boards()
    lines = [
        "",
        "| `--board` | board | part | build: neurons, axons, synapses | oscillator | baud | connector | price, USD "
        "| works in simulation | on hardware |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, b in table.items():
        build = builds[b["build"]]
        words = int(build["lanes"]) * int(build["synapse_words"])
        dense = words * (2 if build["weight_bits"] == 16 else 4)
        lines.append(
            f"| `{name}` | {b['title']} | {b['part']} | `{b['build']}`: {build['neurons']:,}, {build['axons']:,}, "
            f"{dense:,} dense or {words:,} sparse | {b['oscillator_hz'] / 1e6:g} MHz | {b['baud']:,} "
            f"| {b['connector']} | {PRICES[b['price_class']]} "
            f"| {SIMULATED if name in verilated else MODELLED} | {b['seen'] or 'not yet seen'} |"
        )
    lines += [
        "",
        "| `--board` | alive | link | spike | error | reset | USB serial number begins with | openFPGALoader |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, b in table.items():
        leds = " | ".join(b["led_names"])
        lines.append(
            f"| `{name}` | {leds} | `{b['pin']['reset_i']['vendor']}` | {b['serial_prefix']} "
            f"| `-b {b['openfpgaloader']}` |"
        )
    return "\n".join(lines) + "\n"


def faces() -> dict[Path, str]:
    """Generated file -> what it must hold."""
    table = boards()
    files = {
        ROOT / "constraints/vivado/boards.tcl": tcl(table),
        ROOT / "constraints/60-neurocorex.rules": udev(table),
        ROOT / "host/include/ncx/boards.hpp": cpp(table),
    }
    for name, board in table.items():
        files[ROOT / f"constraints/{name}.xdc"] = xdc(name, board)
        files[ROOT / f"rtl/boards/ncx_{name}.sv"] = top(name, board)
    head, rest = DOCS.read_text().split(BEGIN, 1)
    files[DOCS] = f"{head}{BEGIN}\n{markdown(table)}\n{END}{rest.split(END, 1)[1]}"
    return files


def main() -> int:
    try:
        files = faces()
    except (OSError, ValueError, KeyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(
                f"{path.relative_to(ROOT)} does not match constraints/boards.toml: run tools/generate_boards.py",
                file=sys.stderr,
            )
        return bool(stale)
    for path in stale:
        path.write_text(files[path])
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
