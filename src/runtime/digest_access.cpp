// Records of a ring buffer (digest_access.h); manifest::Digest says how they lie.
#include "runtime/digest_access.h"

#include <cerrno>
#include <cstring>

#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

/// struct p4bpf_digest.
struct Head {
  std::uint32_t number;
  std::uint32_t receiver;
  std::uint64_t time_ns;
};

}  // namespace

Result<void> DigestAccess::consume(int timeout_ms, const std::function<void(const DigestRecord&)>& take) {
  if (manifest_->digest_map.empty()) return fail("the program sends no digests", "", EINVAL);
  Result<void> good;
  const auto read = [&](std::span<const std::uint8_t> record) {
    Head head{};
    if (record.size() < sizeof head) return;
    std::memcpy(&head, record.data(), sizeof head);
    if (head.number >= manifest_->digests.size()) {
      good = fail("a digest came of a kind that the manifest does not know", "compile the program again");
      return;
    }
    DigestRecord made{head.number, head.receiver, head.time_ns, {}};
    const Bytes bytes(record.begin(), record.end());
    for (const manifest::ActionParam& field : manifest_->digests[head.number].fields) {
      if (field.slot.offset + field.slot.size > bytes.size()) {
        good = fail("a digest is shorter than the manifest says", "compile the program again");
        return;
      }
      made.values.push_back(get_value(bytes, field.slot, field.bits, field.kind));
    }
    take(made);
  };
  Result<void> consumed = kernel_->consume(manifest_->digest_map, timeout_ms, read);
  return consumed ? good : consumed;
}

Result<std::uint64_t> DigestAccess::lost() {
  if (manifest_->digests_lost_map.empty()) return fail("the program sends no digests", "", EINVAL);
  const Result<Bytes> counts = kernel_->lookup(manifest_->digests_lost_map, Bytes(sizeof(std::uint32_t), 0));
  if (!counts) return fail(counts.error());
  std::uint64_t all = 0;
  for (std::size_t at = 0; at + sizeof all <= counts->size(); at += sizeof all) {
    std::uint64_t one = 0;
    std::memcpy(&one, counts->data() + at, sizeof one);
    all += one;
  }
  return all;
}

}  // namespace p4bpf::runtime
