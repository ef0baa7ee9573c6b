// Names that hide another: a local of the same name as something of an enclosing block, or as a value of the program's
// own top level. What an included file declares may be hidden: nobody knows all names of an architecture.
#include <fmt/format.h>

#include <unordered_map>

#include "frontend/warnings/findings.h"

namespace p4bpf::warnings {
namespace {

class Shadowing {
 public:
  explicit Shadowing(Findings& findings) : f_(findings) {}

  void run() {
    scopes_.emplace_back();
    for (const DeclId id : f_.ast.program) {
      // As the language has it: a name is known behind its declaration.
      visit_body(id);
      if (is_value(id) && f_.is_own(f_.ast[id].name.span)) scopes_.front().emplace(f_.name(id), id);
    }
  }

 private:
  bool is_value(DeclId id) const {
    return f_.decl<ast::ConstDecl>(id) != nullptr || f_.decl<ast::InstanceDecl>(id) != nullptr;
  }

  void enter(DeclId id) {
    const ast::Name& name = f_.ast[id].name;
    if (name.text.empty()) return;
    for (std::size_t depth = scopes_.size() - 1; depth-- > 0;) {
      const auto hidden = scopes_[depth].find(name.text);
      if (hidden == scopes_[depth].end()) continue;
      f_.add(Kind::kShadowing, name.span, fmt::format("'{}' hides another declaration of that name", name.text))
          .notes.push_back({f_.ast[hidden->second].name.span, "declared here, not to be reached in this block"});
      break;
    }
    scopes_.back().emplace(name.text, id);
  }

  template <class Body>
  void in_scope(const Body& body) {
    scopes_.emplace_back();
    body();
    scopes_.pop_back();
  }

  void enter_all(const std::vector<DeclId>& ids) {
    for (const DeclId id : ids) enter(id);
  }

  /// What stands inside a declaration.
  void visit_body(DeclId id) {
    std::visit(Match{
                   [&](const ast::ParserDecl& n) {
                     visit_block(n.params, n.constructor_params, n.locals, [&] {
                       for (const DeclId state : n.states) {
                         in_scope([&] {
                           for (const StmtId s : std::get<ast::StateDecl>(f_.ast[state].node).statements) visit(s);
                         });
                       }
                     });
                   },
                   [&](const ast::ControlDecl& n) {
                     visit_block(n.params, n.constructor_params, n.locals, [&] { visit(n.apply); });
                   },
                   [&](const ast::ActionDecl& n) { visit_function(n.params, n.body); },
                   [&](const ast::FunctionDecl& n) {
                     if (n.body) visit_function(n.params, n.body);
                   },
                   [](const auto&) {},
               },
               f_.ast[id].node);
  }

  template <class Rest>
  void visit_block(const std::vector<DeclId>& params, const std::vector<DeclId>& constructor_params,
                   const std::vector<DeclId>& locals, const Rest& rest) {
    in_scope([&] {
      enter_all(params);
      enter_all(constructor_params);
      in_scope([&] {
        for (const DeclId local : locals) {
          enter(local);
          visit_body(local);
        }
        rest();
      });
    });
  }

  void visit_function(const std::vector<DeclId>& params, StmtId body) {
    in_scope([&] {
      enter_all(params);
      visit(body);
    });
  }

  void visit(StmtId id) {
    if (!id) return;
    std::visit(Match{
                   [&](const ast::Block& n) {
                     in_scope([&] {
                       for (const StmtId s : n.statements) visit(s);
                     });
                   },
                   [&](const ast::If& n) { visit(n.then_branch), visit(n.else_branch); },
                   [&](const ast::Switch& n) {
                     for (const ast::SwitchCase& one : n.cases) visit(one.body);
                   },
                   [&](const ast::For& n) {
                     in_scope([&] {
                       for (const StmtId s : n.init) visit(s);
                       visit(n.body);
                     });
                   },
                   [&](const ast::ForIn& n) {
                     in_scope([&] {
                       if (n.variable) enter(n.variable);
                       visit(n.body);
                     });
                   },
                   [&](const ast::DeclStmt& n) { enter(n.declaration); },
                   [](const auto&) {},
               },
               f_.ast[id].node);
  }

  Findings& f_;
  std::vector<std::unordered_map<std::string_view, DeclId>> scopes_;
};

}  // namespace

void find_shadowing(Findings& findings) { Shadowing(findings).run(); }

}  // namespace p4bpf::warnings
