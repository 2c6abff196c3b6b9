"""Hand a connection to the server, which writes events to it as they happen.

A server that can do so, without a thread for each connection, puts an `Offer` into the environ of
the request. A view accepts it with a function that returns the events since its last call.
"""

import json
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

# The key of the offer in the environ.
OFFER = "flaskr.event_stream"
RETRY_MILLISECONDS = 5000

# Returns the events since the last call as bytes, or None to end the stream.
Poll = Callable[[], bytes | None]


class Listener(NamedTuple):
    """A function that finds events, the id of the user they are for, and the first data to send."""

    poll: Poll
    user_id: int
    first: bytes


class Offer:
    """The offer of a server to stream events as the response to a request."""

    def __init__(self, can_add: Callable[[int], bool]) -> None:
        self._can_add = can_add
        self.listener: Listener | None = None

    def accept(self, listener: Listener) -> bool:
        """Accept the offer. Return False if too many streams are open."""
        if not self._can_add(listener.user_id):
            return False
        self.listener = listener
        return True


class Event(NamedTuple):
    """An event with its data, which is sent as JSON."""

    name: str
    data: Any


def serialize(events: Iterable[Event], state_id: str) -> bytes:
    """Return events in the format of `EventSource`, with the id of the state after them."""
    return "".join(
        # JSON has no line breaks.
        f"id: {state_id}\nevent: {event.name}\ndata: {json.dumps(event.data)}\n\n"
        for event in events
    ).encode()


def start(state_id: str) -> bytes:
    """Return the beginning of a stream: the pause before reconnecting, and the id of the state."""
    return f"retry: {RETRY_MILLISECONDS}\n".encode() + serialize([Event("start", {})], state_id)
