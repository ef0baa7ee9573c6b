// libbpf's reader of perf event arrays (kernel_copies.h).
#include "testing/kernel_copies.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>

namespace p4bpf::testing {

struct KernelCopies::Reader {
  ~Reader() { perf_buffer__free(buffer); }
  perf_buffer* buffer = nullptr;
  std::vector<PassInput> copies;
  std::uint64_t lost = 0;
};

KernelCopies::~KernelCopies() = default;

Result<std::unique_ptr<KernelCopies>> KernelCopies::open(int map) {
  constexpr std::size_t kPages = 512;  // for each CPU
  std::unique_ptr<KernelCopies> made(new KernelCopies());
  made->reader_ = std::make_unique<Reader>();
  const auto on_sample = [](void* reader, int, void* data, std::uint32_t size) {
    static_cast<Reader*>(reader)->copies.push_back(read_copy({static_cast<const std::uint8_t*>(data), size}));
  };
  const auto on_lost = [](void* reader, int, unsigned long long count) { static_cast<Reader*>(reader)->lost += count; };
  made->reader_->buffer = perf_buffer__new(map, kPages, on_sample, on_lost, made->reader_.get(), nullptr);
  if (made->reader_->buffer != nullptr) return made;
  const int code = errno;
  return fail(fmt::format("cannot read the copies that the program makes: {}", std::strerror(code)), {},
              code == EPERM || code == EACCES ? kUnavailable : code);
}

Result<std::vector<PassInput>> KernelCopies::take() {
  if (const int code = perf_buffer__consume(reader_->buffer); code < 0)
    return fail(fmt::format("cannot read the copies that the program made: {}", std::strerror(-code)));
  if (const std::uint64_t lost = std::exchange(reader_->lost, 0); lost != 0) {
    reader_->copies.clear();
    return fail(fmt::format("{} copies of packets were lost on their way to the test", lost));
  }
  return std::exchange(reader_->copies, {});
}

}  // namespace p4bpf::testing
