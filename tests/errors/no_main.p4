// A program without main cannot be compiled. // expect 4 no-main
// command: compile
#include <core.p4>
const bit<8> a = 1;
