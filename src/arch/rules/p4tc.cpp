// Rules of the reduced PNA that P4TC uses: what its annotations may hold, and where its externs may stand.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "arch/rules/rules.h"

namespace p4bpf::arch::rules {
namespace {

constexpr auto kRule = DiagnosticKind::kArchitectureRule;

/// What `@tc_type` may say, as `tc` spells the types of parameters and keys.
constexpr std::array<std::string_view, 7> kTcTypes = {"macaddr", "ipv4", "ipv6", "be16", "be32", "be64", "dev"};

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void check_tc_type(const ast::Annotations& annotations, Diagnostics& diagnostics) {
  const ast::Annotation* const found = find_annotation(annotations, "tc_type");
  if (found == nullptr) return;
  const bool known = found->body.size() == 1 && found->body.front().is_string &&
                     std::find(kTcTypes.begin(), kTcTypes.end(), found->body.front().text) != kTcTypes.end();
  if (known) return;
  const std::vector<std::string> names(kTcTypes.begin(), kTcTypes.end());
  Diagnostic& made = diagnostics.report(kRule, found->body.empty() ? found->name.span : found->body.front().span,
                                        fmt::format("'@tc_type' expects one of {}", fmt::join(names, ", ")));
  const std::string near = found->body.empty() ? "" : nearest_name(found->body.front().text, names);
  if (!near.empty()) made.notes.push_back({{}, "did you mean \"" + near + "\"?"});
}

void check_nummask(const ast::Annotations& annotations, Diagnostics& diagnostics) {
  const ast::Annotation* const found = find_annotation(annotations, "nummask");
  if (found == nullptr) return;
  const bool good = found->body.size() == 1 && !found->body.front().is_string && is_number(found->body.front().text);
  if (!good) diagnostics.report(kRule, found->name.span, "'@nummask' expects an integer, the number of masks");
}

/// A table has one hit action at most, constant or not, and that action is no default-only one.
void check_default_hit(const ast::Decl& table, const ast::TableDecl& decl, Diagnostics& diagnostics) {
  const ast::Annotation* first = nullptr;
  for (const ast::ActionRef& ref : decl.actions) {
    for (const std::string_view name : {"default_hit", "default_hit_const"}) {
      const ast::Annotation* const hit = find_annotation(ref.annotations, name);
      if (hit == nullptr) continue;
      for (const std::string_view other : {"tableonly", "defaultonly"}) {
        const ast::Annotation* const against = find_annotation(ref.annotations, other);
        if (against == nullptr) continue;
        diagnostics
            .report(kRule, hit->name.span,
                    fmt::format("action '{}' has both '@{}' and '@{}', which exclude each other", ref.name.text, name,
                                other))
            .notes.push_back({against->name.span, fmt::format("'@{}' is here", other)});
      }
      if (first == nullptr) {
        first = hit;
        continue;
      }
      diagnostics
          .report(kRule, hit->name.span, fmt::format("table '{}' has a second default hit action", table.name.text))
          .notes.push_back({first->name.span, "the first is here"});
    }
  }
}

}  // namespace

void check_tc_annotations(const ProgramView& view, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < view.ast.decls.size(); ++i) {
    const ast::Decl& decl = view.ast[ast::DeclId(i)];
    if (std::holds_alternative<ast::Param>(decl.node) || std::holds_alternative<ast::Field>(decl.node))
      check_tc_type(decl.annotations, diagnostics);
  }
  for (const Local& local : view.tables) {
    const ast::Decl& decl = view.ast[local.decl];
    const auto& table = std::get<ast::TableDecl>(decl.node);
    check_nummask(decl.annotations, diagnostics);
    for (const ast::KeyElement& element : table.key) check_tc_type(element.annotations, diagnostics);
    check_default_hit(decl, table, diagnostics);
  }
}

void check_tc_checksum_place(const ProgramView& view, Diagnostics& diagnostics) {
  for (const Local& local : view.instances) {
    if (local.block == nullptr || local.block->role != "main_control") continue;
    if (extern_name(view, view.typed.type_of_decl[local.decl]) != "InternetChecksum") continue;
    diagnostics
        .report(kRule, view.ast[local.decl].span,
                "an InternetChecksum in the main control, expected in the parser or the deparser")
        .notes.push_back({{}, "P4TC computes it where headers are parsed and emitted; carry its state in metadata"});
  }
}

}  // namespace p4bpf::arch::rules
