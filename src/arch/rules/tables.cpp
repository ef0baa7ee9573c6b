// Rules about tables and the extern objects that belong to them.
#include <fmt/format.h>

#include <algorithm>

#include "arch/rules/rules.h"

namespace p4bpf::arch::rules {
namespace {

constexpr auto kRule = DiagnosticKind::kArchitectureRule;

/// A table property that names an extern object, seen with its table.
struct Ownership {
  ast::DeclId table;
  const ast::TableProperty* property;
};

/// The checks of one kind of direct extern.
class DirectCheck {
 public:
  DirectCheck(const ProgramView& view, const DirectProperty& rule, Diagnostics& diagnostics)
      : view_(view), rule_(rule), diagnostics_(diagnostics) {}

  void run() {
    for (const Local& instance : view_.instances) {
      if (extern_name(view_, view_.typed.type_of_decl[instance.decl]) == rule_.extern_type) check(instance.decl);
    }
    for (const Local& table : view_.tables) check_property(table.decl);
  }

 private:
  const std::string& name(ast::DeclId decl) const { return view_.ast[decl].name.text; }

  std::vector<Ownership> properties_naming(ast::DeclId instance) const {
    std::vector<Ownership> found;
    for (const Local& table : view_.tables) {
      for (const ast::TableProperty& property : table_of(view_, table.decl).properties) {
        if (object_of(view_, property.value) == instance) found.push_back({table.decl, &property});
      }
    }
    return found;
  }

  void check(ast::DeclId instance) {
    std::vector<Ownership> owners = properties_naming(instance);
    const auto wrong = std::stable_partition(
        owners.begin(), owners.end(), [&](const Ownership& one) { return one.property->name.text == rule_.property; });
    const std::vector<Ownership> misnamed(wrong, owners.end());
    owners.erase(wrong, owners.end());
    std::vector<const CallSite*> calls;
    for (const CallSite& site : view_.calls) {
      if (receiver_of(view_, site) == instance) calls.push_back(&site);
    }
    if (owners.empty()) return report_ownerless(instance, misnamed, calls);
    for (std::size_t i = 1; i < owners.size(); ++i) {
      diagnostics_
          .report(kRule, owners[i].property->span,
                  fmt::format("'{}' belongs to table '{}' already, and a {} belongs to one table", name(instance),
                              name(owners.front().table), rule_.extern_type))
          .notes.push_back({owners.front().property->span, "it is made the table's own here"});
    }
    for (const CallSite* const site : calls) check_call(instance, owners, *site);
    if (rule_.must_be_called) check_called(instance, owners.front(), calls);
  }

  void report_ownerless(ast::DeclId instance, const std::vector<Ownership>& misnamed,
                        const std::vector<const CallSite*>& calls) {
    if (misnamed.empty() && calls.empty()) return;  // never used: no harm done
    if (misnamed.empty()) {
      diagnostics_
          .report(kRule, view_.ast[calls.front()->call].span,
                  fmt::format("'{}' is called and belongs to no table", name(instance)))
          .notes.push_back({view_.ast[instance].name.span,
                            fmt::format("a table owns it with '{} = {};'", rule_.property, name(instance))});
      return;
    }
    diagnostics_
        .report(kRule, view_.ast[instance].name.span,
                fmt::format("no table owns '{}': a {} is given to its table with '{}', not with '{}'", name(instance),
                            rule_.extern_type, rule_.property, misnamed.front().property->name.text))
        .notes.push_back({misnamed.front().property->span, "it is named here"});
  }

  void check_call(ast::DeclId instance, const std::vector<Ownership>& owners, const CallSite& site) {
    const Span at = view_.ast[site.call].span;
    if (!site.action) {
      diagnostics_
          .report(kRule, at,
                  fmt::format("'{}' is called outside the actions of its table '{}'", name(instance),
                              name(owners.front().table)))
          .notes.push_back({view_.ast[owners.front().table].name.span, "the table is here"});
      return;
    }
    for (const Local& table : view_.tables) {
      const auto owns = [&](const Ownership& one) { return one.table == table.decl; };
      if (!lists_action(view_, table.decl, site.action) || std::any_of(owners.begin(), owners.end(), owns)) continue;
      diagnostics_
          .report(kRule, at,
                  fmt::format("table '{}' has the action '{}' and does not own '{}'", name(table.decl),
                              name(site.action), name(instance)))
          .notes.push_back({view_.ast[table.decl].name.span,
                            fmt::format("only actions of table '{}' can call it", name(owners.front().table))});
      return;
    }
  }

  void check_called(ast::DeclId instance, const Ownership& owner, const std::vector<const CallSite*>& calls) {
    const auto by_owner = [&](const CallSite* site) {
      return site->action && lists_action(view_, owner.table, site->action);
    };
    if (std::any_of(calls.begin(), calls.end(), by_owner)) return;
    diagnostics_
        .report(kRule, view_.ast[owner.table].name.span,
                fmt::format("no action of table '{}' calls its {} '{}'", name(owner.table), rule_.extern_type,
                            name(instance)))
        .notes.push_back({owner.property->span, "the table owns it here"});
  }

  void check_property(ast::DeclId table) {
    const ast::TableProperty* const property = property_of(table_of(view_, table), rule_.property);
    if (property == nullptr) return;
    const std::string_view given = extern_name(view_, view_.typed.type_of[property->value]);
    if (given == rule_.extern_type || given.starts_with("direct_") || given.starts_with("Direct")) return;
    diagnostics_
        .report(kRule, property->span,
                fmt::format("'{}' needs a {}, found a {}", rule_.property, rule_.extern_type,
                            given.empty() ? type_name(view_.typed, view_.typed.type_of[property->value]) : given))
        .notes.push_back({view_.ast[table].name.span, fmt::format("in table '{}'", name(table))});
  }

  const ProgramView& view_;
  const DirectProperty& rule_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_direct_externs(const ProgramView& view, const std::vector<DirectProperty>& properties,
                          Diagnostics& diagnostics) {
  for (const DirectProperty& property : properties) DirectCheck(view, property, diagnostics).run();
}

void check_one_lpm(const ProgramView& view, Diagnostics& diagnostics) {
  for (const Local& local : view.tables) {
    const ast::KeyElement* first = nullptr;
    for (const ast::KeyElement& element : table_of(view, local.decl).key) {
      if (element.match_kind.text != "lpm") continue;
      if (first == nullptr) {
        first = &element;
        continue;
      }
      Diagnostic& made =
          diagnostics.report(kRule, view.ast[local.decl].name.span,
                             fmt::format("table '{}' has more than one lpm key", view.ast[local.decl].name.text));
      made.notes.push_back({first->span, "the first is here"});
      made.notes.push_back({element.span, "and another here; 'ternary' matches prefixes too"});
      break;
    }
  }
}

void check_single_implementation(const ProgramView& view, std::string_view property, Diagnostics& diagnostics) {
  for (const Local& local : view.tables) {
    const ast::TableProperty* const found = property_of(table_of(view, local.decl), property);
    if (found == nullptr || !extern_name(view, view.typed.type_of[found->value]).empty()) continue;
    diagnostics.report(kRule, found->span,
                       fmt::format("'{}' needs one object, an ActionProfile or an ActionSelector", property));
  }
}

void check_register_elements(const ProgramView& view, Diagnostics& diagnostics) {
  for (const CallSite& site : view.calls) {
    const ast::DeclId object = site.info->kind == CallInfo::Kind::kMethod ? receiver_of(view, site) : ast::DeclId{};
    if (!object || extern_name(view, view.typed.type_of_decl[object]) != "register") continue;
    const auto& declared = *view.typed.types.get<type::Declared>(view.typed.type_of_decl[object]);
    const auto* const element =
        declared.arguments.empty() ? nullptr : view.typed.types.get<type::Declared>(declared.arguments.front());
    if (element == nullptr || !std::holds_alternative<ast::StructDecl>(view.ast[element->decl].node)) continue;
    Diagnostic& made =
        diagnostics.report(kRule, view.ast[site.call].span,
                           fmt::format("register '{}' holds a struct, expected a number", view.ast[object].name.text));
    made.notes.push_back({view.ast[object].name.span, "the register is here"});
    made.notes.push_back({{}, "one register for each field does the same"});
  }
}

}  // namespace p4bpf::arch::rules
