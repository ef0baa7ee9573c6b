// What stands at a place, where it is declared, and who else names it (features.h).
#include <algorithm>
#include <set>

#include "editor/lsp/features.h"

namespace p4bpf::editor {
namespace {

bool contains(Span span, Loc loc) { return span && span.begin <= loc && loc <= span.end; }

/// The smallest expression around `loc`; of equal ones (macros) the first.
ast::ExprId expr_at(const Analysis& analysis, Loc loc) {
  ast::ExprId best;
  std::uint32_t best_size = 0;
  for (std::size_t i = 0; i < analysis.ast.exprs.size(); ++i) {
    const Span span = analysis.ast[ast::ExprId(i)].span;
    if (!contains(span, loc)) continue;
    const std::uint32_t size = span.end.offset - span.begin.offset;
    if (best && size >= best_size) continue;
    best = ast::ExprId(i);
    best_size = size;
  }
  return best;
}

TypeId type_of(const Analysis& analysis, const Target& target) {
  if (target.decl) return analysis.typed.type_of_decl[target.decl];
  return target.expr ? analysis.typed.type_of[target.expr] : TypeId{};
}

}  // namespace

std::optional<Target> target_at(const Analysis& analysis, Loc loc) {
  if (!loc) return std::nullopt;
  for (const ReadFile& file : analysis.tokens.files) {
    if (contains(file.include, loc)) return Target{file.include, {}, {}, {}, &file};
  }
  for (const MacroUse& use : analysis.tokens.macro_uses) {
    if (contains(use.span, loc) || contains(use.definition, loc))
      return Target{contains(use.span, loc) ? use.span : use.definition, use.definition, {}, {}, nullptr};
  }
  const ast::ExprId expr = expr_at(analysis, loc);
  if (const Reference* const found = analysis.index.at(loc)) return Target{found->span, {}, found->decl, expr, nullptr};
  if (!expr) return std::nullopt;
  return Target{analysis.ast[expr].span, {}, {}, expr, nullptr};
}

Span definition_of(const Analysis& analysis, const Target& target) {
  if (target.included != nullptr) return Span{target.included->begin, target.included->begin};
  if (target.macro) return target.macro;
  return target.decl ? analysis.ast[target.decl].name.span : Span{};
}

Span type_definition_of(const Analysis& analysis, const Target& target) {
  TypeId type = type_of(analysis, target);
  while (type) {
    if (const auto* stack = analysis.typed.types.get<type::Stack>(type)) {
      type = stack->element;
    } else if (const auto* name = analysis.typed.types.get<type::TypeName>(type)) {
      type = name->type;
    } else {
      const auto* declared = analysis.typed.types.get<type::Declared>(type);
      return declared == nullptr ? Span{} : analysis.ast[declared->decl].name.span;
    }
  }
  return {};
}

std::vector<Span> references_to(const Analysis& analysis, const Target& target, bool with_declaration) {
  std::vector<Span> found;
  if (target.macro) {
    if (with_declaration) found.push_back(target.macro);
    for (const MacroUse& use : analysis.tokens.macro_uses) {
      if (use.definition == target.macro) found.push_back(use.span);
    }
  }
  for (const Reference& reference : analysis.index.references) {
    if (!target.decl || reference.decl != target.decl || (reference.is_declaration && !with_declaration)) continue;
    found.push_back(reference.span);
  }
  std::sort(found.begin(), found.end(), [](Span a, Span b) { return a.begin < b.begin; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace p4bpf::editor
