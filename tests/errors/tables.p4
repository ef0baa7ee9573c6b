// Tables with mistakes.
#include <core.p4>
control c(inout bit<8> x) {
    action a(bit<8> v) { x = v; }
    action b() { }
    table without_actions {           // expect bad-table
        key = { x: exact; }
    }
    table bad_default {
        key = { x: exact; }
        actions = { a; }
        default_action = b();         // expect bad-table
    }
    table bad_kind {
        key = { x: nonsense; }        // expect unknown-name
        actions = { a; b; }
    }
    apply {
        without_actions.apply();
        bad_default.apply();
        bad_kind.apply();
    }
}
