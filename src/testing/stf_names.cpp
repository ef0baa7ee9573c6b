// Spellings of names and readings of key values (stf_names.h).
#include "testing/stf_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <functional>

#include "frontend/literals.h"
#include "testing/stf_profiles.h"

namespace p4bpf::testing::stf {
namespace {

using manifest::KeyField;
using manifest::MatchKind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string replaced_end(std::string text, std::string_view end, std::string_view by) {
  if (text.ends_with(end)) text = text.substr(0, text.size() - end.size()) + std::string(by);
  return text;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// A word of an expression: numbers (`0x0fF`, `8w255`) in one form, others as they are.
std::string canonical_word(const std::string& word) {
  if (!is_digit(word[0])) return word;
  const auto number = read_integer(word);
  return number ? number->value.str() : word;
}

/// One spelling for what is meant alike: no spaces, numbers without widths and leading zeros, stack indices in brackets,
/// one word for validity.
std::string canonical(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c != ' ') text += c;
  }
  text = replaced_end(std::move(text), ".$valid$", ".valid");
  text = replaced_end(std::move(text), ".isValid()", ".valid");
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool is_index = text[i] == '$' && i + 1 < text.size() && is_digit(text[i + 1]);
    const std::size_t from = i + (is_index ? 1 : 0);
    std::size_t end = from;
    while (end < text.size() && (is_index ? is_digit(text[end]) : is_word(text[end]))) ++end;
    if (end == from) {
      result += text[i++];
      continue;
    }
    const std::string word = canonical_word(text.substr(from, end - from));
    result += is_index ? "[" + word + "]" : word;
    i = end;
  }
  return result;
}

/// As a C identifier would have it: `pipe_Check_src_ip`.
std::string flat(std::string_view name) {
  std::string result;
  for (const char c : canonical(name)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      result += c;
    else if (c != ']')
      result += '_';
  }
  return result;
}

/// The only index whose name satisfies; nothing if none or several do.
std::optional<std::size_t> only(const std::vector<std::string>& names,
                                const std::function<bool(const std::string&)>& satisfies) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!satisfies(names[i])) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

std::optional<std::size_t> find(std::string_view wanted, const std::vector<std::string>& names) {
  const std::string exact = canonical(wanted);
  const std::string as_c = flat(wanted);
  if (const auto i = only(names, [&](const auto& name) { return name == wanted; })) return i;
  if (const auto i = only(names, [&](const auto& name) { return canonical(name) == exact; })) return i;
  if (const auto i = only(names, [&](const auto& name) { return canonical(name).ends_with("." + exact); })) return i;
  if (const auto i = only(names, [&](const auto& name) { return flat(name) == as_c; })) return i;
  if (const auto i = only(names, [&](const auto& name) { return flat(name).ends_with("_" + as_c); })) return i;
  // The other way round: the program's name is shorter than the test's, as for a top-level action.
  return only(names, [&](const auto& name) { return as_c.ends_with("_" + flat(name)); });
}

/// The key that is meant by position: `field0`, `key.field0`.
std::optional<std::size_t> positional(std::string_view name, std::size_t count) {
  if (name.starts_with("key.")) name.remove_prefix(4);
  if (!name.starts_with("field") || name.size() == 5 || name.size() > 9) return std::nullopt;
  std::size_t index = 0;
  for (const char c : name.substr(5)) {
    if (!is_digit(c)) return std::nullopt;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  return index < count ? std::optional(index) : std::nullopt;
}

void report_name(const Name& name, const Error& error, Diagnostics& diagnostics) {
  Diagnostic& unknown = diagnostics.report(DiagnosticKind::kStfName, name.span, error.message);
  if (!error.hint.empty()) unknown.notes.push_back({{}, error.hint});
}

BigInt mask_of_prefix(std::uint32_t length, std::uint32_t width) {
  return power_of_two(width) - power_of_two(width - length);
}

/// Reads the value of one key. Every function gives nothing behind a reported mistake.
class KeyReader {
 public:
  KeyReader(const Key& key, const KeyField& field, Diagnostics& diagnostics)
      : key_(key), field_(field), diagnostics_(diagnostics) {}

  std::optional<KeyMatch> read() const {
    if (!fits_width(key_.value) ||
        (key_.form != Key::Form::kPlain && key_.form != Key::Form::kSlash && !fits_width(key_.second))) {
      return std::nullopt;
    }
    switch (field_.match) {
      case MatchKind::kExact:
        return exact();
      case MatchKind::kLpm:
        return prefix();
      case MatchKind::kTernary:
        return ternary();
      case MatchKind::kRange:
        return range();
      case MatchKind::kOptional:
        return key_.form == Key::Form::kPlain && all_wild() ? KeyMatch{} : exact();
    }
    return std::nullopt;
  }

 private:
  std::nullopt_t wrong(Span span, const std::string& message) const {
    diagnostics_.report(DiagnosticKind::kStfValue, span, message);
    return std::nullopt;
  }
  bool fits_width(const Number& number) const {
    if (fits(number.value(), field_.bits, false)) return true;
    wrong(number.span, fmt::format("this value does not fit the {} bits of key '{}'", field_.bits, field_.name));
    return false;
  }
  BigInt typed(const BigInt& value) const {
    return wrap(value, field_.bits, field_.kind == manifest::ValueKind::kSigned);
  }
  bool all_wild() const { return key_.value.digits.find_first_not_of('*') == std::string::npos; }
  static KeyMatch match(KeyMatch::Kind kind, BigInt value) {
    KeyMatch result;
    result.kind = kind;
    result.value = std::move(value);
    return result;
  }

  std::optional<KeyMatch> exact() const {
    if (key_.form != Key::Form::kPlain || key_.value.has_wildcard()) {
      return wrong(key_.value.span, fmt::format("key '{}' is matched exactly, so it takes a plain value", field_.name));
    }
    return match(KeyMatch::Kind::kExact, typed(key_.value.value()));
  }

  /// `V/LENGTH`, or `0x0a******`, or all digits: their number tells the length then.
  std::optional<KeyMatch> prefix() const {
    KeyMatch result = match(KeyMatch::Kind::kPrefix, key_.value.value());
    if (key_.form == Key::Form::kSlash) {
      if (key_.value.has_wildcard() || key_.second.value() > field_.bits) {
        return wrong(key_.second.span,
                     fmt::format("the prefix of key '{}' has 0 to {} bits", field_.name, field_.bits));
      }
      result.prefix_length = static_cast<std::uint32_t>(key_.second.value());
      return result;
    }
    if (key_.form != Key::Form::kPlain)
      return wrong(key_.second.span, fmt::format("key '{}' takes a prefix", field_.name));
    const std::string& digits = key_.value.digits;
    const std::size_t stars = digits.find('*');
    if (stars != std::string::npos && digits.find_first_not_of('*', stars) != std::string::npos) {
      return wrong(key_.value.span,
                   fmt::format("key '{}' takes a prefix, so '*' may stand at its end only", field_.name));
    }
    const std::uint32_t digit_bits = key_.value.base == 16 ? 4 : 1;
    if (stars != std::string::npos) {
      const auto wild = static_cast<std::uint32_t>(digits.size() - stars) * digit_bits;
      result.prefix_length = field_.bits - std::min(wild, field_.bits);
    } else {
      // The digits that are written are the prefix's length: 0xa000002 stands for 28 bits.
      result.prefix_length = std::min(key_.value.written_bits(), field_.bits);
      if (result.prefix_length == 0) result.prefix_length = field_.bits;
    }
    return result;
  }

  std::optional<KeyMatch> ternary() const {
    KeyMatch result = match(KeyMatch::Kind::kMask, typed(key_.value.value()));
    result.mask = power_of_two(field_.bits) - 1;
    if (key_.form == Key::Form::kRange)
      return wrong(key_.second.span, fmt::format("key '{}' takes a value and a mask", field_.name));
    if (key_.form == Key::Form::kMask || (key_.form == Key::Form::kSlash && key_.second.base != 10)) {
      if (!fits_width(key_.second)) return std::nullopt;
      result.mask = key_.second.value();
    } else if (key_.form == Key::Form::kSlash) {
      if (key_.second.value() > field_.bits)
        return wrong(key_.second.span, fmt::format("key '{}' has {} bits", field_.name, field_.bits));
      result.mask = mask_of_prefix(static_cast<std::uint32_t>(key_.second.value()), field_.bits);
    } else if (key_.value.has_wildcard()) {
      result.mask = key_.value.written_mask() & (power_of_two(field_.bits) - 1);
      // Bits that are not written are zeros, unless the first digit that is written says that anything may stand there.
      const std::uint32_t written = key_.value.written_bits();
      if (key_.value.digits[0] != '*' && written < field_.bits)
        result.mask |= mask_of_prefix(field_.bits - written, field_.bits);
    }
    if (result.mask == 0) return KeyMatch{};
    result.value = typed(result.value & result.mask);
    return result;
  }

  std::optional<KeyMatch> range() const {
    if (key_.form == Key::Form::kPlain && all_wild()) return KeyMatch{};
    if (key_.value.has_wildcard() || (key_.form != Key::Form::kPlain && key_.form != Key::Form::kRange)) {
      return wrong(key_.value.span, fmt::format("key '{}' takes a value or a range LOW..HIGH", field_.name));
    }
    KeyMatch result = match(KeyMatch::Kind::kRange, typed(key_.value.value()));
    result.high = key_.form == Key::Form::kRange ? typed(key_.second.value()) : result.value;
    if (result.high < result.value)
      return wrong(key_.second.span, "this range is empty: its end is less than its start");
    return result;
  }

  const Key& key_;
  const KeyField& field_;
  Diagnostics& diagnostics_;
};

/// What a key that the entry does not name stands for.
KeyMatch absent_key(const KeyField& field) {
  KeyMatch result;
  if (field.match == MatchKind::kExact) result.kind = KeyMatch::Kind::kExact;
  if (field.match == MatchKind::kLpm) result.kind = KeyMatch::Kind::kPrefix;
  return result;
}

std::optional<std::size_t> resolve_key(const Name& name, const std::vector<std::string>& names,
                                       Diagnostics& diagnostics) {
  if (const auto found = find(name.text, names)) return found;
  if (const auto found = positional(name.text, names.size())) return found;
  const bool has_prefix = name.text.starts_with("key.");
  const auto found = find_spelled("key", has_prefix ? name.text.substr(4) : name.text, names);
  if (found) return *found;
  report_name(name, found.error(), diagnostics);
  return std::nullopt;
}

}  // namespace

Result<std::size_t> find_spelled(std::string_view what, std::string_view wanted,
                                 const std::vector<std::string>& names) {
  if (const auto found = find(wanted, names)) return *found;
  if (wanted.starts_with("_")) {
    if (const auto found = find(wanted.substr(1), names)) return *found;
  }
  std::vector<std::string> meant;
  for (const std::string& name : names) {
    if (canonical(name).ends_with("." + canonical(wanted)) || flat(name).ends_with("_" + flat(wanted)))
      meant.push_back(name);
  }
  if (!meant.empty()) {
    return fail(fmt::format("{} '{}' may be any of several", what, wanted),
                fmt::format("write one of {}", fmt::join(meant, ", ")));
  }
  if (names.empty()) return fail(fmt::format("there is no {} '{}', nor any other here", what, wanted));
  const std::string nearest = nearest_name(wanted, names);
  return fail(fmt::format("there is no {} '{}'", what, wanted), nearest.empty()
                                                                    ? fmt::format("there is {}", fmt::join(names, ", "))
                                                                    : fmt::format("did you mean '{}'?", nearest));
}

std::optional<std::size_t> resolve(std::string_view what, const Name& name, const std::vector<std::string>& names,
                                   Diagnostics& diagnostics) {
  const auto found = find_spelled(what, name.text, names);
  if (found) return *found;
  report_name(name, found.error(), diagnostics);
  return std::nullopt;
}

std::optional<Call> resolve_call(const ActionCall& call, const std::vector<manifest::Action>& actions,
                                 Diagnostics& diagnostics) {
  const auto action = resolve("action", call.action, actions, diagnostics);
  if (!action) return std::nullopt;
  const std::vector<manifest::ActionParam>& params = actions[*action].params;
  Call result{*action, std::vector<BigInt>(params.size(), 0)};
  std::vector<bool> given(params.size(), false);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Argument& argument = call.arguments[i];
    std::size_t param = i;
    if (!argument.name.text.empty()) {
      const auto found =
          resolve("parameter", argument.name, params, diagnostics);
      if (!found) return std::nullopt;
      param = *found;
    }
    if (param >= params.size() || given[param]) {
      diagnostics.report(DiagnosticKind::kStfValue, argument.value.span,
                         param >= params.size()
                             ? fmt::format("action '{}' has {} parameters", actions[*action].name, params.size())
                             : fmt::format("parameter '{}' is given twice", params[param].name));
      return std::nullopt;
    }
    if (argument.value.has_wildcard() || !fits(argument.value.value(), params[param].bits, false)) {
      diagnostics.report(
          DiagnosticKind::kStfValue, argument.value.span,
          fmt::format("this value does not fit the {} bits of parameter '{}'", params[param].bits, params[param].name));
      return std::nullopt;
    }
    result.arguments[param] =
        wrap(argument.value.value(), params[param].bits, params[param].kind == manifest::ValueKind::kSigned);
    given[param] = true;
  }
  const auto missing = std::find(given.begin(), given.end(), false);
  if (missing != given.end()) {
    // Tests in use leave arguments out and count on zero.
    diagnostics.report(DiagnosticKind::kStfMissingArgument, call.action.span,
                       fmt::format("parameter '{}' is not given and taken for 0",
                                   params[static_cast<std::size_t>(missing - given.begin())].name));
  }
  return result;
}

std::optional<manifest::Entry> resolve_entry(const Add& add, Span span, const manifest::Table& table,
                                             Diagnostics& diagnostics) {
  manifest::Entry entry;
  std::vector<std::string> names;
  for (const KeyField& field : table.keys) {
    names.push_back(field.name);
    entry.keys.push_back(absent_key(field));
  }
  std::vector<bool> given(names.size(), false);
  for (const Key& key : add.keys) {
    const auto index = resolve_key(key.name, names, diagnostics);
    if (!index) return std::nullopt;
    if (given[*index]) {
      diagnostics.report(DiagnosticKind::kStfValue, key.name.span,
                         fmt::format("key '{}' is given twice", names[*index]));
      return std::nullopt;
    }
    given[*index] = true;
    const auto match = KeyReader(key, table.keys[*index], diagnostics).read();
    if (!match) return std::nullopt;
    entry.keys[*index] = *match;
  }
  // A priority tells entries apart that may match together; elsewhere it is written and means nothing.
  const bool has_priority = std::any_of(table.keys.begin(), table.keys.end(), [](const KeyField& field) {
    return field.match != MatchKind::kExact && field.match != MatchKind::kLpm;
  });
  if (add.priority && has_priority) {
    if (!fits(add.priority->value(), 31, false)) {
      diagnostics.report(DiagnosticKind::kStfValue, add.priority->span, "a priority has 31 bits at most");
      return std::nullopt;
    }
    entry.priority = static_cast<std::int32_t>(add.priority->value());
  }
  if (!add.action) {
    if (table.is_value_set) return entry;
    diagnostics.report(DiagnosticKind::kStfSyntax, span, "an entry needs an action, as in 'forward(port:1)'");
    return std::nullopt;
  }
  auto what = resolve_target(*add.action, table, diagnostics);
  if (!what) return std::nullopt;
  what->keys = std::move(entry.keys);
  what->priority = entry.priority;
  return what;
}

}  // namespace p4bpf::testing::stf
