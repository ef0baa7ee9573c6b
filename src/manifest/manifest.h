// The manifest: what a control plane must know of a compiled program. It is the only thing that the compiler and the runtime share;
// it is written beside the object as JSON and pinned in bpffs with the maps, so that a running program can be controlled with
// nothing but what is pinned.
//
// A table has a logical side (names, key fields, actions) that every executor uses, and a physical side (map names, byte layouts)
// that only maps need: it is empty in a manifest made for the interpreter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/big_int.h"
#include "base/key_match.h"
#include "base/result.h"

namespace p4bpf::manifest {

enum class MatchKind { kExact, kLpm, kTernary, kRange, kOptional };
/// How a value is to be read and shown.
enum class ValueKind { kBits, kSigned, kBool, kEnum, kError };
enum class ByteOrder { kHost, kNetwork };

/// Where a value lies in a struct: `size` bytes from `offset` on, in this byte order. A value of fewer bits than 8 * size stands in the low bits;
/// signed values are sign-extended. Values wider than 64 bits are always kNetwork, right-aligned in ceil(bits / 8) bytes.
struct Slot {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  ByteOrder order = ByteOrder::kHost;
};

struct KeyField {
  std::string name;
  MatchKind match = MatchKind::kExact;
  ValueKind kind = ValueKind::kBits;
  std::uint32_t bits = 0;
  std::vector<std::string> enum_members;  // of kEnum and kError, by index
  Slot slot;
};

struct ActionParam {
  std::string name;
  ValueKind kind = ValueKind::kBits;
  std::uint32_t bits = 0;
  std::vector<std::string> enum_members;
  Slot slot;
};

/// Its index in Table::actions is its number in the map's value.
struct Action {
  std::string name;
  std::vector<ActionParam> params;
  bool default_only = false;
  bool table_only = false;
};

/// One entry, independent of how it is stored. `keys` as Table::keys (kPrefix for lpm, kAny or kExact for optional), a larger
/// priority wins, `arguments` as the action's params.
struct Entry {
  std::vector<KeyMatch> keys;
  std::size_t action = 0;
  std::vector<BigInt> arguments;
  std::int32_t priority = 0;
  bool is_const = false;
  bool operator==(const Entry&) const = default;
};

/// How the entries of a table are stored for the data path.
enum class Structure {
  kNone,      // keyless: the default action is all there is
  kCode,      // const entries compiled into the program; nothing to write
  kHash,      // BPF_MAP_TYPE_HASH, or LRU_HASH where the table evicts: key -> value
  kArray,     // BPF_MAP_TYPE_ARRAY: one exact key of few bits is the index; a value whose action is kNoEntry is no entry
  kLpmTrie,   // BPF_MAP_TYPE_LPM_TRIE: u32 prefix length, then the key bytes in network order, the lpm field last
  kPrefixTable, // arrays that tables::PrefixTable builds and the program walks: longest prefix match of keys up to 16 bytes
  kRuleList,  // map-in-map: slot 0 of the outer array holds an inner array of one element, the rules in order of falling priority
  kRuleMatrix, // the same with what tables::build_matrix makes of the rules in front: see below
};
/// The action number of an array element that holds no entry.
constexpr std::uint32_t kNoEntry = 0xffffffff;

/// kRuleList: the inner map's single value is {u32 count; u32 padding; rule[capacity]; i32 priority[capacity]}, capacity being Table::size,
/// the whole padded to 8 bytes, and a rule is
/// {key value (key_size bytes); key mask or range end (key_size bytes); table value (value_size bytes)}, each part at an
/// 8-byte boundary. For a range field the "mask" holds the high end; for all others a mask; (packet & mask) == value.
/// The packet path never reads the priorities: they stand there so that a later insertion finds its place. Where no key is ternary,
/// range or optional, the priority is the length of the prefix.
/// A change builds a new inner map and replaces slot 0, so the packet path sees the old or the new list whole.
/// kRuleMatrix: the single value is {tables::kMatrixHeader bytes; u64[matrix_cells]; table value[capacity], each padded
/// to 8 bytes; {key value; key mask or range end}[capacity], each padded to 8 bytes; i32 priority[capacity]}, padded to 8.
/// kPrefixTable: key bytes as of kLpmTrie; `map` has one value, {cells and lines; table values}, `entry_map` one that
/// only user space reads.
struct Table {
  std::string name;
  std::vector<KeyField> keys;
  std::vector<Action> actions;
  std::size_t default_action = 0;
  std::vector<BigInt> default_arguments;
  bool default_is_const = false;
  bool entries_are_const = false;
  /// Entries that stand in the program; the loader writes them (not for kCode).
  std::vector<Entry> entries;
  std::uint64_t size = 0;  // entries that fit
  /// A new entry finds room in a full table: one that has not been used for long goes.
  bool evicts = false;
  bool is_value_set = false;

  // physical side
  Structure structure = Structure::kNone;
  std::string map;              // name of the map (the outer one of kRuleList and kRuleMatrix)
  /// Of kArray and kPrefixTable: the variable in global data that is the table, "" where it is a map of its own; the loader
  /// puts the map that holds the section into `map`, and the byte offset in its single value here.
  std::string map_symbol;
  std::uint32_t map_offset = 0;
  std::string entry_map;        // of kPrefixTable
  std::uint32_t key_size = 0;   // bytes, without the prefix length of kLpmTrie
  std::uint32_t root_bits = 0;  // of kPrefixTable: tables::PrefixShape
  std::uint32_t lines = 0;
  std::uint32_t matrix_cells = 0;
  std::uint32_t value_size = 0; // bytes of {u32 action; arguments...}
  /// The default action in global data: a variable of `value_size` bytes laid out like a value; "" where it is inlined.
  std::string default_symbol;
  /// Where the loader found it: the map that holds the section, and the byte offset in its single value.
  std::string default_map;
  std::uint32_t default_offset = 0;
};

/// An extern array of counts: `size` elements from 0 on, or `size` different 32-bit indices where it is sparse.
struct Counter {
  std::string name;
  std::uint64_t size = 0;
  bool sparse = false;
  bool counts_packets = false;
  bool counts_bytes = false;
  /// The plain values of ebpf_model's CounterArray: neither packets nor bytes. Bits of the value that users see.
  std::uint32_t bits = 64;
  /// BPF_MAP_TYPE_PERCPU_ARRAY, or PERCPU_HASH where sparse; u32 index -> {u64 value} or {u64 packets; u64 bytes}; summed over the CPUs.
  std::string map;
};

enum class Hook { kXdp, kTcIngress, kTcEgress };

/// One kernel program.
struct KernelProgram {
  std::string function;  // C function and BPF program name
  Hook hook = Hook::kXdp;
};

/// The interfaces of an instance must differ in their indices modulo this.
constexpr std::uint32_t kPortSlots = 1u << 16;

struct Manifest {
  std::uint32_t version = 1;
  std::string program;       // base name of the .p4 file without its extension
  std::string source;        // the .p4 file as the user named it
  std::string architecture;  // "xdp_model"
  std::vector<KernelProgram> kernel_programs;
  /// Programs that those call through a program array of the object, which names them; of the first one's hook.
  std::vector<std::string> parts;
  std::vector<Table> tables;
  std::vector<Counter> counters;
  /// Global data: u32 P4 ports, that of an interface at its index modulo kPortSlots; "" if the program does not ask for
  /// its port. And where the loader found it, as for Table::default_symbol.
  std::string port_of_ifindex_symbol;
  std::string port_of_ifindex_map;
  std::uint32_t port_of_ifindex_offset = 0;
  /// BPF_MAP_TYPE_DEVMAP_HASH (XDP) or HASH (TC), u32 P4 port -> u32 ifindex; "" if the program does not redirect.
  std::string ifindex_of_port_map;
  /// Test builds only: the global u32 in which a redirect leaves its P4 port ("" otherwise).
  std::string test_port_symbol;

  const Table* table(std::string_view name) const;
  const Counter* counter(std::string_view name) const;
};

/// JSON and back; from_json says what is missing or malformed, and checks that every index and slot is in range.
std::string to_json(const Manifest& manifest);
Result<Manifest> from_json(std::string_view text);

/// Exact, or the only name of which `name` is a suffix after a dot; else a failure that lists the candidates or the nearest names.
/// `what` is "table", "action", ... for the message.
Result<std::size_t> find_by_name(std::string_view what, std::string_view name, const std::vector<std::string>& names);

}  // namespace p4bpf::manifest
