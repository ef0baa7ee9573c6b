// Entries that cannot be added as they are asked for.
// command: compile
#include <core.p4>
#include <xdp_model.p4>
header H { bit<32> a; bit<32> b; }
struct Headers { H h; }
parser p(packet_in packet, out Headers headers) {
    state start { packet.extract(headers.h); transition accept; }
}
control c(inout Headers headers, in xdp_input input, out xdp_output output) {
    action seen(bit<32> x, bit<8> y) { headers.h.a = x; headers.h.b = (bit<32>)y; }
    action none() {}
    action wrong_type() { add_entry("seen", { x = headers.h.a, y = headers.h.a }); }  // expect architecture-rule
    action wrong_name() { add_entry("seen", { x = headers.h.a, z = 8w1 }); }          // expect architecture-rule
    action forgot() { add_entry("none", {}); }                                        // expect architecture-rule
    action direct() { add_entry("none", {}); }                                        // expect architecture-rule
    table types {
        key = { headers.h.a: exact; }
        actions = { seen; @defaultonly wrong_type; }
        default_action = wrong_type;
        add_on_miss = true;
    }
    table names {
        key = { headers.h.a: exact; }
        actions = { seen; @defaultonly wrong_name; }
        default_action = wrong_name;
        add_on_miss = true;
    }
    table no_property {
        key = { headers.h.a: exact; }
        actions = { none; @defaultonly forgot; }
        default_action = forgot;
    }
    table no_key {
        actions = { none; }
        default_action = none;
        add_on_miss = true;                                                           // expect architecture-rule
    }
    apply {
        types.apply();
        names.apply();
        no_property.apply();
        no_key.apply();
        direct();
    }
}
control d(in Headers headers, packet_out packet) { apply { packet.emit(headers.h); } }
xdp(p(), c(), d()) main;
