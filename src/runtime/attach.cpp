// Links, filters and their pins (attach.h).
#include "runtime/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "runtime/file_descriptor.h"
#include "runtime/kernel_bpf.h"

namespace p4bpf::runtime {
namespace {

using manifest::Hook;

// Kernel 6.6; the headers of Debian 12 do not know them.
constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);

/// Where a clsact filter of ours sits: the value of the map that is pinned for it.
struct FilterPlace {
  std::uint32_t ifindex;
  std::uint32_t attach_point;
  std::uint32_t handle;
  std::uint32_t priority;
  std::uint32_t program_id;
};
/// Filters with a smaller priority run first; users put theirs below this.
constexpr std::uint32_t kFirstPriority = 49000;
constexpr std::uint32_t kMostFilters = 64;

std::string quoted(const Attachment& attachment) { return "interface '" + attachment.interface + "'"; }

Result<FileDescriptor> create_link(int program, const Attachment& attachment, bpf_attach_type type,
                                   std::uint32_t flags) {
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
  FileDescriptor link(bpf_link_create(program, static_cast<int>(attachment.ifindex), type, &options));
  if (link) return link;
  return fail_bpf("cannot attach to " + quoted(attachment), errno);
}

tl::unexpected<Error> explain_xdp(const Attachment& attachment, XdpMode mode, Error error) {
  const std::string& name = attachment.interface;
  if (error.code == EBUSY || error.code == EEXIST) {
    return fail(quoted(attachment) + " already has an XDP program",
                "see 'p4bpf ps' and 'ip link show " + name + "'; 'ip link set " + name +
                    " xdp off' removes one that is not pinned",
                error.code);
  }
  const bool unable = error.code == EOPNOTSUPP || error.code == EINVAL || error.code == ERANGE;
  if (unable && mode == XdpMode::kNative) {
    return fail("the driver of " + quoted(attachment) + " does not take an XDP program",
                "use --xdp-mode generic, or a smaller MTU if the driver limits it", 0);
  }
  return fail(std::move(error));
}

Result<FileDescriptor> attach_xdp(int program, Attachment& attachment, XdpMode mode) {
  if (mode != XdpMode::kGeneric) {
    attachment.mode = "native";
    Result<FileDescriptor> link = create_link(program, attachment, BPF_XDP, XDP_FLAGS_DRV_MODE);
    if (link) return link;
    const int code = link.error().code;
    const bool unable = code == EOPNOTSUPP || code == EINVAL || code == ERANGE || code == ENOMEM;
    if (mode == XdpMode::kNative || !unable) return explain_xdp(attachment, mode, link.error());
  }
  attachment.mode = "generic";
  Result<FileDescriptor> link = create_link(program, attachment, BPF_XDP, XDP_FLAGS_SKB_MODE);
  if (!link) return explain_xdp(attachment, mode, link.error());
  return link;
}

std::string path_in(const std::string& folder, const Attachment& attachment) {
  return folder + "/" + pin_name(attachment);
}

Result<void> pin(int fd, const std::string& path, const Attachment& attachment) {
  if (bpf_obj_pin(fd, path.c_str()) == 0) return {};
  return fail_bpf("cannot pin what is attached to " + quoted(attachment), errno);
}

bpf_tc_attach_point attach_point(Hook hook) { return hook == Hook::kTcEgress ? BPF_TC_EGRESS : BPF_TC_INGRESS; }

std::uint32_t program_id(int program) {
  bpf_prog_info info{};
  __u32 size = sizeof info;
  return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.id : 0;
}

/// The record is pinned before the filter is attached, so that a process that dies in between leaves nothing unknown
/// behind.
Result<void> attach_clsact(int program, Attachment& attachment, const std::string& folder) {
  attachment.mode = "clsact";
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(attachment.ifindex),
              .attach_point = attach_point(attachment.hook));
  if (const int code = -bpf_tc_hook_create(&hook); code != 0 && code != EEXIST) {
    return fail_bpf("cannot add the clsact qdisc to " + quoted(attachment), code);
  }
  for (std::uint32_t i = 0; i < kMostFilters; ++i) {
    const FilterPlace place{attachment.ifindex, static_cast<std::uint32_t>(hook.attach_point), 1, kFirstPriority + i,
                            program_id(program)};
    const FileDescriptor record(
        bpf_map_create(BPF_MAP_TYPE_ARRAY, "p4bpf_filter", sizeof(std::uint32_t), sizeof place, 1, nullptr));
    const std::uint32_t slot = 0;
    if (!record || bpf_map_update_elem(record.get(), &slot, &place, BPF_ANY) != 0)
      return fail_bpf("cannot make a map", errno);
    const std::string path = path_in(folder, attachment);
    if (Result<void> pinned = pin(record.get(), path, attachment); !pinned) return pinned;
    LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .handle = place.handle, .priority = place.priority);
    const int code = -bpf_tc_attach(&hook, &options);
    if (code == 0) return {};
    ::unlink(path.c_str());
    if (code != EEXIST && code != EINVAL) return fail_bpf("cannot attach to " + quoted(attachment), code);
  }
  return fail(quoted(attachment) + " has too many filters");
}

/// The record of a clsact filter that is pinned there, and what the kernel must be told to find the filter.
struct Filter {
  FileDescriptor record;
  FilterPlace place;
  bpf_tc_hook hook;
  bpf_tc_opts options;
  /// Its program; 0 if it is gone.
  std::uint32_t program = 0;
};

Result<Filter> find_filter(const std::string& path) {
  Filter filter{FileDescriptor(bpf_obj_get(path.c_str())), {}, {}, {}, 0};
  const std::uint32_t slot = 0;
  if (!filter.record || bpf_map_lookup_elem(filter.record.get(), &slot, &filter.place) != 0)
    return fail_bpf("cannot read '" + path + "'", errno);
  filter.hook.sz = sizeof filter.hook;
  filter.hook.ifindex = static_cast<int>(filter.place.ifindex);
  filter.hook.attach_point = static_cast<bpf_tc_attach_point>(filter.place.attach_point);
  filter.options.sz = sizeof filter.options;
  filter.options.handle = filter.place.handle;
  filter.options.priority = filter.place.priority;
  if (bpf_tc_query(&filter.hook, &filter.options) == 0) filter.program = filter.options.prog_id;
  filter.options.prog_fd = 0;
  filter.options.prog_id = 0;
  filter.options.flags = 0;
  return filter;
}

Result<void> detach_clsact(const std::string& path) {
  const Result<Filter> filter = find_filter(path);
  if (!filter) return fail(filter.error());
  if (filter->program != filter->place.program_id) return {};  // gone, or somebody else's
  const int code = -bpf_tc_detach(&filter->hook, &filter->options);
  if (code != 0 && code != ENOENT && code != ENODEV) return fail_bpf("cannot remove a filter", code);
  return {};
}

/// The record is written last: a process that dies in between leaves a filter with the new program, which is known as
/// ours when this is done again.
Result<void> replace_clsact(int program, const std::string& path) {
  Result<Filter> filter = find_filter(path);
  if (!filter) return fail(filter.error());
  const std::uint32_t id = program_id(program);
  if (filter->program == 0 || (filter->program != filter->place.program_id && filter->program != id)) return {};
  filter->options.prog_fd = program;
  filter->options.flags = BPF_TC_F_REPLACE;
  const int code = -bpf_tc_attach(&filter->hook, &filter->options);
  if (code == ENODEV) return {};
  if (code != 0) return fail_bpf("cannot replace a filter", code);
  filter->place.program_id = id;
  const std::uint32_t slot = 0;
  if (bpf_map_update_elem(filter->record.get(), &slot, &filter->place, BPF_ANY) == 0) return {};
  return fail_bpf("cannot write to '" + path + "'", errno);
}

}  // namespace

std::string hook_name(Hook hook) {
  switch (hook) {
    case Hook::kXdp:
      return "xdp";
    case Hook::kTcIngress:
      return "tc-ingress";
    case Hook::kTcEgress:
      return "tc-egress";
  }
  return "";
}

std::string pin_name(const Attachment& attachment) {
  std::string interface = attachment.interface;
  std::replace(interface.begin(), interface.end(), '.', ':');
  return std::to_string(attachment.port) + "@" + interface + "@" + hook_name(attachment.hook) + "@" + attachment.mode;
}

bool read_pin_name(const std::string& name, Attachment& attachment) {
  const std::size_t mode = name.rfind('@');
  const std::size_t hook = mode == std::string::npos || mode == 0 ? std::string::npos : name.rfind('@', mode - 1);
  const std::size_t port = name.find('@');
  if (hook == std::string::npos || port == hook) return false;
  const auto [end, error] = std::from_chars(name.data(), name.data() + port, attachment.port);
  if (error != std::errc{} || end != name.data() + port) return false;
  attachment.interface = name.substr(port + 1, hook - port - 1);
  std::replace(attachment.interface.begin(), attachment.interface.end(), ':', '.');
  attachment.mode = name.substr(mode + 1);
  for (const Hook known : {Hook::kXdp, Hook::kTcIngress, Hook::kTcEgress}) {
    attachment.hook = known;
    if (hook_name(known) == name.substr(hook + 1, mode - hook - 1)) return true;
  }
  return false;
}

Result<void> attach_program(int program, Attachment& attachment, const AttachOptions& options,
                            const std::string& folder) {
  if (attachment.hook == Hook::kXdp) {
    const Result<FileDescriptor> link = attach_xdp(program, attachment, options.xdp_mode);
    if (!link) return fail(link.error());
    return pin(link->get(), path_in(folder, attachment), attachment);
  }
  if (options.tc_mode == TcMode::kClsact) return attach_clsact(program, attachment, folder);
  attachment.mode = "tcx";
  const Result<FileDescriptor> link =
      create_link(program, attachment, attachment.hook == Hook::kTcEgress ? kTcxEgress : kTcxIngress, 0);
  if (link) return pin(link->get(), path_in(folder, attachment), attachment);
  // A kernel before 6.6 does not know the attach type.
  const bool no_tcx = link.error().code == EINVAL || link.error().code == EOPNOTSUPP;
  if (!no_tcx) return fail(link.error());
  if (options.tc_mode == TcMode::kAuto) return attach_clsact(program, attachment, folder);
  return fail("this kernel has no tcx links", "they came with Linux 6.6; use --tc-mode clsact", EOPNOTSUPP);
}

Result<void> replace_program(int program, const Attachment& attachment, const std::string& folder) {
  const std::string path = path_in(folder, attachment);
  if (attachment.mode == "clsact") return replace_clsact(program, path);
  const FileDescriptor link(bpf_obj_get(path.c_str()));
  if (!link) return fail_bpf("cannot open '" + path + "'", errno);
  if (bpf_link_update(link.get(), program, nullptr) == 0 || errno == ENOLINK || errno == ENODEV) return {};
  return fail_bpf("cannot replace what is attached to " + quoted(attachment), errno);
}

Result<void> detach_program(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  Attachment attachment;
  if (read_pin_name(name, attachment) && attachment.mode == "clsact") {
    if (Result<void> done = detach_clsact(path); !done) return done;
  } else {
    // Without this the program would stay while anybody holds the link open.
    const FileDescriptor link(bpf_obj_get(path.c_str()));
    if (link) bpf_link_detach(link.get());
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_bpf("cannot remove '" + path + "'", errno);
  return {};
}

void ask_for_interface(const std::string& folder, Attachment& attachment) {
  attachment.ifindex = 0;
  const std::string path = path_in(folder, attachment);
  if (attachment.mode == "clsact") {
    const Result<Filter> filter = find_filter(path);
    if (filter && filter->program != 0 && filter->program == filter->place.program_id)
      attachment.ifindex = filter->place.ifindex;
    return;
  }
  const FileDescriptor fd(bpf_obj_get(path.c_str()));
  if (!fd) return;
  bpf_link_info info{};
  __u32 size = sizeof info;
  // A tcx link has its ifindex at the same place.
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) == 0) attachment.ifindex = info.xdp.ifindex;
}

}  // namespace p4bpf::runtime
