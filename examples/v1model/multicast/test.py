"""Hosts on one Ethernet switch."""
from packets import ethernet

TYPE_TEST = 0x88B5  # for experiments (IEEE 802)
BROADCAST = "ff:ff:ff:ff:ff:ff"


def is_test(frame):
    return frame[12:14] == b"\x88\xb5"


def test_hosts_find_each_other_by_arp(network):
    hosts = list(network.hosts.values())
    for a in hosts:
        for b in hosts:
            if a is not b:
                a.ping(b)


def test_all_but_the_sender_get_one_copy(network):
    frames = {name: host.frames() for name, host in network.hosts.items()}
    for sender in network.hosts.values():
        flooded = ethernet(BROADCAST, sender.mac, TYPE_TEST, b"to all".ljust(46))
        frames[sender.name].send(flooded)
        for name, one in frames.items():
            if name != sender.name:
                assert one.expect(is_test) == flooded
    # What each gets next has come behind all copies.
    last = ethernet(BROADCAST, "02:00:00:00:00:99", TYPE_TEST, b"last".ljust(46))
    frames["h1"].send(last)
    for name in ("h2", "h3", "h4"):
        assert frames[name].expect(is_test) == last, f"{name} got a frame twice, or its own"


def test_a_known_address_gets_it_alone(network):
    frames = {name: host.frames() for name, host in network.hosts.items()}
    h1, h2 = network["h1"], network["h2"]
    frames["h1"].send(ethernet(h2.mac, h1.mac, TYPE_TEST, b"for h2".ljust(46)))
    frames["h1"].send(ethernet(BROADCAST, h1.mac, TYPE_TEST, b"to all".ljust(46)))
    assert frames["h2"].expect(is_test)[14:20] == b"for h2"
    assert frames["h3"].expect(is_test)[14:20] == b"to all"
    assert frames["h4"].expect(is_test)[14:20] == b"to all"
