// Whole-file reads and writes, and temporary folders (files.h).
#include "base/files.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <system_error>

namespace p4bpf {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace

Result<std::string> read_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail_errno("cannot read '" + path + "'", errno);
  if (S_ISDIR(status.st_mode)) return fail("cannot read '" + path + "': it is a folder", {}, EISDIR);
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return fail_errno("cannot read '" + path + "'", errno);
  std::string text;
  char buffer[65536];
  std::size_t count = 0;
  while ((count = std::fread(buffer, 1, sizeof buffer, file.get())) != 0) text.append(buffer, count);
  if (std::ferror(file.get()) != 0) return fail_errno("cannot read '" + path + "'", errno);
  return text;
}

Result<void> write_file(const std::string& path, std::string_view text) {
  File file(std::fopen(path.c_str(), "wb"));
  if (!file) return fail_errno("cannot write '" + path + "'", errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  // A full disk shows when the buffer is flushed.
  if (!written || std::fclose(file.release()) != 0) return fail_errno("cannot write '" + path + "'", errno);
  return {};
}

Result<void> make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail_errno("cannot make the folder '" + path + "'", error.value());
  return {};
}

Result<TempDir> TempDir::create() {
  const char* base = std::getenv("TMPDIR");
  std::string path = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/p4bpf.XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return fail_errno("cannot make a temporary folder '" + path + "'", errno);
  return TempDir(std::move(path));
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempDir::~TempDir() {
  if (path_.empty()) return;
  std::error_code ignored;  // a destructor has nobody to tell
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace p4bpf
