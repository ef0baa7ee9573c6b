// The user's mistakes: errors and warnings with a place, a kind that has a stable name, and notes for second places.
//
// Every kind is registered in diagnostic_kinds.def and covered by a test in tests/errors. A message is one lower-case
// sentence without a full stop: what was found, what was expected; it points instead of quoting.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "base/source_map.h"

namespace p4bpf {

enum class DiagnosticKind {
#define P4BPF_DIAGNOSTIC(name, text, severity) name,
#include "base/diagnostic_kinds.def"
#undef P4BPF_DIAGNOSTIC
};

enum class Severity { kWarning, kError };

/// The stable name that stands in brackets behind a message, such as "unknown-name".
std::string_view kind_name(DiagnosticKind kind);
Severity severity_of(DiagnosticKind kind);
/// All kinds in the order of the registry, for `p4bpf explain` and the coverage test.
const std::vector<DiagnosticKind>& all_diagnostic_kinds();

/// What the user wants of each kind of warning: shown, hidden, or taken for an error. Kinds that are errors stay so.
class WarningPolicy {
 public:
  WarningPolicy() : hidden_(all_diagnostic_kinds().size()), errors_(all_diagnostic_kinds().size()) {}

  /// Obeys what stands behind -W: KIND, no-KIND, all, none, error, no-error, error=KIND (which shows it as well) or
  /// no-error=KIND. What is said later wins. Fails, and names what is near, where there is no such warning.
  Result<void> apply(std::string_view word);
  /// As what a diagnostic of this kind is reported; nothing if it is not wanted.
  std::optional<Severity> severity(DiagnosticKind kind) const;

 private:
  std::vector<bool> hidden_;
  std::vector<bool> errors_;
};

/// A second place that explains the first. Without a span it is a hint about what to do.
struct Note {
  Span span;
  std::string message;
};

struct Diagnostic {
  DiagnosticKind kind;
  Severity severity;
  Span span;
  std::string message;
  std::vector<Note> notes;
};

/// Collects diagnostics. One that repeats kind and place of an earlier one is dropped, and so is a warning that the
/// policy hides.
class Diagnostics {
 public:
  explicit Diagnostics(const SourceMap& sources, WarningPolicy policy = {})
      : sources_(&sources), policy_(std::move(policy)) {}

  /// Reports with the severity that the policy gives the kind. The reference is good until the next report.
  Diagnostic& report(DiagnosticKind kind, Span span, std::string message);
  /// Whether a report of this kind would be kept: an analysis that finds nothing else need not run.
  bool wants(DiagnosticKind kind) const { return policy_.severity(kind).has_value(); }
  bool has_errors() const { return errors_ != 0; }
  std::size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  const SourceMap& sources() const { return *sources_; }

 private:
  const SourceMap* sources_;
  WarningPolicy policy_;
  std::vector<Diagnostic> all_;
  std::set<std::tuple<DiagnosticKind, Loc, Loc>> seen_;
  Diagnostic dropped_{};
  std::size_t errors_ = 0;
};

/// `FILE:LINE:COL: error: MESSAGE [kind]`, the source line, a caret under the span, then the notes alike; ends in a
/// newline.
std::string render(const Diagnostic& diagnostic, const SourceMap& sources, bool colours);
/// All of them, errors and warnings, in the order of reporting.
std::string render_all(const Diagnostics& diagnostics, bool colours);

/// The candidate nearest to `name` by edit distance, empty if none is near enough to be meant.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace p4bpf
