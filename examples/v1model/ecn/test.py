"""A host sends more than the link's rate: the virtual queue gets deep, and packets of senders who take part are marked."""
from packets import Ipv4, is_ipv4

PACKETS, BYTES = 40, 1000  # four times what the queue may hold (s1-runtime.json)


def marks(network, ecn):
    """The ECN fields with which the packets of a burst arrive."""
    h1, h2 = network["h1"], network["h2"]
    there, here = h2.frames(), h1.frames()
    for number in range(PACKETS):
        here.send(h1.packet(h2, bytes(BYTES), ecn=ecn, number=number + 1))
    found = [Ipv4(there.expect(is_ipv4)) for _ in range(PACKETS)]
    assert [one.number for one in found] == list(range(1, PACKETS + 1))
    return [one.ecn for one in found]


def test_a_burst_is_marked_once_the_queue_is_deep(network):
    found = marks(network, 1)
    unmarked = found.count(1)
    assert found == [1] * unmarked + [3] * (PACKETS - unmarked), found
    # 10,000 bytes fit, and what was drained meanwhile.
    assert 9 <= unmarked < PACKETS, found


def test_senders_who_take_no_part_are_never_marked(network):
    assert marks(network, 0) == [0] * PACKETS


def test_a_single_packet_on_a_link_without_a_limit_is_not_marked(network):
    h1, h2 = network["h1"], network["h2"]
    there = h1.frames()
    h2.frames().send(h2.packet(h1, ecn=2, number=77))
    assert Ipv4(there.expect(lambda frame: is_ipv4(frame) and Ipv4(frame).number == 77)).ecn == 3 - 1
