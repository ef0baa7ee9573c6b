// hash_table and array_table as implementations of tables.
#include "harness.p4"
#include <ebpf_model.p4>

control Filter(inout Headers h, out bool accept) {
    action permit(bit<8> class) { accept = class == h.data.b; }
    table hashed {
        key = { h.data.d: exact @name("d"); }
        actions = { permit; NoAction; }
        implementation = hash_table(8);
    }
    table numbered {
        key = { h.data.d: exact @name("d"); }
        actions = { permit; NoAction; }
        implementation = array_table(8);
    }
    apply {
        accept = false;
        if (h.data.a == 1) {
            hashed.apply();
        } else {
            numbered.apply();
        }
    }
}

ebpfFilter(TestParser(), Filter()) main;
