// Lists of replicas as the maps hold them (replication_access.h; struct p4bpf_replicas of p4bpf_passes.h).
#include "runtime/replication_access.h"

#include <linux/bpf.h>

#include <cerrno>
#include <cstring>

namespace p4bpf::runtime {
namespace {

using manifest::kMaxReplicas;
using manifest::Replica;
using manifest::ReplicaList;
using manifest::ReplicationKind;

constexpr std::size_t kWord = sizeof(std::uint32_t);
constexpr std::size_t kHead = 4 * kWord;  // count, truncate_to, class_of_service, unused
constexpr std::size_t kReplica = 2 * kWord;

void put(Bytes& bytes, std::size_t at, std::uint32_t number) { std::memcpy(bytes.data() + at, &number, kWord); }
std::uint32_t word(const Bytes& bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + at, kWord);
  return number;
}

Bytes key_of(std::uint32_t id) {
  Bytes key(kWord);
  put(key, 0, id);
  return key;
}

Bytes encode(const ReplicaList& list) {
  Bytes bytes(kHead + kReplica * kMaxReplicas);
  put(bytes, 0, static_cast<std::uint32_t>(list.replicas.size()));
  put(bytes, kWord, list.truncate_bytes);
  put(bytes, 2 * kWord, list.class_of_service);
  std::size_t at = kHead;
  for (const Replica& replica : list.replicas) {
    put(bytes, at, replica.port);
    put(bytes, at + kWord, replica.instance);
    at += kReplica;
  }
  return bytes;
}

ReplicaList decode(const Bytes& bytes) {
  ReplicaList list{{}, word(bytes, kWord), word(bytes, 2 * kWord)};
  const std::uint32_t count = std::min(word(bytes, 0), kMaxReplicas);
  for (std::size_t i = 0; i < count; ++i)
    list.replicas.push_back({word(bytes, kHead + i * kReplica), word(bytes, kHead + i * kReplica + kWord)});
  return list;
}

}  // namespace

std::string_view kind_name(ReplicationKind kind) {
  return kind == ReplicationKind::kMulticastGroup ? "multicast group" : "clone session";
}

const std::string& ReplicationAccess::map_of(ReplicationKind kind) const {
  return kind == ReplicationKind::kMulticastGroup ? manifest_->passes.multicast_map : manifest_->passes.clone_map;
}

Result<void> ReplicationAccess::check(ReplicationKind kind) const {
  if (has(kind)) return {};
  return fail("the program '" + manifest_->program + "' uses no " + std::string(kind_name(kind)), {}, EINVAL);
}

Result<void> ReplicationAccess::set(ReplicationKind kind, std::uint32_t id, const ReplicaList& replicas) {
  if (Result<void> good = check(kind); !good) return good;
  if (replicas.replicas.size() > kMaxReplicas) {
    return fail("a " + std::string(kind_name(kind)) + " has " + std::to_string(kMaxReplicas) + " copies at most, not " +
                    std::to_string(replicas.replicas.size()),
                {}, EINVAL);
  }
  return kernel_->update(map_of(kind), key_of(id), encode(replicas), BPF_ANY);
}

Result<ReplicaList> ReplicationAccess::get(ReplicationKind kind, std::uint32_t id) {
  if (Result<void> good = check(kind); !good) return fail(good.error());
  const Result<Bytes> value = kernel_->lookup(map_of(kind), key_of(id));
  if (value) return decode(*value);
  if (value.error().code != ENOENT) return fail(value.error());
  return fail("there is no " + std::string(kind_name(kind)) + " " + std::to_string(id), {}, ENOENT);
}

Result<std::map<std::uint32_t, ReplicaList>> ReplicationAccess::list(ReplicationKind kind) {
  if (Result<void> good = check(kind); !good) return fail(good.error());
  const Result<std::vector<Bytes>> keys = kernel_->keys(map_of(kind));
  if (!keys) return fail(keys.error());
  std::map<std::uint32_t, ReplicaList> all;
  for (const Bytes& key : *keys) {
    const std::uint32_t id = word(key, 0);
    Result<ReplicaList> one = get(kind, id);
    if (!one && one.error().code == ENOENT) continue;  // gone meanwhile
    if (!one) return fail(one.error());
    all.emplace(id, std::move(*one));
  }
  return all;
}

Result<void> ReplicationAccess::remove(ReplicationKind kind, std::uint32_t id) {
  if (Result<void> good = check(kind); !good) return good;
  const Result<void> removed = kernel_->remove(map_of(kind), key_of(id));
  if (removed || removed.error().code != ENOENT) return removed;
  return fail("there is no " + std::string(kind_name(kind)) + " " + std::to_string(id), {}, ENOENT);
}

}  // namespace p4bpf::runtime
