// How diagnostics are collected and printed (diagnostics.h).
#include "base/diagnostics.h"

#include <algorithm>
#include <numeric>

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

constexpr std::string_view kBold = "\033[1m", kRed = "\033[1;31m", kMagenta = "\033[1;35m", kCyan = "\033[1;36m",
                           kPlain = "\033[0m";

/// The source line of `span` and a caret line under it; tabs are kept so that the caret stands right.
std::string excerpt(Span span, const SourceMap& sources, bool colours) {
  const std::string_view line = sources.line_text(span.begin);
  const Position at = sources.position(span.begin);
  std::string out = "  " + std::string(line) + "\n  ";
  const std::size_t start = std::min<std::size_t>(at.column - 1, line.size());
  for (const char c : line.substr(0, start)) out += c == '\t' ? '\t' : ' ';
  const std::size_t length = span.end.offset > span.begin.offset ? span.end.offset - span.begin.offset : 1;
  const std::size_t room = line.size() > start ? line.size() - start : 1;
  if (colours) out += kRed;
  out += '^';
  out += std::string(std::min(length, room) - 1, '~');
  if (colours) out += kPlain;
  return out + "\n";
}

std::string headline(Span span, std::string_view label, std::string_view colour, std::string_view message,
                     const SourceMap& sources, bool colours) {
  std::string out;
  if (span) {
    const Position at = sources.position(span.begin);
    out += at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
  }
  if (colours) out += colour;
  out += label;
  if (colours) out += kPlain;
  out += ": ";
  if (colours) out += kBold;
  out += message;
  if (colours) out += kPlain;
  return out;
}

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

std::string render(const Diagnostic& diagnostic, const SourceMap& sources, bool colours) {
  const bool is_error = diagnostic.severity == Severity::kError;
  std::string out = headline(diagnostic.span, is_error ? "error" : "warning", is_error ? kRed : kMagenta,
                             diagnostic.message, sources, colours);
  out += " [" + std::string(kind_name(diagnostic.kind)) + "]\n";
  if (diagnostic.span) out += excerpt(diagnostic.span, sources, colours);
  for (const Note& note : diagnostic.notes) {
    out += headline(note.span, note.span ? "note" : "help", kCyan, note.message, sources, colours) + "\n";
    if (note.span) out += excerpt(note.span, sources, colours);
  }
  return out;
}

std::string render_all(const Diagnostics& diagnostics, bool colours) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out += render(diagnostic, diagnostics.sources(), colours);
  return out;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = name.size() / 3 + 1;  // a third of the letters may be wrong
  for (const std::string& candidate : candidates) {
    // Levenshtein distance, one row at a time.
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= name.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t replaced = diagonal + (name[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    if (row.back() <= best_distance && (best.empty() || row.back() < best_distance)) {
      best = candidate;
      best_distance = row.back();
    }
  }
  return best;
}

}  // namespace p4bpf
