#!/usr/bin/env python3
"""The controller of flow_cache. It stands at the CPU port's interface and gets packets of unknown flows, behind a header that says where they
came in and why. It knows where the hosts are, adds the flow to the switch, and gives the packet back with a header that says where it
shall go out.

usage: controller.py INSTANCE INTERFACE ADDRESS=PORT,MAC...

Each line on standard output is one packet: the reason, the flow, what was done.
"""
import os
import socket
import struct
import subprocess
import sys

P4BPF = os.environ.get("P4BPF", "p4bpf")
PACKET_OUTGOING = 4
UNKNOWN_FLOW, EXPIRED = 1, 2


class Controller:
    def __init__(self, instance, interface, hosts):
        self.instance = instance
        self.hosts = {}
        for host in hosts:
            address, port, mac = host.replace("=", ",").split(",")
            self.hosts[address] = (int(port), mac)
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.raw.bind((interface, 3))

    def packet_in(self, data):
        """@controller_header("packet_in"): 7 bits of padding, the port (9 bits), the reason (8 bits)."""
        port, reason = struct.unpack("!HB", data[:3])
        packet = data[3:]
        protocol, source, target = packet[23], socket.inet_ntoa(packet[26:30]), socket.inet_ntoa(packet[30:34])
        flow = f"protocol {protocol} from {source} (port {port}) to {target}"
        if reason == EXPIRED:
            return f"expired: {flow}"
        if reason != UNKNOWN_FLOW or target not in self.hosts:
            return f"unknown: {flow}: no such host"
        out, mac = self.hosts[target]
        # Where two packets of a flow come before it is added, the second finds the entry there.
        subprocess.run([P4BPF, "table", "add", f"{self.instance}:flows", f"protocol={protocol}", f"src={source}", f"dst={target}",
                        "forward", f"mac={mac}", f"port={out}", "dscp=0"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.packet_out(out, bytes.fromhex(mac.replace(":", "")) + packet[:6] + packet[12:])
        return f"added: {flow}: out of port {out}"

    def packet_out(self, port, packet):
        """@controller_header("packet_out"): 7 bits of padding, the port (9 bits)."""
        self.raw.send(struct.pack("!H", port) + packet)

    def run(self):
        print("ready", flush=True)
        while True:
            data, where = self.raw.recvfrom(65536)
            if where[2] != PACKET_OUTGOING and len(data) >= 3 + 34:
                print(self.packet_in(data), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: controller.py INSTANCE INTERFACE ADDRESS=PORT,MAC...")
    try:
        Controller(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
    except KeyboardInterrupt:
        pass
