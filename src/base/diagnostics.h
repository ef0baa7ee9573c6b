// The user's mistakes: errors and warnings with a place, a kind that has a stable name, and notes for second places.
//
// Every kind is registered in diagnostic_kinds.def and covered by a test in tests/errors. A message is one lower-case
// sentence without a full stop: what was found, what was expected; it points instead of quoting.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

/// Collects diagnostics. A diagnostic that repeats kind and place of an earlier one is dropped.
class Diagnostics {
 public:
  explicit Diagnostics(const SourceMap& sources) : sources_(&sources) {}

  /// Reports; the severity is the kind's. The reference is good until the next report.
  Diagnostic& report(DiagnosticKind kind, Span span, std::string message);
  bool has_errors() const { return errors_ != 0; }
  std::size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  const SourceMap& sources() const { return *sources_; }

 private:
  const SourceMap* sources_;
  std::vector<Diagnostic> all_;
  Diagnostic repeated_{};
  std::size_t errors_ = 0;
};

/// `FILE:LINE:COL: error: MESSAGE [kind]`, the source line, a caret under the span, then the notes alike; ends in a newline.
std::string render(const Diagnostic& diagnostic, const SourceMap& sources, bool colours);
/// All of them, errors and warnings, in the order of reporting.
std::string render_all(const Diagnostics& diagnostics, bool colours);

/// The candidate nearest to `name` by edit distance, empty if none is near enough to be meant.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace p4bpf
