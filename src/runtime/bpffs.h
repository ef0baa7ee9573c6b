// The bpf file system, where everything that runs is pinned: <bpffs>/p4bpf/<instance>/...
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace p4bpf::runtime {

/// The folder of all instances, made if it is missing; mounts the bpf file system at /sys/fs/bpf if nobody did.
///
/// `ip netns exec` gives its command a mount namespace of its own with a fresh /sys, whose bpffs would vanish with the
/// command. There we go to the bpffs of process 1 instead. $P4BPF_BPFFS names another place.
Result<std::string> instances_folder();

/// What can be an instance's name: letters, digits, `_` and `-`, at most 32.
Result<void> check_instance_name(const std::string& name);

/// Names in a folder, sorted; none if it is not there.
Result<std::vector<std::string>> list_folder(const std::string& path);
/// Removes a folder with all that is in it; how many names are gone.
Result<void> remove_folder(const std::string& path);

}  // namespace p4bpf::runtime
