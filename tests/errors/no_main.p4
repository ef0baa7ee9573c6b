// A program without main cannot be compiled. // expect 3 no-main
// command: compile
#include <core.p4>
const bit<8> a = 1;
