// The entry point of code generation: IR in, C text and the physical side of the manifest out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "ir/ir.h"
#include "ir/trace.h"
#include "manifest/manifest.h"

namespace p4bpf::codegen {

enum class HookChoice { kAuto, kXdp, kTcIngress, kTcEgress };
/// What becomes of a user's extern that nobody gave a body.
enum class MissingExterns {
  kLink,  // a prototype; the C compiler finds out
  kTrap,  // a call stores its number + 1 in the global u32 p4bpf_missing_extern and ends the packet as aborted
};

/// Where the program's variables live (scratch.cpp).
enum class Shape {
  kAuto,     // what the program needs, as far as it can be estimated before a compiler has seen it
  kWhole,    // one function, variables in registers and on the stack
  kScratch,  // variables in a per-CPU map, the program cut into functions that are verified one by one
};

/// Of a program that tells what becomes of packets (ir/trace.h).
struct TraceOptions {
  const ir::Program& untraced;  // the same without the calls; their tables lie alike
  const std::vector<ir::TracePoint>& points;
};
/// Bytes of a packet that a record has at most.
constexpr std::uint32_t kTracedBytes = 256;

struct GenerateOptions {
  HookChoice hook = HookChoice::kAuto;
  /// Test builds: a redirect stores its P4 port in a global and asks no map.
  bool record_port = false;
  MissingExterns missing_externs = MissingExterns::kLink;
  Shape shape = Shape::kAuto;
  const TraceOptions* trace = nullptr;
};

struct Generated {
  std::string c_text;
  manifest::Manifest manifest;
  Shape shape = Shape::kWhole;    // that was chosen
  std::uint32_t state_bytes = 0;  // of the scratch map
  /// Of a program that tells: where its records come, one digest for each point. Their receiver is the number of the
  /// pass. Behind the point's values stand, as the point wants them: of kPass the number of the pass before, the
  /// packet's length, its first bytes.
  manifest::Manifest trace;
};

/// The passes must have run. Nothing, and diagnostics, if the program asks for what this hook or generator cannot do.
std::optional<Generated> generate(const ir::Program& program, const GenerateOptions& options, Diagnostics& diagnostics);

}  // namespace p4bpf::codegen
