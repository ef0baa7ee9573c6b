// A file that includes itself without a guard.
#include "include_loop.p4"  // expect include-too-deep
