"""Real hosts in the network of tunnel: packets go by the tunnel's host number, not by the address inside."""
import struct

from packets import IPV4, Ipv4, ethernet, ipv4, is_ipv4

TYPE_TUNNEL = 0x1212


def in_tunnel(network, number, payload):
    """From h1, with the address of h2 inside."""
    h1, h2 = network["h1"], network["h2"]
    inner = ipv4(h1.ip_address, h2.ip_address, payload)
    return ethernet(h1.gateway_mac, h1.mac, TYPE_TUNNEL, struct.pack("!HH", IPV4, number) + inner)


def test_plain_packets_are_routed(network):
    network["h1"].ping(network["h2"])
    network["h2"].ping(network["h3"])


def test_the_tunnel_wins_over_the_address(network):
    here, h2, h3 = (network[name].frames() for name in ("h1", "h2", "h3"))
    sent = in_tunnel(network, 3, b"for h3")
    here.send(sent)
    assert h3.expect() == sent, "a packet in a tunnel arrives as it was sent"
    here.send(in_tunnel(network, 99, b"for nobody"))
    here.send(in_tunnel(network, 2, b"for h2"))
    assert Ipv4(h2.expect(), 18).payload == b"for h2"


def test_without_the_header_the_address_counts(network):
    h1, h2 = network["h1"], network["h2"]
    there = h2.frames()
    h1.frames().send(h1.packet(h2, b"plain"))
    assert Ipv4(there.expect(is_ipv4)).payload == b"plain"
