// Diagnostics for machines: JSON, one object a line, and SARIF 2.1.0, one document a run.
#pragma once

#include <memory>
#include <string>

#include "base/diagnostics.h"

namespace p4bpf {

/// One object without a newline: kind, severity, message, place, notes; `included_from` and `macro` where they apply.
/// Lines and columns count from 1, columns in bytes; the end is behind the last byte.
std::string to_json(const Diagnostic& diagnostic, const SourceMap& sources);
/// A failure of the world in the same form: severity "error" and no place.
std::string to_json(const Error& error);

/// Collects results and failures of a run for one SARIF document. Columns count code points there.
class Sarif {
 public:
  Sarif();
  ~Sarif();
  Sarif(const Sarif&) = delete;
  Sarif& operator=(const Sarif&) = delete;

  void add(const Diagnostic& diagnostic, const SourceMap& sources);
  void add(const Error& error);
  /// The document, with a rule for each kind that was added.
  std::string text() const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace p4bpf
