// Takes annotations apart (annotations.h).
#include "control/p4info/annotations.h"

#include <algorithm>

#include "base/big_int.h"

namespace p4bpf::control {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// A string literal's text.
std::string unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) {
      ++i;
      out += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

AnnotationValue value_of(std::string_view text) {
  AnnotationValue value;
  text = trimmed(text);
  if (const std::size_t mark = text.find('='); mark != std::string_view::npos && text.front() != '"') {
    value.key = trimmed(text.substr(0, mark));
    text = trimmed(text.substr(mark + 1));
  }
  value.is_string = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  value.text = value.is_string ? unquoted(text) : std::string(text);
  return value;
}

}  // namespace

AnnotationText split_annotation(std::string_view text) {
  AnnotationText out;
  if (text.starts_with('@')) text.remove_prefix(1);
  const std::size_t open = text.find_first_of("([");
  out.name = text.substr(0, open);
  if (open == std::string_view::npos || text.size() < open + 2) return out;
  out.is_structured = text[open] == '[';
  out.body = text.substr(open + 1, text.size() - open - 2);
  return out;
}

std::optional<AnnotationText> find_annotation(const manifest::Annotations& annotations, std::string_view name) {
  for (const std::string& text : annotations) {
    const AnnotationText one = split_annotation(text);
    if (one.name == name) return one;
  }
  return std::nullopt;
}

std::vector<AnnotationValue> annotation_values(std::string_view body) {
  std::vector<AnnotationValue> values;
  bool in_string = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (in_string && body[i] == '\\') {
      ++i;
    } else if (body[i] == '"') {
      in_string = !in_string;
    } else if (body[i] == ',' && !in_string) {
      values.push_back(value_of(body.substr(start, i - start)));
      start = i + 1;
    }
  }
  if (!trimmed(body.substr(start)).empty()) values.push_back(value_of(body.substr(start)));
  return values;
}

std::string annotation_string(const manifest::Annotations& annotations, std::string_view name) {
  const auto found = find_annotation(annotations, name);
  if (!found) return "";
  const std::vector<AnnotationValue> values = annotation_values(found->body);
  return values.size() == 1 && values[0].is_string ? values[0].text : "";
}

Result<std::optional<std::uint32_t>> annotation_number(const manifest::Annotations& annotations,
                                                       std::string_view name) {
  const auto found = find_annotation(annotations, name);
  if (!found) return std::nullopt;
  const std::vector<AnnotationValue> values = annotation_values(found->body);
  const std::optional<BigInt> number = values.size() == 1 ? parse_big_int(values[0].text) : std::nullopt;
  if (number && *number <= UINT32_MAX) return static_cast<std::uint32_t>(*number);
  return fail(
      "@" + std::string(name) + " needs a number of at most 32 bits, but has '" + std::string(found->body) + "'",
      "write @" + std::string(name) + "(1)");
}

std::vector<std::string> shown_annotations(const manifest::Annotations& annotations,
                                           std::initializer_list<std::string_view> except) {
  std::vector<std::string> shown;
  for (const std::string& text : annotations) {
    const AnnotationText one = split_annotation(text);
    const auto named = [&](std::string_view name) { return name == one.name; };
    const bool is_said = named("name") || named("id") || named("brief") || named("description");
    if (!is_said && !one.is_structured && std::none_of(except.begin(), except.end(), named)) shown.push_back(text);
  }
  return shown;
}

Result<std::optional<std::uint32_t>> id_annotation(const manifest::Annotations& annotations) {
  Result<std::optional<std::uint32_t>> id = annotation_number(annotations, "id");
  if (id && *id == 0u) return fail("0 cannot be an @id", "0 means that an object has none");
  return id;
}

}  // namespace p4bpf::control
