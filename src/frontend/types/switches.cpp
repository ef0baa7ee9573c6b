// Switches over values and over the action that a table ran (section 12.7), and loops (section 12.8).
#include <fmt/format.h>

#include <map>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/declarations.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

/// Labels that have been seen, so that a repetition is found without comparing each with each.
struct SeenLabels {
  std::map<BigInt, Span> numbers;
  std::map<DeclId, Span> names;
  std::optional<Span> fallback;

  std::optional<Span> add(const Constant& value, Span span) {
    if (const BigInt* number = int_in(value)) return note(numbers, *number, span);
    if (const bool* truth = bool_in(value)) return note(numbers, BigInt(*truth ? 1 : 0), span);
    if (value && std::holds_alternative<DeclId>(value->value)) return note(names, std::get<DeclId>(value->value), span);
    return std::nullopt;
  }

 private:
  template <class Map, class Key>
  static std::optional<Span> note(Map& map, const Key& key, Span span) {
    const auto [at, is_new] = map.try_emplace(key, span);
    return is_new ? std::nullopt : std::optional(at->second);
  }
};

void report_repeated(Context& cx, Span span, Span earlier) {
  Diagnostic& report = cx.error(Kind::kBadSwitch, span, "this label is given twice");
  report.notes.push_back({earlier, "first given here"});
}

void check_action_label(Context& cx, const ast::SwitchCase& node, DeclId table, SeenLabels& seen) {
  const auto* name = cx.expr<ast::NameExpr>(node.label);
  if (name == nullptr) {
    cx.error(Kind::kBadSwitch, cx.span(node.label), "this label is not the name of an action");
    return;
  }
  const std::vector<std::string> none;
  std::vector<std::string> names;
  DeclId action;
  for (const TypedProgram::ResolvedActionRef& ref : cx.out.tables[table].actions) {
    if (!ref.action) continue;
    names.push_back(cx.name(ref.action));
    if (cx.name(ref.action) == name->name.text) action = ref.action;
  }
  if (!action) {
    report_unknown(cx, Kind::kBadSwitch, name->name, fmt::format("no action of the table '{}'", cx.name(table)), names);
    return;
  }
  cx.out.decl_of.set(node.label, action);
  cx.out.type_of.set(node.label, cx.out.types.add(type::Callable{action}));
  if (const std::optional<Span> earlier = seen.add(ConstValue{action}, node.span))
    report_repeated(cx, cx.span(node.label), *earlier);
}

void check_value_label(Context& cx, const ast::SwitchCase& node, TypeId subject, SeenLabels& seen,
                       std::vector<ExprId>& misfits) {
  if (cx.is_poison(subject)) return;  // its names may be those of actions
  if (!label_fits(cx, node.label, subject)) {
    misfits.push_back(node.label);
    return;
  }
  if (!infer_as(cx, node.label, subject, "the label") || cx.is_poison(cx.type_of(node.label))) return;
  if (!require_known(cx, node.label, "the label")) return;
  if (const std::optional<Span> earlier = seen.add(final_constant(cx, node.label), node.span)) {
    report_repeated(cx, cx.span(node.label), *earlier);
  }
}

}  // namespace

void check_switch(Context& cx, StmtId, const ast::Switch& node) {
  TypeId subject = infer_value(cx, node.subject);
  const auto* action_run = cx.get<type::ActionRun>(subject);
  const DeclId table = action_run == nullptr ? DeclId{} : action_run->table;
  const bool is_fine = cx.is_poison(subject) || action_run != nullptr || is_number(cx, subject) ||
                       enum_of(cx, subject) != nullptr || subject == cx.error_type || subject == cx.bool_type ||
                       new_type_base(cx, subject);
  if (!is_fine) {
    cx.error(Kind::kBadSwitch, cx.span(node.subject), fmt::format("switch cannot choose by {}", cx.show(subject)));
    subject = cx.poison;
  }
  SeenLabels seen;
  std::vector<ExprId> misfits;
  for (std::size_t i = 0; i < node.cases.size(); ++i) {
    const ast::SwitchCase& one = node.cases[i];
    const auto* label = cx.expr<ast::DontCareExpr>(one.label);
    if (label != nullptr && label->is_default) {
      cx.out.type_of.set(one.label, cx.any_type);
      if (seen.fallback) {
        Diagnostic& report = cx.error(Kind::kBadSwitch, cx.span(node.subject), "this switch has two 'default' labels");
        report.notes.push_back({*seen.fallback, "the first is here"});
        report.notes.push_back({cx.span(one.label), "the second is here"});
      }
      seen.fallback = one.span;
    } else {
      if (seen.fallback && i > 0) {
        Diagnostic& report =
            cx.error(Kind::kBadSwitch, cx.span(node.subject), "a label follows 'default', which must be the last");
        report.notes.push_back({cx.span(one.label), "the label is here"});
      }
      if (table) {
        check_action_label(cx, one, table, seen);
      } else {
        check_value_label(cx, one, subject, seen, misfits);
      }
    }
    check_statement(cx, one.body);
  }
  report_labels(cx, cx.span(node.subject), subject, misfits);
}

void check_for(Context& cx, const ast::For& node) {
  const InScope scope(cx);
  for (const StmtId statement : node.init) check_statement(cx, statement);
  infer_as(cx, node.condition, cx.bool_type, "the condition");
  ++cx.around.loops;
  check_statement(cx, node.body);
  --cx.around.loops;
  for (const StmtId statement : node.update) check_statement(cx, statement);
}

void check_for_in(Context& cx, StmtId id, const ast::ForIn& node) {
  const InScope scope(cx);
  infer_value(cx, node.collection);
  TypeId variable;
  if (node.variable) {
    check_declaration(cx, node.variable);
    variable = cx.out.type_of_decl[node.variable];
  } else {
    variable = infer_value(cx, node.target);
    require_lvalue(cx, node.target);
  }
  const TypeId collection = cx.type_of(node.collection);
  if (!cx.is_poison(collection) && !cx.is_poison(variable)) {
    bool is_fine = true;
    if (const auto* list = cx.expr<ast::ListExpr>(node.collection)) {
      for (const ExprId element : list->elements) convert(cx, element, variable, "the element");
    } else if (const auto* range = cx.expr<ast::RangeExpr>(node.collection)) {
      const TypeId base = representation_of(cx, variable) ? representation_of(cx, variable) : variable;
      is_fine = is_number(cx, base);
      if (is_fine && convert(cx, range->lo, base, "the start of the range"))
        convert(cx, range->hi, base, "the end of the range");
      if (is_fine) cx.out.type_of.set(node.collection, cx.out.types.add(type::Set{base}));
    } else if (const auto* stack = cx.get<type::Stack>(collection)) {
      is_fine = stack->element == variable;
    } else if (const auto* of = cx.get<type::List>(collection)) {
      is_fine = converts(cx, of->element, variable);
    } else {
      is_fine = false;
    }
    if (!is_fine) {
      cx.error(Kind::kTypeMismatch, cx.ast[id].span,
               fmt::format("a loop variable of type {} cannot run through {}", cx.show(variable), cx.show(collection)));
    }
  }
  ++cx.around.loops;
  check_statement(cx, node.body);
  --cx.around.loops;
}

}  // namespace p4bpf::check
