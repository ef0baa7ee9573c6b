// JSON in which each value knows its line, so that whoever finds a mistake in it can say where it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace p4bpf::control {

struct LocatedJson {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::size_t line = 0;
  std::string text;  // of a string; of a number or a truth value as it is written
  std::vector<LocatedJson> elements;
  std::vector<std::pair<std::string, LocatedJson>> members;  // in order, each name once

  const LocatedJson* member(std::string_view name) const;
  bool is(Kind other) const { return kind == other; }
};

/// "a string", "an object", ... for messages.
std::string_view kind_name(LocatedJson::Kind kind);

/// A failure begins with FILE:LINE.
Result<LocatedJson> read_json(std::string_view text, const std::string& file);

/// `message` at the line of `at`.
Error error_at(const std::string& file, std::size_t line, std::string message, std::string hint = "");

}  // namespace p4bpf::control
