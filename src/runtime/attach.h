// Puts a program on an interface and takes it off again: XDP by a link, TC by a tcx link (kernel 6.6 and newer) or as a
// filter of the clsact qdisc. A link lives as long as its pin; of a clsact filter, which nothing can pin, a small map
// is pinned that says where it sits.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::runtime {

/// kNative: in the driver; kGeneric: in the network stack, for every device; kAuto: native where the driver can.
enum class XdpMode { kAuto, kNative, kGeneric };
enum class TcMode { kAuto, kTcx, kClsact };

struct AttachOptions {
  XdpMode xdp_mode = XdpMode::kAuto;
  TcMode tc_mode = TcMode::kAuto;
};

/// One program on one interface, as its pin tells.
struct Attachment {
  std::uint32_t port = 0;
  std::string interface;  // its name when it was attached
  manifest::Hook hook = manifest::Hook::kXdp;
  std::string mode;           // "native", "generic", "tcx", "clsact"
  std::uint32_t ifindex = 0;  // 0: the interface is gone
};

/// The pin's name, "0@veth0@xdp@native" (dots of interface names written as colons, since bpffs takes no dots), and
/// back.
std::string pin_name(const Attachment& attachment);
bool read_pin_name(const std::string& name, Attachment& attachment);

std::string hook_name(manifest::Hook hook);

/// Attaches and pins in `links_folder`; `attachment` says where, its mode is filled in.
Result<void> attach_program(int program, Attachment& attachment, const AttachOptions& options,
                            const std::string& links_folder);
/// Puts another program in the place of what is attached, in one step. An interface that is gone is no failure.
Result<void> replace_program(int program, const Attachment& attachment, const std::string& links_folder);
/// Detaches and removes the pin. An interface that is gone is no failure.
Result<void> detach_program(const std::string& links_folder, const std::string& name);
/// Fills `ifindex` from the kernel.
void ask_for_interface(const std::string& links_folder, Attachment& attachment);

}  // namespace p4bpf::runtime
