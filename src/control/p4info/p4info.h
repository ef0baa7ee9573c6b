// P4Info: the description of a program for P4Runtime controllers, made from nothing but the manifest, so that it can be
// made of a program that runs as well as of one that was just compiled.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::control {

/// Text for people and for most controllers; JSON; the messages' bytes.
enum class P4InfoFormat { kText, kJson, kBinary };

/// By the file's suffix: .txtpb, .txt, .json, .bin, .binpb.
Result<P4InfoFormat> p4info_format_of(std::string_view file);

/// Fails if an @id or another annotation that P4Info reads makes no sense.
Result<std::string> p4info(const manifest::Manifest& manifest, P4InfoFormat format);

}  // namespace p4bpf::control
