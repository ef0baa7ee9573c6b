// Characters and numbers that are no tokens.
const bit<8> a = 1 `;      // expect bad-character
const bit<8> b = 0b102;    // expect bad-literal
const bit<8> c = 0w5;
