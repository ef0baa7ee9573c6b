// Annotations (section 20): names given twice, what structured ones may hold, the few that the language itself defines.
#include <fmt/format.h>

#include <cctype>
#include <map>

#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

/// The values of a structured annotation are compile-time-known numbers, strings or bools (section 20.3).
void check_structured(Context& cx, const ast::Annotation& annotation) {
  std::map<std::string_view, Span> seen;
  for (const ast::Argument& argument : annotation.arguments) {
    if (!argument.name.text.empty()) {
      const auto [at, is_new] = seen.try_emplace(argument.name.text, argument.name.span);
      if (!is_new) {
        Diagnostic& report = cx.error(Kind::kDuplicateName, argument.name.span,
                                      fmt::format("'{}' is given twice in this annotation", argument.name.text));
        report.notes.push_back({at->second, "first given here"});
      }
    }
    const TypeId type = infer_value(cx, argument.value);
    if (cx.is_poison(type)) continue;
    if (!is_number(cx, type) && type != cx.string_type && type != cx.bool_type && !representation_of(cx, type)) {
      cx.error(Kind::kTypeMismatch, cx.span(argument.value),
               fmt::format("an annotation holds {}, expected a number, a string or a bool", cx.show(type)));
      continue;
    }
    require_known(cx, argument.value, "the value in an annotation");
  }
}

/// `@name`, `@deprecated` and `@noWarn` hold a string: literals, constants, and what `++` makes of them (section 20.3).
void check_text(Context& cx, const ast::Annotation& annotation) {
  const std::string& name = annotation.name.text;
  if (annotation.body.empty()) {
    cx.error(Kind::kBadDeclaration, annotation.name.span, fmt::format("'@{}' says nothing, expected a string", name));
    return;
  }
  for (const ast::Annotation::Piece& piece : annotation.body) {
    const bool is_word = std::isalpha(static_cast<unsigned char>(piece.text.front())) != 0 || piece.text.front() == '_';
    if (piece.is_string || is_word || piece.text == "++" || piece.text == "(" || piece.text == ")") continue;
    cx.error(Kind::kBadDeclaration, piece.span, fmt::format("'@{}' holds something else than a string", name));
    return;
  }
}

}  // namespace

void check_annotations(Context& cx, const ast::Annotations& annotations) {
  std::map<std::string_view, const ast::Annotation*> seen;
  for (const ast::Annotation& annotation : annotations) {
    if (annotation.is_pragma) continue;
    const std::string& name = annotation.name.text;
    const auto [at, is_new] = seen.try_emplace(name, &annotation);
    if (!is_new && annotation.is_structured != at->second->is_structured) {
      Diagnostic& report = cx.error(Kind::kDuplicateName, annotation.name.span,
                                    fmt::format("the annotation '@{}' is given with and without brackets", name));
      report.notes.push_back({at->second->name.span, "first given here"});
    } else if (!is_new && annotation.is_structured) {
      Diagnostic& report = cx.error(Kind::kDuplicateName, annotation.name.span,
                                    fmt::format("the structured annotation '@{}' is given twice", name));
      report.notes.push_back({at->second->name.span, "first given here"});
    }
    if (annotation.is_structured) check_structured(cx, annotation);
    if (name == "pkginfo" && !annotation.is_structured && annotation.body.empty()) {
      cx.error(Kind::kBadDeclaration, annotation.name.span, "'@pkginfo' says nothing, expected @pkginfo[...]");
    }
    if (!annotation.is_structured && (name == "deprecated" || name == "name" || name == "noWarn"))
      check_text(cx, annotation);
  }
}

}  // namespace p4bpf::check
