// The type checker's table of contents: every declaration of the program in order, then `main`.
//
// P4 knows a name only behind its declaration (section 6.9), so that one walk from top to bottom resolves names, infers
// types and evaluates constants at the same time, and no program can be recursive.
#include <fmt/format.h>

#include "frontend/types/context.h"
#include "frontend/types/declarations.h"
#include "frontend/types/type_facts.h"

namespace p4bpf {
namespace {

void check_main(check::Context& cx) {
  const std::vector<ast::DeclId> found = cx.scopes.find_global("main");
  if (found.empty() || cx.decl<ast::InstanceDecl>(found.back()) == nullptr) return;
  cx.out.main = found.back();
  const TypeId type = cx.out.type_of_decl[cx.out.main];
  if (cx.is_poison(type) || check::is_package(cx, type)) return;
  cx.error(DiagnosticKind::kBadDeclaration, cx.ast[cx.out.main].span,
           fmt::format("'main' is {}, expected an instance of a package", cx.show(type)));
}

}  // namespace

TypedProgram check_program(const ast::Ast& ast, Diagnostics& diagnostics) {
  check::Context cx(ast, diagnostics);
  {
    const check::InScope scope(cx);
    for (const ast::DeclId id : ast.program) check::check_declaration(cx, id);
    check_main(cx);
  }
  return std::move(cx.out);
}

}  // namespace p4bpf
