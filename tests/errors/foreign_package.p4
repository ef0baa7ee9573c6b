// A package that bears the name of an architecture's but is not that one.
// command: compile
#include <core.p4>
control Only();
package xdp(Only only);
control only() { apply { } }
xdp(only()) main;                            // expect unsupported
