// The kinds, what the user wants of them, and how diagnostics are collected (diagnostics.h).
#include "base/diagnostics.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace p4bpf {
namespace {

struct KindRow {
  std::string_view name;
  Severity severity;
};
constexpr KindRow kKinds[] = {
#define P4BPF_DIAGNOSTIC(name, text, severity) {text, Severity::severity},
#include "base/diagnostic_kinds.def"
#undef P4BPF_DIAGNOSTIC
};

}  // namespace

std::string_view kind_name(DiagnosticKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

Severity severity_of(DiagnosticKind kind) { return kKinds[static_cast<std::size_t>(kind)].severity; }

const std::vector<DiagnosticKind>& all_diagnostic_kinds() {
  static const std::vector<DiagnosticKind> kinds = {
#define P4BPF_DIAGNOSTIC(name, text, severity) DiagnosticKind::name,
#include "base/diagnostic_kinds.def"
#undef P4BPF_DIAGNOSTIC
  };
  return kinds;
}

Result<void> WarningPolicy::apply(std::string_view word) {
  const auto& kinds = all_diagnostic_kinds();
  const bool is_on = !word.starts_with("no-");
  std::string_view name = is_on ? word : word.substr(3);
  const bool is_about_errors = name == "error" || name.starts_with("error=");
  if (is_about_errors) name.remove_prefix(std::min<std::size_t>(6, name.size()));
  if (is_about_errors && word.back() != '=' && name.empty()) {
    errors_.assign(kinds.size(), is_on);
    return {};
  }
  if (word == "all" || word == "none") {
    hidden_.assign(kinds.size(), word == "none");
    return {};
  }
  std::vector<std::string> warnings;
  for (const DiagnosticKind kind : kinds) {
    if (kind_name(kind) == name && severity_of(kind) == Severity::kError) {
      return fail("'" + std::string(name) + "' is an error and no warning", "it cannot be hidden");
    }
    if (severity_of(kind) == Severity::kWarning) warnings.emplace_back(kind_name(kind));
    if (kind_name(kind) != name) continue;
    const auto at = static_cast<std::size_t>(kind);
    if (is_about_errors) errors_[at] = is_on;
    if (is_on || !is_about_errors) hidden_[at] = !is_on;
    return {};
  }
  const std::string near = nearest_name(name, warnings);
  return fail("there is no warning '" + std::string(name) + "'",
              near.empty() ? "p4bpf explain lists them" : "did you mean '" + near + "'?");
}

std::optional<Severity> WarningPolicy::severity(DiagnosticKind kind) const {
  if (severity_of(kind) == Severity::kError) return Severity::kError;
  const auto at = static_cast<std::size_t>(kind);
  if (hidden_[at]) return std::nullopt;
  return errors_[at] ? Severity::kError : Severity::kWarning;
}

Diagnostic& Diagnostics::report(DiagnosticKind kind, Span span, std::string message) {
  const std::optional<Severity> severity = policy_.severity(kind);
  Diagnostic diagnostic{kind, severity.value_or(Severity::kWarning), span, std::move(message), {}};
  if (!severity || (span && !seen_.emplace(kind, span.begin, span.end).second)) {
    dropped_ = std::move(diagnostic);
    return dropped_;
  }
  if (severity == Severity::kError) ++errors_;
  all_.push_back(std::move(diagnostic));
  return all_.back();
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  // A third of the letters may be wrong, and one in short names; a single letter is like any other.
  const std::size_t allowed = name.size() < 2 ? 0 : std::max<std::size_t>(1, name.size() / 3);
  std::size_t best_distance = allowed + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), name.size());
    if (longer - std::min(candidate.size(), name.size()) >= best_distance) continue;
    // Edits that lead from one to the other (optimal string alignment: two swapped letters are one edit), row by row.
    std::vector<std::size_t> before, above(candidate.size() + 1), row(candidate.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= name.size(); ++i) {
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t replaced = above[j - 1] + (name[i - 1] == candidate[j - 1] ? 0 : 1);
        row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
        if (i > 1 && j > 1 && name[i - 1] == candidate[j - 2] && name[i - 2] == candidate[j - 1]) {
          row[j] = std::min(row[j], before[j - 2] + 1);
        }
      }
      before = std::exchange(above, row);
    }
    if (above.back() >= best_distance) continue;
    best = candidate;
    best_distance = above.back();
  }
  return best;
}

}  // namespace p4bpf
