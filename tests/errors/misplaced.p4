// Declarations and statements where none of their kind can stand. The braces match, so none of them is missing: what is
// misplaced costs one error, and what follows is read as if it were not there.
extern packet { void extract<T>(out T hdr); }
header H { bit<8> a; }
struct S {
    H h;
    struct Inner { bit<8> y; }  // expect syntax
    bit<8> x;
}
parser actions(packet b, out S s) {
    action nothing() { }  // expect syntax
    bit<8> v = 1;
    state start {
        s.x = v;
        transition next;
        b.extract(s.h);  // expect syntax
        s.x = 2;
    }
    state next {
        if (s.x == 1) { transition accept; }  // expect syntax
        transition accept;
    }
}
control types(inout S s) {
    @name("T") struct T { bit<8> y; }  // expect syntax
    bit<8> v = 1;
    typedef bit<8> W;  // expect syntax
    action set() { s.x = v; }
    state start { transition accept; }  // expect syntax
    apply {
        set();
        table t { actions = { set; } }  // expect syntax
        s.x = 2;
        transition accept;  // expect syntax
        if (s.x == 3) { exit; }
    }
}
table alone { actions = { } }         // expect syntax
state lonely { transition accept; }   // expect syntax
control last(inout S s) {
    apply { s.x = 1 +; }  // expect syntax
}
