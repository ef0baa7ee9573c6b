// What every room of the type checker shares: the program, what is known of it so far, the scopes, and where we stand.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/typed_program.h"
#include "frontend/types/scopes.h"

namespace p4bpf::check {

using ast::DeclId;
using ast::ExprId;
using ast::StmtId;
using ast::TypeRefId;
using Kind = DiagnosticKind;

/// Bits that a width, or a value of type `int`, may take.
inline constexpr std::uint32_t kMaxWidth = 2048;
/// No arithmetic is done on a varbit, so that it may fill the largest packet.
inline constexpr std::uint32_t kMaxVarbitWidth = 65535 * 8;
/// Elements of a stack or a tuple.
inline constexpr std::uint32_t kMaxElements = 1U << 20;
/// Leaves of a compile-time-known list or struct, so that doubling declarations stay finite.
inline constexpr std::size_t kMaxConstLeaves = 1U << 16;
/// Bytes of a compile-time-known string.
inline constexpr std::size_t kMaxStringBytes = 1U << 16;

/// The kind of code that is being checked; it decides what may be called, instantiated and left (appendix F).
enum class Place {
  kTopLevel,
  kParserLocals,
  kState,
  kControlLocals,
  kApply,
  kAction,
  kFunction,
  kTable,  // keys, action lists, entries and properties
};

struct Surroundings {
  Place place = Place::kTopLevel;
  TypeId return_type;  // of the function; void in actions and apply blocks
  DeclId block;        // the parser or control around us
  DeclId instance;     // the InstanceDecl whose abstract methods are being written: what `this` means
  DeclId table;        // the table whose parts are being checked
  int loops = 0;       // for `break` and `continue`
};

struct Context {
  Context(const ast::Ast& ast_in, Diagnostics& diagnostics_in);

  const ast::Ast& ast;
  Diagnostics& diagnostics;
  TypedProgram out;
  Scopes scopes;
  Surroundings around;

  TypeId poison, void_type, bool_type, string_type, error_type, match_kind_type, int_type, any_type;

  /// Expressions whose value is known before any packet comes, constructor parameters included (section 18.1).
  SideTable<ast::Expr, bool> is_known;
  /// Members by name of each struct, header, union, enum; methods of an extern (overloads in order).
  using Members = std::unordered_map<std::string_view, std::vector<DeclId>>;
  std::unordered_map<DeclId, Members> members;
  std::unordered_map<std::string_view, DeclId> error_members, match_kinds;
  /// The first of the parsers, controls or packages that share a name and a scope, and all of them by the first.
  std::unordered_map<DeclId, DeclId> first_overload;
  std::unordered_map<DeclId, std::vector<DeclId>> overload_groups;
  /// Constructor parameters; their values are known at elaboration.
  std::unordered_set<DeclId> constructor_params;
  /// Declarations whose own body is being checked: naming one of them is recursion.
  std::unordered_set<DeclId> open;
  /// How many constructor calls are around us: their arguments may make instances.
  int constructing = 0;
  /// Generic structs whose fields have been looked at with these arguments.
  std::unordered_set<TypeId> specialized;
  std::unordered_map<TypeId, bool> has_variable_memo;
  std::map<std::pair<TypeId, TypeId>, bool> converts_memo;

  Diagnostic& error(Kind kind, Span span, std::string message) {
    return diagnostics.report(kind, span, std::move(message));
  }
  TypeId type_of(ExprId id) const { return out.type_of[id]; }
  /// The type after the context's conversion.
  TypeId final_type(ExprId id) const {
    const TypeId converted = out.converted_to[id];
    return converted ? converted : out.type_of[id];
  }
  bool is_poison(TypeId id) const { return !id || id == poison; }
  template <class Node>
  const Node* get(TypeId id) const {
    return id ? out.types.get<Node>(id) : nullptr;
  }
  std::string show(TypeId id) const { return type_name(out, id); }
  template <class Node>
  const Node* expr(ExprId id) const {
    return std::get_if<Node>(&ast[id].node);
  }
  template <class Node>
  const Node* decl(DeclId id) const {
    return id ? std::get_if<Node>(&ast[id].node) : nullptr;
  }
  Span span(ExprId id) const { return ast[id].span; }
  const std::string& name(DeclId id) const { return ast[id].name.text; }
};

/// Changes where we stand until the end of the C++ scope.
class Standing {
 public:
  Standing(Context& cx, Surroundings around) : cx_(cx), before_(cx.around) { cx_.around = around; }
  ~Standing() { cx_.around = before_; }
  Standing(const Standing&) = delete;
  Standing& operator=(const Standing&) = delete;

 private:
  Context& cx_;
  Surroundings before_;
};

/// A scope of names until the end of the C++ scope.
class InScope {
 public:
  explicit InScope(Context& cx) : cx_(cx) { cx_.scopes.push(); }
  ~InScope() { cx_.scopes.pop(); }
  InScope(const InScope&) = delete;
  InScope& operator=(const InScope&) = delete;

 private:
  Context& cx_;
};

/// Enters a declaration into the innermost scope; reports a name that is taken there already. Functions, methods and
/// actions may share a name if their parameters differ (section 6.9.1... overloads differ in number or names of
/// parameters).
void declare(Context& cx, DeclId id);
/// Parsers, controls or packages that share the name and scope of `decl`, itself included.
std::vector<DeclId> overloads_of(const Context& cx, DeclId decl);
/// The declaration(s) that a name means; reports an unknown name and suggests the nearest.
std::vector<DeclId> resolve(Context& cx, const ast::Name& name, bool is_global);
/// Reports that nothing is called `name`, with the nearest of `candidates`.
void report_unknown(Context& cx, Kind kind, const ast::Name& name, const std::string& what,
                    const std::vector<std::string>& candidates);

}  // namespace p4bpf::check
