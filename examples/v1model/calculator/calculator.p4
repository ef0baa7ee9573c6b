// A calculator: a frame asks for an operation on two numbers, the switch writes the result into it and sends it back where it came from.
// The operations are entries of the program; no control plane is needed. What does not begin like a question is dropped.
//
//   examples/v1model/run examples/v1model/calculator --test
//
// Network and what to try: README.md. Tests: calculator.stf (packets), test.py (hosts).
#include <core.p4>
#include <v1model.p4>

typedef bit<48> Mac;

const bit<16> TYPE_CALCULATOR = 0x1234;

header Ethernet {
    Mac     dst;
    Mac     src;
    bit<16> type;
}

// Begins with "P4" and version 1.
header Question {
    bit<8>  p;
    bit<8>  four;
    bit<8>  version;
    bit<8>  operation;  // a character
    bit<32> left;
    bit<32> right;
    bit<32> result;
}

struct Headers {
    Ethernet ethernet;
    Question question;
}

struct Meta {}

parser CalculatorParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_CALCULATOR: look;
            default:         accept;
        }
    }
    state look {
        // The three bytes are looked at before they are taken for a question.
        bit<24> begin = packet.lookahead<bit<24>>();
        transition select(begin[23:16], begin[15:8], begin[7:0]) {
            (0x50, 0x34, 0x01): question;
            default:            accept;
        }
    }
    state question {
        packet.extract(headers.question);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}

control CalculatorIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action answer(bit<32> result) {
        headers.question.result = result;
        Mac asker = headers.ethernet.src;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = asker;
        standard.egress_spec = standard.ingress_port;
    }
    action add() {
        answer(headers.question.left + headers.question.right);
    }
    action subtract() {
        answer(headers.question.left - headers.question.right);
    }
    action both() {
        answer(headers.question.left & headers.question.right);
    }
    action either() {
        answer(headers.question.left | headers.question.right);
    }
    action differ() {
        answer(headers.question.left ^ headers.question.right);
    }
    action drop() {
        mark_to_drop(standard);
    }
    table operations {
        key = { headers.question.operation: exact @name("operation"); }
        actions = { add; subtract; both; either; differ; drop; }
        const default_action = drop();
        const entries = {
            0x2b: add();       // +
            0x2d: subtract();  // -
            0x26: both();      // &
            0x7c: either();    // |
            0x5e: differ();    // ^
        }
    }

    apply {
        if (headers.question.isValid()) {
            operations.apply();
        } else {
            drop();
        }
    }
}

control CalculatorEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {}
}

control CalculatorDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.question);
    }
}

V1Switch(CalculatorParser(), Verify(), CalculatorIngress(), CalculatorEgress(), Update(), CalculatorDeparser()) main;
