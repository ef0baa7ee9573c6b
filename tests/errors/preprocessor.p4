// What the preprocessor finds wrong, and goes on behind.
#include <core.p4>
#include "nothing.p4"  // expect file-not-found
#undef                 // expect bad-directive
#frobnicate            // expect no-effect
#if 1 +                // expect bad-directive
#endif
#else                  // expect bad-directive
#warning look here     // expect user-warning
#error stop here       // expect user-error
const bit<8> a = 1;
