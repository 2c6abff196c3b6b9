"""Request a page over a few persistent connections and print the requests a second.

`pages.py` runs this if wrk is not installed, as `client.py PORT PATH SECONDS [NAME:VALUE …]`. The
last arguments are headers.
"""

import http.client
import sys
import threading
import time

CONNECTIONS = 8


def main() -> None:
    """Request the page for the given time and print the rate."""
    port, path, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    headers = dict(header.split(":", 1) for header in sys.argv[4:])
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(ask(port, path, seconds, headers)))
        for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(counts) / seconds)


def ask(port: int, path: str, seconds: int, headers: dict[str, str]) -> int:
    """Return the number of responses over one connection in this time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        count += answer.status in (200, 304)
    connection.close()
    return count


if __name__ == "__main__":
    main()
