"""What the first router on the way makes of a packet's class."""
from packets import TCP, UDP, Ipv4, is_ipv4, tcp, udp

ICMP = 1


def arriving_class(network, payload, protocol, claimed=0):
    h1, h2 = network["h1"], network["h2"]
    there = h2.frames()
    h1.frames().send(h1.packet(h2, payload, protocol=protocol, dscp=claimed))
    return Ipv4(there.expect(is_ipv4)).dscp


def test_rules_give_the_class(network):
    assert arriving_class(network, udp(1, 5000), UDP) == 46
    assert arriving_class(network, tcp(1, 80, "S"), TCP) == 18


def test_the_larger_priority_wins(network):
    for port, expected in ((5999, 46), (6000, 8), (6999, 8), (7000, 46)):
        assert arriving_class(network, udp(1, port), UDP) == expected, port


def test_nobody_chooses_a_class_of_their_own(network):
    assert arriving_class(network, bytes(8), ICMP, claimed=46) == 0
    assert arriving_class(network, udp(1, 6500), UDP, claimed=46) == 8


def test_the_other_way_has_no_rules(network):
    network["h2"].ping(network["h1"])
