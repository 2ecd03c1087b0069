# SPDX-License-Identifier: BSD-3-Clause
"""`ncx`, bitstreams, USB trees and a fake openFPGALoader for the tests of flashing."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

ROOT = Path(__file__).resolve().parents[2]
NCX = os.environ.get("NCX", str(ROOT / "build/bin/ncx"))
VIRTUAL_PORT = os.environ.get("NCX_VIRTUAL_PORT", str(ROOT / "build/bin/ncx_virtual_port"))
FAKE = Path(__file__).parent / "fake_loader.py"
TIMEOUT_S = 60
OK, USAGE, NO_BOARD, LINK_LOST, INTERRUPTED = 0, 2, 3, 4, 130
START = bytes.fromhex("0009 0ff0 0ff0 0ff0 0ff0 0000 01".replace(" ", ""))
PREAMBLE = b"\xff" * 32 + bytes.fromhex("000000bb11220044ffffffffffffffffaa9955662000000030018001")


def bitstream(
    part: str = "7a35tcpg236", design: str = "ncx_basys3", idcode: int = 0x0362D093, data: bytes = b"\0" * 400
) -> bytes:
    """A .bit file as Vivado writes it, but for the frames."""
    def field(key: str, text: str) -> bytes:
        value = text.encode() + b"\0"
        return key.encode() + struct.pack(">H", len(value)) + value

    content = PREAMBLE + struct.pack(">I", idcode) + data
    header = START + field("a", f"{design};UserID=0XFFFFFFFF;COMPRESS=TRUE;Version=2022.1") + field("b", part)
    header += field("c", "2024/01/31") + field("d", "12:34:56")
    return header + b"e" + struct.pack(">I", len(content)) + content


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Bench:
    """A folder with a bitstream, a USB tree and a fake openFPGALoader on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "loader.log"
        self.sys = folder / "sys"
        (folder / "basys3.bit").write_bytes(bitstream())
        (folder / "bin").mkdir()
        (folder / "bin/openFPGALoader").symlink_to(FAKE)

    def usb(self, serial: str, pid: str = "6010", product: str = "Digilent USB Device", ports: int = 0,
            uart: str = "") -> None:
        """Connects a device; its channels become ttyUSB<ports> and those after it, the last one `uart` if given."""
        devices = self.sys / "bus/usb/devices"
        devices.mkdir(parents=True, exist_ok=True)
        number = len(list(devices.iterdir()))
        device = devices / f"1-{number + 1}"
        device.mkdir()
        for name, value in {"idVendor": "0403", "idProduct": pid, "serial": serial, "manufacturer": "Digilent",
                            "product": product}.items():
            (device / name).write_text(value + "\n")
        (self.sys / "class/tty").mkdir(parents=True, exist_ok=True)
        channels = 2 if pid == "6010" else 1
        for channel in range(channels):
            name = f"ttyUSB{ports + channel}"
            if uart and channel == channels - 1:
                name = os.path.realpath(uart).removeprefix("/dev/").replace("/", "!")
            port = device / f"1-{number + 1}:1.{channel}" / name
            port.mkdir(parents=True)
            (port.parent / "bInterfaceNumber").write_text(f"{channel:02x}\n")
            tty = self.sys / f"class/tty/{name}"
            tty.mkdir()
            (tty / "device").symlink_to(port)

    def ncx(self, *arguments: object, scene: str = "good", path: str | None = None, **settings: str) -> Outcome:
        environment = {**os.environ, "FAKE_LOADER": scene, "FAKE_LOADER_LOG": str(self.log), **settings}
        environment["PATH"] = f"{self.folder / 'bin'}:{os.environ['PATH']}" if path is None else path
        words = [NCX, *map(str, arguments)]
        result = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                                env=environment)
        return Outcome(result.returncode, result.stdout, result.stderr)

    def flash(self, *arguments: object, board: str = "basys3", file: str = "basys3.bit", **settings: Any) -> Outcome:
        words = ["flash", "--board", board, file, "--sys", self.sys, *arguments]
        if "--port" not in words and "--wait" not in words and "--no-wait" not in words:
            words.append("--no-wait")
        return self.ncx(*words, **settings)

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def error(outcome: Outcome) -> tuple[str, str]:
    """The message and what to try; there is always both, and nothing on stdout."""
    assert outcome.out == ""
    assert outcome.err.count("error: ") == 1, outcome.err
    message, hint = outcome.err.split("error: ")[1].split("\n  try: ")
    assert hint.strip()
    return message, hint.strip()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def device() -> Iterator[Callable[..., str]]:
    """Serves builds on pseudo-terminals, with flaws as ncx_virtual_port has them; gives their paths."""
    processes: list[subprocess.Popen[str]] = []

    def serve(configuration: str, *flaws: object) -> str:
        process = subprocess.Popen([VIRTUAL_PORT, configuration, *map(str, flaws)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield serve
    for process in processes:
        process.communicate("\n", timeout=TIMEOUT_S)
        assert process.returncode == 0
