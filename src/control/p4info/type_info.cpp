// Describes types (type_info.h).
#include "control/p4info/type_info.h"

#include <algorithm>

#include "control/p4info/annotations.h"

namespace p4bpf::control {
namespace {

using manifest::Manifest;
using manifest::NamedType;
using manifest::ValueKind;
using p4::config::v1::P4BitstringLikeTypeSpec;
using p4::config::v1::P4DataTypeSpec;
using p4::config::v1::P4NewTypeTranslation;
using p4::config::v1::P4TypeInfo;

constexpr std::string_view kTranslation = "p4runtime_translation";

const NamedType* find_type(const Manifest& manifest, const std::string& name) {
  const auto found = std::find_if(manifest.named_types.begin(), manifest.named_types.end(),
                                  [&](const NamedType& type) { return type.name == name; });
  return found == manifest.named_types.end() ? nullptr : &*found;
}

P4DataTypeSpec plain_type(ValueKind kind, std::uint32_t bits) {
  P4DataTypeSpec spec;
  const auto width = static_cast<std::int32_t>(bits);
  switch (kind) {
    case ValueKind::kBool:
      spec.mutable_bool_();
      break;
    case ValueKind::kError:
      spec.mutable_error();
      break;
    case ValueKind::kSigned:
      spec.mutable_bitstring()->mutable_int_()->set_bitwidth(width);
      break;
    case ValueKind::kBits:
    case ValueKind::kEnum:  // has a name
      spec.mutable_bitstring()->mutable_bit()->set_bitwidth(width);
      break;
  }
  return spec;
}

/// @p4runtime_translation("uri", W) or ("uri", string) or ("uri", bit<W>): the controller's width, 0 for a text.
Result<std::optional<std::pair<std::string, std::uint32_t>>> translation_of(const NamedType& type) {
  const auto found = find_annotation(type.annotations, kTranslation);
  if (!found) return std::nullopt;
  const std::vector<AnnotationValue> values = annotation_values(found->body);
  if (values.size() == 2 && values[0].is_string) {
    if (values[1].text == "string") return std::pair{values[0].text, 0u};
    std::string digits = values[1].text;
    std::erase_if(digits, [](char c) { return c == ' '; });
    if (digits.starts_with("bit<") && digits.ends_with(">")) digits = digits.substr(4, digits.size() - 5);
    const std::optional<BigInt> width = parse_big_int(digits);
    if (width && *width > 0 && *width <= 4096) return std::pair{values[0].text, static_cast<std::uint32_t>(*width)};
  }
  return fail("the translation of type '" + type.name + "' is not understood: '" + std::string(found->body) + "'",
              "write @p4runtime_translation(\"URI\", 32) or @p4runtime_translation(\"URI\", string)");
}

/// In whole bytes, the highest first.
std::string bytes_of(const BigInt& value, std::uint32_t bits) {
  const std::vector<std::uint8_t> bytes = to_bytes(value, (bits + 7) / 8 * 8);
  return {bytes.begin(), bytes.end()};
}

Result<void> add_new_type(const NamedType& type, P4TypeInfo& info) {
  p4::config::v1::P4NewTypeSpec& spec = (*info.mutable_new_types())[type.name];
  const auto translation = translation_of(type);
  if (!translation) return fail(translation.error());
  if (*translation) {
    P4NewTypeTranslation* const translated = spec.mutable_translated_type();
    translated->set_uri((*translation)->first);
    if ((*translation)->second == 0) {
      translated->mutable_sdn_string();
    } else {
      translated->set_sdn_bitwidth(static_cast<std::int32_t>((*translation)->second));
    }
  } else {
    *spec.mutable_original_type() = plain_type(type.value_kind, type.bits);
  }
  for (const std::string& text : shown_annotations(type.annotations, {kTranslation})) spec.add_annotations(text);
  return {};
}

void add_digest_struct(const Manifest& manifest, const manifest::Digest& digest, P4TypeInfo& info) {
  p4::config::v1::P4StructTypeSpec& spec = (*info.mutable_structs())[digest.name];
  if (spec.members_size() != 0) return;  // the same struct, sent from another place
  for (const manifest::ActionParam& field : digest.fields) {
    auto* const member = spec.add_members();
    member->set_name(field.name);
    *member->mutable_type_spec() = data_type(manifest, field.kind, field.bits, field.type_name);
    if (field.kind == ValueKind::kError && !info.has_error()) {
      for (const std::string& name : field.enum_members) info.mutable_error()->add_members(name);
    }
  }
}

}  // namespace

P4DataTypeSpec data_type(const Manifest& manifest, ValueKind kind, std::uint32_t bits, const std::string& type_name) {
  const NamedType* const type = find_type(manifest, type_name);
  if (type == nullptr) return plain_type(kind, bits);
  P4DataTypeSpec spec;
  switch (type->kind) {
    case NamedType::Kind::kNew:
      spec.mutable_new_type()->set_name(type_name);
      break;
    case NamedType::Kind::kSerializableEnum:
      spec.mutable_serializable_enum()->set_name(type_name);
      break;
    case NamedType::Kind::kEnum:
      spec.mutable_enum_()->set_name(type_name);
      break;
  }
  return spec;
}

Result<std::uint32_t> controller_width(const Manifest& manifest, ValueKind kind, std::uint32_t bits,
                                       const std::string& type_name) {
  if (kind == ValueKind::kEnum || kind == ValueKind::kError) return 0u;
  const NamedType* const type = find_type(manifest, type_name);
  if (type == nullptr || type->kind != NamedType::Kind::kNew) return bits;
  const auto translation = translation_of(*type);
  if (!translation) return fail(translation.error());
  return *translation ? (*translation)->second : bits;
}

std::string shown_type_name(const Manifest& manifest, const std::string& type_name) {
  const NamedType* const type = find_type(manifest, type_name);
  return type == nullptr || type->kind == NamedType::Kind::kSerializableEnum ? "" : type_name;
}

Result<void> add_type_info(const Manifest& manifest, P4TypeInfo& info) {
  for (const NamedType& type : manifest.named_types) {
    switch (type.kind) {
      case NamedType::Kind::kNew:
        if (Result<void> done = add_new_type(type, info); !done) return done;
        break;
      case NamedType::Kind::kSerializableEnum: {
        auto& spec = (*info.mutable_serializable_enums())[type.name];
        spec.mutable_underlying_type()->set_bitwidth(static_cast<std::int32_t>(type.bits));
        for (std::size_t i = 0; i < type.members.size(); ++i) {
          auto* const member = spec.add_members();
          member->set_name(type.members[i]);
          if (i < type.values.size()) member->set_value(bytes_of(type.values[i], type.bits));
        }
        for (const std::string& text : shown_annotations(type.annotations, {})) spec.add_annotations(text);
        break;
      }
      case NamedType::Kind::kEnum: {
        auto& spec = (*info.mutable_enums())[type.name];
        for (const std::string& member : type.members) spec.add_members()->set_name(member);
        for (const std::string& text : shown_annotations(type.annotations, {})) spec.add_annotations(text);
        break;
      }
    }
  }
  for (const manifest::Digest& digest : manifest.digests) add_digest_struct(manifest, digest, info);
  return {};
}

}  // namespace p4bpf::control
