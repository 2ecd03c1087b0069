# SPDX-License-Identifier: BSD-3-Clause
"""`ncx flash` with a fake openFPGALoader for each outcome, and with the real one when there is no board."""

from __future__ import annotations

import gzip
import os
import pty
import shutil
import subprocess
import time
from pathlib import Path
from typing import Callable

import pytest

from conftest import INTERRUPTED, LINK_LOST, NCX, NO_BOARD, OK, USAGE, Bench, bitstream, error

BRIDGES = Path("/usr/share/openFPGALoader")


# ---- what is asked of openFPGALoader ----


def test_the_board_is_checked_then_loaded(bench: Bench) -> None:
    outcome = bench.flash()
    assert outcome.code == OK, outcome.err
    assert bench.calls == [["-b", "basys3", "--detect"], ["-b", "basys3", str(bench.folder / "basys3.bit")]]
    assert outcome.out == "flashed ncx_basys3 into the Digilent Basys 3\n"
    assert "ncx_basys3 of 2024/01/31 12:34:56 for 7a35tcpg236" in outcome.err
    assert "Load SRAM: [=====" in outcome.err, "progress is passed on"


def test_persist_writes_and_verifies_the_flash(bench: Bench) -> None:
    assert bench.flash("--persist").code == OK
    assert bench.calls[1] == ["-b", "basys3", "-f", "--verify", str(bench.folder / "basys3.bit")]


def test_each_board_has_its_own_name_and_part(bench: Bench) -> None:
    for board, part, idcode, name in [
        ("cmod_a7", "7a35tcpg236", 0x0362D093, "cmoda7_35t"), ("arty_a7_35", "7a35ticsg324", 0x0362D093, "arty_a7_35t"),
        ("arty_a7_100", "7a100tcsg324", 0x03631093, "arty_a7_100t"),
        ("nexys_a7_100", "7a100tcsg324", 0x03631093, "nexys_a7_100"),
        ("nexys_video", "7a200tsbg484", 0x03636093, "nexysVideo"),
    ]:  # fmt: skip
        bench.log.unlink(missing_ok=True)
        (bench.folder / "x.bit").write_bytes(bitstream(part, f"ncx_{board}", idcode))
        outcome = bench.flash(board=board, file="x.bit", FAKE_IDCODE=f"0x{idcode:x}")
        assert outcome.code == OK, outcome.err
        assert [call[:2] for call in bench.calls] == [["-b", name]] * 2


def test_a_file_that_looks_like_an_option(bench: Bench) -> None:
    (bench.folder / "-f.bit").write_bytes(bitstream())
    assert bench.ncx("flash", "--board", "basys3", "--no-wait", "--sys", bench.sys, "--", "-f.bit").code == OK
    assert bench.calls[1][-1] == str(bench.folder / "-f.bit")


def test_json(bench: Bench) -> None:
    outcome = bench.flash("--json", "--persist")
    assert outcome.json == {
        "board": "basys3", "file": "basys3.bit", "design": "ncx_basys3", "part": "7a35tcpg236", "date": "2024/01/31",
        "time": "12:34:56", "persist": True, "serial_number": "", "baud": 4_000_000,
    }  # fmt: skip
    failed = bench.flash("--json", scene="no-cable")
    assert failed.json["exit_code"] == failed.code == NO_BOARD and failed.json["try"]


# ---- what openFPGALoader says ----


@pytest.mark.parametrize(
    ("scene", "code", "message", "hint"),
    [
        ("no-cable", NO_BOARD, "no Digilent Basys 3 on USB", "lsusb"),
        ("no-permission", NO_BOARD, "no permission to use the USB", "tools/install_udev.sh"),
        ("busy", NO_BOARD, "another program holds the USB", "hw_server"),
        ("unknown-board", USAGE, "does not know the Digilent Basys 3", "openFPGALoader 0.10"),
        ("old", USAGE, "does not know one of our options", "openFPGALoader 0.10"),
        ("jtag", NO_BOARD, "does not do JTAG", "without a hub"),
        ("no-fpga", NO_BOARD, "its FPGA does not", "switch the board on"),
        ("two-fpgas", USAGE, "more than one FPGA", "alone on its cable"),
        ("alien-fpga", USAGE, "none that openFPGALoader knows", "--board"),
        ("odd", LINK_LOST, "ended with 1 and said: Jtag frequency : requested 10.00MHz  -> real 10.00MHz / "
         "the moon is full", "openFPGALoader -b basys3 --detect"),
        ("silent", LINK_LOST, "ended with 1 and said: nothing", "openFPGALoader -b basys3 --detect"),
        ("program", LINK_LOST, "failed on the way", "without a USB hub"),
        ("asleep", LINK_LOST, "took the bitstream but did not start", "build the bitstream again"),
        ("crash", LINK_LOST, "ended with 139", "openFPGALoader -b basys3 --detect"),
    ],
)  # fmt: skip
def test_every_text_becomes_an_error_with_a_hint(bench: Bench, scene: str, code: int, message: str, hint: str) -> None:
    outcome = bench.flash(scene=scene)
    assert outcome.code == code, outcome.err
    said, tried = error(outcome)
    assert message in said and hint in tried


@pytest.mark.parametrize(
    ("scene", "code", "message", "hint"),
    [
        ("protected", USAGE, "write protected", "openFPGALoader -b basys3 --unprotect-flash"),
        ("flash", LINK_LOST, "does not hold what was written", "another cable"),
    ],
)
def test_troubles_with_the_flash(bench: Bench, scene: str, code: int, message: str, hint: str) -> None:
    assert bench.flash(scene=scene).code == OK, "only the flash is in trouble"
    outcome = bench.flash("--persist", scene=scene)
    assert outcome.code == code
    said, tried = error(outcome)
    assert message in said and hint in tried


def test_another_fpga_behind_the_cable_is_not_loaded(bench: Bench) -> None:
    outcome = bench.flash(FAKE_IDCODE="0x3631093")
    assert outcome.code == USAGE
    said, tried = error(outcome)
    assert "IDCODE 0x03631093, but a Digilent Basys 3 has 0x0362D093" in said
    assert "--board arty_a7_100 or nexys_a7_100" in tried
    assert len(bench.calls) == 1


def test_the_version_of_the_fpga_does_not_matter(bench: Bench) -> None:
    assert bench.flash(FAKE_IDCODE="0x1362d093").code == OK


def test_a_loader_that_does_not_say_what_it_found(bench: Bench) -> None:
    assert bench.flash(scene="laconic").code == OK


@pytest.mark.parametrize("scene", ["hang", "hang-detect", "stubborn"])
def test_a_loader_that_hangs_is_ended(bench: Bench, scene: str) -> None:
    start = time.monotonic()
    outcome = bench.flash("--timeout", 1, scene=scene)
    assert time.monotonic() - start < 10
    assert outcome.code == LINK_LOST
    assert "was not done after 1 s" in error(outcome)[0]


def test_ctrl_c_ends_the_loader_too(bench: Bench) -> None:
    start = time.monotonic()
    outcome = bench.flash(scene="interrupted")
    assert time.monotonic() - start < 10
    assert outcome.code == INTERRUPTED
    assert "the FPGA may be empty now" in error(outcome)[0]


def test_not_installed(bench: Bench) -> None:
    for path in ("/nowhere", ""):
        outcome = bench.flash(path=path)
        assert outcome.code == USAGE
        said, tried = error(outcome)
        assert "openFPGALoader is not installed" in said and tried == "sudo apt install openfpgaloader"


def test_at_a_terminal_progress_is_live(bench: Bench) -> None:
    # With a terminal for our stderr the loader gets one as well.
    (bench.folder / "bin/openFPGALoader").unlink()
    script = bench.folder / "bin/openFPGALoader"
    script.write_text("#!/bin/sh\n[ -t 1 ] && echo terminal || echo pipe\n")
    script.chmod(0o755)
    far, near = pty.openpty()
    command = [NCX, "flash", "--board", "basys3", "basys3.bit", "--no-wait", "--sys", str(bench.sys)]
    environment = {**os.environ, "PATH": f"{bench.folder / 'bin'}:{os.environ['PATH']}"}
    with subprocess.Popen(command, cwd=bench.folder, stdout=subprocess.PIPE, stderr=near, env=environment) as process:
        assert process.wait(timeout=60) == OK
    os.close(near)
    assert b"terminal" in os.read(far, 4096)
    os.close(far)


# ---- several boards ----

BASYS, BASYS2, ARTY, CMOD = "210183AAAAAA", "210183BBBBBB", "210319CCCCCC", "210328DDDDDD"


def test_the_only_board_of_the_kind_is_chosen(bench: Bench) -> None:
    bench.usb(ARTY)
    bench.usb(BASYS, ports=2)
    outcome = bench.flash()
    assert outcome.code == OK, outcome.err
    assert [call[:4] for call in bench.calls] == [["-b", "basys3", "--ftdi-serial", BASYS]] * 2


def test_two_of_a_kind_are_not_guessed_between(bench: Bench) -> None:
    bench.usb(BASYS)
    bench.usb(BASYS2, ports=2)
    outcome = bench.flash()
    assert outcome.code == NO_BOARD
    said, tried = error(outcome)
    assert f"2 boards could be the Digilent Basys 3: {BASYS}, {BASYS2}" in said
    assert tried == f"--serial-number {BASYS}"
    assert bench.calls == []
    assert bench.flash("--serial-number", BASYS2).code == OK
    assert bench.calls[0][2:4] == ["--ftdi-serial", BASYS2]


def test_a_serial_number_that_is_not_there(bench: Bench) -> None:
    bench.usb(BASYS)
    outcome = bench.flash("--serial-number", "210183XX")
    assert outcome.code == NO_BOARD
    said, tried = error(outcome)
    assert "no board with USB serial number 210183XX" in said and tried == f"one of those that are: {BASYS}"


def test_another_kind_of_board_is_not_loaded(bench: Bench) -> None:
    bench.usb(CMOD)
    outcome = bench.flash()
    assert outcome.code == NO_BOARD
    said, tried = error(outcome)
    assert f"no Digilent Basys 3 is connected; the board {CMOD} is another one" in said
    assert tried == "--board cmod_a7"
    assert bench.calls == []


def test_boards_without_serial_numbers(bench: Bench) -> None:
    bench.usb("")
    assert bench.flash().code == OK
    assert bench.calls[0] == ["-b", "basys3", "--detect"]
    bench.usb("", ports=2)
    outcome = bench.flash()
    assert outcome.code == NO_BOARD and error(outcome)[1] == "unplug all but one"


# ---- the file ----


def test_damaged_and_foreign_files_are_refused_before_the_board_is_touched(bench: Bench) -> None:
    good = bitstream()
    cases = {
        "is empty": b"",
        "begins with 7F 45 4C": b"\x7fELF" + b"\0" * 100,
        "has configuration data but no header": b"\xff" * 32 + bytes.fromhex("aa995566") + b"\0" * 64,
        "ends after 8 bytes, in the middle of its header": good[:8],
        "in the middle of the design's name": good[:30],
        "it was cut short": good[:-1],
        "something was added to it": good + b"\0",
        "expected 'b' for the part": good.replace(b"b\0\x0c7a35", b"x\0\x0c7a35"),
        "has no sync word": good.replace(bytes.fromhex("aa995566"), bytes.fromhex("aa995567")),
        "has nothing readable for the part in its header": good.replace(b"7a35tcpg236", b"7a35\x01cpg236"),
        "is for the part 7a100tcsg324": bitstream("7a100tcsg324", "top", 0x03631093),
        "is for the part 7a35tcsg324": bitstream("7a35tcsg324", "top"),
        "its data is for IDCODE 0x03631093": bitstream(idcode=0x03631093),
        "was built for the Digilent Cmod A7-35T": bitstream(design="ncx_cmod_a7"),
    }
    for message, content in cases.items():
        (bench.folder / "bad.bit").write_bytes(content)
        outcome = bench.flash(file="bad.bit")
        said, _ = error(outcome)
        assert outcome.code == USAGE and "bad.bit" in said and message in said, (message, said)
    outcome = bench.flash(file="missing.bit")
    assert outcome.code == USAGE and "cannot read missing.bit: No such file" in error(outcome)[0]
    assert bench.calls == []


def test_every_cut_of_a_bitstream_is_an_error(bench: Bench) -> None:
    good = bitstream(data=b"")
    for length in range(0, len(good), 7):
        (bench.folder / "cut.bit").write_bytes(good[:length])
        assert bench.flash(file="cut.bit").code == USAGE
    assert bench.calls == []


def test_the_hint_names_the_board_that_the_file_is_for(bench: Bench) -> None:
    (bench.folder / "x.bit").write_bytes(bitstream("7a200tsbg484", "top", 0x03636093))
    _, tried = error(bench.flash(file="x.bit"))
    assert tried == "make bitstream BOARD=basys3; or --board nexys_video, if that is yours"


def test_unknown_board(bench: Bench) -> None:
    outcome = bench.flash(board="basys4")
    assert outcome.code == USAGE and "there is no board 'basys4'" in error(outcome)[0]


@pytest.mark.skipif(not BRIDGES.is_dir(), reason="needs the bitstreams of the package openfpgaloader")
@pytest.mark.parametrize(
    ("file", "board", "idcode"),
    [("xc7a35tcpg236", "cmod_a7", "0x362d093"), ("xc7a35tcsg324", "arty_a7_35", "0x362d093"),
     ("xc7a100tcsg324", "nexys_a7_100", "0x3631093"), ("xc7a200tsbg484", "nexys_video", "0x3636093")],
)  # fmt: skip
def test_bitstreams_that_vivado_wrote_are_understood(bench: Bench, file: str, board: str, idcode: str) -> None:
    data = gzip.decompress((BRIDGES / f"spiOverJtag_{file}.bit.gz").read_bytes())
    (bench.folder / "bridge.bit").write_bytes(data)
    outcome = bench.flash("--json", board=board, file="bridge.bit", FAKE_IDCODE=idcode)
    assert outcome.code == OK, outcome.err
    assert "spiOverJtag" in outcome.json["design"] and f"xc{outcome.json['part']}" == file
    assert bench.flash(board="basys3" if file != "xc7a35tcpg236" else "arty_a7_35", file="bridge.bit").code == USAGE


# ---- afterwards ----


def test_it_waits_for_the_board_and_prints_info(bench: Bench, device: Callable[[str], str]) -> None:
    port = device("cmod_a7")
    outcome = bench.flash("--port", port)
    assert outcome.code == OK, outcome.err
    assert outcome.out.startswith(f"port             {port}\n")
    info = bench.ncx("info", "--port", port)
    assert outcome.out.split("\n", 1)[1] == info.out
    assert "name             cmod_a7" in outcome.out
    assert f"ncx selftest --port {port}" in outcome.err
    described = bench.flash("--port", port, "--json").json
    assert described["port"] == port and described["info"]["name"] == "cmod_a7" and described["info"]["build"] == 77


def test_the_board_may_take_its_time(bench: Bench, device: Callable[[str], str]) -> None:
    late = bench.folder / "late"
    port = device("cmod_a7")
    command = [NCX, "flash", "--board", "basys3", "basys3.bit", "--sys", str(bench.sys), "--port", str(late)]
    environment = {**os.environ, "PATH": f"{bench.folder / 'bin'}:{os.environ['PATH']}",
                   "FAKE_LOADER_LOG": str(bench.log)}
    with subprocess.Popen(command, cwd=bench.folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        time.sleep(1.5)
        assert process.poll() is None
        late.symlink_to(port)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == OK and "cmod_a7" in out


def test_a_board_that_does_not_answer(bench: Bench) -> None:
    far, near = pty.openpty()
    start = time.monotonic()
    outcome = bench.flash("--port", os.ttyname(near), "--wait", 1)
    assert time.monotonic() - start < 10
    assert outcome.code == LINK_LOST
    said, tried = error(outcome)
    assert "flashed, but in 1 s the board did not answer at" in said and "4000000 baud" in said
    assert "ncx info --port" in tried
    os.close(far)
    os.close(near)


def test_no_port_comes_up(bench: Bench) -> None:
    bench.usb(BASYS)
    shutil.rmtree(bench.sys / "class/tty")
    outcome = bench.flash("--wait", 0.5)
    assert outcome.code == NO_BOARD
    assert "no UART of the Digilent Basys 3 came up in 0.5 s" in error(outcome)[0]
    (bench.folder / "v.bit").write_bytes(bitstream("7a200tsbg484", "ncx_nexys_video", 0x03636093))
    bench.usb("210276EEEEEE")
    outcome = bench.flash("--wait", 0.5, board="nexys_video", file="v.bit", FAKE_IDCODE="0x3636093")
    assert outcome.code == NO_BOARD and "UART connector as well" in error(outcome)[1]


def test_the_port_is_the_flashed_boards_uart_channel(bench: Bench) -> None:
    bench.usb(ARTY)
    bench.usb(BASYS, ports=2)
    outcome = bench.flash("--wait", 0.5)
    # There is no such port here: the message shows which one it took.
    assert outcome.code == LINK_LOST and "/dev/ttyUSB3" in error(outcome)[0]


def test_two_uarts_that_could_be_the_boards(bench: Bench) -> None:
    (bench.folder / "v.bit").write_bytes(bitstream("7a200tsbg484", "ncx_nexys_video", 0x03636093))
    bench.usb("210276EEEEEE")
    bench.usb("A1", pid="6001", ports=4)
    bench.usb("A2", pid="6001", ports=5)
    outcome = bench.flash("--wait", 0.5, board="nexys_video", file="v.bit", FAKE_IDCODE="0x3636093")
    assert outcome.code == NO_BOARD
    said, tried = error(outcome)
    assert "2 ports could be the UART of the Digilent Nexys Video: /dev/ttyUSB4, /dev/ttyUSB5" in said
    assert tried == "ncx info --port /dev/ttyUSB4"


# ---- ncx ports ----


def test_ports_names_boards_where_the_usb_tells(bench: Bench) -> None:
    bench.usb(BASYS)
    bench.usb(ARTY, ports=2)
    bench.usb("XYZ", ports=4)
    bench.usb("A1", pid="6001", product="FT232R USB UART", ports=6)
    outcome = bench.ncx("ports", "--sys", bench.sys)
    lines = {line.split()[0]: line for line in outcome.out.splitlines() if line.startswith("/dev")}
    assert lines["/dev/ttyUSB0"].endswith(f"{BASYS}, JTAG of a board: its UART is another port")
    assert lines["/dev/ttyUSB1"].endswith(f"{BASYS}, basys3")
    assert lines["/dev/ttyUSB3"].endswith(f"{ARTY}, arty_a7_35 or arty_a7_100")
    assert lines["/dev/ttyUSB5"].endswith(", cmod_a7, basys3, arty_a7_35, arty_a7_100 or nexys_a7_100")
    assert lines["/dev/ttyUSB6"].endswith(", nexys_video")
    ports = bench.ncx("ports", "--json", "--sys", bench.sys).json["ports"]
    assert [p["boards"] for p in ports][:2] == [[], ["basys3"]] and [p["jtag"] for p in ports][:2] == [True, False]


# ---- the real program ----


@pytest.mark.skipif(shutil.which("openFPGALoader") is None, reason="no openFPGALoader: package openfpgaloader")
@pytest.mark.skipif(Path("/sys/bus/usb/devices").is_dir(), reason="there is USB here: it might find a board")
def test_the_real_loader_without_a_board(bench: Bench) -> None:
    outcome = bench.flash(path=os.environ["PATH"])
    assert outcome.code == NO_BOARD
    assert "no Digilent Basys 3 on USB" in error(outcome)[0]


@pytest.mark.skipif(shutil.which("openFPGALoader") is None, reason="no openFPGALoader: package openfpgaloader")
def test_the_real_loader_knows_our_boards_and_options() -> None:
    boards = subprocess.run(["openFPGALoader", "--list-boards"], capture_output=True, text=True).stdout.split()
    assert {"cmoda7_35t", "basys3", "arty_a7_35t", "arty_a7_100t", "nexys_a7_100", "nexysVideo"} <= set(boards)
    options = subprocess.run(["openFPGALoader", "--help"], capture_output=True, text=True).stdout
    assert all(option in options for option in ("--ftdi-serial", "--detect", "-f, --write-flash", "--verify"))
