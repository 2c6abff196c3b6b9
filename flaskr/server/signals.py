"""Signals that stop a server."""

import signal
from typing import Any

# Sent when the terminal is closed. Windows has no SIGHUP.
HANGUP = getattr(signal, "SIGHUP", signal.SIGTERM)


def on_hangup(handler: Any) -> Any:
    """Return the handler to set for `HANGUP`, which stays ignored under `nohup`."""
    return signal.SIG_IGN if signal.getsignal(HANGUP) == signal.SIG_IGN else handler
