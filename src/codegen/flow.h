// What is known at each point of a program about its headers: a forward analysis that everything in code generation
// rests on (which headers stay in the packet, which reads need a guard, what the deparser must move).
//
// The state at a point is a set of worlds: each world is one way to get there, with the validity and the place of every
// header. Parsers tie them together ("tcp is valid only where ipv4 is, and ipv4 stands at 14 or 18"), which a state per
// header would lose. Beyond kMaxWorlds the worlds are merged into one, header by header: less is known, nothing false.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ir/ir.h"

namespace p4bpf::codegen {

constexpr std::int32_t kNoOrigin = -1;
/// A place that only run time knows. A cursor there may stand within a byte: kMoving - n is n bits behind its begin.
constexpr std::int32_t kMoving = -2;
inline bool is_moving(std::int32_t place) { return place <= kMoving; }
/// Bits of the byte that are in front of the place.
inline std::int32_t bits_within_byte(std::int32_t place) { return is_moving(place) ? kMoving - place : place % 8; }
constexpr std::uint32_t kGap = 0xffffffff;
constexpr std::size_t kMaxWorlds = 64;
/// States of the parser are generated once for each offset at which they are reached; a state with more offsets than
/// this gets a version with a run-time cursor.
constexpr std::size_t kMaxOffsetsPerState = 8;

struct HeaderState {
  // A set of possibilities.
  static constexpr std::uint8_t kNever = 1;  // invalid, and nothing has been stored in it: it reads as 0
  static constexpr std::uint8_t kValid = 2;
  static constexpr std::uint8_t kGone = 4;  // invalid, with remains of old values
  std::uint8_t status = kNever;
  bool written = false;             // a field has changed since it was extracted
  std::int32_t origin = kNoOrigin;  // bit of the packet at which it was extracted; its varbit is still what stood there
  auto operator<=>(const HeaderState&) const = default;
};

struct World {
  std::vector<HeaderState> headers;
  std::int32_t cursor = 0;  // bits that the parser has gone through
  /// The headers that the parser took, in order; kGap for what it went over or nobody knows.
  std::vector<std::uint32_t> parsed;
  std::vector<std::int8_t> accepted;   // by parser: 0, 1, or -1 for unknown
  std::vector<std::uint32_t> emitted;  // Emit statements that took effect, by Flow::emits
  bool emitted_unknown = false;
  bool deparsed = false;
  auto operator<=>(const World&) const = default;
};
/// Sorted, without repetition. Empty: the point cannot be reached.
using Worlds = std::vector<World>;

/// A parser state as it is generated: for one offset of the cursor, or for all (kMoving).
struct ParserConfig {
  std::size_t state = 0;
  std::int32_t offset = 0;
};
struct ParserFlow {
  std::vector<ParserConfig> configs;
  /// The configs in an order in which every transition leads forward.
  std::vector<std::size_t> order;
  std::map<std::pair<std::size_t, std::int32_t>, std::size_t> by_state;
  /// If every rejected packet goes straight to a verdict, without a look at what was parsed: that verdict. Then nobody
  /// can tell at which of several extracts a packet turned out too short.
  const ir::Verdict* verdict_of_rejects = nullptr;
  std::size_t config_for(std::size_t state, std::int32_t offset) const;
};

/// Where in the program: the statement, and inside a parser the config (else kNoConfig).
constexpr std::size_t kNoConfig = static_cast<std::size_t>(-1);
struct Point {
  const ir::Stmt* stmt;
  std::size_t config;
  auto operator<=>(const Point&) const = default;
};

struct Flow {
  std::map<Point, Worlds> before;
  std::map<ir::ParserId, ParserFlow> parsers;
  /// What a state's transition sees, by parser and config.
  std::map<std::pair<const ir::Parser*, std::size_t>, Worlds> after_state;
  /// The worlds at the end of a Deparse's body.
  std::map<const ir::Stmt*, Worlds> deparse_ends;
  /// Emit statements in program order, and by Deparse which of them are its own.
  std::vector<const ir::Stmt*> emits;
  std::map<const ir::Stmt*, std::vector<std::size_t>> emits_of;
  std::vector<std::set<std::int32_t>> origins;  // by header: where it is extracted
  std::vector<bool> local;                      // by header: lives in C variables, not in the packet
};

Flow analyse(const ir::Program& program);

/// The worlds of `worlds` in which `condition` may have that value.
Worlds refine(const ir::Program& program, const Worlds& worlds, ir::ExprId condition, bool value);
/// Whether a packet of which a copy is made at `at` is dropped then, though further copies may be made before.
bool is_dropped_behind(const std::vector<ir::Stmt>& statements, std::size_t at);
/// All possibilities of a header's status over the worlds; 0 if there are none.
std::uint8_t status_of(const Worlds& worlds, ir::HeaderId header);

}  // namespace p4bpf::codegen
