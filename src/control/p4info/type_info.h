// Types in P4Info: what a value is made of, and the types that have names.
#pragma once

#include <p4info.pb.h>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::control {

/// The type of a register's or a digest field's values.
p4::config::v1::P4DataTypeSpec data_type(const manifest::Manifest& manifest, manifest::ValueKind kind,
                                         std::uint32_t bits, const std::string& type_name);
/// Bits of a value as a controller sends it: those of the translation where the type has one (0: it is a text).
Result<std::uint32_t> controller_width(const manifest::Manifest& manifest, manifest::ValueKind kind, std::uint32_t bits,
                                       const std::string& type_name);
/// The name that a key or a parameter shows: that of a `type`, or of an enum without values; "" of all others.
std::string shown_type_name(const manifest::Manifest& manifest, const std::string& type_name);
/// Those of the program, and the structs of its digests.
Result<void> add_type_info(const manifest::Manifest& manifest, p4::config::v1::P4TypeInfo& info);

}  // namespace p4bpf::control
