// Ports are the numbers of the program; here they are bound to interfaces, in both directions and as far as the program
// asks.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

/// What the program takes for the port of packets from that interface; 0 frees the slot.
Result<void> set_port_of(Kernel& kernel, const manifest::Manifest& manifest, std::uint32_t ifindex, std::uint32_t port);
/// That, and where a redirect to the port goes.
Result<void> bind_port(Kernel& kernel, const manifest::Manifest& manifest, std::uint32_t ifindex, std::uint32_t port);
void release_port(Kernel& kernel, const manifest::Manifest& manifest, std::uint32_t ifindex, std::uint32_t port);

}  // namespace p4bpf::runtime
