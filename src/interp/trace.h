// What the records of a traced packet (ir/trace.h) mean, in words for people and in values for programs. It reads those
// of every executor: what the interpreter and a program in the kernel say of a packet is worded here and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interp/bits.h"
#include "ir/trace.h"
#include "manifest/replication.h"

namespace p4bpf::interp {

/// One thing that happened to a packet.
struct TraceEvent {
  enum class Kind {
    kPass,   // the packet begins a further pass
    kState,  // a parser's state, or how the parser ended
    kExtract,
    kTable,
    kChange,  // a header: a field by an assignment, its validity, a copy of it
    kCopy,    // another pass that has been asked for
    kVerdict,
    kOther,
  };
  Span span;  // where it stands in the P4 program
  Kind kind = Kind::kOther;
  std::string text;  // for people: "table Ingress.routes: hit, action Ingress.forward(3)"
  std::vector<std::pair<std::string, std::string>> values;  // for programs: "field" "hdr.ipv4.ttl", "old" "0x40"
};

/// What one call of `$trace` has left.
struct TraceRecord {
  std::size_t point = 0;       // index of the ir::TracePoint, or kAborted
  std::vector<BigInt> values;  // as TracePoint::values
  std::size_t length = 0;      // what TracePoint::packet asks for
  Bytes bytes;                 // the same; of a long packet the begin
};
/// The packet ended without having reached a verdict of the program.
constexpr std::size_t kAborted = std::numeric_limits<std::size_t>::max();

/// What a multicast group or clone session stands for; nothing where nobody has configured it.
using FindReplicas = std::function<std::optional<manifest::ReplicaList>(manifest::ReplicationKind, std::uint32_t)>;

/// What happened to a packet that left these records in all of its passes, each of which begins with a kPass.
std::vector<TraceEvent> read_trace(const ir::Program& program, const std::vector<ir::TracePoint>& points,
                                   const std::vector<TraceRecord>& records, const FindReplicas& find_replicas);

}  // namespace p4bpf::interp
