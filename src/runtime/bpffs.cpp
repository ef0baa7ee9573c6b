// Finds, mounts and cleans the bpf file system (bpffs.h).
#include "runtime/bpffs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "runtime/kernel_bpf.h"

namespace p4bpf::runtime {
namespace {

constexpr const char* kMountPoint = "/sys/fs/bpf";

bool is_bpffs(const std::string& path) {
  struct statfs status {};
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

bool mount_bpffs() { return ::mount("bpf", kMountPoint, "bpf", 0, "mode=0700") == 0; }

/// Whether we are in another mount namespace than process 1 and may look into that one.
bool has_own_mounts() {
  struct stat ours {};
  struct stat theirs {};
  if (::stat("/proc/self/ns/mnt", &ours) != 0 || ::stat("/proc/1/ns/mnt", &theirs) != 0) return false;
  return ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

/// Mounts in the mount namespace of process 1, from a child, since a process that changes it loses its working
/// directory.
bool mount_in_first_namespace() {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    const int space = ::open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
    ::_exit(space >= 0 && ::setns(space, CLONE_NEWNS) == 0 && mount_bpffs() ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The bpf file system's root.
Result<std::string> find_bpffs() {
  if (const char* const given = std::getenv("P4BPF_BPFFS"); given != nullptr && *given != '\0') {
    if (is_bpffs(given)) return std::string(given);
    return fail("'" + std::string(given) + "' in $P4BPF_BPFFS is no bpf file system", "mount -t bpf bpf FOLDER");
  }
  if (has_own_mounts()) {
    const std::string first = std::string("/proc/1/root") + kMountPoint;
    if (is_bpffs(first) || (mount_in_first_namespace() && is_bpffs(first))) return first;
  }
  if (is_bpffs(kMountPoint)) return std::string(kMountPoint);
  if (!mount_bpffs()) return fail_bpf("cannot mount the bpf file system at /sys/fs/bpf", errno);
  return std::string(kMountPoint);
}

}  // namespace

Result<std::string> instances_folder() {
  const Result<std::string> root = find_bpffs();
  if (!root) return root;
  const std::string path = *root + "/p4bpf";
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_bpf("cannot make '" + path + "'", errno);
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return fail_bpf("cannot open '" + path + "'", errno);
  return path;
}

Result<void> check_instance_name(const std::string& name) {
  constexpr std::size_t kLongest = 32;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const bool good = !name.empty() && name.size() <= kLongest && name[0] != '-' &&
                    name.find_first_not_of(kAllowed) == std::string::npos;
  if (good) return {};
  return fail("'" + name + "' cannot name an instance",
              "take letters, digits, '_' and '-', at most 32, such as --name r1");
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  if (!folder && errno == ENOENT) return names;
  if (!folder) return fail_bpf("cannot open '" + path + "'", errno);
  while (const dirent* const entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> remove_folder(const std::string& path) {
  const Result<std::vector<std::string>> names = list_folder(path);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const std::string inside = path + "/" + name;
    struct stat status {};
    if (::lstat(inside.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      if (Result<void> done = remove_folder(inside); !done) return done;
    } else if (::unlink(inside.c_str()) != 0 && errno != ENOENT) {
      return fail_bpf("cannot remove '" + inside + "'", errno);
    }
  }
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return fail_bpf("cannot remove '" + path + "'", errno);
  return {};
}

}  // namespace p4bpf::runtime
