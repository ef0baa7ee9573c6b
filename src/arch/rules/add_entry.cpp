// PNA's rules for entries that the data plane adds: tables with `add_on_miss = true`, and add_entry().
#include <fmt/format.h>

#include <algorithm>

#include "arch/rules/rules.h"

namespace p4bpf::arch::rules {
namespace {

constexpr auto kRule = DiagnosticKind::kArchitectureRule;

class AddEntryCheck {
 public:
  AddEntryCheck(const ProgramView& view, Diagnostics& diagnostics) : view_(view), diagnostics_(diagnostics) {}

  void keys(ast::DeclId table) {
    const ast::TableDecl& decl = table_of(view_, table);
    const ast::TableProperty* const property = property_of(decl, "add_on_miss");
    if (property == nullptr || !is_true(property->value)) return;
    for (const ast::KeyElement& element : decl.key) {
      if (element.match_kind.text == "exact") continue;
      diagnostics_.report(kRule, element.match_kind.span, "a table with 'add_on_miss' needs exact keys")
          .notes.push_back({property->span, "it is asked for here"});
      return;
    }
  }

  void call(const CallSite& site) {
    const ast::Decl& callee = view_.ast[site.info->callee];
    if (site.info->kind != CallInfo::Kind::kFunction || callee.name.text != "add_entry") return;
    if (!std::get<ast::FunctionDecl>(callee.node).is_extern) return;
    if (!site.action) {
      diagnostics_.report(kRule, view_.ast[site.call].span,
                          "'add_entry' is called outside an action, expected the default action of a table");
      return;
    }
    for (const Local& table : view_.tables) {
      if (lists_action(view_, table.decl, site.action) && !fits(site, table.decl)) return;
    }
  }

 private:
  bool is_true(ast::ExprId expr) const {
    const std::optional<ConstValue>& value = view_.typed.constant_of[expr];
    const bool* const flag = value ? std::get_if<bool>(&value->value) : nullptr;
    return flag != nullptr && *flag;
  }

  Diagnostic& report(Span at, std::string message, ast::DeclId table) {
    Diagnostic& made = diagnostics_.report(kRule, at, std::move(message));
    made.notes.push_back({view_.ast[table].name.span, "the table is here"});
    return made;
  }

  ast::ExprId argument(const CallSite& site, std::string_view name) const {
    const auto& callee = std::get<ast::FunctionDecl>(view_.ast[site.info->callee].node);
    const auto& call = std::get<ast::Call>(view_.ast[site.call].node);
    for (std::size_t i = 0; i < callee.params.size() && i < site.info->argument_of_param.size(); ++i) {
      const std::optional<std::size_t>& given = site.info->argument_of_param[i];
      if (given && view_.ast[callee.params[i]].name.text == name) return call.arguments[*given].value;
    }
    return {};
  }

  bool fits(const CallSite& site, ast::DeclId table) {
    const std::string& name = view_.ast[table].name.text;
    const std::string& caller = view_.ast[site.action].name.text;
    const TypedProgram::TableInfo& info = view_.typed.tables[table];
    const Span at = view_.ast[site.call].span;
    if (!info.default_action || info.default_action->action != site.action) {
      report(at,
             fmt::format("'add_entry' is called by '{}', which is not the default action of table '{}'", caller, name),
             table);
      return false;
    }
    return names_hit_action(site, table);
  }

  bool names_hit_action(const CallSite& site, ast::DeclId table) {
    const ast::ExprId named = argument(site, "action_name");
    const std::optional<ConstValue>* const value = named ? &view_.typed.constant_of[named] : nullptr;
    const std::string* const text = value != nullptr && *value ? std::get_if<std::string>(&(*value)->value) : nullptr;
    if (text == nullptr) return true;
    const ast::TableDecl& decl = table_of(view_, table);
    const TypedProgram::TableInfo& info = view_.typed.tables[table];
    for (std::size_t i = 0; i < decl.actions.size() && i < info.actions.size(); ++i) {
      const ast::ActionRef& ref = decl.actions[i];
      if (ref.name.text != *text || find_annotation(ref.annotations, "defaultonly") != nullptr) continue;
      return takes(site, info.actions[i]);
    }
    report(view_.ast[named].span,
           fmt::format("'{}' is no action that an entry of table '{}' can have", *text, view_.ast[table].name.text),
           table);
    return false;
  }

  bool takes(const CallSite& site, const TypedProgram::ResolvedActionRef& action) {
    const ast::ExprId given = argument(site, "action_params");
    const std::optional<std::size_t> count = given ? value_count(view_.typed.type_of[given]) : std::nullopt;
    const auto wanted = static_cast<std::size_t>(
        std::count(action.argument_of_param.begin(), action.argument_of_param.end(), std::nullopt));
    if (!count || *count == wanted) return true;
    const ast::Decl& decl = view_.ast[action.action];
    diagnostics_
        .report(
            kRule, view_.ast[given].span,
            fmt::format("'add_entry' gives {} values to action '{}', which takes {}", *count, decl.name.text, wanted))
        .notes.push_back({decl.name.span, "the action is here"});
    return false;
  }

  /// How many action parameters a value of that type stands for.
  std::optional<std::size_t> value_count(TypeId type) const {
    const Types& types = view_.typed.types;
    if (const auto* const tuple = types.get<type::Tuple>(type)) return tuple->elements.size();
    if (const auto* const record = types.get<type::AnonymousStruct>(type)) return record->types.size();
    if (types.get<type::Bits>(type) != nullptr || types.get<type::Bool>(type) != nullptr) return 1;
    const auto* const declared = types.get<type::Declared>(type);
    if (declared == nullptr) return std::nullopt;
    const auto* const record = std::get_if<ast::StructDecl>(&view_.ast[declared->decl].node);
    return record == nullptr ? std::nullopt : std::optional(record->fields.size());
  }

  const ProgramView& view_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_add_entry(const ProgramView& view, Diagnostics& diagnostics) {
  AddEntryCheck check(view, diagnostics);
  for (const Local& table : view.tables) check.keys(table.decl);
  for (const CallSite& site : view.calls) check.call(site);
}

}  // namespace p4bpf::arch::rules
