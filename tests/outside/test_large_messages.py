"""A socket takes small messages only, in one frame or in many."""

import pytest
from websockets.exceptions import ConnectionClosed

from tests.outside.process import Demo, frames

PART = "x" * 4000


@pytest.mark.parametrize(
    "message", [pytest.param(PART * 3, id="in one frame"), pytest.param([PART] * 1000, id="in many frames")]
)
def test_a_large_message_ends_the_socket_and_nothing_else(quick: Demo, message: str | list[str]) -> None:
    with quick.socket() as other, quick.socket() as viewer:
        next(frames(other, "snapshot"))
        viewer.send(f'{{"type": "ack", "rv": 1, "more": "{PART}"}}')  # large enough for anybody
        next(frames(viewer, "snapshot"))
        with pytest.raises(ConnectionClosed):
            viewer.send(message)
            while True:
                viewer.recv(timeout=10)
        quick.set_image("nginx:1.9.1")
        next(frames(other, "changes"))
