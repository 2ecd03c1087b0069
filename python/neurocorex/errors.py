# SPDX-License-Identifier: BSD-3-Clause
"""One exception class a kind of failure; every message says what to try next."""

from __future__ import annotations


class Error(Exception):
    """Base of everything that NeuroCoreX raises on its own account."""


class InputError(Error, ValueError):
    """The network, a file or an argument is not valid; the message names it."""


class CapacityError(Error):
    """The network is valid but does not fit this build."""


class LinkError(Error, OSError):
    """The line to the device failed, timed out, or the other side speaks something else."""


class PortError(LinkError):
    """No device, or it cannot be opened."""


class RefusedError(LinkError):
    """The device refused a request."""


class Interrupted(Error):
    """A run was stopped before its end."""
