// A table that learns from random packets, beside random entries; hashes of what they hold.
#include <core.p4>
#include <xdp_model.p4>

header Data {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
    bit<8>  kind;
    bit<4>  high;
    bit<12> low;
    bit<32> number;
    bit<72> wide;
}
struct Headers {
    Data data;
}

parser Parse(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.data);
        transition accept;
    }
}

control Learn(inout Headers headers, in xdp_input input, out xdp_output output) {
    action seen(bit<12> low, int<32> number, bit<72> wide, bool odd) {
        headers.data.low = low;
        headers.data.number = (bit<32>)number;
        headers.data.wide = wide;
        headers.data.high = odd ? 4w15 : 0;
    }
    action skipped() {}
    action learn() {
        bool added = true;
        if (headers.data.high[0:0] == 0) {
            added = add_entry(
                "seen",
                { headers.data.low, (int<32>)headers.data.number, headers.data.wide, headers.data.number[0:0] == 1 });
        } else if (headers.data.high[1:1] == 0) {
            added = add_entry("skipped", {});
        }
        headers.data.kind = added ? 8w1 : 2;
    }
    table flows {
        key = {
            headers.data.kind: exact @name("kind");
            headers.data.low:  exact @name("low");
        }
        actions = { seen; skipped; @defaultonly learn; }
        const default_action = learn();
        add_on_miss = true;
        size = 40;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<32> fast;
        bit<32> crc;
        hash(fast,
             HashAlgorithm.lookup3,
             { headers.data.kind, headers.data.high, headers.data.low, headers.data.wide });
        hash(crc, HashAlgorithm.crc16, { headers.data.src, headers.data.high });
        headers.data.dst = 16w0 ++ fast;
        headers.data.src = 16w0 ++ crc;
        headers.data.kind = headers.data.kind & 3;
        headers.data.low = headers.data.low & 15;
        flows.apply();
    }
}

control Deparse(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.data);
    }
}

xdp(Parse(), Learn(), Deparse()) main;
