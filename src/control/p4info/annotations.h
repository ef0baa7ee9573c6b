// Annotations of a program as the manifest keeps them, "@name" or "@name(...)" or "@name[...]", and what P4Info makes
// of some.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::control {

struct AnnotationText {
  std::string_view name;
  std::string_view body;  // between the brackets
  bool is_structured = false;
};
AnnotationText split_annotation(std::string_view text);
/// The first annotation of that name.
std::optional<AnnotationText> find_annotation(const manifest::Annotations& annotations, std::string_view name);

/// A value in an annotation: a text without its quotes, or a number, or a truth value as it is written.
struct AnnotationValue {
  std::string key;  // of key = value
  std::string text;
  bool is_string = false;
};
/// The values of a body that are separated by commas.
std::vector<AnnotationValue> annotation_values(std::string_view body);
/// The text of a string in the parentheses of @name("text"); "" if there is none.
std::string annotation_string(const manifest::Annotations& annotations, std::string_view name);
/// The number in @name(number); nothing if there is none.
Result<std::optional<std::uint32_t>> annotation_number(const manifest::Annotations& annotations, std::string_view name);
/// The unstructured annotations that P4Info repeats as they are: not those that it says in another way (@name, @id,
/// @brief, @description), nor those in `except`.
std::vector<std::string> shown_annotations(const manifest::Annotations& annotations,
                                           std::initializer_list<std::string_view> except);
Result<std::optional<std::uint32_t>> id_annotation(const manifest::Annotations& annotations);

}  // namespace p4bpf::control
