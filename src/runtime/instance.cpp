// Pins instances, opens them, attaches and removes them (instance.h).
#include "runtime/instance.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/diagnostics.h"
#include "runtime/bpffs.h"
#include "runtime/interfaces.h"
#include "runtime/ports.h"

namespace p4bpf::runtime {
namespace {

constexpr const char* kManifest = "/manifest";
constexpr const char* kObject = "/object";

Bytes bytes_of(std::uint32_t number) {
  Bytes bytes(sizeof number);
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

Result<void> pin(int fd, const std::string& path) {
  if (bpf_obj_pin(fd, path.c_str()) == 0) return {};
  return fail_bpf("cannot pin '" + path + "'", errno);
}

/// A file that bpffs has no room for is the single value of a map.
Result<void> pin_text(const std::string& text, const char* map_name, const std::string& path) {
  const FileDescriptor map(bpf_map_create(BPF_MAP_TYPE_ARRAY, map_name, sizeof(std::uint32_t),
                                          static_cast<std::uint32_t>(text.size()), 1, nullptr));
  const std::uint32_t slot = 0;
  if (!map || bpf_map_update_elem(map.get(), &slot, text.data(), BPF_ANY) != 0)
    return fail_bpf("cannot store '" + path + "'", errno);
  return pin(map.get(), path);
}

Result<std::string> read_text(const std::string& folder, const char* name) {
  BpfKernel kernel(folder);
  const Result<Bytes> bytes = kernel.lookup(name, bytes_of(0));
  if (!bytes) return fail(bytes.error());
  return std::string(bytes->begin(), bytes->end());
}

Result<manifest::Manifest> read_manifest(const std::string& folder) {
  const Result<std::string> json = read_text(folder, kManifest + 1);
  if (!json) return fail(json.error());
  return manifest::from_json(*json);
}

/// Only one process at a time makes, changes or removes an instance; the kernel lets go of the lock when it ends.
Result<FileDescriptor> lock_folder(const std::string& folder) {
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_bpf("cannot open '" + folder + "'", errno);
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return fail_bpf("cannot lock '" + folder + "'", errno);
  }
  return fd;
}

Result<void> pin_all(const std::string& folder, const LoadedObject& object, BpfKernel& kernel) {
  for (const char* inside : {"/maps", "/programs", "/links"}) {
    if (::mkdir((folder + inside).c_str(), 0700) != 0) return fail_bpf("cannot make '" + folder + inside + "'", errno);
  }
  for (const std::string& map : object.maps()) {
    const Result<int> fd = kernel.descriptor(map);
    if (!fd) return fail(fd.error());
    if (Result<void> done = pin(*fd, folder + "/maps/" + map); !done) return done;
  }
  for (const manifest::KernelProgram& program : object.manifest().kernel_programs) {
    if (Result<void> done = pin(object.program(program.function), folder + "/programs/" + program.function); !done)
      return done;
  }
  if (Result<void> done = pin_text(object.object_bytes(), "p4bpf_object", folder + kObject); !done) return done;
  return pin_text(manifest::to_json(object.manifest()), "p4bpf_manifest", folder + kManifest);
}

Result<std::string> folder_of(const std::string& name) {
  if (Result<void> good = check_instance_name(name); !good) return fail(good.error());
  const Result<std::string> all = instances_folder();
  if (!all) return all;
  return *all + "/" + name;
}

tl::unexpected<Error> no_such_instance(const std::string& name) {
  const Result<std::vector<std::string>> names = instance_names();
  if (!names) return fail(names.error());
  if (names->empty()) return fail("there is no instance '" + name + "'", "nothing is loaded", ENOENT);
  std::string all;
  for (const std::string& known : *names) all += (all.empty() ? "" : ", ") + known;
  const std::string near = nearest_name(name, *names);
  return fail("there is no instance '" + name + "'", near.empty() ? "there are: " + all : "did you mean " + near + "?",
              ENOENT);
}

/// Reads the names of the pins, in order of ports.
Result<std::vector<Attachment>> read_attachments(const std::string& folder) {
  const Result<std::vector<std::string>> names = list_folder(folder + "/links");
  if (!names) return fail(names.error());
  std::vector<Attachment> attachments;
  for (const std::string& name : *names) {
    Attachment attachment;
    if (!read_pin_name(name, attachment)) continue;
    ask_for_interface(folder + "/links", attachment);
    attachments.push_back(attachment);
  }
  std::stable_sort(attachments.begin(), attachments.end(),
                   [](const Attachment& a, const Attachment& b) { return a.port < b.port; });
  return attachments;
}

}  // namespace

Result<Instance> Instance::create(const std::string& name, const LoadedObject& object) {
  const Result<std::string> folder = folder_of(name);
  if (!folder) return fail(folder.error());
  if (::mkdir(folder->c_str(), 0700) != 0) {
    if (errno == EEXIST)
      return fail("there is an instance '" + name + "' already",
                  "choose another --name, or 'p4bpf unload " + name + "'", EEXIST);
    return fail_bpf("cannot make '" + *folder + "'", errno);
  }
  Instance instance;
  Result<FileDescriptor> lock = lock_folder(*folder);
  if (!lock) return fail(lock.error());
  instance.name_ = name;
  instance.folder_ = *folder;
  instance.lock_ = std::move(*lock);
  instance.manifest_ = std::make_unique<manifest::Manifest>(object.manifest());
  instance.kernel_ = std::make_unique<BpfKernel>(*folder + "/maps");
  if (Result<void> done = pin_all(*folder, object, object.kernel()); !done) {
    (void)remove_folder(*folder);
    return fail(done.error());
  }
  return instance;
}

Result<Instance> Instance::open(const std::string& name) {
  const Result<std::string> folder = folder_of(name);
  if (!folder) return fail(folder.error());
  if (::access(folder->c_str(), F_OK) != 0) return no_such_instance(name);
  Instance instance;
  Result<FileDescriptor> lock = lock_folder(*folder);
  if (!lock) return fail(lock.error());
  Result<manifest::Manifest> manifest = read_manifest(*folder);
  if (!manifest && manifest.error().code == ENOENT) {
    return fail("instance '" + name + "' is incomplete: who loaded it was stopped half-way",
                "remove it with 'p4bpf unload " + name + "'");
  }
  if (!manifest) return fail(manifest.error());
  if (Result<void> done = finish_switch(*folder, *manifest); !done) return fail(done.error());
  if (Result<void> done = take_twin_out(*folder, *manifest, false); !done) return fail(done.error());
  instance.name_ = name;
  instance.folder_ = *folder;
  instance.lock_ = std::move(*lock);
  instance.manifest_ = std::make_unique<manifest::Manifest>(std::move(*manifest));
  instance.kernel_ = std::make_unique<BpfKernel>(*folder + "/maps");
  return instance;
}

Result<Generation> Instance::prepare(const std::vector<std::size_t>& tables) {
  const Result<std::string> object = read_text(folder_, kObject + 1);
  if (!object && object.error().code == ENOENT) {
    return fail("instance '" + name_ + "' was loaded by an older p4bpf, which did not keep the object",
                "load it again, or do without --atomic");
  }
  if (!object) return fail(object.error());
  const Result<std::vector<std::string>> maps = list_folder(folder_ + "/maps");
  if (!maps) return fail(maps.error());
  return load_generation(*object, *manifest_, *kernel_, *maps, tables);
}

Result<LoadOutcome> Instance::load_twin(const std::string& object_bytes, const manifest::Manifest& twin) {
  const Result<std::vector<std::string>> maps = list_folder(folder_ + "/maps");
  if (!maps) return fail(maps.error());
  return runtime::load_twin(object_bytes, twin, *manifest_, *kernel_, *maps);
}

Result<FileDescriptor> Instance::put_in(const LoadedObject& twin) { return put_twin_in(folder_, twin); }

bool Instance::has_twin() const { return runtime::has_twin(folder_); }

Result<void> Instance::commit(const Generation& next) {
  // A twin would go on with the old maps.
  Result<void> done = take_twin_out(folder_, *manifest_, true);
  if (done) done = switch_generation(folder_, next.object);
  if (done) done = carry_over(next, *kernel_);
  kernel_ = std::make_unique<BpfKernel>(folder_ + "/maps");
  return done;
}

Result<std::string> Instance::kept_text(const std::string& name) const {
  Result<std::string> text = read_text(folder_, name.c_str());
  if (!text && text.error().code == ENOENT) return std::string();
  return text;
}

Result<void> Instance::keep_text(const std::string& name, const std::string& text) {
  // The new one stands beside the old one until it is whole.
  const std::string path = folder_ + "/" + name;
  const std::string next = path + "_next";
  ::unlink(next.c_str());
  if (Result<void> done = pin_text(text, "p4bpf_text", next); !done) return done;
  if (std::rename(next.c_str(), path.c_str()) == 0) return {};
  return fail_bpf("cannot move '" + next + "'", errno);
}

Result<std::vector<Attachment>> Instance::attachments() const { return read_attachments(folder_); }

Result<void> Instance::attach(const std::vector<PortBinding>& bindings, const AttachOptions& options,
                              std::vector<std::string>& warnings) {
  const Result<std::vector<Attachment>> before = attachments();
  if (!before) return fail(before.error());
  std::vector<PortBinding> taken;
  for (const Attachment& attachment : *before) taken.push_back({attachment.port, attachment.interface});
  for (const PortBinding& binding : bindings) {
    for (const PortBinding& other : taken) {
      if (other.interface == binding.interface) {
        return fail("interface '" + binding.interface + "' is bound to port " + std::to_string(other.port) +
                    " already");
      }
      if (other.port == binding.port) {
        return fail("port " + std::to_string(binding.port) + " is bound to interface '" + other.interface +
                    "' already");
      }
    }
    taken.push_back(binding);
  }
  veths_.clear();
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    Result<void> done = attach_one(bindings[i], options, warnings);
    if (done) continue;
    // What was there before stays.
    const Result<std::vector<Attachment>> after = attachments();
    std::vector<std::string> undo;
    for (std::size_t k = 0; after && k < after->size(); ++k) {
      const std::string& interface = (*after)[k].interface;
      const bool is_new =
          std::none_of(before->begin(), before->end(), [&](const Attachment& a) { return a.interface == interface; });
      if (is_new) undo.push_back(interface);
    }
    if (!undo.empty()) (void)detach(undo);
    return done;
  }
  if (!veths_.empty() && !manifest_->ifindex_of_port_map.empty()) {
    std::string all;
    for (const std::string& name : veths_) all += (all.empty() ? "" : ", ") + name;
    warnings.push_back("what is redirected to a veth (" + all +
                       ") arrives only if its other end has GRO on or an XDP program, and needs whole checksums: "
                       "ethtool -K PEER gro on tx off");
  }
  return {};
}

/// The program tells interfaces apart by the low bits of their indices.
Result<void> Instance::check_slot(const PortBinding& binding, std::uint32_t ifindex) const {
  const Result<std::vector<Attachment>> attached = attachments();
  if (!attached) return fail(attached.error());
  for (const Attachment& other : *attached) {
    if (manifest_->port_of_ifindex_symbol.empty() ||
        other.ifindex % manifest::kPortSlots != ifindex % manifest::kPortSlots)
      continue;
    return fail("interfaces '" + binding.interface + "' and '" + other.interface +
                    "' have indices that differ by a multiple of " + std::to_string(manifest::kPortSlots),
                "make one of them anew: 'ip link add' takes an index, and gives another one if it gets none");
  }
  return {};
}

Result<void> Instance::attach_one(const PortBinding& binding, const AttachOptions& options,
                                  std::vector<std::string>& warnings) {
  const Result<InterfaceState> state = find_interface(binding.interface);
  if (!state) return fail(state.error());
  if (!state->is_up) {
    warnings.push_back("interface '" + binding.interface + "' is down: no packet passes until 'ip link set " +
                       binding.interface + " up'");
  }
  if (Result<void> free = check_slot(binding, state->ifindex); !free) return free;
  Attachment attachment{binding.port, binding.interface, manifest::Hook::kXdp, "", state->ifindex};
  const auto release = [&] { release_port(*kernel_, *manifest_, attachment.ifindex, binding.port); };
  if (Result<void> bound = bind_port(*kernel_, *manifest_, attachment.ifindex, binding.port); !bound) {
    release();
    return bound;
  }
  for (const manifest::KernelProgram& wanted : manifest_->kernel_programs) {
    const FileDescriptor program(bpf_obj_get((folder_ + "/programs/" + wanted.function).c_str()));
    if (!program) {
      const int code = errno;
      release();
      return fail_bpf("cannot open the program '" + wanted.function + "'", code);
    }
    attachment.hook = wanted.hook;
    if (Result<void> done = attach_program(program.get(), attachment, options, folder_ + "/links"); !done) {
      release();
      return done;
    }
    if (attachment.mode == "native" && driver_of(binding.interface) == "veth") veths_.push_back(binding.interface);
  }
  return {};
}

Result<void> Instance::detach(const std::vector<std::string>& interfaces) {
  const Result<std::vector<Attachment>> attached = attachments();
  if (!attached) return fail(attached.error());
  for (const std::string& interface : interfaces) {
    const bool known =
        std::any_of(attached->begin(), attached->end(), [&](const Attachment& a) { return a.interface == interface; });
    if (!known)
      return fail("instance '" + name_ + "' is not attached to interface '" + interface + "'", "see 'p4bpf ps'",
                  ENOENT);
  }
  for (const Attachment& attachment : *attached) {
    const bool wanted =
        interfaces.empty() || std::find(interfaces.begin(), interfaces.end(), attachment.interface) != interfaces.end();
    if (!wanted) continue;
    if (Result<void> done = detach_program(folder_ + "/links", pin_name(attachment)); !done) return done;
    release_port(*kernel_, *manifest_, attachment.ifindex, attachment.port);
  }
  return {};
}

Result<void> unload(const std::string& name) {
  const Result<std::string> folder = folder_of(name);
  if (!folder) return fail(folder.error());
  if (::access(folder->c_str(), F_OK) != 0) return no_such_instance(name);
  const Result<FileDescriptor> lock = lock_folder(*folder);
  if (!lock) return fail(lock.error());
  if (const auto manifest = read_manifest(*folder)) (void)finish_switch(*folder, *manifest);
  if (::unlink((*folder + kManifest).c_str()) != 0 && errno != ENOENT)
    return fail_bpf("cannot remove '" + *folder + "'", errno);
  const Result<std::vector<std::string>> links = list_folder(*folder + "/links");
  if (!links) return fail(links.error());
  for (const std::string& link : *links) {
    if (Result<void> done = detach_program(*folder + "/links", link); !done) return done;
  }
  // As at a switch: the parts of a split program stay until no packet runs it.
  if (!links->empty()) BpfKernel().wait_for_readers();
  return remove_folder(*folder);
}

Result<std::vector<std::string>> instance_names() {
  const Result<std::string> all = instances_folder();
  if (!all) return fail(all.error());
  return list_folder(*all);
}

Result<std::vector<InstanceStatus>> list_instances() {
  const Result<std::string> all = instances_folder();
  if (!all) return fail(all.error());
  const Result<std::vector<std::string>> names = list_folder(*all);
  if (!names) return fail(names.error());
  std::vector<InstanceStatus> instances;
  for (const std::string& name : *names) {
    const std::string folder = *all + "/" + name;
    InstanceStatus status;
    status.name = name;
    status.is_complete = ::access((folder + kManifest).c_str(), F_OK) == 0;
    if (status.is_complete) {
      Result<manifest::Manifest> manifest = read_manifest(folder);
      if (manifest) status.manifest = std::move(*manifest);
      if (!manifest) status.fault = manifest.error().message;
    }
    Result<std::vector<Attachment>> attachments = read_attachments(folder);
    if (!attachments) return fail(attachments.error());
    status.attachments = std::move(*attachments);
    instances.push_back(std::move(status));
  }
  return instances;
}

}  // namespace p4bpf::runtime
