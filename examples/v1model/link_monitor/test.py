"""Probes tell what the links carried."""
import struct

from packets import ethernet

TYPE_PROBE = 0x0812
REPORT = struct.Struct("!BBI6s6s")
# From h1 by s1, s3, s2, s4 and s1 home: the switch, and the port where the probe leaves it.
ROUND = ((1, 3), (3, 2), (2, 3), (4, 2), (1, 1))


def probe(network, steps=ROUND):
    """[(switch, port, bytes, last, now)], the oldest first, and the length of each probe when it came to that switch."""
    h1 = network["h1"]
    frames = h1.frames()
    sent = ethernet("02:00:00:00:00:fe", h1.mac, TYPE_PROBE, b"\0" + bytes(port for _, port in steps) + bytes(60))
    frames.send(sent)
    frame = frames.expect(lambda one: one[12:14] == b"\x08\x12")
    assert frame[14] == len(steps), frame.hex()
    reports = []
    for at in range(len(steps)):
        number, port, count, last, now = REPORT.unpack_from(frame, 15 + at * REPORT.size)
        reports.insert(0, (number, port, count, int.from_bytes(last, "big"), int.from_bytes(now, "big")))
    lengths = [len(sent) + at * (REPORT.size - 1) for at in range(len(steps))]
    return reports, lengths


def test_a_probe_goes_round_and_names_each_link(network):
    reports, _ = probe(network)
    assert tuple((number, port) for number, port, *_ in reports) == ROUND, reports


def test_counts_are_what_the_links_carried(network):
    h1, h3 = network["h1"], network["h3"]
    before, _ = probe(network)
    there = h3.frames()
    here = h1.frames()
    for _ in range(10):
        here.send(h1.packet(h3, bytes(1000)))
    for _ in range(10):
        size = len(there.expect(lambda frame: len(frame) > 1000))
    after, lengths = probe(network)
    # h1 to h3 goes by s1 port 3 and s3 port 2; the probe itself counts too.
    expected = [10 * size + lengths[0], 10 * size + lengths[1], *lengths[2:]]
    assert [count for _, _, count, _, _ in after] == expected, (after, expected)


def test_a_link_is_counted_from_probe_to_probe(network):
    first, _ = probe(network)
    second, _ = probe(network)
    assert [last for *_, last, _ in second] == [now for *_, now in first]
    assert all(last < now for *_, last, now in second)


def test_plain_packets_are_routed(network):
    network["h1"].ping(network["h4"])
    network["h2"].ping(network["h3"])
