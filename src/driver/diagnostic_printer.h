// Prints diagnostics on standard error as --diagnostics wants them. One printer serves one run of p4bpf, since SARIF is
// one document: it is written when the printer goes.
#pragma once

#include "base/diagnostic_json.h"
#include "base/diagnostics.h"
#include "driver/source_options.h"

namespace p4bpf::driver {

class DiagnosticPrinter {
 public:
  explicit DiagnosticPrinter(const DiagnosticOptions& options) : options_(options) {}
  ~DiagnosticPrinter();
  DiagnosticPrinter(const DiagnosticPrinter&) = delete;
  DiagnosticPrinter& operator=(const DiagnosticPrinter&) = delete;

  /// Prints all but the first `from`, errors before warnings.
  void print(const Diagnostics& diagnostics, std::size_t from = 0);
  /// Prints a failure of the world; the exit status that it means.
  int print(const Error& error);

 private:
  void print(const Diagnostic& diagnostic, const SourceMap& sources);
  void print_text(const Diagnostic& diagnostic, const SourceMap& sources);

  const DiagnosticOptions options_;
  Sarif sarif_;
  std::size_t errors_ = 0;
  Loc included_at_;  // of the file in which the last one stood
};

}  // namespace p4bpf::driver
