#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Stands in for openFPGALoader 0.10: logs its arguments, says what the real one says in the situation FAKE_LOADER.

The texts are those of the real program: seen with the Debian package, or quoted in its issue tracker.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

SCENE = os.environ.get("FAKE_LOADER", "good")
IDCODE = os.environ.get("FAKE_IDCODE", "0x362d093")
# What it prints and its exit code, when it does not get as far as the FPGA.
NO_START = {
    "no-cable": "unable to open ftdi device: -3 (device not found)\n"
    "JTAG init failed with: unable to open ftdi device\n",
    "no-permission": "unable to open ftdi device: -4 (usb_open() failed)\n"
    "JTAG init failed with: unable to open ftdi device\n",
    "busy": "unable to open ftdi device: -5 (unable to claim usb device. "
    "Make sure the default FTDI driver is not in use)\n"
    "JTAG init failed with: unable to open ftdi device\n",
    "unknown-board": "Error: cannot find board 'basys3'\n",
    "old": "Error parsing options: Option 'ftdi-serial' does not exist\nError in parse arg step\n",
    "jtag": "fail to read data usb bulk read failed\nJTAG init failed with: low level FTDI init failed\n",
    "no-fpga": "Jtag frequency : requested 10.00MHz  -> real 10.00MHz\nError: no device found\n",
    "two-fpgas": "Error: more than one FPGA found. Use --index-chain to force selection\n",
    "alien-fpga": "Unknown device with IDCODE: 0x1234567f (manufacturer: 0x33f (), part: 0x34 vers: 0x1\n",
    "odd": "Jtag frequency : requested 10.00MHz  -> real 10.00MHz\nthe moon is full\n",
    "silent": "",
}
LOAD = "load program\n"
BAR = "Load SRAM: [==================================================] 100.00%\nDone\n"
AWAKE = "Shift IR 35\nir: 1 isc_done 1 isc_ena 0 init 1 done 1\n"


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> int:
    arguments = sys.argv[1:]
    with Path(os.environ["FAKE_LOADER_LOG"]).open("a") as log:
        log.write(json.dumps(arguments) + "\n")
    if SCENE in NO_START:
        sys.stderr.write(NO_START[SCENE])
        return 1
    say("\033[94mJtag frequency : requested 10.00MHz  -> real 10.00MHz \033[0m\n")
    if "--detect" in arguments:
        if SCENE == "hang-detect":
            time.sleep(60)
        if SCENE != "laconic":
            say(f"index 0:\n\tidcode {IDCODE}\n\tmanufacturer xilinx\n\tfamily artix a7 35t\n\tmodel  xc7a35\n")
            say("\tirlength 6\n")
        return 0
    say("Open file DONE\nParse file DONE\n" + LOAD)
    if SCENE == "hang":
        time.sleep(60)
    if SCENE == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    if SCENE == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if SCENE == "interrupted":
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(60)
    if SCENE == "program":
        say("Error: Failed to program FPGA: device id mismatch\n")
        return 1
    say("\r".join(f"Load SRAM: [{'=' * n:<50}] {2 * n:.2f}%" for n in (10, 30)) + "\r" + BAR)
    say(AWAKE.replace("done 1\n", "done 0\n") if SCENE == "asleep" else AWAKE)
    if "-f" in arguments:
        if SCENE == "protected":
            say("Error: block protection is set\n       can't unlock without --unprotect-flash\n")
            return 1
        say("Erasing: [==================================================] 100.00%\nDone\n")
        if SCENE == "flash":
            say("Read flash : [==================================================] 100.00%\nFail\n"
                "Verification failed at 2097152\n")  # and ends with 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
