// The core library that every P4_16 program may include: errors, packets, match kinds (P4_16 1.2.5 sections 13.8 and 16).
#ifndef _CORE_P4_
#define _CORE_P4_

// What a parser can fail with; programs add their own members.
error {
    NoError,               // all is well
    PacketTooShort,        // extract or advance beyond the last byte
    NoMatch,               // no case of a select matches
    StackOutOfBounds,      // next of a full header stack, or last of an empty one
    HeaderTooShort,        // more bits for a varbit field than it can hold
    ParserTimeout,         // the parser took too many steps
    ParserInvalidArgument  // a value that the called method does not allow
}

// The packet that a parser reads, from front to back.
extern packet_in {
    // Reads a header of fixed size and makes it valid.
    void extract<T>(out T hdr);
    // Reads a header that has one varbit field, which takes `variableFieldSizeInBits` bits, a multiple of 8.
    void extract<T>(out T variableSizeHeader, in bit<32> variableFieldSizeInBits);
    // The next bits as a T; they are not consumed.
    T lookahead<T>();
    // Skips bits, a multiple of 8.
    void advance(in bit<32> sizeInBits);
    // Length of the whole packet in bytes; not every target knows it.
    bit<32> length();
}

// The packet that a deparser writes.
extern packet_out {
    // Appends a header if it is valid, or all valid headers of a stack, a union or a struct, in order.
    void emit<T>(in T hdr);
}

// In a parser: goes to reject with the error `toSignal` if `check` is false.
extern void verify(in bool check, in error toSignal);

// Does nothing; the default action of tables that name none.
@noWarn("unused")
action NoAction() {}

match_kind {
    exact,    // equal in all bits
    ternary,  // equal in the bits that a mask selects; entries have priorities
    lpm       // equal in the longest prefix
}

// Stops the compilation with `message` unless `check` holds. The result is true, so that a constant can hold it.
extern bool static_assert(bool check, string message);
extern bool static_assert(bool check);

#endif
