// STF, the Simple Test Framework: table entries, packets and expectations, one command a line.
//
//   add MyIngress.ipv4_lpm hdr.ipv4.dst:0x0a000000/8 forward(port:2) = A
//   packet 1 001122334455 66778899aabb 0800
//   expect 2 0011**334455 $
//   check_counter MyIngress.hits(3) packets == 1
//
// The reader takes the whole language as it is used in the wild (all words of the P4 community's drivers, their quoting
// and their tolerances). Names are resolved later, against a manifest (stf_names.h), because drivers spell them in
// several ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/big_int.h"
#include "base/diagnostics.h"

namespace p4bpf::testing::stf {

/// A number as written. In hexadecimal and binary ones a digit may be `*`: any value.
struct Number {
  std::uint32_t base = 10;
  std::string digits;  // lower case, without 0x
  Span span;

  bool has_wildcard() const { return digits.find('*') != std::string::npos; }
  /// Wildcards read as 0.
  BigInt value() const;
  /// Bits that the digits stand for: 4 or 1 each; 0 for decimal.
  std::uint32_t written_bits() const;
  /// Ones where a digit is written, zeros at wildcards; of the digits written only.
  BigInt written_mask() const;
};

struct Name {
  std::string text;  // quotes stripped
  Span span;
};

struct Key {
  Name name;
  Number value;
  enum class Form { kPlain, kSlash, kMask, kRange };
  Form form = Form::kPlain;
  Number second;  // behind / (prefix length or mask), &&& (mask) or .. (high end)
};
struct Argument {
  Name name;  // empty: by position
  Number value;
};
struct ActionCall {
  Name action;
  std::vector<Argument> arguments;
};

struct Add {
  Name table;
  std::optional<Number> priority;
  std::vector<Key> keys;
  std::optional<ActionCall> action;  // a value set has none
  std::optional<Name> label;
};
struct SetDefault {
  Name table;
  ActionCall action;
};
struct SetMember {
  Name profile;
  Number number;
  ActionCall action;
};
struct SetGroup {
  Name profile;
  Number number;
  std::vector<Number> members;
};
struct RemoveAll {};
struct Packet {
  std::uint32_t port = 0;
  std::vector<std::uint8_t> bytes;
};
struct Expect {
  std::uint32_t port = 0;
  bool any = false;     // no data: any packet
  std::string nibbles;  // lower case, or `*`
  bool exact = false;   // `$`: nothing may follow
};
struct NoPacket {};
struct Wait {};
struct CheckCounter {
  Name counter;
  std::variant<Name, Number> index;  // $label, or an index
  enum class What { kExists, kPackets, kBytes, kValue };
  What what = What::kExists;
  enum class Relation { kEq, kNe, kLt, kLe, kGt, kGe };
  Relation relation = Relation::kEq;
  Number value;
};
struct CounterRead {
  Name counter;
  Number index;
};
struct RegisterCommand {
  enum class What { kRead, kWrite, kReset };
  What what = What::kRead;
  Name cells;
  Number index;  // of kRead and kWrite
  Number value;  // of kWrite
};
/// set_crc16_parameters, set_crc32_parameters
struct CrcCommand {
  std::uint32_t width = 0;  // of the command
  Name calculation;
  Number polynomial, initial, final_xor;
  bool reflect_data = false;
  bool reflect_remainder = false;
};
/// A rate is per microsecond.
struct MeterCommand {
  enum class What { kSet, kSetAll, kGet };
  What what = What::kGet;
  Name meter;
  std::variant<Name, Number> index;  // of kSet and kGet: $label, or an index
  struct Rate {
    double per_microsecond = 0;
    Number burst;
  };
  std::vector<Rate> rates;  // of kSet and kSetAll: two, committed and peak
};
/// The commands for multicast and mirroring, and for what no architecture at hand has. Words as written.
struct Other {
  std::string command;
  std::vector<std::string> words;
};

struct Command {
  Span span;
  std::variant<Add, SetDefault, SetMember, SetGroup, RemoveAll, Packet, Expect, NoPacket, Wait, CheckCounter,
               CounterRead, RegisterCommand, CrcCommand, MeterCommand, Other>
      node;
};

/// All commands of a file that has been added to the source map at `begin`; mistakes go to `diagnostics` and the line
/// is left out.
std::vector<Command> parse(Loc begin, Diagnostics& diagnostics);

}  // namespace p4bpf::testing::stf
