// An assertion about constants that does not hold.
#include <core.p4>
const bool checked = static_assert(1 == 2, "one is not two");  // expect static-assert
