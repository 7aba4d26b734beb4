# SPDX-License-Identifier: Apache-2.0
"""How the collector is called: straight, whatever proxy for the Web the environment of a shell or a service names."""

Options = tuple[tuple[str, int], ...]


def options(most: int) -> Options:
    """What every channel to the collector is given; `most` is the longest message it may send, in bytes."""
    return (("grpc.max_receive_message_length", most), ("grpc.enable_http_proxy", 0))
