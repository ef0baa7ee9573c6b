// Arguments against parameters: by place or by name, directions, default values (section 6.8, 8.20).
#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

bool may_be_left_out(const Context& cx, DeclId param) {
  return static_cast<bool>(cx.decl<ast::Param>(param)->default_value) ||
         ast::find_annotation(cx.ast[param].annotations, "optional") != nullptr;
}

std::string param_list(const Context& cx, const std::vector<DeclId>& params) {
  std::string names;
  for (const DeclId param : params) names += (names.empty() ? "'" : ", '") + cx.name(param) + "'";
  return names.empty() ? "none" : names;
}

/// Where the arguments are named, the parameter of each; reports only if `report_at` is set.
std::optional<ArgumentMap> match_named(Context& cx, const std::vector<DeclId>& params,
                                       const std::vector<ast::Argument>& arguments, const Span* report_at,
                                       const std::string& what) {
  ArgumentMap map(params.size());
  bool is_fine = true;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ast::Name& name = arguments[i].name;
    const auto at = std::find_if(params.begin(), params.end(), [&](DeclId p) { return cx.name(p) == name.text; });
    if (at == params.end()) {
      is_fine = false;
      if (report_at != nullptr) {
        std::vector<std::string> names;
        for (const DeclId param : params) names.push_back(cx.name(param));
        report_unknown(cx, Kind::kBadArgument, name, fmt::format("no parameter of {}", what), names);
      }
      continue;
    }
    std::optional<std::size_t>& slot = map[static_cast<std::size_t>(at - params.begin())];
    if (slot) {
      is_fine = false;
      if (report_at != nullptr) {
        cx.error(Kind::kBadArgument, name.span, fmt::format("the argument '{}' is given twice", name.text));
      }
    }
    slot = i;
  }
  if (!is_fine) return std::nullopt;
  return map;
}

}  // namespace

std::optional<ArgumentMap> match_arguments(Context& cx, const std::vector<DeclId>& params,
                                           const std::vector<ast::Argument>& arguments, const Span* report_at,
                                           const std::string& what) {
  const std::size_t named = static_cast<std::size_t>(
      std::count_if(arguments.begin(), arguments.end(), [](const ast::Argument& a) { return !a.name.text.empty(); }));
  std::optional<ArgumentMap> map;
  if (named != 0 && named != arguments.size()) {
    if (report_at != nullptr) {
      cx.error(Kind::kBadArgument, *report_at, "some arguments are named and some are not, expected all or none named");
    }
    return std::nullopt;
  }
  if (named != 0) {
    map = match_named(cx, params, arguments, report_at, what);
    if (!map) return std::nullopt;
  } else {
    if (arguments.size() > params.size()) {
      if (report_at != nullptr) {
        cx.error(Kind::kBadArgument, *report_at,
                 fmt::format("{} is given {} arguments, expected {}", what, arguments.size(), params.size()));
      }
      return std::nullopt;
    }
    map = ArgumentMap(params.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) (*map)[i] = i;
  }
  for (std::size_t i = 0; i < params.size(); ++i) {
    if ((*map)[i] || may_be_left_out(cx, params[i])) continue;
    if (report_at != nullptr) {
      Diagnostic& report = cx.error(Kind::kBadArgument, *report_at,
                                    fmt::format("{} is not given its argument '{}'", what, cx.name(params[i])));
      report.notes.push_back({cx.ast[params[i]].span, fmt::format("the parameters are {}", param_list(cx, params))});
    }
    return std::nullopt;
  }
  return map;
}

namespace {

/// An argument for an out or inout parameter: a place that can be changed, of exactly the type (section 6.8).
bool check_out_argument(Context& cx, const ast::Argument& argument, TypeId type, ast::Direction direction,
                        const std::string& what) {
  const ExprId e = argument.value;
  if (cx.expr<ast::DontCareExpr>(e) != nullptr) {
    if (direction == ast::Direction::kOut) return true;
    cx.error(Kind::kBadArgument, cx.span(e), fmt::format("{} is inout and cannot be '_'", what));
    return false;
  }
  if (cx.is_poison(cx.type_of(e))) return false;
  if (!is_lvalue(cx, e)) {
    Diagnostic& report =
        cx.error(Kind::kNotAnLvalue, cx.span(e),
                 fmt::format("{} is {}, expected a variable that can be changed", what,
                             direction == ast::Direction::kOut ? "an out parameter" : "an inout parameter"));
    (void)report;
    return false;
  }
  if (cx.type_of(e) == type || cx.is_poison(type)) return true;
  cx.error(Kind::kTypeMismatch, cx.span(e),
           fmt::format("{} is {}, expected exactly {}", what, cx.show(cx.type_of(e)), cx.show(type)));
  return false;
}

}  // namespace

bool check_arguments(Context& cx, const std::vector<DeclId>& params, const std::vector<TypeId>& param_types,
                     const std::vector<ast::Argument>& arguments, const ArgumentMap& map) {
  bool is_fine = true;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!map[i]) continue;
    const ast::Argument& argument = arguments[*map[i]];
    const ast::Direction direction = cx.decl<ast::Param>(params[i])->direction;
    const std::string what = fmt::format("the argument for '{}'", cx.name(params[i]));
    if (direction == ast::Direction::kOut || direction == ast::Direction::kInout) {
      is_fine &= check_out_argument(cx, argument, param_types[i], direction, what);
    } else if (param_types[i] == cx.int_type && cx.get<type::Bits>(cx.type_of(argument.value)) != nullptr) {
      cx.out.converted_to.set(argument.value, cx.int_type);  // an extern that counts whatever width it is given
    } else if (cx.expr<ast::DontCareExpr>(argument.value) == nullptr) {
      is_fine &= convert(cx, argument.value, param_types[i], what);
    } else {
      cx.error(Kind::kBadArgument, cx.span(argument.value), fmt::format("{} cannot be '_'", what));
      is_fine = false;
    }
  }
  return is_fine;
}

}  // namespace p4bpf::check
