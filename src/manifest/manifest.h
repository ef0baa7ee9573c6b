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

/// Annotations, each as "@name" or "@name(...)": of tables, keys, actions, parameters and extern instances, for P4Info.
using Annotations = std::vector<std::string>;

struct KeyField {
  std::string name;
  MatchKind match = MatchKind::kExact;
  ValueKind kind = ValueKind::kBits;
  std::uint32_t bits = 0;
  std::vector<std::string> enum_members;  // of kEnum and kError, by index
  Slot slot;
  Annotations annotations = {};
  std::string type_name = {};  // of the NamedType, "" if there is none
  std::uint32_t place = 0;     // among the keys as written, of which those for selectors are not here
};

struct ActionParam {
  std::string name;
  ValueKind kind = ValueKind::kBits;
  std::uint32_t bits = 0;
  std::vector<std::string> enum_members;
  Slot slot;
  Annotations annotations = {};
  std::string type_name = {};
};

/// Its index in Table::actions is its number in the map's value.
struct Action {
  std::string name;
  std::vector<ActionParam> params;
  bool default_only = false;
  bool table_only = false;
  Annotations annotations = {};
  Annotations ref_annotations = {};  // those in the table's list of actions
};

/// What an entry names: one of the table's actions with its arguments, or, in a table with a profile, a member or a group of it.
enum class EntryTarget { kAction, kMember, kGroup };

/// One entry, independent of how it is stored. `keys` as Table::keys (kPrefix for lpm, kAny or kExact for optional), a larger
/// priority wins, `arguments` as the action's params.
struct Entry {
  std::vector<KeyMatch> keys;
  std::size_t action = 0;
  std::vector<BigInt> arguments;
  std::int32_t priority = 0;
  bool is_const = false;
  EntryTarget target = EntryTarget::kAction;
  std::uint32_t number = 0;  // of the member or the group
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
  /// Index into Manifest::profiles: entries and the default name its members and groups.
  std::optional<std::size_t> profile;
  /// Entries tell how long no packet has hit them.
  bool support_timeout = false;
  Annotations annotations = {};

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
  /// Of tables whose entries have something of their own that changes as packets go by (a direct counter or meter, the time of the
  /// last hit): where in a value the entry's handle (u32) lies, an index into those maps that is its own while it is there.
  /// 0: entries have none. `handle_map` is an array of u64 words, `size` bits and more: a bit is set where the handle is in use.
  /// Only user space reads it. Handle 0 is the default action's.
  std::uint32_t handle_offset = 0;
  std::string handle_map;
  std::string last_hit_map;  // of support_timeout: array by handle, u64 nanoseconds of bpf_ktime_get_ns, 0: not since it came
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
  /// Of a direct counter: the index of the table whose entries it counts. Its map is indexed by their handles.
  std::optional<std::size_t> table;
  Annotations annotations = {};
  /// BPF_MAP_TYPE_PERCPU_ARRAY, or PERCPU_HASH where sparse; u32 index -> {u64 value} or {u64 packets; u64 bytes}; summed over the CPUs.
  std::string map;
  std::string index_type_name = {};  // of the NamedType
};

/// An array of two-rate three-colour meters (RFC 2698, colour-blind), or a table's direct one.
struct Meter {
  std::string name;
  std::uint64_t size = 0;
  bool counts_bytes = false;           // else packets
  std::optional<std::size_t> table;    // of a direct meter; its map is indexed by the entries' handles
  Annotations annotations = {};
  std::string map;  // BPF_MAP_TYPE_ARRAY whose one value holds them all: struct p4bpf_meter (codegen/runtime/p4bpf_meter.h)
  std::string index_type_name = {};
};

/// An array of values that programs read and write.
struct Register {
  std::string name;
  std::uint64_t size = 0;
  ValueKind kind = ValueKind::kBits;
  std::uint32_t bits = 0;
  std::string type_name = {};
  Annotations annotations = {};
  std::string map;  // BPF_MAP_TYPE_ARRAY whose one value holds all cells
  std::uint32_t value_size = 0;  // bytes of a cell
  Slot slot;                     // in a cell
  std::string index_type_name = {};
};

/// A hash whose parameters can be set: a cyclic redundancy check (base/crc.h) of 16 or 32 bits.
struct Calculation {
  std::string name;  // as the reference compiler counts those of a program: "calc", "calc_0", ...
  std::uint32_t width = 0;
  /// The variable in global data, struct p4bpf_calculation (codegen/runtime/p4bpf_hash.h), and where the loader found it.
  std::string symbol = {};
  std::string map = {};
  std::uint32_t offset = 0;
};

/// A message that programs send to the control plane. All of them go through one ring buffer, Manifest::digest_map, as
/// {u32 index into Manifest::digests; u32 receiver; u64 nanoseconds of bpf_ktime_get_ns; data}.
struct Digest {
  std::string name;                 // of the struct, or of the control and a number where it has none
  std::vector<ActionParam> fields;  // slots count from the beginning of the record
  Annotations annotations = {};
};

/// A table's implementation whose members are actions with arguments, which entries name one by one or in groups.
struct Profile {
  std::string name;
  std::uint64_t size = 0;  // members
  bool is_selector = false;
  std::uint64_t max_group_size = 0;
  std::vector<Action> actions;  // those of its tables, with the same numbers
  Annotations annotations = {};
  std::string member_map;  // profile.h says how members and groups lie in their maps
  std::uint32_t value_size = 0;
  std::string group_map;   // of a selector
};

/// @controller_header: what stands in front of packets from and to the controller, on the CPU port.
struct ControllerHeader {
  std::string name;       // "packet_in", "packet_out"
  std::string type_name;  // of the header
  std::vector<ActionParam> fields;  // in order; slots are not used
  Annotations annotations = {};
};

/// A type that keys, parameters or fields of controller headers and digests name.
struct NamedType {
  enum class Kind { kNew, kSerializableEnum, kEnum };
  std::string name;
  Kind kind = Kind::kNew;
  ValueKind value_kind = ValueKind::kBits;  // what it is underneath
  std::uint32_t bits = 0;
  std::vector<std::string> members;  // of enums
  std::vector<BigInt> values;        // of enums that have them
  Annotations annotations = {};
};

/// How packets take further passes through the program (docs/decisions.md); empty where none does.
/// `multicast_map` and `clone_map`: BPF_MAP_TYPE_HASH, u32 group or session -> {u32 count; u32 truncate_bytes; u32 class_of_service; u32 0;
/// {u32 port; u32 instance}[kMaxReplicas]}.
struct Passes {
  std::string multicast_map;
  std::string clone_map;
  /// What a pass leaves to the next: an array of slots of `slot_size` bytes, one named by the packet's mark; the first u32 of a slot is the mark it was
  /// filled for, the second how many passes came before.
  std::string slot_map;
  std::uint32_t slot_size = 0;
  /// Test builds only: a perf event array that gets each copy as {u32 mark} and the packet's bytes, instead of the interface.
  std::string test_copies_map;
};
constexpr std::uint32_t kMaxReplicas = 1024;

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
  std::vector<Meter> meters;
  std::vector<Register> registers;
  std::vector<Calculation> calculations;
  std::vector<Digest> digests;
  std::string digest_map;        // BPF_MAP_TYPE_RINGBUF
  std::string digests_lost_map;  // BPF_MAP_TYPE_PERCPU_ARRAY with one u64: digests that found the ring full
  std::vector<Profile> profiles;
  std::vector<ControllerHeader> controller_headers;
  std::vector<NamedType> named_types;
  Annotations annotations;  // of `main`
  Passes passes;
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
