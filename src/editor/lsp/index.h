// Who names what: every place of a program where the name of a declaration stands, and which names each stretch of text
// sees. One lexical walk over the Ast; what the type checker resolved goes before what the walk finds, so that programs
// with errors are indexed too.
#pragma once

#include <string_view>
#include <vector>

#include "frontend/typed_program.h"

namespace p4bpf::editor {

struct Reference {
  Span span;
  ast::DeclId decl;
  bool is_declaration = false;
};

/// The names that the text of `span` sees in addition to those of the scopes around it, in order of declaration.
struct NameScope {
  Span span;
  std::vector<ast::DeclId> names;
};

struct Index {
  std::vector<Reference> references;  // in the order of the walk
  std::vector<NameScope> scopes;      // outer before inner; the first is the program's

  /// The reference that stands at `loc`, its end included; nullptr if there is none.
  const Reference* at(Loc loc) const;
  /// What `name` means to text at `loc`; nothing if nothing is called so.
  ast::DeclId find(const ast::Ast& ast, std::string_view name, Loc loc) const;
  /// All declarations that text at `loc` can name, the innermost last.
  std::vector<ast::DeclId> visible(const ast::Ast& ast, Loc loc) const;

 private:
  friend Index make_index(const TypedProgram& program);
  std::vector<std::size_t> by_place_;
};

Index make_index(const TypedProgram& program);

/// The parameters of what a call was resolved to, in the order of its arguments; empty where there are none.
std::vector<ast::DeclId> params_of(const ast::Ast& ast, const CallInfo& call);
/// The members of a struct, header, union, enum, extern, error or match_kind declaration.
std::vector<ast::DeclId> members_of(const ast::Ast& ast, ast::DeclId decl);

}  // namespace p4bpf::editor
