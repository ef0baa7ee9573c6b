// Statements where they may not stand.
#include <core.p4>
control c(inout bit<8> x) {
    apply {
        break;                            // expect bad-statement
        switch (x) {
            1: { }
            1: { }                        // expect bad-switch
        }
        return 5;                         // expect bad-statement
    }
}
