// Collects what the rules look at (program_view.h).
#include "arch/rules/program_view.h"

#include <algorithm>

namespace p4bpf::arch::rules {
namespace {

class Collector {
 public:
  explicit Collector(ProgramView& view) : view_(view), typed_(view.typed), ast_(view.ast) {}

  void package(const CallInfo& call, const std::vector<ast::Argument>& arguments) {
    const auto* const declared = std::get_if<ast::PackageDecl>(&ast_[call.callee].node);
    if (declared == nullptr) return;
    for (std::size_t i = 0; i < call.argument_of_param.size() && i < declared->params.size(); ++i) {
      if (!call.argument_of_param[i]) continue;
      argument(arguments[*call.argument_of_param[i]].value, ast_[declared->params[i]].name.text);
    }
  }

  void finish() {
    for (const Block& block : view_.blocks) locals_of(block);
    for (const ast::DeclId top : ast_.program) {
      if (std::holds_alternative<ast::InstanceDecl>(ast_[top].node) && top != typed_.main)
        view_.instances.push_back({top, nullptr});
    }
    calls();
  }

 private:
  void argument(ast::ExprId value, const std::string& role) {
    if (const auto* const made = std::get_if<ast::Call>(&ast_[value].node)) {
      construct(typed_.call_of[value], made->arguments, role);
      return;
    }
    const ast::DeclId named = typed_.decl_of[value];
    if (!named) return;
    if (const auto* const instance = std::get_if<ast::InstanceDecl>(&ast_[named].node))
      construct(typed_.call_of_instance[named], instance->arguments, role);
  }

  void construct(const CallInfo& call, const std::vector<ast::Argument>& arguments, const std::string& role) {
    if (!call.callee) return;
    if (std::holds_alternative<ast::PackageDecl>(ast_[call.callee].node)) {
      package(call, arguments);
    } else {
      block(call.callee, role);
    }
  }

  void block(ast::DeclId decl, const std::string& role) {
    const auto* const control = std::get_if<ast::ControlDecl>(&ast_[decl].node);
    const auto* const parser = std::get_if<ast::ParserDecl>(&ast_[decl].node);
    if (control == nullptr && parser == nullptr) return;
    const auto known = [&](const Block& one) { return one.decl == decl && one.role == role; };
    if (std::any_of(view_.blocks.begin(), view_.blocks.end(), known)) return;
    view_.blocks.push_back({decl, role});
    for (const ast::DeclId local : control != nullptr ? control->locals : parser->locals) {
      if (const ast::DeclId callee = typed_.call_of_instance[local].callee) block(callee, role);
    }
    for (std::size_t i = 0; i < ast_.exprs.size(); ++i) {  // `Inner.apply(...)` without an instance
      const CallInfo& call = typed_.call_of[ast::ExprId(i)];
      if (call.is_direct_apply && inside(ast_[ast::ExprId(i)].span, ast_[decl].span)) block(call.callee, role);
    }
  }

  static bool inside(Span inner, Span outer) { return outer.begin <= inner.begin && inner.begin < outer.end; }

  void locals_of(const Block& block) {
    const auto* const control = std::get_if<ast::ControlDecl>(&ast_[block.decl].node);
    const auto& locals = control != nullptr ? control->locals : std::get<ast::ParserDecl>(ast_[block.decl].node).locals;
    for (const ast::DeclId local : locals) {
      std::vector<Local>* const into = std::holds_alternative<ast::TableDecl>(ast_[local].node)      ? &view_.tables
                                       : std::holds_alternative<ast::InstanceDecl>(ast_[local].node) ? &view_.instances
                                                                                                     : nullptr;
      const auto same = [&](const Local& one) { return one.decl == local; };
      if (into != nullptr && std::none_of(into->begin(), into->end(), same)) into->push_back({local, &block});
    }
  }

  void calls() {
    std::vector<ast::DeclId> actions;
    for (std::size_t i = 0; i < ast_.decls.size(); ++i) {
      if (std::holds_alternative<ast::ActionDecl>(ast_[ast::DeclId(i)].node)) actions.emplace_back(i);
    }
    for (std::size_t i = 0; i < ast_.exprs.size(); ++i) {
      const ast::ExprId expr(i);
      const CallInfo& call = typed_.call_of[expr];
      if (call.kind != CallInfo::Kind::kMethod && call.kind != CallInfo::Kind::kFunction) continue;
      const Span at = ast_[expr].span;
      const auto around = [&](ast::DeclId decl) { return inside(at, ast_[decl].span); };
      const auto action = std::find_if(actions.begin(), actions.end(), around);
      const bool reached =
          std::any_of(view_.blocks.begin(), view_.blocks.end(), [&](const Block& block) { return around(block.decl); });
      if (!reached && action == actions.end()) continue;
      view_.calls.push_back({expr, &call, action == actions.end() ? ast::DeclId{} : *action});
    }
  }

  ProgramView& view_;
  const TypedProgram& typed_;
  const ast::Ast& ast_;
};

}  // namespace

std::optional<ProgramView> view_program(const TypedProgram& typed) {
  if (!typed.main) return std::nullopt;
  const ast::Ast& ast = *typed.ast;
  const auto* const main = std::get_if<ast::InstanceDecl>(&ast[typed.main].node);
  const CallInfo& call = typed.call_of_instance[typed.main];
  if (main == nullptr || !call.callee || !std::holds_alternative<ast::PackageDecl>(ast[call.callee].node))
    return std::nullopt;
  std::optional<ProgramView> view(ProgramView{typed, ast, call.callee, {}, {}, {}, {}});
  Collector collector(*view);
  collector.package(call, main->arguments);
  collector.finish();
  return view;
}

std::string_view extern_name(const ProgramView& view, TypeId type) {
  if (!type) return "";
  const auto* const declared = view.typed.types.get<type::Declared>(type);
  if (declared == nullptr || !std::holds_alternative<ast::ExternDecl>(view.ast[declared->decl].node)) return "";
  return view.ast[declared->decl].name.text;
}

ast::DeclId object_of(const ProgramView& view, ast::ExprId expr) {
  const ast::DeclId named = view.typed.decl_of[expr];
  return named && std::holds_alternative<ast::InstanceDecl>(view.ast[named].node) ? named : ast::DeclId{};
}

ast::DeclId receiver_of(const ProgramView& view, const CallSite& site) {
  if (site.info->kind != CallInfo::Kind::kMethod) return {};
  const auto& call = std::get<ast::Call>(view.ast[site.call].node);
  const auto* const member = std::get_if<ast::Member>(&view.ast[call.callee].node);
  return member == nullptr ? ast::DeclId{} : object_of(view, member->base);
}

const ast::TableProperty* property_of(const ast::TableDecl& table, std::string_view name) {
  for (const ast::TableProperty& property : table.properties) {
    if (property.name.text == name) return &property;
  }
  return nullptr;
}

bool lists_action(const ProgramView& view, ast::DeclId table, ast::DeclId action) {
  const TypedProgram::TableInfo& info = view.typed.tables[table];
  if (info.default_action && info.default_action->action == action) return true;
  return std::any_of(info.actions.begin(), info.actions.end(), [&](const auto& one) { return one.action == action; });
}

}  // namespace p4bpf::arch::rules
