// Entries of a table from a text, one a line, as for `p4bpf table add --file`: read fast, written in large pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "control/values.h"
#include "runtime/table_access.h"

namespace p4bpf::control {

/// Adds an entry for each line; `file` is the text's name for messages, which say at what line it stopped. `progress`
/// hears how many lines of how many are done. Where packets see rules as a whole, all lines are added or none.
Result<void> add_lines(runtime::TableAccess& access, const manifest::Manifest& manifest, std::size_t table,
                       std::string_view text, const std::string& file, const PortOfInterface& ports,
                       const std::function<void(std::size_t, std::size_t)>& progress);

/// Writes plain lines (keys and arguments in order, numbers and addresses) straight into the bytes of the map. What it
/// does not understand is left to parse_entry, which knows all notations and says what is wrong.
class LineEncoder {
 public:
  explicit LineEncoder(const manifest::Table& table);
  /// Whether the line was understood: then key and value are appended.
  bool encode(std::string_view line, runtime::Bytes& keys, runtime::Bytes& values);

 private:
  const manifest::Action* find_action(std::string_view word);

  const manifest::Table& table_;
  bool is_plain_ = true;  // the table has nothing but numbers
  std::size_t key_start_ = 0;
  std::string action_name_;  // of the line before
  const manifest::Action* action_ = nullptr;
};

}  // namespace p4bpf::control
