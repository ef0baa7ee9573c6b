"""Hosts ask the calculator."""
import struct

from packets import ethernet

TYPE_CALCULATOR = 0x1234


def question(host, operation, left, right, begin=b"P4\x01"):
    payload = begin + operation.encode() + struct.pack("!III", left, right, 0)
    return ethernet("02:00:00:00:00:fe", host.mac, TYPE_CALCULATOR, payload.ljust(46, b"\0"))


def ask(host, frames, *words):
    frames.send(question(host, *words))
    frame = frames.expect()
    assert frame[:6].hex(":") == host.mac, frame.hex()
    return struct.unpack("!I", frame[26:30])[0]


def test_results(network):
    for host in network.hosts.values():
        frames = host.frames()
        for operation, left, right, result in (("+", 20, 22, 42), ("+", 0xFFFFFFFF, 2, 1), ("-", 5, 7, 2**32 - 2), ("&", 12, 10, 8),
                                               ("|", 12, 10, 14), ("^", 12, 10, 6)):
            found = ask(host, frames, operation, left, right)
            assert found == result, f"{left} {operation} {right} is {result}, not {found}"


def test_what_is_no_question_has_no_answer(network):
    h1 = network["h1"]
    frames = h1.frames()
    frames.send(question(h1, "%", 1, 1))
    frames.send(question(h1, "+", 1, 1, b"P4\x02"))
    frames.send(question(h1, "+", 1, 1)[:17])
    assert ask(h1, frames, "+", 1, 2) == 3
