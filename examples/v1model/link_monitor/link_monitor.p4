// What links carry, measured by packets of the hosts: each switch counts in its egress the bytes that leave each port, and a probe that a
// host sends along a path of its choice takes home, of each link that it goes over, the count and the time that it was counted for.
// Plain IPv4 is routed.
//
// A probe is Ethernet, Probe (how many reports follow), the reports with the youngest first, and a Step for each switch that is still to
// come: the port where that switch sends the probe.
//
//   examples/v1model/run examples/v1model/link_monitor --test
//
// Network and what to try: README.md. Tests: link_monitor.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<16> TYPE_PROBE = 0x0812;
#define MOST_REPORTS 10

header Probe {
    bit<8> reports;
}

// What one switch says of one link.
header Report {
    bit<8>  switch_number;
    bit<8>  port;
    bit<32> bytes;  // that left the port since the probe before this one
    bit<48> last;   // microseconds: when that was
    bit<48> now;
}

header Step {
    bit<8> port;
}

struct Headers {
    Ethernet             ethernet;
    Ipv4                 ipv4;
    Probe                probe;
    Report[MOST_REPORTS] reports;
    Step                 step;
}

struct Meta {
    bit<8> left;  // reports that are still to be parsed
}

parser LinkMonitorParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4:  ipv4;
            TYPE_PROBE: probe;
            default:    accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition accept;
    }
    state probe {
        packet.extract(headers.probe);
        meta.left = headers.probe.reports;
        transition select(meta.left) {
            0:       step;
            default: report;
        }
    }
    state report {
        packet.extract(headers.reports.next);
        meta.left = meta.left - 1;
        transition select(meta.left) {
            0:       step;
            default: report;
        }
    }
    state step {
        packet.extract(headers.step);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control LinkMonitorIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action drop() {
        mark_to_drop(standard);
    }
    action forward(Mac mac, Port port) {
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { forward; drop; }
        default_action = drop();
        size = 1024;
    }

    apply {
        if (headers.step.isValid()) {
            standard.egress_spec = (Port)headers.step.port;
            headers.step.setInvalid();
        } else if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            routes.apply();
        } else {
            drop();
        }
    }
}

control LinkMonitorEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<32>>(512) bytes;  // by port, since the last probe
    register<bit<48>>(512) times;  // of the last probe
    bit<32> port = (bit<32>)standard.egress_port;
    bit<32> count;

    // Each switch is told its number.
    action report(bit<8> switch_number) {
        headers.probe.reports = headers.probe.reports + 1;
        headers.reports.push_front(1);
        headers.reports[0].setValid();
        headers.reports[0].switch_number = switch_number;
        headers.reports[0].port = (bit<8>)port;
        headers.reports[0].bytes = count;
        times.read(headers.reports[0].last, port);
        headers.reports[0].now = standard.egress_global_timestamp;
        times.write(port, standard.egress_global_timestamp);
    }
    table identity {
        actions = { report; NoAction; }
        default_action = NoAction();
    }

    apply {
        @atomic {
            bytes.read(count, port);
            count = count + standard.packet_length;
            bytes.write(port, headers.probe.isValid() ? 32w0 : count);
        }
        if (headers.probe.isValid() && headers.probe.reports < MOST_REPORTS) {
            identity.apply();
        }
    }
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control LinkMonitorDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.probe);
        packet.emit(headers.reports);
        packet.emit(headers.step);
    }
}

V1Switch(LinkMonitorParser(),
         Verify(),
         LinkMonitorIngress(),
         LinkMonitorEgress(),
         Update(),
         LinkMonitorDeparser()) main;
