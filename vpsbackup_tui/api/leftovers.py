"""Tell whether a connection has said more than its answer.

What a broken proxy sends after an answer would be taken for the next answer on that
connection. httpcore looks whether more waits in the socket, and no further; what has been
read together with the answer's last piece lies in buffers of h11, of the TLS layer and of
anyio, which are private. Where these have changed nothing can be told, and
then the connection counts as one that must not be used again.
"""

from typing import Any


def nothing_follows(response: Any) -> bool:
    """Tell whether nothing has come after an `httpx.Response` that is read to its end and not closed yet."""
    try:
        connection = response.stream._stream._httpcore_stream._stream._connection
        return not (connection._h11_state.trailing_data[0] or _is_buffered(connection._network_stream._stream))
    except AttributeError:
        return False


def _is_buffered(stream: Any) -> bool:
    """Tell whether bytes that came lie in an anyio stream, or in one that it is wrapped around."""
    while hasattr(stream, "transport_stream"):
        if stream._read_bio.pending or stream._ssl_object.pending():
            return True
        stream = stream.transport_stream
    return bool(stream._protocol.read_queue)
