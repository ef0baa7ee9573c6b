// One row per extern: what it does to a packet (for the interpreter) and what C it becomes (for the code generator),
// named together, so that neither half can be forgotten (a test checks it). The rows stand in the architectures' files.
//
// The layers above read them: interp calls `evaluate`, codegen reads `lowering` and the shape of instances.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/big_int.h"
#include "ir/ir.h"

namespace p4bpf::arch {

// ---- the interpreter's half ---------------------------------------------------------------------------------------

/// An argument's value. A struct, list, tuple or header has `fields` and no `value`.
struct ExternValue {
  BigInt value = 0;
  std::uint32_t width = 0;  // bits
  std::string text;         // of a string argument; of an enum without representation the member's name
  bool is_composite = false;
  bool is_valid = true;  // of a header
  std::vector<ExternValue> fields;
};

/// What an instance keeps from packet to packet: numbered cells, each a few numbers whose meaning the extern knows (a
/// counter: {packets, bytes}; a register: {value}). A cell that is missing was never touched.
struct ExternState {
  std::unordered_map<std::uint64_t, std::vector<BigInt>> cells;
};

/// What an extern does besides changing its arguments and state.
struct Effect {
  enum class Kind { kPerfEvent, kDigest };
  Kind kind = Kind::kPerfEvent;
  std::vector<std::uint8_t> bytes;
  // Of a digest: the call that sent it, and what the fields were.
  std::uint32_t receiver = 0;
  std::vector<BigInt> values = {};
  const ir::CallExtern* call = nullptr;
};

/// All that an extern's evaluation may see and touch.
struct ExternContext {
  const ir::ExternInstance* instance = nullptr;  // null for a function
  ExternState* state = nullptr;                  // null for a function
  std::vector<ExternValue> arguments;            // out and inout ones are written back afterwards
  BigInt result = 0;
  std::uint32_t ingress_port = 0;
  std::uint64_t now_ns = 0;                           // monotonic
  std::uint32_t color = 0;                            // what a direct meter said of the packet at the last hit of its table
  std::uint64_t random_bits = 0;                      // 64 of them, new for each call
  const std::vector<std::uint8_t>* packet = nullptr;  // as it arrived
  std::span<const std::uint8_t> payload;              // what stands behind the parser's cursor now
  std::vector<Effect>* effects = nullptr;

  const BigInt& in(std::size_t argument) const { return arguments.at(argument).value; }
};

// ---- the code generator's half ------------------------------------------------------------------------------------

/// How a call is written in C. `function` is a static inline function or a macro of src/codegen/runtime/. Scalars of up
/// to 64 bits go in by value and come out by pointer, in host order; wider ones as arrays of bytes in network order.
struct CLowering {
  enum class Kind {
    kNone,           // no lowering: a broken row
    kGlue,           // no call is left: the architecture's glue writes IR in its place
    kHashWithPayload,  // the same as kHash with the packet's payload behind the data
    kDigest,         // receiver, data: a record in the ring buffer of digests
    kFunction,       // function(arguments...)
    kNetworkOrder,   // the same, scalars of 16, 24, ... 64 bits in network order
    kWithContext,    // function(ctx, arguments...): ctx is what the hook got (struct xdp_md *, struct __sk_buff *)
    kOnInstanceMap,  // function(&map of the instance, arguments...)
    kPerfEvent,      // function(ctx, &one perf event array for the whole program)
    kHash,           // result, algorithm, data: function is the algorithm's (hash.h), given the data's bytes
    kChecksum,       // argument 0, an internet checksum, after a change that adds function(arguments 1, 2) to its sum
  };
  Kind kind = Kind::kNone;
  std::string_view function;
};

// ---- the rows -----------------------------------------------------------------------------------------------------

/// A function or a method. What only an architecture's glue calls has a name that begins with $.
struct ExternRow {
  std::string_view name;  // as ir::ExternFunction::name: "csum_replace2", "CounterArray.increment"
  std::size_t param_count = 0;
  void (*evaluate)(ExternContext&) = nullptr;
  CLowering lowering;
};

/// An extern array of counts; see manifest::Counter.
struct CounterShape {
  std::uint64_t size = 0;
  bool sparse = false;
  bool counts_packets = false;
  bool counts_bytes = false;
  std::uint32_t bits = 64;  // of a plain count
};
/// A table's `implementation`.
struct TableShape {
  enum class Kind { kHash, kArray, kLru };
  Kind kind = Kind::kHash;
  std::uint64_t size = 0;
};
/// `size` numbers of that many bits.
struct RegisterShape {
  std::uint64_t size = 0;
  std::uint32_t bits = 0;
};
struct MeterShape {
  std::uint64_t size = 0;
  bool counts_bytes = false;
};
/// Belongs to the entries of the table that names it.
struct DirectShape {
  enum class Kind { kCounter, kMeter };
  Kind kind = Kind::kCounter;
  bool counts_packets = false;
  bool counts_bytes = false;
};
/// A table's `implementation` whose entries name members or groups.
struct ProfileShape {
  std::uint64_t size = 0;
  bool is_selector = false;
};
/// A hash whose parameters can be set while the program runs (base/crc.h), of 16 or 32 bits. Its cell 0 holds them in
/// their order once they are.
struct CalculationShape {
  std::uint32_t width = 0;
};
/// Keeps nothing.
struct StatelessShape {};
using InstanceShape = std::variant<CounterShape, TableShape, RegisterShape, MeterShape, DirectShape, ProfileShape,
                                   CalculationShape, StatelessShape>;

/// An extern object: what an instance of it is. What only an architecture's glue makes has a name that begins with $.
struct ExternTypeRow {
  std::string_view name;  // "CounterArray"
  std::size_t argument_count = 0;
  InstanceShape (*shape)(const ir::ExternInstance&) = nullptr;
};

}  // namespace p4bpf::arch
