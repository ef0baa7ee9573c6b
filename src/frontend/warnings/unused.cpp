// What is declared and never used: variables, local constants, parameters that a caller must supply, actions, tables,
// instances, value sets, functions, and whole parsers and controls.
//
// A name counts as used wherever it is named, except at the left of an assignment. What others see is never unused: the
// parameters of a parser or control are its architecture's, types and constants of the top level may be shared, and
// what an included file declares is meant for others too. A name that begins with `_` says itself that nobody uses it.
#include <fmt/format.h>

#include <unordered_set>

#include "frontend/warnings/findings.h"
#include "frontend/warnings/walk.h"

namespace p4bpf::warnings {
namespace {

class Unused {
 public:
  explicit Unused(Findings& findings) : f_(findings) {}

  void run() {
    collect_assigned();
    collect_used();
    for (const DeclId id : f_.ast.program) {
      if (f_.is_own(f_.ast[id].name.span)) look_at_top_level(id);
    }
    for (const ast::Stmt& stmt : f_.ast.stmts) {
      const auto* local = std::get_if<ast::DeclStmt>(&stmt.node);
      if (local != nullptr && f_.is_own(f_.ast[local->declaration].span)) look_at_local(local->declaration);
    }
  }

 private:
  void collect_assigned() {
    for (const ast::Stmt& stmt : f_.ast.stmts) {
      if (const auto* assign = std::get_if<ast::Assign>(&stmt.node)) {
        const ExprId root = lvalue_root(f_.ast, assign->left);
        if (f_.expr<ast::NameExpr>(root) == nullptr) continue;
        only_written_.insert(root);
        if (const DeclId decl = f_.program.decl_of[root]) assigned_.insert(decl);
      }
    }
  }

  void use_call(const CallInfo& call) { use(call.callee); }

  void use_action(const TypedProgram::ResolvedActionRef& ref) { use(ref.action); }

  void collect_used() {
    for (std::size_t i = 0; i < f_.ast.exprs.size(); ++i) {
      const ExprId id(i);
      use_call(f_.program.call_of[id]);
      if (!only_written_.contains(id)) use(f_.program.decl_of[id]);
    }
    for (std::size_t i = 0; i < f_.ast.decls.size(); ++i) {
      const DeclId id(i);
      use_call(f_.program.call_of_instance[id]);
      if (f_.decl<ast::TableDecl>(id) == nullptr) continue;
      const TypedProgram::TableInfo& table = f_.program.tables[id];
      for (const auto& ref : table.actions) use_action(ref);
      for (const auto& ref : table.entry_actions) use_action(ref);
      if (table.default_action) use_action(*table.default_action);
    }
    use(f_.program.main);
  }

  void use(DeclId id) {
    if (id) used_.insert(id);
  }

  void check(DeclId id, const char* what, const char* how) {
    const ast::Name& name = f_.ast[id].name;
    if (used_.contains(id) || name.text.empty() || name.text.front() == '_') return;
    f_.add(Kind::kUnused, name.span,
           assigned_.contains(id) ? fmt::format("the {} '{}' is assigned and never read", what, name.text)
                                  : fmt::format("the {} '{}' is never {}", what, name.text, how));
  }

  /// Something among the locals of a block or among statements.
  void look_at_local(DeclId id) {
    const ast::Annotations& annotations = f_.ast[id].annotations;
    std::visit(Match{
                   [&](const ast::VarDecl&) { check(id, "variable", "used"); },
                   [&](const ast::ConstDecl&) { check(id, "constant", "used"); },
                   [&](const ast::InstanceDecl& n) {
                     // A hidden or named instance may be there for the control plane alone; with a body, for its calls.
                     if (!n.has_body && ast::find_annotation(annotations, "hidden") == nullptr) {
                       check(id, "instance", "used");
                     }
                   },
                   [&](const ast::TableDecl&) { check(id, "table", "applied"); },
                   [&](const ast::ValueSetDecl&) { check(id, "value set", "used"); },
                   [&](const ast::ActionDecl& n) {
                     check(id, "action", "listed in a table or called");
                     look_at_params(n.params);
                   },
                   [&](const ast::FunctionDecl& n) {
                     check(id, "function", "called");
                     if (n.body) look_at_params(n.params);
                   },
                   [](const auto&) {},
               },
               f_.ast[id].node);
  }

  /// Parameters that a caller or the control plane supplies and nobody reads; an unassigned `out` is another matter.
  void look_at_params(const std::vector<DeclId>& params) {
    for (const DeclId id : params) {
      const auto& param = std::get<ast::Param>(f_.ast[id].node);
      const bool is_supplied = param.direction == ast::Direction::kNone || param.direction == ast::Direction::kIn;
      if (is_supplied) check(id, "parameter", "used");
    }
  }

  void look_at_top_level(DeclId id) {
    const bool is_whole_program = static_cast<bool>(f_.program.main);
    std::visit(Match{
                   [&](const ast::ParserDecl& n) {
                     if (is_whole_program) check(id, "parser", "used");
                     for (const DeclId local : n.locals) look_at_local(local);
                   },
                   [&](const ast::ControlDecl& n) {
                     if (is_whole_program) check(id, "control", "used");
                     for (const DeclId local : n.locals) look_at_local(local);
                   },
                   [&](const ast::ActionDecl& n) {
                     if (is_whole_program) check(id, "action", "listed in a table or called");
                     look_at_params(n.params);
                   },
                   [&](const ast::FunctionDecl& n) {
                     if (!n.body) return;
                     if (is_whole_program) check(id, "function", "called");
                     look_at_params(n.params);
                   },
                   [](const auto&) {},
               },
               f_.ast[id].node);
  }

  Findings& f_;
  std::unordered_set<DeclId> used_, assigned_;
  std::unordered_set<ExprId> only_written_;
};

}  // namespace

void find_unused(Findings& findings) { Unused(findings).run(); }

}  // namespace p4bpf::warnings
