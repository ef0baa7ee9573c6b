// Lowering: the walk over the IR that takes every decision and builds the C tree. One object for one program; its
// member functions are split over files by P4 construct: lower_memory, lower_expressions, lower_wide, lower_statements,
// lower_parser, headers, deparser, tables, apply, externs.
//
// Values: up to 64 bits a C expression of an unsigned type, the bits above the width zero, signed values as two's
// complement of their width. Wider ones are arrays of limbs (p4bpf_wide.h). A value "in network order" is the
// little-endian reading of its bytes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arch/extern_row.h"
#include "codegen/c_tree.h"
#include "codegen/flow.h"
#include "codegen/generate.h"
#include "codegen/hooks/hook_row.h"
#include "codegen/layout.h"
#include "codegen/locks.h"
#include "codegen/names.h"
#include "codegen/order.h"
#include "codegen/outline.h"
#include "tables/prefix_table.h"
#include "tables/rule_matrix.h"

namespace p4bpf::codegen {

/// Bytes in front of a value's arguments.
constexpr std::uint32_t kActionSize = 4;

/// How a table is stored, decided before any code is made.
struct TablePlan {
  std::optional<std::size_t> profile;  // as manifest::Table::profile
  manifest::Structure structure = manifest::Structure::kNone;
  std::string map;
  bool is_variable = false;  // the map is a variable in global data
  std::string key_struct, value_struct, rule_struct, rules_struct, default_symbol, step_function;
  std::vector<Member> keys;  // as Table::keys
  std::vector<Pad> key_pads;
  std::uint32_t key_size = 0;               // as in the manifest
  std::uint32_t key_struct_size = 0;        // without a trie's prefix length
  std::vector<std::string> groups;          // by action: the member of the value's union
  std::vector<std::vector<Member>> params;  // by action
  std::uint32_t start = kActionSize;  // of the arguments in a value
  bool has_handles = false;
  std::string handle_map, last_hit_map;
  std::uint32_t value_size = 4, value_align = 4;
  std::uint32_t capacity = 0;
  bool aligned_key = false;  // the key has arrays that are filled by wide stores
  bool has_range = false, evicts = false;
  tables::PrefixShape prefix;  // of kPrefixTable
  std::string prefix_struct, entry_map;
  tables::MatrixShape matrix;  // of kRuleMatrix
};

/// An action profile: its members' values have `values`, and so have those of its tables, which can name a member instead.
struct ProfilePlan {
  TablePlan values;  // groups, params, value_struct, value_size, value_align
  std::string member_map, group_map;
  std::uint32_t max_group_size = 0;
};

/// What a value has in place of its action's arguments where it names a profile's member or group.
constexpr const char* kNamed = "named";

/// Bytes that generated code can reach: a pointer variable and an offset.
struct Address {
  std::string base;
  std::uint32_t byte = 0;
};

/// Bytes of a key, from `offset` on, that lie one behind the other.
struct KeyRun {
  Address at;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// Fields of a header from `begin` to `end`. `at` and `bit` are where the header would begin if its varbit were empty.
struct HeaderPart {
  ir::HeaderId header;
  std::size_t begin = 0;
  std::size_t end = 0;
  Address at;
  std::uint32_t bit = 0;
};

class Lowering {
 public:
  Lowering(const ir::Program& program, const GenerateOptions& options, Diagnostics& diagnostics,
           manifest::Manifest manifest);
  std::optional<Generated> run();

 private:
  // ---- emission (lowering.cpp)
  using Node = decltype(c::Stmt::node);
  void emit(Node node) { tree_.blocks.edit(block_).statements.push_back({span_, std::move(node)}); }
  void assign(c::ExprId target, c::ExprId value) { emit(c::Assign{target, value}); }
  void call(const std::string& callee, std::vector<c::ExprId> arguments) {
    emit(c::Eval{tree_.call(callee, std::move(arguments))});
  }
  void jump(const std::string& label) { emit(c::Goto{label}); }
  template <class F>
  c::BlockId in_block(F&& fill) {
    const c::BlockId before = block_;
    const std::uint32_t checked_before = packet_checked_;
    const std::size_t borders_before = borders_;
    block_ = tree_.blocks.add({});
    const c::BlockId made = block_;
    fill();
    block_ = before;
    packet_checked_ = borders_ == borders_before ? checked_before : 0;
    return made;
  }
  c::ExprId name(std::string text) { return tree_.name(std::move(text)); }
  c::ExprId num(std::uint64_t value, bool is_64 = false) { return tree_.number(value, is_64); }
  /// A new C variable in the current block with that value; an expression that may be repeated comes back as it is.
  c::ExprId temp(const std::string& type, c::ExprId value, const char* wanted = "tmp");
  /// A variable of the function, zero at first.
  std::string function_variable(const std::string& type, const std::string& wanted,
                                std::optional<std::uint64_t> elements = {});
  void unsupported(Span span, const std::string& what);

  // ---- programs that do not fit into one function (scratch.cpp)
  bool uses_scratch() const { return shape_ == Shape::kScratch; }
  void border();
  bool fits_whole(c::BlockId body) const;
  OutlineContext limits(const std::string& function) const;
  std::vector<Part> cut(const std::string& function, c::BlockId body);
  void declare_scratch();
  void declare_parts(const std::vector<Part>& parts);
  void open_packet();
  /// Behind a call that may have moved the packet.
  void reload_packet();
  void fetch_scratch();
  /// A pointer into the packet, whose bytes are not checked.
  Address at_offset(c::ExprId offset);
  /// Whether the verifier has seen that `bytes` behind `at` are in the packet.
  bool is_checked(const Address& at, std::uint32_t bytes) const;
  c::ExprId in_packet(const Address& at, std::uint32_t bytes);
  void store_scratch_pointer(ir::HeaderId header);
  std::string kept_cursor();
  std::string label(const std::string& wanted) { return names_.make(wanted); }

  void prologue(c::BlockId body);
  void assemble(const std::string& function, c::BlockId body, const std::vector<Part>& parts);
  Span program_span() const;

  // ---- variables (lowering.cpp)
  std::string var_name(ir::VarId var);
  std::string valid_name(ir::HeaderId header);
  std::string field_name(ir::HeaderId header, std::size_t field);
  std::string pointer_name(ir::HeaderId header);

  // ---- memory (lower_memory.cpp)
  c::ExprId address(const Address& at);
  c::ExprId load_raw(const Address& at, std::uint32_t bytes);
  void store_raw(const Address& at, std::uint32_t bytes, c::ExprId net_value);
  c::ExprId swap(c::ExprId value, std::uint32_t bits);
  /// `room`: bytes behind `at` that may be touched.
  c::ExprId load_bits(const Address& at, std::uint32_t bit, std::uint32_t width, std::uint32_t room);
  void store_bits(const Address& at, std::uint32_t bit, std::uint32_t width, c::ExprId host_value);

  // ---- expressions (lower_expressions.cpp)
  /// Kept in an array: more than 64 bits, or a varbit of any size.
  static bool is_wide(const ir::Type& type) { return type.width > 64 || type.kind == ir::Type::Kind::kVarbit; }
  static std::uint32_t limbs(std::uint32_t width) { return (width + 63) / 64; }
  c::ExprId host(ir::ExprId id);
  c::ExprId packet_length();
  c::ExprId net(ir::ExprId id);
  bool is_net_already(ir::ExprId id) const;
  bool is_net_or_constant(ir::ExprId id) const;
  c::ExprId condition(ir::ExprId id) { return host(id); }
  c::ExprId mask(c::ExprId value, std::uint32_t width);
  c::ExprId as_type(std::uint32_t width, c::ExprId value) { return tree_.cast(width <= 32 ? "u32" : "u64", value); }
  c::ExprId sign_extended(c::ExprId value, std::uint32_t width);
  c::ExprId constant(const BigInt& value, std::uint32_t width);
  c::ExprId net_constant(const BigInt& value, std::uint32_t width);
  c::ExprId binary(const ir::Expr& expr, const ir::Binary& binary);
  c::ExprId arithmetic(const ir::Expr& expr, const ir::Binary& binary);
  c::ExprId shift(const ir::Expr& expr, const ir::Binary& binary);
  c::ExprId comparison(const ir::Binary& binary);
  c::ExprId logical(const ir::Binary& binary);
  c::ExprId mux(const ir::Expr& expr, const ir::Mux& mux);
  c::ExprId cast(const ir::Expr& expr, const ir::Cast& cast);
  c::ExprId slice(const ir::Slice& slice);
  c::ExprId net_slice(const ir::Slice& slice);
  c::ExprId field(const ir::Expr& expr, const ir::FieldRef& ref, bool want_net);
  c::ExprId is_valid(const ir::HeaderRef& ref);
  /// `at` within a field of the packet, `width` bits from its bit `bit` (from the highest) on, guarded if the header
  /// may be invalid.
  c::ExprId field_bits(ir::HeaderId header, std::uint32_t bit_offset, std::uint32_t width, bool want_net);
  c::ExprId guarded(ir::HeaderId header, const Address& at, c::ExprId value);
  template <class F>
  auto with_worlds(Worlds worlds, F&& f) {
    const Worlds before = std::move(worlds_);
    worlds_ = std::move(worlds);
    auto result = f();
    worlds_ = before;
    return result;
  }

  // ---- wide values (lower_wide.cpp)
  /// The name of an array of limbs with the value, which must not be changed.
  std::string wide(ir::ExprId id);
  void wide_into(const std::string& target, ir::ExprId id);
  std::string wide_temp(std::uint32_t width);
  void wide_field(const std::string& target, const ir::FieldRef& ref, std::uint32_t width);
  c::ExprId wide_comparison(const ir::Binary& binary);
  void wide_binary(const std::string& target, const ir::Expr& expr, const ir::Binary& binary);
  c::ExprId shift_amount(ir::ExprId id);

  // ---- statements (lower_statements.cpp)
  void block(ir::BlockId id);
  void statement(const ir::Stmt& stmt);
  void lower(const ir::Assign& s);
  void lower(const ir::SetValid& s);
  void lower(const ir::SetInvalid& s);
  void lower(const ir::CopyHeader& s);
  void lower(const ir::ShiftStack& s);
  void lower(const ir::If& s);
  void lower(const ir::Switch& s);
  void lower(const ir::Region& s);
  void lower(const ir::Leave& s);
  void lower(const ir::Loop& s);
  void lower(const ir::Verdict& s);
  void set_priority(const ir::Verdict& s);
  void store_var(ir::VarId var, ir::ExprId value);

  // ---- further passes of a packet (passes.cpp)
  void plan_passes();
  c::ExprId carried(std::size_t index);
  void wide_concat(const std::string& target, const ir::Binary& concat);
  void wide_carried(const std::string& target, std::size_t index);
  std::string kept_from_pass(const std::string& member, const std::string& type, std::optional<std::uint64_t> elements);
  void lower(const ir::NewPass& s);
  void fill_pass(const ir::NewPass& s, const std::string& pass);
  std::string replicas_of(const ir::Replication& replication);
  void lower(const ir::Truncate& s);
  void begin_pass();
  void read_pass_into_state();
  void declare_passes();
  c::ExprId tag_bytes();
  void put_tags_back();

  // ---- parsers (lower_parser.cpp)
  void lower(const ir::RunParser& s);
  void run_parser(const ir::RunParser& s);
  void lower(const ir::Extract& s);
  void lower(const ir::Advance& s);
  c::ExprId step(c::ExprId bits, std::uint32_t and_bytes);
  void move_cursor_to(c::ExprId next);
  void leave_rejected();
  void note_parsed_bits();
  c::ExprId offset_of(const Address& at);
  void lower(const ir::Require& s);
  void lower(const ir::Reject& s);
  void parser_config(const ir::Parser& parser, std::size_t config);
  void transition(const ir::Parser& parser, const ir::Transition& transition);
  void go_to(const ir::Parser& parser, const ir::StateTarget& target);
  void reject_with(std::string_view error);
  /// From here on `bits` behind the cursor may be touched; else error.PacketTooShort.
  void need_bits(std::uint32_t bits);
  std::uint32_t straight_run() const;
  /// `byte` bytes behind the one that the cursor stands in.
  Address at_cursor(std::uint32_t byte) const;
  c::ExprId match(ir::ExprId key, const KeyMatch& one);
  c::ExprId match_mask(ir::ExprId key, const BigInt& mask, const BigInt& value);

  // ---- headers (headers.cpp)
  const ir::HeaderType& type_of(ir::HeaderId id) const { return program_[program_[id].type]; }
  const ir::HeaderType& type_of(const ir::HeaderRef& ref) const;
  bool is_local(ir::HeaderId id) const { return flow_.local[id.index()]; }
  /// Where a header that is in the packet lies.
  Address header_place(ir::HeaderId id);
  /// The same at a point where it is valid: its bytes may be touched from here on.
  Address header_address(ir::HeaderId id);
  void extract_into(ir::HeaderId id);
  void place_header(ir::HeaderId id);
  void load_fields(const HeaderPart& part, std::uint32_t room);
  void set_field(ir::HeaderId id, std::size_t field, ir::ExprId value);
  void set_valid(ir::HeaderId id, bool valid);
  void copy_header(ir::HeaderId target, ir::HeaderId source);
  void invalidate_with_zero_fields(ir::HeaderId id);
  /// Runs `body` for the element that the reference names, behind an if for each where the index is a run-time one.
  void for_element(const ir::HeaderRef& ref, const std::function<void(ir::HeaderId)>& body);

  // ---- headers from variables to the packet (store_headers.cpp)
  struct Atom {
    std::uint32_t bytes = 1;
    c::ExprId value;         // in network order; nothing for a constant
    std::uint8_t known = 0;  // of a constant, which is one byte
  };
  HeaderPart whole(ir::HeaderId id, const Address& at, std::uint32_t bit = 0) const {
    return {id, 0, type_of(id).fields.size(), at, bit};
  }
  void store_headers(const std::vector<HeaderPart>& parts);
  void store_bit_fields(const HeaderPart& part);
  void store_atoms(const Address& to, const std::vector<Atom>& atoms);
  std::optional<std::uint32_t> word_cost(const std::vector<Atom>& atoms, std::size_t begin, std::size_t end) const;
  c::ExprId field_value(ir::HeaderId id, std::size_t field);
  void find_known_fields(const ir::Block& body);

  // ---- deparser (deparser.cpp)
  void lower(const ir::Emit& s);
  void lower(const ir::Deparse& s);
  struct Write {
    ir::HeaderId header;
    std::int32_t from = kNoOrigin;  // resident: its first bit in the old packet
    std::uint32_t to = 0;           // and in the new packet
    bool operator==(const Write&) const = default;
  };
  struct Rewrite {
    std::int32_t delta = 0;  // bytes by which the head moves: positive shrinks
    std::vector<Write> writes;
    std::uint32_t head = 0;  // bytes of the new packet that are written at most
    std::uint32_t fill_at = 0, fill = 0;  // 0 bits behind what was emitted: where, and how many
    bool operator==(const Rewrite&) const = default;
  };
  std::optional<Rewrite> changes_in_place(const World& world) const;
  std::optional<Rewrite> plan_rewrite(const World& world) const;
  void static_deparse(const std::vector<std::pair<World, Rewrite>>& plans);
  void check_extent(const Rewrite& rewrite);
  void perform(const Rewrite& rewrite);
  void general_deparse(const std::vector<std::size_t>& emits);
  bool has_odd_widths() const;
  void check_room(const Address& at, std::uint32_t bytes);
  void write_emitted(ir::HeaderId header, c::ExprId out, std::uint32_t bit, bool in_bits);
  void fill_up(c::ExprId head_bits);
  bool is_static(const Worlds& worlds);
  void plan_deparsers();
  std::string emit_flag(std::size_t number);
  void adjust_head(c::ExprId delta);
  std::uint32_t shortest_ = 0;  // of the Deparse at hand
  bool out_is_offset_ = false;  // in general_deparse: where to write is a number, not a pointer

  // ---- varbit fields (varbit.cpp)
  struct Varbit {
    std::string bytes;  // the array
    c::ExprId bits;
  };
  std::string length_name(ir::VarId var);
  std::string length_name(ir::HeaderId header);
  std::uint32_t varbit_width(ir::HeaderId header) const;
  Varbit varbit(ir::ExprId id);
  void fetch_varbit(ir::HeaderId header, const std::string& to);
  Varbit varbit_field(ir::HeaderId header);
  void load_varbit(const Address& from, const std::string& to, c::ExprId bits, std::uint32_t most_bits);
  void copy_varbit(const Varbit& value, const std::string& bytes, const std::string& bits, std::uint32_t width);
  void assign_varbit(ir::ExprId target, ir::ExprId value);
  void copy_varbit_field(ir::HeaderId target, ir::HeaderId source);
  c::ExprId varbit_comparison(const ir::Binary& e);
  c::ExprId varbit_length(const ir::HeaderRef& ref);
  void extract_varbit(const ir::Extract& s);
  void write_varbit_header(ir::HeaderId header, c::ExprId out);
  void hash_with_varbits(const ir::CallExtern& s, const std::string& function, const std::vector<ir::ExprId>& scalars,
                         bool goes_on);

  // ---- what is done behind a move of the head (late.cpp)
  void take_what_can_wait();
  void bring(c::ExprId value);
  void bring_all();
  bool needs_flag(std::size_t emit_number) const;

  // ---- tables (tables.cpp, apply.cpp)
  void plan_tables();
  void plan_table(ir::TableId id, const ir::ApplyTable* use);
  manifest::Structure choose_structure(const ir::Table& table, const manifest::Table& shape) const;
  void plan_keys(TablePlan& plan, const ir::Table& table, const ir::ApplyTable* use);
  void plan_key_struct(TablePlan& plan, std::uint64_t size);
  void plan_values(TablePlan& plan, const ir::Table& table, const ir::ApplyTable* use);
  void finish_values(TablePlan& plan);
  c::Struct value_struct(const TablePlan& plan) const;
  void declare_table(ir::TableId id);
  bool fits_variables(std::uint64_t bytes);
  void declare_prefix_table(TablePlan& plan);
  void declare_matrix(const TablePlan& plan);
  void declare_step(const TablePlan& plan, const ir::Table& table);
  void declare_range_check(const Member& member, const ir::Type& type, c::BlockId miss);
  void fill_manifest(ir::TableId id);
  std::string value_initializer(const TablePlan& plan, std::size_t action, const std::vector<BigInt>& arguments) const;
  void lower(const ir::ApplyTable& s);
  void store_member(const Member& member, ir::ExprId expr, const std::string& target, std::uint32_t step);
  void fill_key(const TablePlan& plan, const ir::ApplyTable& s, const std::string& key);
  bool lies_in_packet(const ir::HeaderRef& header);
  std::optional<Address> bytes_in_packet(const Member& member, ir::ExprId expr);
  std::optional<Address> key_in_packet(const TablePlan& plan, const ir::ApplyTable& s);
  std::string look_up(const TablePlan& plan, const ir::ApplyTable& s);
  void take_value(const std::string& value, const std::string& base, c::ExprId found, std::uint64_t count);
  void look_up_prefix(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value);
  void look_up_rule(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value);
  std::vector<KeyRun> key_runs(const TablePlan& plan, const ir::ApplyTable& s);
  c::ExprId rows_of_runs(const std::string& rules, const std::vector<KeyRun>& runs);
  std::string zero_index();
  void with_first(c::ExprId map, const std::string& zero, const std::string& type, const std::string& wanted,
                  const std::function<void(const std::string&)>& then);
  void with_rules(const TablePlan& plan, const std::function<void(const std::string&)>& then);
  void run_entry(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value, bool with_default);
  void run_action(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value, bool with_default);
  void run_constant(const ir::ApplyTable& s, std::size_t action, const std::vector<BigInt>& arguments);
  void run_body(const ir::ApplyTable& s, std::size_t action);
  void load_params(const TablePlan& plan, const ir::ApplyTable& s, std::size_t action, const std::string& value);
  void set_constant(ir::VarId var, const BigInt& value);
  void apply_code(const TablePlan& plan, const ir::ApplyTable& s);
  void run_default(const TablePlan& plan, const ir::ApplyTable& s);
  void set_hit(const ir::ApplyTable& s, c::ExprId value);

  // ---- action profiles (profiles.cpp)
  void plan_profiles(const std::map<ir::TableId, const ir::ApplyTable*>& uses);
  void plan_profile(std::size_t index, ir::TableId widest, const ir::ApplyTable* use);
  void share_values(TablePlan& plan, const ir::Table& table) const;
  void run_named(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value,
                 const std::function<void(const std::string&)>& run);
  // ---- records for user space: digests (digest.cpp) and what is told of traced packets (trace.cpp)
  struct RecordPlan {
    std::string record;  // the struct
    std::vector<Member> members;
    std::uint32_t size = 0;
  };
  void declare_record(RecordPlan& plan, const std::string& wanted);
  void infer_orders();
  void plan_trace();
  c::ExprId ifindex(), pass_before();
  void leave_record(const ir::CallExtern& s);
  struct Told {
    std::size_t point = 0;
    std::vector<ir::ExprId> values;
    std::vector<std::string> kept;  // where they are told later: the variables with them
    std::string is_due;
  };
  void tell(const Told& told), tell_late(const Told& told);
  void store_told(const Member& member, const Told& told, std::size_t at, const std::string& target);
  void fill_record(const Told& told, const std::string& record);

  // ---- locks (hold_locks.cpp)
  /// A call that is not made where it stands: its result is there already, or its arguments are kept until later.
  struct Moved {
    std::string value;                   // of what has been called before
    std::string is_due;                  // of what is called afterwards
    std::vector<std::string> arguments;  // and with what; of a digest the record
  };
  /// The lock that is held.
  struct Held {
    std::string lock, now;                              // the time, for meters
    std::map<ir::ExternInstanceId, std::string> cells;  // of registers and meters
    std::map<const ir::CallExtern*, Moved> moved;
    std::vector<std::pair<std::string, c::ExprId>> due;  // calls to be made afterwards, in order
    std::vector<Told> told;                              // and records to be left
    std::set<ir::LabelId> labels;                        // that stand inside
  };
  void plan_locks();
  void hold(const LockRun& run, const std::vector<ir::Stmt>& statements);
  void prepare(const ir::CallExtern& call, Held& held);
  void release();
  c::ExprId cells_of(ir::ExternInstanceId instance);
  const Moved* moved(const ir::CallExtern& call) const;
  void call_later(const Moved& call, const std::string& callee, std::vector<c::ExprId> arguments);

  // ---- hashes (hash.cpp)
  void call_hash(const ir::CallExtern& s, bool goes_on);
  c::ExprId with_payload(const std::string& function, c::ExprId before, c::ExprId is_odd);
  void add_hashed(const ir::ExternArgument& data, std::vector<ir::ExprId>& scalars);
  struct FieldRun {
    std::size_t count = 0;
    Address at;
    std::uint32_t bytes = 0;
  };
  FieldRun fields_in_packet(const std::vector<ir::ExprId>& scalars, std::size_t first);
  std::uint32_t store_hashed(const std::string& bytes, const std::vector<ir::ExprId>& scalars);

  // ---- entries that the program adds (add_entry.cpp)
  void lower(const ir::AddEntry& s);

  // ---- externs (externs.cpp)
  struct ExternCall {
    std::vector<c::ExprId> arguments;
    std::vector<std::string> types;  // of the parameters, for the prototype
    std::vector<std::function<void()>> after;
    bool in_network_order = false;
  };
  void plan_instances();
  void plan_register(ir::ExternInstanceId id, const arch::RegisterShape& shape, manifest::Register& out);
  std::string cells_map(const std::string& wanted, const std::string& element, std::uint64_t bytes);
  std::string counts_map(ir::ExternInstanceId id, const arch::CounterShape& shape);
  void plan_direct(ir::ExternInstanceId id, const arch::DirectShape& shape, std::size_t& counters,
                   std::size_t& meters);
  std::uint32_t values_start(const ir::Table& table) const;
  void plan_handles(TablePlan& plan, const ir::Table& table, manifest::Table& out);
  void note_hit(const ir::ApplyTable& s, c::ExprId handle);
  c::ExprId handle_of_entry(const TablePlan& plan, const std::string& value);
  void read_direct_meter(const ir::CallExtern& s);
  void plan_digests();
  std::string begin_record(const ir::CallExtern& s);
  void send_digest(const ir::CallExtern& s);
  std::string function_of(const arch::CLowering& lowering);
  bool begin_call(const ir::CallExtern& s, const arch::CLowering& lowering, std::string& callee, ExternCall& made);
  static std::string method_of(const arch::InstanceShape& shape, const std::string& method);
  c::ExprId now();
  c::ExprId units(bool are_bytes);
  void add_sizes(const arch::InstanceShape& shape, ExternCall& made);
  void lower(const ir::CallExtern& s);
  void call_extern(const ir::CallExtern& s);
  void update_checksum(const ir::CallExtern& s, std::string_view change);
  bool continues_checksum(const ir::CallExtern& s) const;
  void assign_net(ir::ExprId target, c::ExprId value);
  void extern_argument(const ir::ExternArgument& argument, ExternCall& made);
  void extern_header(ir::HeaderId header, bool goes_in, bool comes_out, ExternCall& made);
  void declare_user_extern(ir::ExternFunctionId id, const ExternCall& call_shape, bool has_result);
  std::string extern_header_struct(ir::HeaderTypeId type);
  void assign_host(ir::ExprId target, c::ExprId value);
  void assign_wide(ir::ExprId target, const std::string& from);

  // ---- state
  const ir::Program& program_;
  const GenerateOptions& options_;
  Shape shape_ = Shape::kWhole;
  Diagnostics& diagnostics_;
  manifest::Manifest manifest_;
  const HookRow* hook_ = nullptr;
  Flow flow_;
  std::optional<Orders> orders_;
  Names names_;
  c::Tree tree_;
  c::BlockId block_;
  Span span_;
  std::vector<c::Field> scratch_;     // of Shape::kScratch: the variables
  std::uint32_t packet_checked_ = 0;  // the same: bytes of the packet that were checked in this block and this function
  std::size_t borders_ = 0;
  std::uint32_t state_bytes_ = 0;
  Worlds worlds_;  // at the statement or operand that is being lowered
  std::vector<c::Stmt> variables_;
  std::map<ir::VarId, std::string> vars_;
  std::map<ir::HeaderId, std::string> valids_;
  std::map<ir::HeaderId, std::string> pointers_;
  std::map<std::pair<ir::HeaderId, std::size_t>, std::string> fields_;
  std::map<ir::VarId, std::string> var_lengths_;        // of varbits: how many bits they hold
  std::map<ir::HeaderId, std::string> header_lengths_;  // the same of the header's varbit field
  std::map<ir::LabelId, std::string> labels_;
  std::vector<TablePlan> tables_;
  std::vector<ProfilePlan> profiles_;  // as manifest::Manifest::profiles
  std::map<ir::TableId, std::string> applied_keys_;  // the variable with the key of the last application
  std::vector<c::TopLevel> declarations_;
  struct Instance {
    arch::InstanceShape shape;
    std::string map;  // "" if it needs none
  };
  std::map<ir::ExternInstanceId, Instance> instances_;
  std::map<ir::ExternInstanceId, std::string> colors_;  // of direct meters: the variable with the last one
  std::vector<RecordPlan> digests_;                     // as in the manifest
  std::string traced_;                                  // the variable with the number of a traced pass, else 0
  std::vector<RecordPlan> traces_;                      // by point
  manifest::Manifest trace_shape_;                      // Generated::trace
  Locks locks_;
  std::optional<Held> held_;
  std::map<ir::HeaderTypeId, std::string> extern_structs_;
  std::string checksum_sum_;  // of the last update of a checksum: the variable with its sum before folding
  std::set<std::string> declared_externs_;
  std::uint64_t variable_bytes_ = 0;  // of tables in global data
  bool uses_perf_events_ = false;
  bool makes_copies_ = false;
  bool sees_tags_ = false;
  std::string kept_tags_, kept_cursor_;
  std::map<std::size_t, c::Field> pass_members_;    // by index of Program::carried: a member of struct p4bpf_pass
  std::map<std::string, c::Field> kept_from_pass_;  // of Shape::kScratch: what the state keeps of that struct
  bool uses_length_ = false;
  bool uses_start_ = false;
  std::set<std::string> payload_hashes_;  // that have been declared
  bool uses_missing_extern_ = false;
  std::map<std::size_t, std::string> emit_flags_;
  std::set<const ir::Stmt*> general_deparses_;
  std::set<std::size_t> flagged_emits_;
  std::vector<c::Stmt> late_;                                            // what can wait until the head has moved
  bool late_in_order_ = false;                                           // its statements must stay in their order
  std::map<std::pair<ir::HeaderId, std::size_t>, BigInt> known_fields_;  // in the deparser that is being lowered
  std::string parsed_bits_;  // variable with the cursor's end, where the deparser asks for it
  // Of the parser that is being lowered.
  const ir::Parser* parser_ = nullptr;
  const ParserFlow* parser_flow_ = nullptr;
  int loops_ = 0;
  std::size_t config_ = kNoConfig;
  std::uint32_t offset_ = 0;    // bits of the cursor from data, or from the run-time cursor
  bool moving_ = false;         // the cursor is the variable `cursor`
  std::uint32_t checked_ = 0;   // bytes known to be there, counted from where offset_ is
  std::uint32_t farthest_ = 0;  // largest static need of any parser, for hooks that must pull
  std::vector<std::uint32_t> checked_at_entry_;
  std::string accept_label_, reject_label_;
  std::vector<std::string> state_labels_;  // by config
  std::size_t state_ = 0;
  bool uses_cursor_ = false;
  bool parsed_bits_needed_ = false;
  const std::vector<ir::Stmt>* rest_ = nullptr;  // the statements of the block being lowered
  std::size_t rest_at_ = 0;
};

}  // namespace p4bpf::codegen
