// A comment without its end.
const bit<8> a = 1;
/* this one  // expect unterminated
