// Rules about the headers that blocks exchange.
#include <fmt/format.h>

#include <set>

#include "arch/rules/rules.h"

namespace p4bpf::arch::rules {
namespace {

/// The bits of a field; nothing where that is not fixed, or is not for us to say.
std::optional<std::uint64_t> bits_of(const ProgramView& view, TypeId type) {
  const Types& types = view.typed.types;
  if (types.get<type::Bool>(type) != nullptr) return 1;
  if (const auto* const bits = types.get<type::Bits>(type)) return bits->width;
  if (types.get<type::Varbit>(type) != nullptr) return 0;  // its width is a matter of the extract
  const auto* const declared = types.get<type::Declared>(type);
  if (declared == nullptr || !declared->arguments.empty()) return std::nullopt;
  const ast::Decl& decl = view.ast[declared->decl];
  if (const auto* const alias = std::get_if<ast::Typedef>(&decl.node))
    return alias->type ? bits_of(view, view.typed.type_of_ref[alias->type]) : std::nullopt;
  if (const auto* const values = std::get_if<ast::EnumDecl>(&decl.node))
    return values->representation ? bits_of(view, view.typed.type_of_ref[values->representation]) : std::nullopt;
  const auto* const record = std::get_if<ast::StructDecl>(&decl.node);
  if (record == nullptr || record->kind == ast::StructDecl::Kind::kUnion) return std::nullopt;
  std::uint64_t sum = 0;
  for (const ast::DeclId field : record->fields) {
    const std::optional<std::uint64_t> bits = bits_of(view, view.typed.type_of_decl[field]);
    if (!bits) return std::nullopt;
    sum += *bits;
  }
  return sum;
}

void visit_type(const ProgramView& view, TypeId type, std::set<TypeId>& seen, Diagnostics& diagnostics) {
  if (!type || !seen.insert(type).second) return;
  if (const auto* const stack = view.typed.types.get<type::Stack>(type))
    return visit_type(view, stack->element, seen, diagnostics);
  const auto* const declared = view.typed.types.get<type::Declared>(type);
  if (declared == nullptr) return;
  const ast::Decl& decl = view.ast[declared->decl];
  const auto* const record = std::get_if<ast::StructDecl>(&decl.node);
  if (record == nullptr) return;
  if (record->kind == ast::StructDecl::Kind::kHeader) {
    const std::optional<std::uint64_t> bits = bits_of(view, type);
    if (bits && *bits % 8 != 0) {
      diagnostics
          .report(DiagnosticKind::kUnalignedHeader, decl.name.span,
                  fmt::format("header '{}' has {} bits, expected a whole number of bytes", decl.name.text, *bits))
          .notes.push_back({{}, fmt::format("a field of {} more bits fills its last byte", 8 - *bits % 8)});
    }
    return;
  }
  for (const ast::DeclId field : record->fields) visit_type(view, view.typed.type_of_decl[field], seen, diagnostics);
}

}  // namespace

void check_whole_bytes(const ProgramView& view, Diagnostics& diagnostics) {
  std::set<TypeId> seen;
  for (const Block& block : view.blocks) {
    const auto* const parser = std::get_if<ast::ParserDecl>(&view.ast[block.decl].node);
    if (parser == nullptr) continue;  // headers that no parser fills never were bytes
    for (const ast::DeclId param : parser->params) visit_type(view, view.typed.type_of_decl[param], seen, diagnostics);
  }
}

}  // namespace p4bpf::arch::rules
