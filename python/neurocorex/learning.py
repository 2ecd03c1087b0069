# SPDX-License-Identifier: BSD-3-Clause
"""Learning on a running emulator: switches of the profiles, and saved states."""

from __future__ import annotations

import os
from typing import Iterator, Mapping, Union

from neurocorex import _arguments as arg
from neurocorex import _core
from neurocorex.image import Image
from neurocorex.stdp import Profile


class Switches(Mapping[str, bool]):
    """Which profiles change weights now, by name: `emulator.learning["stdp"] = False`. Traces are kept either way."""

    def __init__(self, core: _core.Emulator, image: Image) -> None:
        self._core = core
        self._users = {profile.name: profile.user for profile in image._core.profiles}

    def __getitem__(self, profile: Union[Profile, str]) -> bool:
        return self._core.learning(self._user(profile))

    def __setitem__(self, profile: Union[Profile, str], on: bool) -> None:
        self._core.set_learning(self._user(profile), arg.flag("on", on))

    def __iter__(self) -> Iterator[str]:
        return iter(self._users)

    def __len__(self) -> int:
        return len(self._users)

    def _user(self, profile: Union[Profile, str]) -> int:
        name = profile.name if isinstance(profile, Profile) else profile
        if isinstance(profile, Profile) and not name and len(self._users) == 1:
            return next(iter(self._users.values()))
        if not isinstance(name, str) or name not in self._users:
            there = ", ".join(map(repr, self._users))
            raise arg.refuse("profile", repr(profile), f"one of {there}" if there else "none: nothing learns here",
                             "projection.profile, or its name")
        return self._users[name]

    def __repr__(self) -> str:
        words = [f"{name!r} {'on' if on else 'off'}" for name, on in self.items()]
        return f"<learning: {', '.join(words) or 'no profiles'}>"


class State:
    """Everything that a run changes, as `Emulator.save_state` found it. Equal states compare equal."""

    def __init__(self, core: _core.State) -> None:
        self._core = core

    @property
    def tick(self) -> int:
        """Ticks completed."""
        return self._core.tick

    @property
    def image_id(self) -> int:
        """The image that it belongs to; see `Image.id`."""
        return self._core.image_id

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes a file; an existing one stays whole until the new one is complete."""
        self._core.save(arg.path("path", path))

    @classmethod
    def load(cls, path: Union[str, os.PathLike[str]]) -> State:
        """Reads a file; raises InputError for anything missing or damaged."""
        return cls(_core.State.load(arg.path("path", path)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and bool(self._core == other._core)

    def __getstate__(self) -> bytes:
        return self._core.to_cbor()

    def __setstate__(self, data: bytes) -> None:
        self._core = _core.State.from_cbor(data)

    def __repr__(self) -> str:
        return f"<State of image {self.image_id:08x} at tick {self.tick}>"
