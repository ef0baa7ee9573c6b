// Entries from a text, one a line, as for `p4bpf table add --file` and `p4bpf table batch`: read fast, written in large
// pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "control/line_encoder.h"
#include "control/values.h"
#include "runtime/table_access.h"

namespace p4bpf::control {

/// Where lines come from, and who hears how many of how many are done.
struct LineSource {
  std::string file;  // for messages, which say at what line it stopped
  const PortOfInterface& ports;
  std::function<void(std::size_t, std::size_t)> progress;
  /// Whoever calls undoes what was done if a line fails.
  bool all_or_none = false;
};

/// Lines that do one thing to one table, gathered and then written at once.
class LineBatch {
 public:
  LineBatch(runtime::TableAccess& access, const manifest::Manifest& manifest, std::size_t table, runtime::Change change,
            const LineSource& source);
  /// A failure is the line's; what was gathered before it has been written then, if that makes sense.
  Result<void> take(std::string_view line, std::size_t number);
  /// Writes what was gathered; `total` is for progress.
  Result<void> write(std::size_t total);
  runtime::Change change() const { return change_; }
  void reserve(std::size_t lines);

 private:
  Result<void> take_slowly(std::string_view line, std::size_t number);
  tl::unexpected<Error> stopped(Error error, std::size_t line, std::size_t done) const;

  runtime::TableAccess& access_;
  const manifest::Table& table_;
  std::size_t index_;
  runtime::Change change_;
  const LineSource& source_;
  bool is_encoded_;
  LineEncoder encoder_;
  runtime::EncodedEntries encoded_;
  std::vector<manifest::Entry> entries_;
  std::vector<std::size_t> line_of_;  // of each entry
};

/// Changes an entry for each line. Where packets see rules as a whole, all lines are done or none.
Result<void> change_lines(runtime::TableAccess& access, const manifest::Manifest& manifest, std::size_t table,
                          runtime::Change change, std::string_view text, const LineSource& source);

/// A line of a batch for several tables: add|modify|delete TABLE and then as in a file for one table.
struct BatchLine {
  runtime::Change change;
  std::size_t table;
  std::string_view rest;
  std::size_t number;
};
Result<std::vector<BatchLine>> read_batch(const manifest::Manifest& manifest, std::string_view text,
                                          const std::string& file);
/// In the order of the lines, table by table.
Result<void> change_batch(runtime::TableAccess& access, const manifest::Manifest& manifest,
                          const std::vector<BatchLine>& lines, const LineSource& source);

}  // namespace p4bpf::control
