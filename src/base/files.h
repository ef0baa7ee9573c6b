// Files as the compiler and the tests need them: read whole, written whole, and temporary folders that vanish with their owner.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace p4bpf {

Result<std::string> read_file(const std::string& path);
/// Creates or replaces.
Result<void> write_file(const std::string& path, std::string_view text);
/// Creates the folder and those above it; fine if it exists.
Result<void> make_directories(const std::string& path);

/// A new folder under $TMPDIR or /tmp, removed with all that is in it when the object goes.
class TempDir {
 public:
  static Result<TempDir> create();
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  explicit TempDir(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace p4bpf
