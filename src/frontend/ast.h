// The Ast: a P4_16 program as it was written, after macros and includes.
//
// Nodes are plain structs in a variant, owned by the arenas of Ast and named by ids. The Ast is immutable once parsed; what
// the type checker finds out stands beside it in TypedProgram (typed_program.h). Everything that can be named, down to a
// field, a parameter and an enum member, is a Decl, so that a resolved name is always one DeclId.
// Grammar: P4_16 specification 1.2.5, appendix "P4 grammar".
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/big_int.h"
#include "base/ids.h"
#include "base/source_map.h"

namespace p4bpf::ast {

struct Expr;
struct TypeRef;
struct Stmt;
struct Decl;
using ExprId = Id<Expr>;
using TypeRefId = Id<TypeRef>;
using StmtId = Id<Stmt>;
using DeclId = Id<Decl>;

struct Name {
  std::string text;
  Span span;
};

/// An argument of a call or an entry of a struct-valued expression; `name` is empty where it is positional.
struct Argument {
  Name name;
  ExprId value;
};

/// `@name`, `@name(free tokens)`, `@name[structured]`, and `@pragma name tokens` (is_pragma).
struct Annotation {
  Name name;
  bool is_structured = false;
  bool is_pragma = false;
  bool has_body = false;  // unstructured, with parentheses: `@name()` is not `@name`
  /// The tokens of an unstructured body, as written; string literals without quotes have is_string set.
  struct Piece {
    std::string text;
    Span span;
    bool is_string = false;
  };
  std::vector<Piece> body;
  /// The expressions or key-value pairs of a structured body.
  std::vector<Argument> arguments;
};
using Annotations = std::vector<Annotation>;

// ---- types as written ---------------------------------------------------------------------------------------------

struct BaseType {
  enum class Kind { kBool, kError, kMatchKind, kString, kInt, kVoid };
  Kind kind;
};
/// `bit<W>`, `int<W>`, `varbit<W>`; `bit` alone is bit<1> and has no width here.
struct SizedType {
  enum class Kind { kBit, kInt, kVarbit };
  Kind kind;
  ExprId width;
};
/// `name`, `.name`, `name<args>`.
struct NamedType {
  Name name;
  bool is_global = false;  // written with a leading dot
  bool has_arguments = false;
  std::vector<TypeRefId> arguments;
};
struct StackType {
  TypeRefId element;
  ExprId size;
};
struct TupleType {
  std::vector<TypeRefId> elements;
};
struct ListType {
  TypeRefId element;
};
/// `_` as a type argument.
struct DontCareType {};

struct TypeRef {
  Span span;
  std::variant<BaseType, SizedType, NamedType, StackType, TupleType, ListType, DontCareType> node;
};

// ---- expressions --------------------------------------------------------------------------------------------------

/// `12`, `8w0xff`, `4s-1` has its sign in a Unary. Without a width the type is `int`.
struct IntLiteral {
  BigInt value;
  std::optional<std::uint32_t> width;
  bool is_signed = false;
};
struct BoolLiteral {
  bool value;
};
struct StringLiteral {
  std::string value;  // unescaped
};
struct NameExpr {
  Name name;
  bool is_global = false;
};
struct ThisExpr {};
/// A type where an expression stands: `error` in `error.NoMatch`, `E` in `E.A` only if it has type arguments, the callee of a
/// constructor call such as `Foo<bit<8>>(1)` (a plain `Foo(1)` has a NameExpr as its callee).
struct TypeExpr {
  TypeRefId type;
};
struct Member {
  ExprId base;
  Name member;
};
struct Index {
  ExprId base;
  ExprId index;
};
/// `base[hi:lo]`.
struct Slice {
  ExprId base;
  ExprId hi;
  ExprId lo;
};
/// `base[lo +: width]`.
struct PlusSlice {
  ExprId base;
  ExprId lo;
  ExprId width;
};
struct Unary {
  enum class Op { kNot, kComplement, kNegate, kPlus };
  Op op;
  ExprId operand;
};
enum class BinaryOp {
  kMul, kDiv, kMod, kAdd, kSub, kSatAdd, kSatSub, kShl, kShr, kLe, kGe, kLt, kGt, kNe, kEq,
  kBitAnd, kBitXor, kBitOr, kConcat, kAnd, kOr,
};
struct Binary {
  BinaryOp op;
  ExprId left;
  ExprId right;
};
/// `condition ? yes : no`.
struct Conditional {
  ExprId condition;
  ExprId yes;
  ExprId no;
};
struct Cast {
  TypeRefId type;
  ExprId operand;
};
/// Calls of functions, actions, methods, `apply`, and constructors alike.
struct Call {
  ExprId callee;
  std::vector<TypeRefId> type_arguments;
  std::vector<Argument> arguments;
};
/// `{ a, b }`, with `has_rest` for a final `...`; `(a, b)` in a select.
struct ListExpr {
  std::vector<ExprId> elements;
  bool has_rest = false;
};
/// `{ f = a, g = b }`, `(T){ f = a }` stands under a Cast.
struct StructExpr {
  std::vector<Argument> fields;
  bool has_rest = false;
};
/// `{#}`.
struct InvalidExpr {};
/// `value &&& mask`.
struct MaskExpr {
  ExprId value;
  ExprId mask;
};
/// `lo .. hi`.
struct RangeExpr {
  ExprId lo;
  ExprId hi;
};
/// `_` and `default` as a set, `_` as an argument.
struct DontCareExpr {
  bool is_default = false;
};
/// `...`: the default value of whatever type is wanted.
struct DotsExpr {};
/// Stands where an expression could not be parsed; has been reported.
struct ErrorExpr {};

struct Expr {
  Span span;
  std::variant<IntLiteral, BoolLiteral, StringLiteral, NameExpr, ThisExpr, TypeExpr, Member, Index, Slice, PlusSlice, Unary,
               Binary, Conditional, Cast, Call, ListExpr, StructExpr, InvalidExpr, MaskExpr, RangeExpr, DontCareExpr,
               DotsExpr, ErrorExpr>
      node;
};

// ---- statements ---------------------------------------------------------------------------------------------------

struct Block {
  Annotations annotations;
  std::vector<StmtId> statements;
};
/// `left = right`, or `left op= right` with `op` set.
struct Assign {
  ExprId left;
  ExprId right;
  std::optional<BinaryOp> op;
};
struct CallStmt {
  ExprId call;
};
struct If {
  ExprId condition;
  StmtId then_branch;
  StmtId else_branch;  // may name nothing
};
struct Return {
  ExprId value;  // may name nothing
};
struct Exit {};
struct Break {};
struct Continue {};
struct Empty {};
/// A label without a body falls through to the next label that has one.
struct SwitchCase {
  Span span;
  ExprId label;  // a DontCareExpr with is_default for `default`
  StmtId body;   // may name nothing
};
struct Switch {
  ExprId subject;
  std::vector<SwitchCase> cases;
};
/// `for (init; condition; update) body`; the declarations of init are DeclStmts.
struct For {
  Annotations annotations;
  std::vector<StmtId> init;
  ExprId condition;
  std::vector<StmtId> update;
  StmtId body;
};
/// `for (type name in collection) body`; the collection is a RangeExpr, a list or a stack. `variable` is a VarDecl, or nothing
/// where an existing variable `target` is used.
struct ForIn {
  Annotations annotations;
  DeclId variable;
  ExprId target;
  ExprId collection;
  StmtId body;
};
/// A constant, variable or instance declared among statements.
struct DeclStmt {
  DeclId declaration;
};

struct Stmt {
  Span span;
  std::variant<Block, Assign, CallStmt, If, Return, Exit, Break, Continue, Empty, Switch, For, ForIn, DeclStmt> node;
};

// ---- declarations -------------------------------------------------------------------------------------------------

enum class Direction { kNone, kIn, kOut, kInout };

struct TypeParam {};
struct Param {
  Direction direction = Direction::kNone;
  TypeRefId type;
  ExprId default_value;  // may name nothing
};
struct ConstDecl {
  TypeRefId type;
  ExprId value;
};
struct VarDecl {
  TypeRefId type;
  ExprId initial;  // may name nothing
};
/// `Type(args) name;` or `Type(args) name = { abstract method bodies };`, and, beyond the specification, an array of externs
/// `Type(args) name[size];`.
struct InstanceDecl {
  TypeRefId type;
  std::vector<Argument> arguments;
  ExprId array_size;  // may name nothing
  std::vector<DeclId> body;
  bool has_body = false;
};
/// `typedef T N;` and `type T N;` (is_new_type). `derived` is set instead of `type` for `typedef struct S {...} N;`.
struct Typedef {
  bool is_new_type = false;
  TypeRefId type;
  DeclId derived;
};
struct Field {
  TypeRefId type;
};
struct StructDecl {
  enum class Kind { kStruct, kHeader, kUnion };
  Kind kind;
  std::vector<DeclId> type_params;
  std::vector<DeclId> fields;
};
struct EnumMember {
  ExprId value;  // may name nothing; only for enums with a representation
};
struct EnumDecl {
  TypeRefId representation;  // may name nothing
  std::vector<DeclId> members;
};
/// `error { A, B }`; the members of all of them form one type. The Decl has no name.
struct ErrorDecl {
  std::vector<DeclId> members;
};
/// `match_kind { exact, lpm }`, likewise.
struct MatchKindDecl {
  std::vector<DeclId> members;
};
/// A function, an extern function or method (no body), a constructor of an extern, or an abstract method.
struct FunctionDecl {
  TypeRefId return_type;  // names nothing for a constructor
  std::vector<DeclId> type_params;
  std::vector<DeclId> params;
  StmtId body;  // may name nothing
  bool is_extern = false;
  bool is_abstract = false;
  bool is_constructor = false;
};
struct ExternDecl {
  std::vector<DeclId> type_params;
  std::vector<DeclId> methods;
};
/// `parser P<T>(params);` and `control C<T>(params);` without a body.
struct BlockTypeDecl {
  bool is_parser = false;
  std::vector<DeclId> type_params;
  std::vector<DeclId> params;
};
struct PackageDecl {
  std::vector<DeclId> type_params;
  std::vector<DeclId> params;
};
struct ParserDecl {
  std::vector<DeclId> type_params;
  std::vector<DeclId> params;
  std::vector<DeclId> constructor_params;
  std::vector<DeclId> locals;
  std::vector<DeclId> states;
};
struct SelectCase {
  Span span;
  ExprId keyset;  // a ListExpr for a tuple of sets
  Name state;
};
struct Select {
  std::vector<ExprId> keys;
  std::vector<SelectCase> cases;
};
/// `transition state;`, `transition select(...) {...}`, or nothing written, which means reject.
struct Transition {
  Span span;
  std::variant<std::monostate, Name, Select> target;
};
struct StateDecl {
  std::vector<StmtId> statements;
  Transition transition;
};
struct ControlDecl {
  std::vector<DeclId> type_params;
  std::vector<DeclId> params;
  std::vector<DeclId> constructor_params;
  std::vector<DeclId> locals;
  StmtId apply;
};
struct ActionDecl {
  std::vector<DeclId> params;
  StmtId body;
};
struct KeyElement {
  Span span;
  Annotations annotations;
  ExprId expr;
  Name match_kind;
};
struct ActionRef {
  Span span;
  Annotations annotations;
  Name name;
  bool is_global = false;
  bool has_arguments = false;
  std::vector<Argument> arguments;
};
struct EntryDecl {
  Span span;
  Annotations annotations;
  bool is_const = false;
  ExprId priority;  // may name nothing
  ExprId keyset;    // a ListExpr for several keys
  ActionRef action;
};
/// `size = 3;`, `default_action = a();` and whatever else an architecture knows.
struct TableProperty {
  Span span;
  Annotations annotations;
  Name name;
  bool is_const = false;
  ExprId value;
};
struct TableDecl {
  bool has_key = false;
  std::vector<KeyElement> key;
  bool has_actions = false;
  std::vector<ActionRef> actions;
  bool has_entries = false;
  bool entries_are_const = false;
  Annotations entries_annotations;
  std::vector<EntryDecl> entries;
  std::vector<TableProperty> properties;
};
struct ValueSetDecl {
  TypeRefId element;
  ExprId size;
};

struct Decl {
  Span span;
  Name name;
  Annotations annotations;
  std::variant<TypeParam, Param, ConstDecl, VarDecl, InstanceDecl, Typedef, Field, StructDecl, EnumMember, EnumDecl, ErrorDecl,
               MatchKindDecl, FunctionDecl, ExternDecl, BlockTypeDecl, PackageDecl, ParserDecl, StateDecl, ControlDecl,
               ActionDecl, TableDecl, ValueSetDecl>
      node;
};

/// A whole program.
struct Ast {
  Arena<Expr> exprs;
  Arena<TypeRef> types;
  Arena<Stmt> stmts;
  Arena<Decl> decls;
  /// The top-level declarations in order.
  std::vector<DeclId> program;

  const Expr& operator[](ExprId id) const { return exprs[id]; }
  const TypeRef& operator[](TypeRefId id) const { return types[id]; }
  const Stmt& operator[](StmtId id) const { return stmts[id]; }
  const Decl& operator[](DeclId id) const { return decls[id]; }
};

/// The annotation of that name, or nullptr.
inline const Annotation* find_annotation(const Annotations& annotations, std::string_view name) {
  for (const Annotation& annotation : annotations) {
    if (annotation.name.text == name) return &annotation;
  }
  return nullptr;
}

}  // namespace p4bpf::ast
