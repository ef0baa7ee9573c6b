#!/usr/bin/env python3
"""Writes a large program for xdp_model and its packet test: FOLDER/big.p4 and FOLDER/big.stf.

usage: tests/big/generate.py [--tables N] [--options N] FOLDER

The parser walks Ethernet, VLAN, MPLS, IPv4 or IPv6, TCP, UDP or ICMP, GRE or VXLAN with what is inside, and a chain of options behind
UDP port 7000: 18 headers and a service header, and as many as there are options. The tables are exact, lpm and ternary in turn, over
fields of headers and over what tables before them found. Every hit adds to a sum that leaves in the service header; a tag is popped, a label
pushed. The test's packets hit every table whose header they have; what must come out is calculated here, and not by p4bpf."""
import argparse
import pathlib

HEADERS = {
    "ethernet": [("dst", 48), ("src", 48), ("type", 16)],
    "vlan0": [("pcp", 4), ("vid", 12), ("type", 16)],
    "vlan1": [("pcp", 4), ("vid", 12), ("type", 16)],
    "mpls0": [("label", 20), ("tc", 3), ("bottom", 1), ("ttl", 8)],
    "mpls1": [("label", 20), ("tc", 3), ("bottom", 1), ("ttl", 8)],
    "mpls2": [("label", 20), ("tc", 3), ("bottom", 1), ("ttl", 8)],
    "ipv4": [("version_ihl", 8), ("tos", 8), ("length", 16), ("id", 16), ("fragment", 16), ("ttl", 8), ("protocol", 8),
             ("checksum", 16), ("src", 32), ("dst", 32)],
    "ipv6": [("version_class_flow", 32), ("length", 16), ("next", 8), ("hops", 8), ("src", 128), ("dst", 128)],
    "tcp": [("src", 16), ("dst", 16), ("seq", 32), ("ack", 32), ("flags", 16), ("window", 16), ("checksum", 16), ("urgent", 16)],
    "udp": [("src", 16), ("dst", 16), ("length", 16), ("checksum", 16)],
    "icmp": [("kind", 8), ("code", 8), ("checksum", 16)],
    "gre": [("flags", 16), ("type", 16)],
    "vxlan": [("flags", 8), ("reserved", 24), ("vni", 24), ("reserved2", 8)],
    "inner_ethernet": [("dst", 48), ("src", 48), ("type", 16)],
}
HEADERS["inner_ipv4"], HEADERS["inner_ipv6"] = HEADERS["ipv4"], HEADERS["ipv6"]
HEADERS["inner_tcp"], HEADERS["inner_udp"] = HEADERS["tcp"], HEADERS["udp"]
HEADERS["service"] = [("first", 8), ("count", 8), ("id", 16), ("sum", 32)]
OPTION = [("next", 8), ("code", 8), ("a", 16), ("b", 32)]

# state: (header, select field, {value: state}); what is not listed accepts.
IP = {6: "{}tcp", 17: "{}udp"}
ETHER = {0x0800: "{}ipv4", 0x86dd: "{}ipv6"}


def states(options):
    def named(cases, prefix):
        return {value: name.format(prefix) for value, name in cases.items()}
    outer = named(ETHER, "")
    graph = {
        "ethernet": ("type", {0x8100: "vlan0", 0x8847: "mpls0", **outer}),
        "vlan0": ("type", {0x8100: "vlan1", 0x8847: "mpls0", **outer}),
        "vlan1": ("type", {0x8847: "mpls0", **outer}),
        "mpls0": ("bottom", {0: "mpls1", 1: "ipv4"}),
        "mpls1": ("bottom", {0: "mpls2", 1: "ipv4"}),
        "mpls2": ("bottom", {1: "ipv4"}),
        "ipv4": ("protocol", {**named(IP, ""), 1: "icmp", 47: "gre"}),
        "ipv6": ("next", {**named(IP, ""), 58: "icmp", 47: "gre"}),
        "udp": ("dst", {4789: "vxlan", 7000: "service"}),
        "gre": ("type", {**named(ETHER, "inner_"), 0x6558: "inner_ethernet"}),
        "vxlan": (None, "inner_ethernet"),
        "inner_ethernet": ("type", named(ETHER, "inner_")),
        "inner_ipv4": ("protocol", named(IP, "inner_")),
        "inner_ipv6": ("next", named(IP, "inner_")),
        "service": ("first", {i: f"option{i}" for i in range(1, min(4, options + 1))}),
    }
    for i in range(1, options + 1):
        graph[f"option{i}"] = ("next", {k: f"option{k}" for k in range(i + 1, min(i + 3, options) + 1)})
    return graph


def fields_of(header):
    return OPTION if header.startswith("option") else HEADERS[header]


class Table:
    """Table number k: its header, keys and the metadata that it writes."""

    def __init__(self, k, options):
        self.k, self.kind = k, ("exact", "lpm", "ternary")[k % 3]
        self.writes = f"m{k % 24}"
        common = ["ethernet", "ipv4", "udp", "ipv4", "ethernet", "ipv6", "vlan0", "tcp", "service"]
        self.header = f"option{(k // 2) % options + 1}" if k % 2 and options else common[k // 2 % len(common)]
        wide = [f for f, bits in fields_of(self.header) if bits >= 16]
        self.fields = [wide[k % len(wide)]]
        if self.kind == "ternary":
            self.fields = wide[:3]
        self.meta = [] if k < 24 or self.kind == "lpm" else [f"m{(k * 7) % 24}"]
        self.name = f"{self.kind}{k}"

    def widths(self):
        return [dict(fields_of(self.header))[f] for f in self.fields] + [32] * len(self.meta)

    def p4(self):
        keys = [f"hdr.{self.header}.{f}" for f in self.fields] + [f"meta.{m}" for m in self.meta]
        shown = "".join(f"            {key}: {self.kind} @name(\"k{i}\");\n" for i, key in enumerate(keys))
        target = "tos" if self.header == "ipv4" else None
        mark = f"        hdr.ipv4.tos = hdr.ipv4.tos ^ {self.k + 1};\n" if target else f"        meta.marks = meta.marks + {self.k + 1};\n"
        return f"""    action set{self.k}(bit<32> value) {{
        meta.{self.writes} = value;
        meta.sum = meta.sum + value;
    }}
    action mark{self.k}(bit<16> value) {{
{mark}        meta.sum = meta.sum + (bit<32>)value;
    }}
    table {self.name} {{
        key = {{
{shown}        }}
        actions = {{ set{self.k}; mark{self.k}; NoAction; }}
        default_action = NoAction;
        size = {64 + 16 * self.k};
    }}
"""

    def apply(self):
        return f"        if (hdr.{self.header}.isValid()) {{ {self.name}.apply(); }}\n"


def program(tables, options):
    graph = states(options)
    headers = list(graph) + ["tcp", "icmp", "inner_tcp", "inner_udp"]
    out = [f"// {len(tables)} tables and {len(headers)} headers, written by tests/big/generate.py.\n"
           "#include <core.p4>\n#include <xdp_model.p4>\n\n"]
    types = {}
    for header in headers:
        types.setdefault(tuple(fields_of(header)), f"{header}_h")
    for fields, name in types.items():
        out.append(f"header {name} {{\n" + "".join(f"    bit<{bits}> {f};\n" for f, bits in fields) + "}\n")
    out.append("struct Headers {\n" + "".join(f"    {types[tuple(fields_of(h))]} {h};\n" for h in headers) + "}\n")
    out.append("struct Meta {\n    bit<32> sum;\n    bit<32> marks;\n" + "".join(f"    bit<32> m{i};\n" for i in range(24)) + "}\n\n")
    out.append("parser Parse(packet_in packet, out Headers hdr) {\n    state start { transition ethernet; }\n")
    for header in headers:
        field, cases = graph.get(header, (None, None))
        to = "transition accept;" if not cases else f"transition {cases};"
        if field and cases:
            to = f"transition select(hdr.{header}.{field}) {{\n" + "".join(
                f"            {value}: {name};\n" for value, name in cases.items()) + "            default: accept;\n        }"
        out.append(f"    state {header} {{\n        packet.extract(hdr.{header});\n        {to}\n    }}\n")
    out.append("}\n\ncontrol Switch(inout Headers hdr, in xdp_input input, out xdp_output output) {\n    Meta meta;\n")
    out += [table.p4() for table in tables]
    out.append("    apply {\n        meta = " + "{ 0, 0" + ", 0" * 24 + " };\n"
               "        output.output_port = input.input_port;\n        output.output_action = xdp_action.XDP_TX;\n")
    out += [table.apply() for table in tables]
    out.append("""        if (hdr.vlan0.isValid() && meta.m0 != 0) {
            hdr.ethernet.type = hdr.vlan0.type;
            hdr.vlan0.setInvalid();
        }
        if (hdr.tcp.isValid() && !hdr.mpls0.isValid() && hdr.ipv4.isValid() && hdr.ethernet.type == 0x800) {
            hdr.mpls0.setValid();
            hdr.mpls0.label = meta.sum[19:0];
            hdr.mpls0.tc = 0;
            hdr.mpls0.bottom = 1;
            hdr.mpls0.ttl = hdr.ipv4.ttl;
            hdr.ethernet.type = 0x8847;
        }
        if (hdr.service.isValid()) {
            hdr.service.sum = meta.sum;
            hdr.service.id = meta.marks[15:0];
        }
    }
}

control Deparse(in Headers hdr, packet_out packet) {
    apply {
""")
    order = ["ethernet", "vlan0", "vlan1", "mpls0", "mpls1", "mpls2", "ipv4", "ipv6", "tcp", "udp", "icmp", "gre", "vxlan",
             "inner_ethernet", "inner_ipv4", "inner_ipv6", "inner_tcp", "inner_udp", "service"]
    order += [f"option{i}" for i in range(1, options + 1)]
    out += [f"        packet.emit(hdr.{h});\n" for h in order]
    out.append("    }\n}\n\nxdp(Parse(), Switch(), Deparse()) main;\n")
    assert sorted(order) == sorted(headers)
    return "".join(out), len(headers)


# ---- the test: a packet is a list of (header, {field: value}) ------------------------------------------------------------

def hexa(packet):
    text = ""
    for header, values in packet:
        number = bits = 0
        for field, width in fields_of(header):
            number, bits = number << width | values.get(field, 0), bits + width
        text += f"{number:0{bits // 4}x} "
    return text


def run(tables, packet):
    """The packet as it leaves, and the entries that make it so."""
    headers = {name: dict(values) for name, values in packet}
    meta, total, marks, entries = {}, 0, 0, []
    for table in tables:
        if table.header not in headers:
            continue
        values = [headers[table.header].get(f, 0) for f in table.fields] + [meta.get(m, 0) for m in table.meta]
        keys = []
        for i, (value, bits) in enumerate(zip(values, table.widths())):
            if table.kind == "lpm":
                keep = bits // 2 + table.k % (bits // 2)
                keys.append(f"k{i}:{value >> (bits - keep) << (bits - keep):#x}/{keep}")
            elif table.kind == "ternary":
                mask = (1 << bits) - 1 if i % 2 else (1 << bits) - (1 << (bits // 2))
                keys.append(f"k{i}:{value & mask:#x}&&&{mask:#x}")
            else:
                keys.append(f"k{i}:{value:#x}")
        number = table.k * 17 + 3
        marks_it = table.k % 5 == 4
        action = f"mark{table.k}" if marks_it else f"set{table.k}"
        priority = "1000 " if table.kind == "ternary" else ""
        entries.append(f"add {table.name} {priority}{' '.join(keys)} {action}(value:{number})")
        total += number
        if not marks_it:
            meta[table.writes] = number
        elif table.header == "ipv4":
            headers["ipv4"]["tos"] = headers["ipv4"].get("tos", 0) ^ (table.k + 1)
        else:
            marks += table.k + 1
    out = [(name, headers[name]) for name, _ in packet]
    if "vlan0" in headers and meta.get("m0"):
        headers["ethernet"]["type"] = headers["vlan0"]["type"]
        out = [one for one in out if one[0] != "vlan0"]
    if "tcp" in headers and "mpls0" not in headers and headers["ethernet"]["type"] == 0x800:
        label = {"label": total & 0xfffff, "bottom": 1, "ttl": headers["ipv4"]["ttl"]}
        headers["ethernet"]["type"] = 0x8847
        at = [name for name, _ in out].index("ipv4")
        out.insert(at, ("mpls0", label))
    if "service" in headers:
        headers["service"].update(sum=total & 0xffffffff, id=marks & 0xffff)
    return out, entries


def test(tables, options):
    mac = {"dst": 0x020000000001, "src": 0x020000000002}
    v4 = {"version_ihl": 0x45, "ttl": 64, "src": 0x0a000001, "dst": 0x0a010203, "length": 100, "id": 7}
    chosen = [i for i in range(1, options + 1) if i % 3 != 2]
    chain = [("service", {"first": chosen[0] if chosen else 0, "count": len(chosen)})]
    for i, number in enumerate(chosen):
        chain.append((f"option{number}", {"next": chosen[i + 1] if i + 1 < len(chosen) else 0, "a": 1000 + number, "b": 77 * number}))
    packets = [
        [("ethernet", {**mac, "type": 0x8100}), ("vlan0", {"vid": 5, "type": 0x800}), ("ipv4", {**v4, "protocol": 17}),
         ("udp", {"src": 9, "dst": 7000})] + chain,
        [("ethernet", {**mac, "type": 0x800}), ("ipv4", {**v4, "protocol": 6}), ("tcp", {"src": 80, "dst": 1234, "seq": 1})],
        [("ethernet", {**mac, "type": 0x86dd}), ("ipv6", {"next": 6, "src": 0x20010db8 << 96, "dst": (0x20010db8 << 96) + 1}),
         ("tcp", {"src": 80, "dst": 1234})],
        [("ethernet", {**mac, "type": 0x8847}), ("mpls0", {"label": 4, "bottom": 0}), ("mpls1", {"label": 9, "bottom": 1}),
         ("ipv4", {**v4, "protocol": 17}), ("udp", {"src": 4, "dst": 4789}), ("vxlan", {"vni": 3}),
         ("inner_ethernet", {**mac, "type": 0x800}), ("inner_ipv4", {**v4, "protocol": 6}), ("inner_tcp", {"dst": 22})],
    ]
    out = ["# Written by tests/big/generate.py with what must come out.\n"]
    for number, packet in enumerate(packets):
        came_out, entries = run(tables, packet)
        out += ["remove all\n"] if number else []
        out += [entry + "\n" for entry in entries]
        out.append(f"packet {number} {hexa(packet)} c0ffee\nexpect {number} {hexa(came_out)} c0ffee $\n\n")
    return "".join(out)


def write(folder, table_count=60, options=21):
    tables = [Table(k, options) for k in range(table_count)]
    text, _ = program(tables, options)
    folder = pathlib.Path(folder)
    (folder / "big.p4").write_text(text)
    (folder / "big.stf").write_text(test(tables, options))
    return folder / "big.p4", folder / "big.stf"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tables", type=int, default=60)
    parser.add_argument("--options", type=int, default=21)
    parser.add_argument("folder")
    given = parser.parse_args()
    write(given.folder, given.tables, given.options)
