// What the files of elaboration share: values, environments, and the class whose methods they implement, one file per
// construct.
//
// Elaboration is an interpreter of the typed tree whose values are IR: evaluating an expression gives a Value, and
// whatever has an effect is written as statements at the end of the block under construction (`out_`), in evaluation
// order (P4_16 section 6.8). A place (l-value) is a Value too: its scalars are VarRef, FieldRef or Slice expressions.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ir/elaborate.h"

namespace p4bpf::ir {

struct Value;

/// A header in storage. In a header union `siblings` are the other members, which become invalid when this one becomes
/// valid.
struct HeaderPlace {
  HeaderRef ref;
  std::vector<HeaderRef> siblings;
};
/// A header that stands nowhere: `{ a, b }`, `{#}`.
struct HeaderLiteral {
  HeaderTypeId type;
  ExprId valid;
  std::vector<ExprId> fields;
};
/// A header stack: one IR stack, or one for each member of a stack of unions; the first one's next_index counts.
struct StackPlace {
  std::vector<StackId> stacks;
  bool is_union = false;
  std::vector<std::string> names;  // of the union's members
};
struct StackLiteral {
  std::vector<Value> elements;
};
/// A struct, tuple, list or union, in storage or not.
struct Aggregate {
  std::string type_name;
  bool is_union = false;
  std::vector<std::string> names;
  std::vector<Value> members;
};
/// What evaluating an expression gives; std::monostate where there is no value (void).
struct Value {
  std::variant<std::monostate, ExprId, HeaderPlace, HeaderLiteral, StackPlace, StackLiteral, Aggregate, PacketStorage,
               ExternInstanceId, std::shared_ptr<const BlockInstance>, std::shared_ptr<const PackageInstance>>
      node;
};

/// What the names of a scope mean. Locals live as long as the inlining of their block does; a BlockInstance keeps what
/// is constructed once.
struct Env {
  const Env* parent = nullptr;
  std::map<ast::DeclId, Value> values;
  std::vector<ast::DeclId> type_params;  // with those of the parents
  std::vector<TypeId> type_arguments;
  const BlockInstance* instance = nullptr;  // the parser or control that this belongs to
  bool is_application = false;              // of a parser or control: where its actions find its locals
  std::string path;                         // names of things declared here start with it
};

/// A table object: the IR table, and which action Decl each of its actions is (none for a NoAction that we added).
struct TableObject {
  ast::DeclId decl;
  TableId table;
  std::vector<ast::DeclId> actions;
};

struct BlockInstance {
  ast::DeclId decl;
  std::string path;
  std::shared_ptr<Env> env;  // constructor parameters, constants, instances
  // Filled when first used; an instance's tables exist once however often it is applied.
  mutable std::map<ast::DeclId, TableObject> tables;
  mutable std::map<ast::ExprId, std::shared_ptr<const BlockInstance>> direct_applications;
};

/// A label that statements may leave to; hung into a Region only if one does.
struct Jump {
  std::string name;
  LabelId label;
};

/// A parser under construction: its IR states, and the one that statements go to.
struct ParserBuild {
  std::vector<State> states;
  std::size_t current = 0;
};

/// Where statements stand: what `return`, `exit`, `break` and `continue` mean there.
struct Frame {
  Env* env = nullptr;
  Jump* on_return = nullptr;
  Jump* on_exit = nullptr;
  Jump* on_break = nullptr;
  Jump* on_continue = nullptr;
  const Value* return_place = nullptr;
  TypeId return_type;
  const TableObject* applied = nullptr;  // in a table's actions: that table
  ParserBuild* parser = nullptr;
  bool repeats = false;  // the code may run more than once for a packet: variables need to be reset
};

/// Thrown where a construct cannot be elaborated, after it was reported; caught at the next statement or declaration.
struct Abandoned {};

/// A piece of storage that an expression reads or writes: a variable, or a field of a header.
struct Leaf {
  static constexpr std::size_t kAllFields = static_cast<std::size_t>(-1);
  static constexpr std::size_t kValidity = static_cast<std::size_t>(-2);
  VarId var;
  HeaderId header;
  std::size_t field = kAllFields;
};
bool overlap(const std::vector<Leaf>& left, const std::vector<Leaf>& right);

/// Sets a variable for the time of a scope.
template <class T>
class Scoped {
 public:
  Scoped(T& variable, T value) : variable_(variable), saved_(std::move(variable)) { variable_ = std::move(value); }
  ~Scoped() { variable_ = std::move(saved_); }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  T& variable_;
  T saved_;
};

class Elaboration {
 public:
  Elaboration(TypedProgram& typed, Program& program, Diagnostics& diagnostics);

  // the public face, see elaborate.h (elaborate.cpp)
  std::optional<PackageInstance> package();
  TypeId param_type(const BlockInstance& block, std::size_t param);
  const std::vector<ast::DeclId>& params_of(const BlockInstance& block) const;
  ParserId top_parser(const BlockInstance& block, const std::vector<Storage>& arguments);
  void top_control(const BlockInstance& block, const std::vector<Storage>& arguments, Builder& into);

  // storage and types (elaborate_storage.cpp)
  Storage storage(TypeId type, const std::string& name, Span span = {});
  Value value_of(const Storage& storage);
  std::vector<std::uint32_t> listed_numbers(const ast::Annotation& list) const;
  void add_field_lists(TypeId type, const Storage& storage, std::map<std::uint32_t, std::vector<Storage>>& lists);

  TypedProgram& typed_;
  Program& program_;
  Diagnostics& diagnostics_;
  Elaborator::ExternGlue extern_glue_;

 private:
  using ExprIds = std::vector<ast::ExprId>;
  struct CopyOut {
    Value target;
    Value temporary;
  };
  /// An argument while a call is bound.
  struct Bound {
    ast::DeclId param;
    ast::ExprId expr;  // names nothing where the default value stands in
    Value value;
    bool is_written = false;     // out or inout
    bool is_read = false;        // in or inout
    std::optional<Value> early;  // of an inout argument that a later argument may change: what it was in its turn
  };

  // --- basics
  const ast::Ast& ast() const { return *typed_.ast; }
  const ast::Expr& at(ast::ExprId id) const { return ast()[id]; }
  [[noreturn]] void abandon(DiagnosticKind kind, Span span, std::string message);
  [[noreturn]] void unsupported(Span span, std::string message) {
    abandon(DiagnosticKind::kUnsupported, span, std::move(message));
  }
  void check_size(Span span);
  Env& env() { return *frame_.env; }
  Builder nested() { return Builder(program_); }
  static std::string join(const std::string& path, const std::string& name);
  /// @name or the declared name.
  std::string name_of(const ast::Decl& decl) const;
  // elaborate_annotations.cpp: what a control plane's description repeats
  Annotations annotation_texts(const ast::Annotations& annotations) const;
  /// The name of the type if it is a `type` or an enum; notes what it is.
  std::string named_type(TypeId type);
  /// Notes the named types of the fields of a struct of that type, and of those in it.
  void name_field_types(ExternArgument& argument, TypeId type);
  /// Of a controller header's field: the member `name` of the struct or header `type`.
  void describe_field(HeaderField& field, TypeId type, const std::string& name);
  /// Controller headers count even where nobody has an instance of them.
  void add_controller_headers();

  /// The text in the parentheses of an annotation.
  static std::string annotation_text(const ast::Annotation& annotation);

  // --- types (elaborate_storage.cpp)
  TypeId bind(TypeId type) { return bind(type, env()); }
  TypeId bind(TypeId type, const Env& in);
  TypeId type_of(ast::ExprId id) { return bind(typed_.type_of[id]); }
  /// The type after the context's conversion.
  TypeId final_type(ast::ExprId id);
  TypeId strip(TypeId type) const;
  template <class Node>
  const Node* as(TypeId type) const {
    return typed_.types.get<Node>(strip(type));
  }
  const ast::StructDecl* as_struct(TypeId type) const;
  bool is_header(TypeId type) const;
  bool is_union(TypeId type) const;
  bool is_packet(TypeId type) const;
  bool is_scalar(TypeId type) const;
  Type scalar(TypeId type, Span span);
  EnumTypeId enum_type(ast::DeclId decl);
  HeaderTypeId header_type(TypeId type);
  void add_header_fields(HeaderType& header, TypeId type, const std::string& prefix, Span span);
  /// Members of a struct, union, tuple or anonymous struct: names and bound types.
  std::vector<std::pair<std::string, TypeId>> members(TypeId type);
  std::string type_label(TypeId type) const;
  static void add_siblings(Aggregate& header_union);
  StackPlace stack_storage(const type::Stack& stack, const std::string& name, Span span);
  StackId new_stack(HeaderTypeId type, std::uint32_t size, const std::string& name, Span span);
  std::uint32_t bits_of(TypeId type, Span span);

  // --- values (elaborate_values.cpp)
  Value default_value(TypeId type, Span span);
  Value convert(const Value& value, TypeId to, Span span);
  Value convert_header(const Value& value, TypeId to, Span span);
  Value convert_members(const Aggregate& source, TypeId to, Span span);
  static const Value* given_member(const Aggregate& source, const std::string& name, std::size_t index);
  ExprId cast_to(Type type, ExprId value, Span span);
  void store(const Value& target, const Value& source, Span span);
  /// The same where `source` may read what the store writes on the way.
  void store_safely(const Value& target, const Value& source, Span span);
  void store_scalar(ExprId target, ExprId source, Span span);
  void store_header(const HeaderPlace& target, const Value& source, Span span, bool whole_union);
  void reset(const Value& place, Span span);
  ExprId equal(const Value& left, const Value& right, Span span);
  ExprId header_equal(const Value& left, const Value& right, Span span);
  ExprId valid(const Value& header, Span span);
  ExprId header_field(const Value& header, std::size_t field, Span span);
  const HeaderType& header_type_of(const Value& header) const;
  ExprId all_of(const std::vector<ExprId>& terms, Span span);
  Value freeze(const Value& value, const std::string& name, Span span);
  Value freeze_place(const Value& value, Span span);
  ExprId freeze_scalar(ExprId expr, const std::string& name, Span span);
  HeaderRef freeze_ref(const HeaderRef& ref, Span span);
  void add_leaves(const Value& value, std::vector<Leaf>& leaves) const;
  void add_leaves(ExprId expr, std::vector<Leaf>& leaves) const;
  void add_leaves(const HeaderRef& ref, std::size_t field, std::vector<Leaf>& leaves) const;
  std::vector<Leaf> leaves(const Value& value) const;
  /// Whether the value stands at a fixed place (no run-time index, no slice) or is a constant.
  bool is_fixed(const Value& value, bool constants_too) const;
  Value element(const StackPlace& stack, ExprId index, Span span);
  Value member(const Value& base, const std::string& name, Span span);
  static void add_inner_field(Aggregate& into, const std::string& path, Value value);
  void store_stack(const StackPlace& target, const Value& source, Span span);
  /// Members or elements in order.
  std::vector<Value> parts(const Value& value, Span span);

  // --- constants (elaborate_constants.cpp)
  Value from_constant(const ConstValue& constant, TypeId type, Span span);
  std::size_t member_index(ast::DeclId member) const;
  std::optional<BigInt> fold(ExprId expr) const;
  std::optional<BigInt> constant(ast::ExprId id);
  BigInt need_constant(ast::ExprId id, const char* what);
  ExprId int_constant(const BigInt& value, Span span);

  // --- expressions (elaborate_expressions.cpp)
  Value eval(ast::ExprId id);
  Value eval_raw(ast::ExprId id);
  ExprId eval_scalar(ast::ExprId id);
  Value eval_name(ast::ExprId id, const ast::NameExpr& name);
  Value eval_member(ast::ExprId id, const ast::Member& node);
  Value stack_member(const StackPlace& stack, const std::string& name, Span span);
  Value eval_index(ast::ExprId id, const ast::Index& node);
  Value eval_slice(ast::ExprId id, const ast::Slice& node);
  Value eval_plus_slice(ast::ExprId id, const ast::PlusSlice& node);
  Value eval_unary(ast::ExprId id, const ast::Unary& node);
  Value eval_binary(ast::ExprId id, const ast::Binary& node);
  Value binary(ast::BinaryOp op, const Value& left, const Value& right, TypeId type, Span span);
  static Type wider(const Type& left, const Type& right);
  Value eval_short_circuit(ast::ExprId id, const ast::Binary& node);
  Value eval_conditional(ast::ExprId id, const ast::Conditional& node);
  Value eval_list(ast::ExprId id, const ast::ListExpr& node);
  Value eval_struct(ast::ExprId id, const ast::StructExpr& node);
  /// Values of several expressions evaluated left to right: what a later effect could change is saved.
  std::vector<Value> eval_in_order(const ExprIds& exprs);
  bool has_effects(ast::ExprId id) const;
  bool is_packet_length(const ast::Call& call, const CallInfo& info) const;
  bool call_has_effects(ast::ExprId id, const ast::Call& call) const;
  Value lookup(ast::DeclId decl, Span span);
  Value global(ast::DeclId decl, Span span);

  // --- calls (elaborate_calls.cpp)
  Value eval_call(ast::ExprId id, const ast::Call& call, bool wants_result);
  std::vector<CopyOut> bind_arguments(const std::vector<ast::DeclId>& params,
                                      const std::vector<ast::Argument>& arguments,
                                      const std::vector<std::optional<std::size_t>>& argument_of_param, Env& callee,
                                      const std::set<ast::DeclId>* touched);
  std::vector<Bound> eval_arguments(const std::vector<ast::DeclId>& params, const std::vector<ast::Argument>& arguments,
                                    const std::vector<std::optional<std::size_t>>& argument_of_param, Env& callee);
  Value bind_in(const Bound& bound, bool by_reference, const std::string& name, Span span);
  const std::set<ast::DeclId>& touched_by(ast::DeclId action);
  void add_names(ast::ExprId id, std::set<ast::DeclId>& names) const;
  void add_names(ast::StmtId id, std::set<ast::DeclId>& names) const;
  void copy_out(const std::vector<CopyOut>& copy_outs, Span span);
  /// Writes what `body` writes, then the copies out; also where `body` exits.
  template <class Body>
  void with_copy_out(const std::vector<CopyOut>& copy_outs, Span span, Body body);
  /// Writes what `body` writes, hung into a Region if it leaves to `jump`.
  template <class Body>
  void with_region(Jump& jump, Span span, Body body);
  template <class Body>
  void with_step(Span span, bool is_atomic, Body body);
  template <class Body>
  void with_annotations(const ast::Annotations& annotations, Span span, Body body);
  void mark_step(BlockId block, std::size_t from, StepId step);
  void leave(Jump* jump, Span span);
  void splice(BlockId block);
  Value call_function(ast::ExprId id, const ast::Call& call, const CallInfo& info, bool wants_result);
  void call_action(const CallInfo& info, const std::vector<ast::Argument>& arguments, Span span);
  void inline_action(ast::DeclId action, Env& callee, const std::vector<CopyOut>& copy_outs, Span span);
  Env callee_env(ast::DeclId callee, const Env* parent, const std::vector<ast::DeclId>& type_params,
                 const std::vector<TypeId>& type_arguments);
  const Env* application_env() const;
  void call_block(ast::ExprId id, const ast::Call& call, const CallInfo& info);
  std::shared_ptr<const BlockInstance> applied_instance(ast::ExprId id, const ast::Call& call, const CallInfo& info);

  // --- methods of headers, stacks, packets, and externs (elaborate_builtins.cpp)
  Value call_header_method(const ast::Call& call, const CallInfo& info, Span span);
  void set_valid(const Value& header, bool is_valid, Span span);
  void shift_stack(const ast::Call& call, bool is_push, Span span);
  Value call_method(ast::ExprId id, const ast::Call& call, const CallInfo& info, bool wants_result);
  Value call_packet(ast::ExprId id, const ast::Call& call, const CallInfo& info);
  void extract(const ast::Call& call, const CallInfo& info, Span span);
  void advance_next_index(ast::ExprId target, Span span);
  Value value_in_storage(const Value& value, Span span);
  void emit(const Value& value, Span span);
  Value lookahead(TypeId type, Span span);
  Value peek(TypeId type, std::uint32_t& offset, Span span);
  void verify(const ast::Call& call, const CallInfo& info, Span span);
  Value call_extern(ast::ExprId id, const ast::Call& call, const CallInfo& info, ExternInstanceId instance,
                    bool wants_result);
  ExternFunctionId extern_function(const CallInfo& info, ExternInstanceId instance,
                                   const std::vector<TypeId>& type_arguments, const std::optional<Type>& result);
  ExternArgument extern_argument(const Value& value, ExternArgument::Direction direction, Span span,
                                 std::vector<CopyOut>& copy_outs);
  bool is_user_declared(Span span) const;
  void reject(std::string_view error, Span span);
  void reject_if(ExprId condition, std::string_view error, Span span);

  // --- statements (elaborate_statements.cpp)
  void statement(ast::StmtId id, bool is_last);
  void statement_node(ast::StmtId id, bool is_last);
  void statements(const std::vector<ast::StmtId>& list, bool is_last);
  BlockId block_of(ast::StmtId id, bool is_last);
  bool is_and_with_effect(ast::ExprId condition) const;
  void when(ast::ExprId condition, const std::function<BlockId()>& then_block, Span span);
  void assign(const ast::Assign& node, Span span);
  void assign_plus_slice(const ast::Assign& node, const ast::PlusSlice& slice, Span span);
  void call_statement(const ast::CallStmt& node, Span span);
  BigInt label_value(ast::ExprId label, ExprId subject, const TableObject* table);
  Frame loop_frame(Jump& on_break, Jump& on_continue) const;
  void if_statement(ast::StmtId id, const ast::If& node, bool is_last);
  void switch_statement(const ast::Switch& node, Span span, bool is_last);
  void for_statement(const ast::For& node, Span span);
  void for_in_statement(const ast::ForIn& node, Span span);
  void for_range(const ast::ForIn& node, const ast::RangeExpr& range, const Value& variable, Span span);
  void return_statement(const ast::Return& node, Span span, bool is_last);
  void declare(ast::DeclId id);
  void declare_variable(ast::DeclId id, const ast::VarDecl& node);

  // --- tables and value sets (elaborate_tables.cpp)
  struct ApplyResult {
    const TableObject* table;
    VarId hit;
    VarId action_run;
  };
  ApplyResult apply_table(const ast::Call& call, ast::DeclId table, bool wants_hit, bool wants_action_run, Span span);
  const TableObject& table_object(ast::DeclId decl);
  void add_key(Table& table, const ast::KeyElement& key, ast::DeclId match_kind);
  std::string key_name(ast::ExprId id) const;
  std::string field_name(const ast::Member& node) const;
  void add_actions(TableObject& object, Table& table, const ast::TableDecl& node, const TypedProgram::TableInfo& info);
  bool is_selector(ast::DeclId match_kind) const;
  ExprId select(TableId table, ExternStruct keys, Span span);
  static void add_no_action(TableObject& object, Table& table);
  void add_default(TableObject& object, Table& table, const TypedProgram::TableInfo& info);
  void add_vars(const Storage& place, Span span, std::vector<VarId>& vars);
  void add_action_params(Action& action, TypeId type, const ast::Name& name);
  std::string action_name(ast::DeclId action, const Env& owner) const;
  void add_entry(const TableObject& object, Table& table, const ast::EntryDecl& entry,
                 const TypedProgram::ResolvedActionRef& resolved, const TypedProgram::TableInfo& info,
                 std::int32_t priority);
  void add_value_set_key(Table& table, const ast::Decl& field, TypeId type);
  void add_entries(const TableObject& object, Table& table, const ast::TableDecl& node,
                   const TypedProgram::TableInfo& info);
  void add_properties(Table& table, const ast::TableDecl& node);
  ActionBody action_body(const TableObject& object, std::size_t index, const ast::TableDecl& node,
                         const TypedProgram::TableInfo& info);
  std::vector<BigInt> action_data(ast::DeclId action, const TypedProgram::ResolvedActionRef* in_list,
                                  const TypedProgram::ResolvedActionRef& given,
                                  const std::vector<ast::Argument>& arguments);
  void add_scalars(const Value& value, Span span, std::vector<BigInt>& scalars);
  KeyMatch key_match(ast::ExprId keyset, const Type& type, MatchKind match);
  std::optional<KeyMatch> constant_match(ast::ExprId keyset, const Type& type);
  TableId value_set(ast::DeclId decl);

  // --- entries that the program adds (elaborate_add_entry.cpp)
  Value add_entry(ast::ExprId id, const ast::Call& call, const CallInfo& info, bool wants_result);
  std::size_t action_to_add(const TableObject& object, ast::ExprId name);
  std::vector<ExprId> added_arguments(const TableObject& object, std::size_t action, ast::ExprId expr,
                                      const Value& given);
  void add_leaves(const Value& value, Span span, std::vector<ExprId>& leaves);

  // --- blocks and their instances (elaborate_blocks.cpp)
  Value construct(const CallInfo& info, const std::vector<ast::Argument>& arguments, TypeId type,
                  const std::string& name, Span span);
  Value construct_extern(const CallInfo& info, const std::vector<ast::Argument>& arguments, TypeId type,
                         const std::string& name, Span span);
  std::shared_ptr<const BlockInstance> construct_block(const CallInfo& info,
                                                       const std::vector<ast::Argument>& arguments,
                                                       const std::string& name, Span span);
  std::shared_ptr<const PackageInstance> construct_package(const CallInfo& info,
                                                           const std::vector<ast::Argument>& arguments, Span span);
  Value construct_declared(ast::DeclId decl);
  ConstValue constant_argument(const Value& value, ast::ExprId expr, Span span);
  Env application(const BlockInstance& block);
  void declare_locals(const std::vector<ast::DeclId>& locals);
  void inline_control(const BlockInstance& block, Env& application);

  // --- parsers (elaborate_parsers.cpp)
  /// The states of one application of a parser, made when they are first gone to.
  struct ParserApplication {
    std::map<ast::DeclId, std::size_t> state_of;
    std::vector<ast::DeclId> pending;
    StateTarget accept;
    std::string prefix;
  };
  void splice_parser(const BlockInstance& block, Env& scope, StateTarget accept, const std::string& prefix);
  StateTarget state_target(const TypedProgram::StateTarget& target, ParserApplication& states);
  std::size_t new_state(const std::string& name, Span span);
  void enter_state(std::size_t state);
  void direct_transition(StateTarget target, Span span);
  void elaborate_state(ast::DeclId id, ParserApplication& states);
  void transition(ast::DeclId id, const ast::StateDecl& state, ParserApplication& states);
  void select(const ast::Select& select, const std::vector<StateTarget>& targets, Span span);
  void match_case(ast::ExprId keyset, const std::vector<ExprId>& keys, SelectCase& result,
                  const std::function<void(ExprId)>& test);
  ast::DeclId value_set_named(ast::ExprId keyset) const;
  ExprId value_set_hit(ast::DeclId decl, const std::vector<ExprId>& keys, Span span);
  ExprId keyset_test(ast::ExprId keyset, ExprId key, Span span);
  bool applies_parser(ast::StmtId id) const;
  void split_if(const ast::If& node, Span span, bool is_last);
  void apply_parser(const BlockInstance& block, Env& scope, const std::vector<CopyOut>& copy_outs, Span span);

  std::size_t inlined_ = 0;  // calls written out so far
  /// That declares the package, if it is not the file of `main`: a user's version of v1model.p4, whatever its name.
  std::string architecture_file_;
  Env globals_;
  Frame frame_;
  Builder out_;
  std::map<ast::DeclId, std::size_t> error_index_;
  std::map<ast::DeclId, EnumTypeId> enums_;
  /// Of members of enums without representation: the enum and the position in it.
  std::map<ast::DeclId, std::pair<ast::DeclId, std::size_t>> enum_members_;
  std::map<TypeId, HeaderTypeId> header_types_;
  std::map<ast::DeclId, std::set<ast::DeclId>> touched_;
  std::map<std::pair<ast::DeclId, std::vector<TypeId>>, ExternFunctionId> extern_functions_;
  std::map<std::pair<const BlockInstance*, ast::DeclId>, TableId> value_sets_;
  ExternFunctionId select_;
};

// --- templates

template <class Body>
void Elaboration::with_region(Jump& jump, Span span, Body body) {
  Builder inner = nested();
  {
    Scoped<Builder> into(out_, inner);
    body();
  }
  if (jump.label) {
    out_.add(Region{jump.label, inner.block()}, span);
  } else {
    splice(inner.block());
  }
}

/// What `body` writes is one step (Step in ir.h).
template <class Body>
void Elaboration::with_step(Span span, bool is_atomic, Body body) {
  const BlockId block = out_.block();
  const std::size_t from = program_[block].statements.size();
  body();
  mark_step(block, from, program_.steps.add({span, is_atomic}));
}

/// What stands under those annotations; @atomic makes it a step.
template <class Body>
void Elaboration::with_annotations(const ast::Annotations& annotations, Span span, Body body) {
  if (ast::find_annotation(annotations, "atomic") == nullptr) return body();
  with_step(span, true, body);
}

template <class Body>
void Elaboration::with_copy_out(const std::vector<CopyOut>& copy_outs, Span span, Body body) {
  if (copy_outs.empty()) return body();
  // An exit inside must copy out too: it leaves to here, and from here on outwards.
  Jump exit_here{"exit", {}};
  Jump* const exit_outer = frame_.on_exit;
  Builder inner = nested();
  {
    Scoped<Builder> into(out_, inner);
    Scoped<Frame> frame(frame_, [&] {
      Frame changed = frame_;
      if (exit_outer != nullptr) changed.on_exit = &exit_here;
      return changed;
    }());
    body();
  }
  if (!exit_here.label) {
    splice(inner.block());
    return copy_out(copy_outs, span);
  }
  Jump done{"done", program_.labels.add(Label{"done"})};
  Builder outer = nested();
  {
    Scoped<Builder> into(out_, inner);
    copy_out(copy_outs, span);
    out_.add(Leave{done.label}, span);
  }
  {
    Scoped<Builder> into(out_, outer);
    out_.add(Region{exit_here.label, inner.block()}, span);
    copy_out(copy_outs, span);
    leave(exit_outer, span);
  }
  out_.add(Region{done.label, outer.block()}, span);
}

}  // namespace p4bpf::ir
