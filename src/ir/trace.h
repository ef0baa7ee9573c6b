// What is told of a packet while it runs through a program: calls of `$trace` that are put into the finished program,
// each of which leaves a record of some values. The same calls on every executor, so that the interpreter and a program
// in the kernel tell the same.
//
//     hdr.ipv4.ttl = hdr.ipv4.ttl - 1;
//
//     $trace(7, {hdr.ipv4.ttl, hdr.ipv4.ttl - 1});      point 7: kAssign, "hdr.ipv4.ttl", at that line
//     hdr.ipv4.ttl = hdr.ipv4.ttl - 1;
//
// They are put in behind the passes: what is shown is what runs, and the storage of tables stays that of the program
// without them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ir/ir.h"

namespace p4bpf::ir {

/// A place where a record is made.
struct TracePoint {
  enum class Kind {
    kPass,         // the packet begins a pass
    kState,        // subject: a parser's state
    kError,        // the parser is left with that error; [error]
    kParsed,       // subject: the parser, which has ended; [accepted, error]
    kExtract,      // subject: the header; its fields
    kRead,         // the packet was long enough for a statement that takes nothing out of it: nothing to be said
    kKeys,         // of `table`, which is about to be applied
    kAction,       // of `table` is about to run; [hit, parameters]. Of a value set: [hit]
    kAssign,       // subject: a field or variable; [old, new]
    kValid,        // subject: a header
    kInvalid,      // subject: a header
    kCopyHeader,   // subject and source
    kAddEntry,     // to `table`, for `action`
    kNewPass,      // another pass is asked for; of the packet as it is, or as it came: [its length]
    kReplication,  // copies by a multicast group or clone session; [its number]
    kVerdict,      // [port of a redirect]
    kOther,        // subject: what is to be said; a value, if any, behind it
  };
  /// What of the packet goes into the record besides the values.
  enum class Packet { kNothing, kLength, kBytes };
  struct Value {
    std::string name;
    Type type;  // of a varbit: the value in front of it is its length
  };

  Kind kind = Kind::kOther;
  Span span;
  /// Each kIndex in them stands for one of the first values: the index of an element of a stack.
  std::string subject, source;
  std::vector<Value> values;
  Packet packet = Packet::kNothing;
  TableId table;
  std::size_t action = 0;
  bool is_change = false;  // of a header
  VerdictKind verdict = VerdictKind::kDrop;
  Replication::Kind replication = Replication::Kind::kMulticast;
  /// In a parser: where it stopped if the next record is its end, with an error of the packet's length, or with
  /// error.NoMatch.
  Span next_read, next_select;
};
constexpr std::string_view kIndex = "[?]";

/// Whether the call leaves a record; point_of is the index of its TracePoint, traced_values what goes into it.
bool is_trace(const Program& program, const CallExtern& call);
std::size_t point_of(const Program& program, const CallExtern& call);
std::vector<ExprId> traced_values(const CallExtern& call);

/// How much is told: how parsers end, tables, copies and verdicts; also states, headers and what changes them; everything.
enum class TraceDetail { kTables, kSteps, kAll };

/// Puts the calls into a program that is past all passes.
std::vector<TracePoint> insert_trace(Program& program, TraceDetail detail);

}  // namespace p4bpf::ir
