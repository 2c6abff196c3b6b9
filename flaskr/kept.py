"""Pure: what was used last, within so much memory."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic
from typing import TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by their keys; those that were not asked for the longest make room for new ones.

    Any thread may ask and add.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._used = 0
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._changing = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Hashable]:
        """The keys, the one that is to go next first."""
        return iter(self._entries)

    def find(self, key: Hashable) -> Value | None:
        """The value of this key, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        # Another thread may just have made room.
        with suppress(KeyError):
            self._entries.move_to_end(key)
        return entry[0]

    def keep(self, key: Hashable, value: Value, size: int) -> None:
        """Keep a value that takes so much of the room, if all of it is enough."""
        with self._changing:
            self._forget(key)
            self._entries[key] = value, size
            self._used += size
            while self._used > self._room:
                self._forget(next(iter(self._entries)))

    def drop(self, key: Hashable) -> None:
        """Keep it no longer, where it was kept."""
        if key in self._entries:
            with self._changing:
                self._forget(key)

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._used -= entry[1]
