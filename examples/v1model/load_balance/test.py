"""Connections to an address that two hosts have."""
import socket

from packets import Ipv4, is_ipv4, udp

SERVICE = "10.0.100.1"
CONNECTIONS = 32


def test_all_hosts_reach_each_other(network):
    network["h1"].ping(network["h2"])
    network["h3"].ping(network["h1"])
    network["h2"].ping(network["h3"])


def test_connections_are_spread_and_stay_where_they_are(network):
    h1 = network["h1"]
    frames = h1.frames()
    watched = {name: network[name].frames() for name in ("h2", "h3")}
    for turn in (b"first", b"second"):
        for port in range(CONNECTIONS):
            frames.send(h1.packet(SERVICE, udp(5000 + port, 80, turn)))
    # The last packet to each host tells that all have come.
    seen = {name: [] for name in watched}
    while sum(map(len, seen.values())) < 2 * CONNECTIONS:
        for name, one in watched.items():
            frame = one.next(0.01)
            if frame and is_ipv4(frame) and Ipv4(frame).dst == SERVICE:
                seen[name].append(Ipv4(frame).payload)
    for name, payloads in seen.items():
        first, second = ({one[:2] for one in payloads if one.endswith(turn)} for turn in (b"first", b"second"))
        assert first == second and len(first) >= CONNECTIONS // 4, f"{name}: {len(first)} connections first, {len(second)} then"


def test_tcp_through_the_balancer(network):
    for name in ("h2", "h3"):
        listener = network[name].socket()
        listener.bind((SERVICE, 80))
        listener.listen()
        network[name].listener = listener
    answers = set()
    for port in range(6000, 6000 + CONNECTIONS):
        client = network["h1"].socket()
        client.bind((network["h1"].ip_address, port))
        client.connect((SERVICE, 80))
        for name in ("h2", "h3"):
            network[name].listener.setblocking(False)
            try:
                server, _ = network[name].listener.accept()
            except BlockingIOError:
                continue
            server.sendall(name.encode())
            server.close()
        answers.add(client.recv(10))
        client.close()
        if len(answers) == 2:
            return
    raise AssertionError(f"only {answers} answered")
