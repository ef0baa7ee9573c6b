// What is said about values and headers: see uses.h.
#include "frontend/warnings/uses.h"

#include <fmt/format.h>

#include <set>

#include "frontend/warnings/walk.h"

namespace p4bpf::warnings {

void Uses::record(ExprId at, What what, const Place& place, Level level) {
  const auto [use, is_new] = uses_.try_emplace(at, Use{what, place.root, level});
  if (!is_new) use->second.level = std::min(use->second.level, level);
}

void Uses::record_out(DeclId param, Level level) {
  const auto [use, is_new] = outs_.try_emplace(param, level);
  if (!is_new) use->second = std::min(use->second, level);
}

/// The header in `hdr.ipv4.ttl[3:0]`: `hdr.ipv4`.
ExprId Uses::header_of(ExprId at) const {
  while (at) {
    const TypeId type = f_.program.type_of[at];
    const auto* declared = type ? f_.program.types.get<type::Declared>(type) : nullptr;
    const auto* node = declared == nullptr ? nullptr : f_.decl<ast::StructDecl>(declared->decl);
    if (node != nullptr && node->kind == ast::StructDecl::Kind::kHeader) return at;
    at = lvalue_base(f_.ast[at]);
  }
  return at;
}

void Uses::report_use(ExprId at, const Use& use) {
  const bool is_sure = use.level == Level::kSure;
  const Span span = f_.ast[at].span;
  if (use.what == What::kValue) {
    f_.add(Kind::kUninitialized, span,
           fmt::format("'{}' {} read before it has a value", f_.text(span), is_sure ? "is" : "may be"))
        .notes.push_back({f_.ast[use.root].name.span, "declared here without a value"});
    return;
  }
  const ExprId header = header_of(at);
  const std::string_view text = header ? f_.text(f_.ast[header].span) : f_.text(span);
  if (use.what == What::kHeaderWrite) {
    f_.add(Kind::kInvalidHeader, span, fmt::format("the header '{}' is invalid here, this assignment is lost", text))
        .notes.push_back({{}, fmt::format("call {}.setValid() before", text)});
    return;
  }
  Diagnostic& finding = f_.add(
      Kind::kInvalidHeader, span,
      fmt::format("the header '{}' {} invalid here, then its fields have no value", text, is_sure ? "is" : "may be"));
  if (!is_sure) finding.notes.push_back({{}, fmt::format("ask {}.isValid() before", text)});
}

void Uses::report() {
  std::vector<std::pair<ExprId, Use>> found;
  for (const auto& [at, use] : uses_) {
    if (use.level != Level::kFine) found.emplace_back(at, use);
  }
  std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    return std::pair(f_.ast[a.first].span.begin, a.first) < std::pair(f_.ast[b.first].span.begin, b.first);
  });
  std::set<std::pair<DeclId, std::string_view>> seen;
  for (const auto& [at, use] : found) {
    const ExprId header = use.what == What::kValue ? at : header_of(at);
    if (seen.emplace(use.root, header ? f_.text(f_.ast[header].span) : std::string_view()).second) {
      report_use(at, use);
    }
  }
  for (const auto& [param, level] : outs_) {
    if (level == Level::kFine) continue;
    f_.add(Kind::kUninitialized, f_.ast[param].name.span,
           fmt::format("the out parameter '{}' {} a value at the end", f_.name(param),
                       level == Level::kSure ? "never has" : "may be without"));
  }
}

}  // namespace p4bpf::warnings
