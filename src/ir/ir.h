// The pipeline IR: what is left of a program once everything that `main` instantiates has been elaborated.
//
// Monomorphic and resolved: no generics, no names to look up, no constructors, no struct variables. A struct is its leaves: each
// scalar leaf a Var of its own, each header leaf a Header. Sub-parsers, sub-controls, functions and actions are inlined where they
// are applied; state (tables, extern instances, value sets) exists once per instance. Run-time shapes that P4 leaves open stay:
// a stack element with a run-time index, `hit` and `action_run` of a table, validity.
// Expressions are pure: calls, table applications and extractions have been hoisted into statements in evaluation order
// (P4_16 section 6.8). Expressions carry their type; nothing infers again.
// The interpreter and the code generator give the same meaning to it; where this file fixes a meaning that the specification
// leaves open, both follow it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/big_int.h"
#include "base/ids.h"
#include "base/key_match.h"
#include "base/source_map.h"

namespace p4bpf::ir {

struct Expr;
struct Block;
struct Var;
struct Header;
struct HeaderType;
struct Stack;
struct EnumType;
struct Table;
struct Parser;
struct ExternFunction;
struct ExternInstance;
struct Label;
struct Step;
using ExprId = Id<Expr>;
using BlockId = Id<Block>;
using VarId = Id<Var>;
using HeaderId = Id<Header>;
using HeaderTypeId = Id<HeaderType>;
using StackId = Id<Stack>;
using EnumTypeId = Id<EnumType>;
using TableId = Id<Table>;
using ParserId = Id<Parser>;
using ExternFunctionId = Id<ExternFunction>;
using ExternInstanceId = Id<ExternInstance>;
using LabelId = Id<Label>;
using StepId = Id<Step>;

// ---- types and storage --------------------------------------------------------------------------------------------

/// The type of a scalar. Serializable enums are their bits; `type` declarations are seen through.
struct Type {
  enum class Kind {
    kBits,    // bit<width>, int<width>; width may be 0 (the only value is 0)
    kBool,    // width 1; 0 or 1
    kError,   // width 32; index into Program::errors
    kEnum,    // width 32; index into the EnumType's members
    kVarbit,  // width is the maximum in bits; a value carries its own length
    kString,  // compile-time text; only as an argument of externs
  };
  Kind kind = Kind::kBits;
  std::uint32_t width = 0;
  bool is_signed = false;
  EnumTypeId enum_type;
  bool operator==(const Type&) const = default;

  static Type bits(std::uint32_t width, bool is_signed = false) { return {Kind::kBits, width, is_signed, {}}; }
  static Type boolean() { return {Kind::kBool, 1, false, {}}; }
  static Type error() { return {Kind::kError, 32, false, {}}; }
  static Type enumeration(EnumTypeId id) { return {Kind::kEnum, 32, false, id}; }
  static Type varbit(std::uint32_t max_width) { return {Kind::kVarbit, max_width, false, {}}; }
};

struct EnumType {
  std::string name;
  std::vector<std::string> members;
};

/// What a control plane's description of the program repeats (P4Info), each as "@name" or "@name(...)".
using Annotations = std::vector<std::string>;

/// A type that such a description names: a `type`, an enum with values, an enum without. Of the keys, parameters and fields that it shows.
struct NamedType {
  enum class Kind { kNew, kSerializableEnum, kEnum };
  std::string name;
  Kind kind = Kind::kNew;
  Type type = {};                    // what it is underneath
  std::vector<std::string> members;  // of enums
  std::vector<BigInt> values;        // of enums that have them
  Annotations annotations;
};

/// A field's place in the header: its first bit counted from the header's first, in network order. Fields behind a varbit field
/// have the offset they have when the varbit is empty.
struct HeaderField {
  std::string name;
  Type type;
  std::uint32_t bit_offset = 0;
  std::string type_name = {};  // of the NamedType, of controller headers only, "" if there is none; and so are annotations
  Annotations annotations = {};
};
struct HeaderType {
  std::string name;
  std::vector<HeaderField> fields;
  std::uint32_t width = 0;  // bits, with the varbit empty
  std::optional<std::size_t> varbit_field;
  Span span;
  std::string controller_header = {};  // "packet_in" of @controller_header("packet_in")
  Annotations annotations = {};        // of controller headers
};

/// A scalar variable: a local, a parameter, a leaf of a struct. Starts as 0 / false at each packet unless assigned (the
/// specification leaves it undefined; we fix zero, so that all executors agree).
struct Var {
  std::string name;  // as a user would write it: "meta.next_hop", "MyIngress.tmp"
  Type type;
  Span span;
};
/// A header instance with its validity bit. Starts invalid at each packet. Fields of an invalid header read as what was last stored
/// there, 0 at first (undefined in the specification; see docs/decisions.md). Becoming valid by setValid keeps the fields.
struct Header {
  std::string name;  // "hdr.ethernet", "hdr.vlan[1]"
  HeaderTypeId type;
  StackId stack;  // names nothing if it is no element of a stack
  std::uint32_t index = 0;
  Span span;
};
struct Stack {
  std::string name;
  HeaderTypeId type;
  std::vector<HeaderId> elements;
  VarId next_index;  // bit<32>, 0 at each packet
  Span span;
};

/// A header: a fixed instance, or the element of `stack` at a run-time index. An index out of bounds reads as an invalid header with
/// fields 0, and writes to it do nothing.
struct HeaderRef {
  HeaderId header;
  StackId stack;
  ExprId index;  // any unsigned width
  bool operator==(const HeaderRef&) const = default;
};

// ---- expressions --------------------------------------------------------------------------------------------------

/// In the range of its type; bool 0 or 1; error and enum the member's index; a varbit constant is the empty one.
struct Const {
  BigInt value;
};
struct StringConst {
  std::string value;
};
struct VarRef {
  VarId var;
};
struct FieldRef {
  HeaderRef header;
  std::size_t field;
};
struct IsValid {
  HeaderRef header;
};
struct Unary {
  enum class Op { kNot, kComplement, kNegate };
  Op op;
  ExprId operand;
};
/// Operands have the same type except for shifts (any unsigned right) and kConcat. Comparisons, kAnd and kOr yield bool. Division
/// by zero yields 0, remainder by zero the dividend (as eBPF does). A shift by the width or more yields 0, or -1 for a negative signed value.
/// kEq and kNe compare two varbits by length and value.
enum class BinaryOp {
  kMul, kDiv, kMod, kAdd, kSub, kSatAdd, kSatSub, kShl, kShr, kLe, kGe, kLt, kGt, kNe, kEq,
  kBitAnd, kBitXor, kBitOr, kConcat, kAnd, kOr,
};
struct Binary {
  BinaryOp op;
  ExprId left;
  ExprId right;
};
/// To the type of the Expr: bits to bits (truncate, or extend by the sign of the operand's type), bool to and from bit<1>, bits to and from enum and error by index.
struct Cast {
  ExprId operand;
};
/// Bits [hi:lo] of a bits operand, unsigned.
struct Slice {
  ExprId operand;
  std::uint32_t hi;
  std::uint32_t lo;
};
/// `condition ? yes : no`; both sides are pure, so both may be evaluated.
struct Mux {
  ExprId condition;
  ExprId yes;
  ExprId no;
};
/// Bits of the packet from `bit_offset` after the parser's cursor on, as many as the type is wide. Only behind a Require that covers them and
/// before the cursor moves. (lookahead)
struct Peek {
  std::uint32_t bit_offset;
};
enum class Intrinsic {
  kIngressPort,   // bit<32>, the P4 port number
  kPacketLength,  // bit<32>, bytes of the packet as it arrived
};
struct IntrinsicRef {
  Intrinsic intrinsic;
};
/// Bits that the header's varbit field holds (bit<32>); 0 where it was never extracted.
struct VarbitLength {
  HeaderRef header;
};
/// What the pass before left for this one in Program::carried (see NewPass); 0 in the first pass of a packet.
struct Carried {
  std::size_t index;
};

struct Expr {
  Type type;
  Span span;
  std::variant<Const, StringConst, VarRef, FieldRef, IsValid, Unary, Binary, Cast, Slice, Mux, Peek, IntrinsicRef, VarbitLength,
               Carried>
      node;
};

// ---- statements ---------------------------------------------------------------------------------------------------

/// `target` is a VarRef or a FieldRef of the same type as `value`. (An assignment to a slice has become one to the whole.)
/// Storing to a field of an invalid header stores; validity does not change.
struct Assign {
  ExprId target;
  ExprId value;
};
struct SetValid {
  HeaderRef header;
};
struct SetInvalid {
  HeaderRef header;
};
/// Validity and all fields.
struct CopyHeader {
  HeaderRef target;
  HeaderRef source;
};
/// push_front (count > 0) and pop_front (count < 0), section 8.18. next_index moves along, clamped to 0..size. Elements that come
/// free become invalid and their fields 0 (undefined in the specification), so that a setValid behind it is the same everywhere.
struct ShiftStack {
  StackId stack;
  std::int32_t count;
};
struct If {
  ExprId condition;
  BlockId then_block;
  BlockId else_block;  // may name nothing
};
struct SwitchCase {
  std::vector<BigInt> values;
  BlockId body;
};
struct Switch {
  ExprId subject;
  std::vector<SwitchCase> cases;
  BlockId default_body;  // may name nothing
};
/// Runs `body`; Leave{label} inside goes behind it. `return`, `exit`, `break` and `continue` have become these.
struct Region {
  LabelId label;
  BlockId body;
};
struct Leave {
  LabelId label;
};
/// Runs `body` again and again until Leave{label}.
struct Loop {
  LabelId label;
  BlockId body;
};
/// What runs at this application when the entry's action is the table's action of the same index. Parameters that the control plane supplies
/// are in `params`, in the order of Action::params.
struct ActionBody {
  std::vector<VarId> params;
  BlockId body;
};
struct ApplyTable {
  TableId table;
  std::vector<ExprId> keys;  // in the order of Table::keys; one more where groups are chosen from (selector.h)
  std::vector<ActionBody> bodies;
  VarId hit;         // bool, may name nothing where nobody asks
  VarId action_run;  // bit<32>, index of the action that ran; may name nothing
};

/// Gives the table an entry for the key with which it has been applied: stands in the bodies of that application only. An entry that is there
/// already stays as it is. `result` (bool) is whether the table has one now: false where it is full.
struct AddEntry {
  TableId table;
  std::size_t action = 0;  // one that entries may have
  std::vector<ExprId> arguments;  // as the action's params
  ExprId result;  // VarRef, may name nothing
};

struct ExternArgument;
struct ExternStruct {
  std::string type_name;  // "" for a tuple or list
  std::vector<std::string> names;
  std::vector<ExternArgument> fields;
  std::vector<std::string> type_names = {};  // of the fields' NamedTypes, "" where there is none; empty where none is known
};
/// A scalar (a VarRef or FieldRef where it is written to), a header, or a struct, list or tuple of such.
struct ExternArgument {
  enum class Direction { kIn, kOut, kInout };
  Direction direction = Direction::kIn;
  std::variant<ExprId, HeaderRef, ExternStruct> value;
};
struct CallExtern {
  ExternFunctionId function;
  ExternInstanceId instance;  // names nothing for a function
  std::vector<ExternArgument> arguments;
  ExprId result;  // VarRef, may name nothing
};

// parser statements; the first failure leaves the parser with that error
/// Extracts at the cursor. error.PacketTooShort if the packet ends before; for a varbit header `varbit_bits` (bit<32>) is the
/// field's size: error.HeaderTooShort if it is greater than the maximum, error.ParserInvalidArgument if not a multiple of 8 in total.
struct Extract {
  HeaderRef header;
  ExprId varbit_bits;
};
/// Moves the cursor by bits (bit<32>). error.PacketTooShort; error.ParserInvalidArgument if not a multiple of 8.
struct Advance {
  ExprId bits;
};
/// error.PacketTooShort unless that many bits follow the cursor.
struct Require {
  std::uint32_t bits;
};
/// Leaves the parser, rejecting with `error`.
struct Reject {
  ExprId error;
};

// statements of the architecture's glue
/// Runs the parser over the packet; afterwards its `accepted` and `error` variables tell how it ended.
struct RunParser {
  ParserId parser;
};
/// packet_out.emit: appends the header if it is valid. Only inside Deparse.
struct Emit {
  HeaderRef header;
};
/// Runs `body`, then replaces everything before the parser's cursor by what was emitted. Where that is no whole number of bytes, what was not
/// parsed keeps its place in its byte, with 0 bits filled in before it. A packet that had `shortest`
/// bytes (what the medium can carry) and no longer has them ends as by Verdict{kAborted}.
struct Deparse {
  BlockId body;
  std::uint32_t shortest = 0;
};
/// Cuts the packet, as it is now, to at most that many bytes (bit<32>).
struct Truncate {
  ExprId bytes;
};
/// Packet copies that the control plane configures: a list of ports, each with an instance number, by a group's or session's
/// number (bit<32>). A number that nobody configured is an empty list.
struct Replication {
  enum class Kind { kMulticast, kClone };
  Kind kind = Kind::kMulticast;
  ExprId id;
  std::size_t port = 0;      // index into Program::carried of what is told each copy: its port, bit<32>
  std::size_t instance = 0;  // and its number, bit<32>
};
/// Queues a copy of the packet for another pass: it runs the program from its entry on once this pass has ended. There everything
/// starts as for a new packet but what `values` leave to Carried.
struct NewPass {
  /// The packet as it was when this pass began; else as it is now. A clone session may cut it.
  bool is_original = false;
  struct Value {
    std::size_t carried;
    ExprId value;
  };
  std::vector<Value> values;
  /// One copy for each replica; one copy if there is none.
  std::optional<Replication> replication;
};
enum class VerdictKind { kDrop, kPass, kTx, kRedirect, kAborted };
/// Ends the packet. `port` (bit<32>, P4 port number) only for kRedirect, and `priority` (bit<3>), by which queues of the interface choose where the
/// hook knows any; 0 or none leaves it as it was. A filter's kPass gives on the packet as it is now: as it arrived unless a
/// Deparse has run.
struct Verdict {
  VerdictKind kind;
  ExprId port;
  ExprId priority = {};
};

/// What is one step to other packets: the body of an action where it is run, or what stands under @atomic.
struct Step {
  Span span;
  bool is_atomic = false;  // somewhere in it the program says so
};
struct Stmt {
  Span span;
  std::variant<Assign, SetValid, SetInvalid, CopyHeader, ShiftStack, If, Switch, Region, Leave, Loop, ApplyTable, AddEntry, CallExtern,
               Extract, Advance, Require, Reject, RunParser, Emit, Deparse, Truncate, NewPass, Verdict>
      node;
  StepId step = {};  // the outermost that it is part of; may name nothing
};
struct Block {
  std::vector<Stmt> statements;
};
struct Label {
  std::string name;  // "exit", "return of MyIngress.drop"
};

// ---- parsers ------------------------------------------------------------------------------------------------------

struct StateTarget {
  enum class Kind { kState, kAccept, kReject };
  Kind kind = Kind::kReject;
  std::size_t state = 0;  // index into Parser::states
};
/// The first case all of whose matches hold; without one error.NoMatch. `keys` empty and one case: a direct transition.
struct SelectCase {
  std::vector<KeyMatch> matches;
  StateTarget target;
  Span span;
};
struct Transition {
  std::vector<ExprId> keys;
  std::vector<SelectCase> cases;
  Span span;
};
struct State {
  std::string name;
  BlockId body;
  Transition transition;
  Span span;
};
/// A state machine; sub-parsers have been spliced in. `transition reject` leaves `error` as it was.
/// After the pass unroll_parsers it has no cycle.
struct Parser {
  std::string name;
  std::vector<State> states;
  std::size_t start = 0;
  VarId accepted;  // bool
  VarId error;     // error
  Span span;
};

// ---- state --------------------------------------------------------------------------------------------------------

enum class MatchKind { kExact, kLpm, kTernary, kRange, kOptional };
struct TableKey {
  std::string name;  // @name or the expression as written: "hdr.ipv4.dst"
  Type type;
  MatchKind match = MatchKind::kExact;
  Span span;
  Annotations annotations = {};
  std::string type_name = {};  // of the NamedType, "" if there is none
  std::size_t place = 0;       // among the keys as written, of which those for selectors are not here
};
struct ActionParam {
  std::string name;
  Type type;
  Annotations annotations = {};
  std::string type_name = {};
};
struct Action {
  std::string name;  // control-plane name: "MyIngress.drop", "NoAction"
  std::vector<ActionParam> params;
  bool default_only = false;  // @defaultonly
  bool table_only = false;    // @tableonly
  Annotations annotations = {};
  Annotations ref_annotations = {};  // those in the table's list of actions
};
/// A larger priority wins. Entries without a written priority get one so that the first one wins.
struct TableEntry {
  std::vector<KeyMatch> keys;
  std::size_t action = 0;
  std::vector<BigInt> arguments;
  std::int32_t priority = 0;
  bool is_const = false;
  Span span;
};
/// A value set is a table too: no actions, `hit` only.
struct Table {
  std::string name;
  std::vector<TableKey> keys;
  std::vector<Action> actions;
  std::size_t default_action = 0;
  std::vector<BigInt> default_arguments;
  bool default_is_const = false;
  std::vector<TableEntry> entries;
  bool entries_are_const = false;
  /// `add_on_miss = true`: an AddEntry may stand in its actions. All keys are exact, and entries may come at any time.
  bool add_on_miss = false;
  std::optional<std::uint64_t> size;
  bool is_value_set = false;
  /// `implementation = hash_table(64)`: the extern instance, names nothing where there is none.
  ExternInstanceId implementation;
  /// `counters` and `meters`: direct instances that belong to the entries; name nothing where there is none.
  ExternInstanceId direct_counter;
  ExternInstanceId direct_meter;
  bool support_timeout = false;
  Annotations annotations;
  Span span;
};

/// A constructor argument.
using ConstantArgument = std::variant<BigInt, bool, std::string, ExternInstanceId>;
struct ExternInstance {
  std::string type_name;  // "CounterArray"
  std::string name;       // control-plane name: "MyIngress.counters"
  std::vector<ConstantArgument> arguments;
  std::vector<Type> type_arguments;  // of the scalar ones
  std::vector<std::string> type_names = {};  // of those the NamedTypes, "" where there is none
  Annotations annotations;
  Span span;
};
struct ExternFunction {
  std::string name;  // "csum_replace2", "CounterArray.increment"
  struct Param {
    std::string name;
    ExternArgument::Direction direction;
  };
  std::vector<Param> params;
  std::optional<Type> result;
  /// Declared outside the architecture's file: the user supplies a C body.
  bool is_user = false;
  Span span;
};

// ---- the program --------------------------------------------------------------------------------------------------

struct Program {
  std::string source_name;   // the .p4 file as the user named it
  std::string architecture;  // set by the architecture that assembled it: "ebpf_model"
  Span main_span;            // where `main` is instantiated, for what concerns the program as a whole

  Arena<Expr> exprs;
  Arena<Block> blocks;
  Arena<Var> vars;
  Arena<Header> headers;
  Arena<HeaderType> header_types;
  Arena<Stack> stacks;
  Arena<EnumType> enums;
  Arena<Label> labels;
  Arena<Step> steps;
  Arena<Parser> parsers;
  Arena<Table> tables;
  Arena<ExternFunction> extern_functions;
  Arena<ExternInstance> extern_instances;
  std::vector<std::string> errors;  // "NoError" first
  std::vector<Type> carried;        // of what NewPass leaves to Carried
  std::vector<NamedType> named_types;
  Annotations annotations;  // of `main`

  /// The whole life of a packet, as the architecture glued it: parser, controls, deparser, and a Verdict on every path.
  BlockId entry;

  const Expr& operator[](ExprId id) const { return exprs[id]; }
  const Block& operator[](BlockId id) const { return blocks[id]; }
  const Var& operator[](VarId id) const { return vars[id]; }
  const Header& operator[](HeaderId id) const { return headers[id]; }
  const HeaderType& operator[](HeaderTypeId id) const { return header_types[id]; }
  const Stack& operator[](StackId id) const { return stacks[id]; }
  const EnumType& operator[](EnumTypeId id) const { return enums[id]; }
  const Label& operator[](LabelId id) const { return labels[id]; }
  const Step& operator[](StepId id) const { return steps[id]; }
  const Parser& operator[](ParserId id) const { return parsers[id]; }
  const Table& operator[](TableId id) const { return tables[id]; }
  const ExternFunction& operator[](ExternFunctionId id) const { return extern_functions[id]; }
  const ExternInstance& operator[](ExternInstanceId id) const { return extern_instances[id]; }
};

/// Index of the error of that name in Program::errors; every program has the errors of core.p4.
std::size_t error_index(const Program& program, std::string_view name);

}  // namespace p4bpf::ir
