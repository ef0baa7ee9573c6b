// The fast way for plain lines of entries: keys and arguments in order, numbers and addresses, straight into the bytes
// of the map. What it does not understand is left to parse_entry, which knows all notations and says what is wrong.
#pragma once

#include <string>
#include <string_view>

#include "manifest/manifest.h"
#include "runtime/kernel.h"

namespace p4bpf::control {

/// Takes the first word off the line; empty if there is none.
std::string_view next_word(std::string_view& line);

class LineEncoder {
 public:
  /// For lines that add or modify entries, or that delete them: these have keys only.
  LineEncoder(const manifest::Table& table, runtime::Change change);
  /// Whether the line was understood: then key and value are appended, in the table's sizes.
  bool encode(std::string_view line, runtime::EncodedEntries& entries);

 private:
  bool encode_key(std::string_view& line, std::uint8_t* at) const;
  bool encode_value(std::string_view& line, std::uint8_t* at);
  const manifest::Action* find_action(std::string_view word);

  const manifest::Table& table_;
  bool has_value_;
  bool is_plain_;  // the table has nothing but numbers
  std::size_t key_start_ = 0;
  std::string action_name_;  // of the line before
  const manifest::Action* action_ = nullptr;
};

}  // namespace p4bpf::control
