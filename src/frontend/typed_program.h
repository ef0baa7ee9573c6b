// What the type checker knows of an Ast: side tables beside the tree. This is the contract between the front end and
// elaboration; nothing behind the front end resolves a name or infers a type again.
//
// Bodies of generic declarations are checked once, with type::Variable standing for the parameters; whoever instantiates them
// substitutes (substitute()).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/diagnostics.h"
#include "frontend/ast.h"
#include "frontend/types.h"

namespace p4bpf {

/// A compile-time-known value (section 18.1): an int or bits, a bool, a string, an error or enum member, a list or struct.
struct ConstValue;
using ConstList = std::vector<ConstValue>;
struct ConstValue {
  /// BigInt: in the range of its type. DeclId: an EnumMember Decl (member of an enum without representation, of `error`, or of
  /// match_kind). A serializable enum's member is its BigInt. ConstList: elements or fields in order.
  std::variant<BigInt, bool, std::string, ast::DeclId, ConstList> value;
};

/// How a Call expression was resolved.
struct CallInfo {
  enum class Kind {
    kNone,
    kFunction,        // callee: FunctionDecl with a body, or an extern function
    kMethod,          // callee: FunctionDecl in an ExternDecl; the object is the base of the callee's Member expression
    kAction,          // callee: ActionDecl
    kApplyTable,      // callee: TableDecl
    kApplyBlock,      // callee: ParserDecl, ControlDecl, or the BlockTypeDecl of a constructor parameter (object.apply(...) or Type.apply(...), see `is_direct_apply`)
    kConstructor,     // callee: ExternDecl, ParserDecl, ControlDecl or PackageDecl; arguments match its constructor params
    kIsValid, kSetValid, kSetInvalid,     // on a header; kIsValid on a header union too
    kPushFront, kPopFront,                // on a header stack
    kMinSizeInBits, kMinSizeInBytes, kMaxSizeInBits, kMaxSizeInBytes,  // compile-time known: Typed constants hold the value
    kStaticAssert,
  };
  Kind kind = Kind::kNone;
  ast::DeclId callee;
  /// The constructor FunctionDecl chosen, for kConstructor of an extern.
  ast::DeclId constructor;
  /// One for each type parameter of the callee (method's own; the object's are in its type), all bound; type::Any where only
  /// optional parameters that are left out depend on it.
  std::vector<TypeId> type_arguments;
  /// For each parameter of the callee (constructor params for kConstructor) the index of its argument in Call::arguments,
  /// nothing where the default value of the parameter stands in. For kAction in a table's action list see the notes at tables.
  std::vector<std::optional<std::size_t>> argument_of_param;
  /// `Type.apply(...)` without an instance (section 14.1 and 15.1 "direct type invocation").
  bool is_direct_apply = false;
};

struct TypedProgram {
  const ast::Ast* ast = nullptr;
  Types types;

  /// The type of each expression as inferred from itself: an `int` literal has type int even where bit<8> is wanted.
  SideTable<ast::Expr, TypeId> type_of;
  /// The type that the context converts the expression to (implicit casts, section 8.11.2; lists to structs, headers and tuples;
  /// `...` to its type; serializable enum to its representation). Names nothing where it stays as it is.
  SideTable<ast::Expr, TypeId> converted_to;
  /// The value of each expression that is compile-time known without looking at constructor arguments; of its type_of type.
  SideTable<ast::Expr, std::optional<ConstValue>> constant_of;
  /// The Decl that a NameExpr, or a Member that selects a field, an enum member, an error, a method, or a `type::TypeName`'s
  /// member, resolves to. Stack members (next, last, lastIndex, size) and hit/miss/action_run resolve to nothing.
  SideTable<ast::Expr, ast::DeclId> decl_of;
  SideTable<ast::Expr, CallInfo> call_of;

  /// The type that each TypeRef denotes, typedefs seen through.
  SideTable<ast::TypeRef, TypeId> type_of_ref;
  /// The type of each value Decl (variables, params, fields, constants, instances, value sets: their element type), and of each
  /// type Decl the type it declares.
  SideTable<ast::Decl, TypeId> type_of_decl;
  /// The value of each ConstDecl (nothing where it depends on constructor parameters) and of each member of a serializable enum.
  SideTable<ast::Decl, std::optional<ConstValue>> constant_of_decl;
  /// How an InstanceDecl's constructor call was resolved. (The base of a method call may be a Call of kind kConstructor: an extern
  /// that is made and used in one go.) An instance with array_size has the type type::Stack of the extern.
  SideTable<ast::Decl, CallInfo> call_of_instance;

  /// The members of `error`, of `match_kind`, in order of declaration over the whole program.
  std::vector<ast::DeclId> errors;
  std::vector<ast::DeclId> match_kinds;
  /// `main`, or nothing.
  ast::DeclId main;

  struct ResolvedActionRef {
    ast::DeclId action;
    /// For each parameter of the action the bound argument, nothing for those that the control plane supplies.
    std::vector<std::optional<std::size_t>> argument_of_param;
  };
  struct TableInfo {
    std::vector<ast::DeclId> key_match_kinds;          // one for each key element
    std::vector<ResolvedActionRef> actions;            // one for each ActionRef
    std::vector<ResolvedActionRef> entry_actions;      // one for each entry
    /// The default action: the Call (or NameExpr) under the `default_action` property; nothing: NoAction.
    std::optional<ResolvedActionRef> default_action;
    ast::ExprId default_action_expr;
    bool default_action_is_const = false;
  };
  /// By TableDecl.
  SideTable<ast::Decl, TableInfo> tables;

  /// The StateDecl each Name of a transition means, in order: for a direct transition one, for a select one for each case. Names
  /// nothing for accept; see `is_reject`.
  struct StateTarget {
    ast::DeclId state;
    bool is_reject = false;
  };
  SideTable<ast::Decl, std::vector<StateTarget>> state_targets;
};

/// Resolves names and infers types over the whole Ast, reporting every independent mistake. The result is complete and without
/// poison if and only if no error was reported. `ast` must outlive the result.
TypedProgram check_program(const ast::Ast& ast, Diagnostics& diagnostics);

/// `type` with each type::Variable of `params` replaced by the argument at the same place.
TypeId substitute(Types& types, TypeId type, const std::vector<ast::DeclId>& params, const std::vector<TypeId>& arguments);

/// How the type is written in P4, for messages: `bit<8>`, `Headers_t`, `tuple<bit<8>, bool>`.
std::string type_name(const TypedProgram& program, TypeId type);

}  // namespace p4bpf
