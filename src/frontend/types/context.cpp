// Declaring and resolving names (section 6.9), and the state that the type checker starts with.
#include "frontend/types/context.h"

#include <fmt/format.h>

namespace p4bpf::check {
namespace {

const std::vector<DeclId>* overloadable_params(const Context& cx, DeclId id) {
  if (const auto* parser = cx.decl<ast::ParserDecl>(id)) return &parser->constructor_params;
  if (const auto* control = cx.decl<ast::ControlDecl>(id)) return &control->constructor_params;
  if (const auto* package = cx.decl<ast::PackageDecl>(id)) return &package->params;
  if (const auto* function = cx.decl<ast::FunctionDecl>(id)) return &function->params;
  if (const auto* action = cx.decl<ast::ActionDecl>(id)) return &action->params;
  return nullptr;
}

/// Overloads must differ in the number or in the names of their parameters, so that every call names one of them.
bool may_overload(const Context& cx, DeclId a, DeclId b) {
  const std::vector<DeclId>* left = overloadable_params(cx, a);
  const std::vector<DeclId>* right = overloadable_params(cx, b);
  if (left == nullptr || right == nullptr || cx.ast[a].node.index() != cx.ast[b].node.index()) return false;
  if (cx.decl<ast::ActionDecl>(a) != nullptr) return false;  // actions are named alone in tables
  if (left->size() != right->size()) return true;
  for (std::size_t i = 0; i < left->size(); ++i) {
    if (cx.name((*left)[i]) != cx.name((*right)[i])) return true;
  }
  return false;
}

/// Remembers which parsers, controls and packages share a name; functions are found together by their name alone.
void note_overload(Context& cx, DeclId earlier, DeclId id) {
  if (cx.decl<ast::FunctionDecl>(id) != nullptr) return;
  const auto at = cx.first_overload.find(earlier);
  const DeclId first = at == cx.first_overload.end() ? earlier : at->second;
  cx.first_overload[earlier] = first;
  cx.first_overload[id] = first;
  std::vector<DeclId>& group = cx.overload_groups[first];
  if (group.empty()) group.push_back(first);
  if (group.back() != id) group.push_back(id);
}

}  // namespace

std::vector<DeclId> overloads_of(const Context& cx, DeclId decl) {
  const auto at = cx.first_overload.find(decl);
  return at == cx.first_overload.end() ? std::vector<DeclId>{} : cx.overload_groups.at(at->second);
}

Context::Context(const ast::Ast& ast_in, Diagnostics& diagnostics_in) : ast(ast_in), diagnostics(diagnostics_in) {
  out.ast = &ast;
  poison = out.types.add(type::Poison{});
  void_type = out.types.add(type::Void{});
  bool_type = out.types.add(type::Bool{});
  string_type = out.types.add(type::String{});
  error_type = out.types.add(type::Error{});
  match_kind_type = out.types.add(type::MatchKind{});
  int_type = out.types.add(type::InfInt{});
  any_type = out.types.add(type::Any{});
}

void declare(Context& cx, DeclId id) {
  const ast::Name& name = cx.ast[id].name;
  if (name.text.empty()) return;
  for (const DeclId earlier : cx.scopes.find_here(name.text)) {
    if (earlier == id) return;
    if (may_overload(cx, earlier, id)) {
      note_overload(cx, earlier, id);
      continue;
    }
    const bool is_callable = overloadable_params(cx, earlier) != nullptr && overloadable_params(cx, id) != nullptr;
    Diagnostic& report = cx.error(Kind::kDuplicateName, name.span,
                                  fmt::format("'{}' is already declared in this scope{}", name.text,
                                              is_callable ? " with the same parameters" : ""));
    report.notes.push_back({cx.ast[earlier].name.span, "first declared here"});
    return;
  }
  if (const auto at = cx.match_kinds.find(name.text);
      at != cx.match_kinds.end() && cx.scopes.depth() == Scopes::kGlobalDepth) {
    Diagnostic& report =
        cx.error(Kind::kDuplicateName, name.span, fmt::format("'{}' is already declared as a match kind", name.text));
    report.notes.push_back({cx.ast[at->second].name.span, "first declared here"});
    return;
  }
  cx.scopes.declare(name.text, id);
}

std::vector<DeclId> resolve(Context& cx, const ast::Name& name, bool is_global) {
  std::vector<DeclId> found = is_global ? cx.scopes.find_global(name.text) : cx.scopes.find(name.text);
  if (found.empty()) {
    // Match kinds are known everywhere, but any declaration may use their names (section 7.1.4).
    if (const auto at = cx.match_kinds.find(name.text); at != cx.match_kinds.end()) return {at->second};
  }
  if (found.empty()) report_unknown(cx, Kind::kUnknownName, name, "nothing here", cx.scopes.visible_names());
  return found;
}

void report_unknown(Context& cx, Kind kind, const ast::Name& name, const std::string& what,
                    const std::vector<std::string>& candidates) {
  Diagnostic& report = cx.error(kind, name.span, fmt::format("{} is called '{}'", what, name.text));
  const std::string nearest = nearest_name(name.text, candidates);
  if (!nearest.empty()) report.notes.push_back({{}, fmt::format("did you mean '{}'?", nearest)});
}

}  // namespace p4bpf::check
