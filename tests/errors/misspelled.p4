// Misspelled keywords: one error each, on the line of the word.
extern packet { void extract<T>(out T hdr); }
contrl c(in bit<8> x) { apply { } }  // expect syntax
control d(inout bit<8> x) {
    acton a() { }                    // expect syntax
    tabel t { actions = { } }        // expect syntax
    aply { x = 1; }                  // expect syntax
}
struct T {
    bitt<8>   y;    // expect syntax
    vairbit<8> z;   // expect syntax
    bit<8>    w;
}
hedaer G { bit<8> a; }                         // expect syntax
parser q(packet b) {
    stat start { transition accept; }          // expect syntax
    state x { transition selct(b) { } }        // expect syntax
}
control f(inot bit<8> x) { apply { } }         // expect syntax
tpyedef bit<8> W;                              // expect syntax
cosnt bit<8> K = 1;                            // expect syntax
const bit<8> good = 1;
