// A program that runs: all of it is what is pinned under <bpffs>/p4bpf/<name>/: maps/, programs/, links/, and
// `object` and
// `manifest`, array maps whose single values are the ELF file and the JSON. No daemon and no file beside it is needed
// to control it.
//
// The manifest is pinned last when an instance is made and goes first when it is removed, so an instance without it was
// left half-made by a process that died; it is listed as incomplete, and unload() removes it like any other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/attach.h"
#include "runtime/file_descriptor.h"
#include "runtime/generation.h"
#include "runtime/kernel_bpf.h"
#include "runtime/loaded_object.h"
#include "runtime/profile_access.h"
#include "runtime/replication_access.h"
#include "runtime/table_access.h"

namespace p4bpf::runtime {

/// `PORT@IFNAME`.
struct PortBinding {
  std::uint32_t port = 0;
  std::string interface;
};

class Instance {
 public:
  /// Pins the object as a new instance. Nothing is left if that fails.
  static Result<Instance> create(const std::string& name, const LoadedObject& object);
  /// An instance that runs; waits while another process changes it.
  static Result<Instance> open(const std::string& name);

  const std::string& name() const { return name_; }
  const manifest::Manifest& manifest() const { return *manifest_; }
  BpfKernel& kernel() { return *kernel_; }
  TableAccess tables() { return TableAccess(*kernel_, *manifest_); }
  ProfileAccess profiles() { return ProfileAccess(*kernel_, *manifest_); }
  ReplicationAccess replication() { return ReplicationAccess(*kernel_, *manifest_); }

  /// For a batch that packets see whole or not at all (generation.h): the program over copies of these tables, to be
  /// changed before commit(). A process that dies meanwhile leaves nothing behind.
  Result<Generation> prepare(const std::vector<std::size_t>& tables);
  Result<void> commit(const Generation& next);

  /// The program in another form, over the maps that there are (generation.h). It runs from put_in() until the descriptor that comes back
  /// is closed and someone opens the instance, or until a batch or an unload ends it: then has_twin() is false.
  Result<LoadOutcome> load_twin(const std::string& object_bytes, const manifest::Manifest& twin);
  Result<FileDescriptor> put_in(const LoadedObject& twin);
  bool has_twin() const;

  /// Attaches all programs to each interface and binds it to its port; all of them or none. Adds a sentence to
  /// `warnings` for each interface that is down.
  Result<void> attach(const std::vector<PortBinding>& bindings, const AttachOptions& options,
                      std::vector<std::string>& warnings);
  /// Takes all programs off these interfaces, off all of them if none is named.
  Result<void> detach(const std::vector<std::string>& interfaces);
  Result<std::vector<Attachment>> attachments() const;
  /// A text that someone keeps with the instance, such as what names a command language gives to its objects; "" if
  /// there is none.
  Result<std::string> kept_text(const std::string& name) const;
  Result<void> keep_text(const std::string& name, const std::string& text);
  /// Lets other processes change the instance; for who stays and only watches.
  void unlock() { lock_ = FileDescriptor(); }

 private:
  Result<void> attach_one(const PortBinding& binding, const AttachOptions& options, std::vector<std::string>& warnings);
  Result<void> check_slot(const PortBinding& binding, std::uint32_t ifindex) const;

  std::vector<std::string> veths_;  // those that the last attach() gave a native program
  std::string name_;
  std::string folder_;
  FileDescriptor lock_;
  std::unique_ptr<manifest::Manifest> manifest_;
  std::unique_ptr<BpfKernel> kernel_;
};

/// Detaches and removes an instance, whole or half-made.
Result<void> unload(const std::string& name);

struct InstanceStatus {
  std::string name;
  bool is_complete = false;
  std::string fault;  // why the manifest of a complete instance cannot be read
  manifest::Manifest manifest;
  std::vector<Attachment> attachments;
};
Result<std::vector<InstanceStatus>> list_instances();
Result<std::vector<std::string>> instance_names();

}  // namespace p4bpf::runtime
