// Maps through bpf(2) (kernel_bpf.h).
#include "runtime/kernel_bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace p4bpf::runtime {
namespace {

bool is_per_cpu(std::uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

Result<MapShape> shape_of(int fd) {
  bpf_map_info info{};
  __u32 size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return fail_bpf("cannot ask the kernel about a map", errno);
  return MapShape{info.type, info.key_size, info.value_size, info.max_entries};
}

}  // namespace

tl::unexpected<Error> fail_bpf(std::string what, int code) {
  if (code == EPERM || code == EACCES) {
    return fail(what + ": not permitted", "eBPF needs CAP_BPF and CAP_NET_ADMIN: run as root", code);
  }
  return fail_errno(std::move(what), code);
}

Result<std::size_t> lookup_size(const MapShape& shape) {
  if (!is_per_cpu(shape.type)) return shape.value_size;
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) return fail("cannot find out how many CPUs there are");
  return (static_cast<std::size_t>(shape.value_size) + 7) / 8 * 8 * static_cast<std::size_t>(cpus);
}

Result<int> BpfKernel::descriptor(std::string_view map) {
  const auto found = maps_.find(map);
  if (found != maps_.end()) return found->second.fd.get();
  if (pin_folder_.empty()) return fail("there is no map '" + std::string(map) + "'", "", ENOENT);
  FileDescriptor fd(bpf_obj_get((pin_folder_ + "/" + std::string(map)).c_str()));
  if (!fd) return fail_bpf("cannot open the map '" + std::string(map) + "'", errno);
  const int number = fd.get();
  add(std::string(map), std::move(fd));
  return number;
}

Result<BpfKernel::Opened> BpfKernel::open(std::string_view name) {
  const Result<int> fd = descriptor(name);
  if (!fd) return fail(fd.error());
  Map& map = maps_.find(name)->second;
  if (!map.shape) {
    const Result<MapShape> shape = shape_of(*fd);
    if (!shape) return fail(shape.error());
    map.shape = *shape;
  }
  return Opened{*fd, *map.shape};
}

Result<MapShape> BpfKernel::shape(std::string_view map) {
  const Result<Opened> opened = open(map);
  if (!opened) return fail(opened.error());
  return opened->shape;
}

bool BpfKernel::trie_holds(int fd, const Bytes& key) {
  // Asked for what follows a key that it does not hold exactly, a trie gives its first key; nothing is followed by that
  // one.
  Bytes first(key.size());
  Bytes next(key.size());
  if (bpf_map_get_next_key(fd, nullptr, first.data()) != 0) return false;
  return bpf_map_get_next_key(fd, key.data(), next.data()) != 0 || next != first;
}

Result<void> BpfKernel::update(std::string_view map, const Bytes& key, const Bytes& value, std::uint64_t flags) {
  const Result<Opened> opened = open(map);
  if (!opened) return fail(opened.error());
  const auto& [fd, shape] = *opened;
  const Result<std::size_t> size = lookup_size(shape);
  if (!size) return fail(size.error());
  if (key.size() != shape.key_size || value.size() != *size) {
    return fail("map '" + std::string(map) + "' has keys or values of another size", "", EINVAL);
  }
  if (shape.type == BPF_MAP_TYPE_LPM_TRIE && flags != BPF_ANY) {
    // Kernels before 6.13 do not obey the flags of an update of a trie.
    const bool there = trie_holds(fd, key);
    if (there && flags == BPF_NOEXIST) return fail("the prefix is there already", "", EEXIST);
    if (!there && flags == BPF_EXIST) return fail("the prefix is not there", "", ENOENT);
    flags = BPF_ANY;
  }
  if (bpf_map_update_elem(fd, key.data(), value.data(), flags) == 0) return {};
  return fail_bpf("cannot write to the map '" + std::string(map) + "'", errno);
}

Result<Bytes> BpfKernel::lookup(std::string_view map, const Bytes& key) {
  const Result<Opened> opened = open(map);
  if (!opened) return fail(opened.error());
  const auto& [fd, shape] = *opened;
  const Result<std::size_t> size = lookup_size(shape);
  if (!size) return fail(size.error());
  if (key.size() != shape.key_size) return fail("map '" + std::string(map) + "' has keys of another size", "", EINVAL);
  Bytes value(*size);
  if (bpf_map_lookup_elem(fd, key.data(), value.data()) == 0) return value;
  return fail_bpf("cannot read the map '" + std::string(map) + "'", errno);
}

Result<void> BpfKernel::remove(std::string_view map, const Bytes& key) {
  const Result<int> fd = descriptor(map);
  if (!fd) return fail(fd.error());
  if (bpf_map_delete_elem(*fd, key.data()) == 0) return {};
  return fail_bpf("cannot delete from the map '" + std::string(map) + "'", errno);
}

Result<std::vector<Bytes>> BpfKernel::keys(std::string_view map) {
  const Result<EncodedEntries> all = entries(map);
  if (!all) return fail(all.error());
  std::vector<Bytes> keys;
  keys.reserve(all->count());
  for (std::size_t i = 0; i < all->count(); ++i) keys.emplace_back(all->key(i).begin(), all->key(i).end());
  return keys;
}

Result<void> BpfKernel::replace_inner(std::string_view outer_map, std::size_t size,
                                      const std::function<void(std::span<std::uint8_t>)>& fill) {
  const Result<int> outer = descriptor(outer_map);
  if (!outer) return fail(outer.error());
  const auto cannot = [&](const char* what) {
    return fail_bpf(std::string("cannot ") + what + " a new list of rules for '" + std::string(outer_map) + "'", errno);
  };
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
  const FileDescriptor inner(
      bpf_map_create(BPF_MAP_TYPE_ARRAY, "p4bpf_rules", sizeof(std::uint32_t), static_cast<__u32>(size), 1, &options));
  if (!inner) return cannot("make");
  {
    // Of a matrix most of its memory stays as it is.
    const std::size_t length = (size + 7) / 8 * 8;
    void* const at = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, inner.get(), 0);
    if (at == MAP_FAILED) return cannot("fill");
    const Mapping mapping(std::span(static_cast<std::uint8_t*>(at), length));
    fill(mapping.bytes.first(size));
  }
  const std::uint32_t slot = 0;
  const int fd = inner.get();
  if (bpf_map_update_elem(*outer, &slot, &fd, BPF_ANY) == 0) return {};
  return cannot("use");
}

Result<void> BpfKernel::read_inner(std::string_view outer_map,
                                   const std::function<void(std::span<const std::uint8_t>)>& read) {
  const Result<int> outer = descriptor(outer_map);
  if (!outer) return fail(outer.error());
  const std::uint32_t slot = 0;
  std::uint32_t id = 0;
  if (bpf_map_lookup_elem(*outer, &slot, &id) != 0) {
    if (errno == ENOENT) return {};
    return fail_bpf("cannot read the rules of '" + std::string(outer_map) + "'", errno);
  }
  const FileDescriptor inner(bpf_map_get_fd_by_id(id));
  if (!inner) return fail_bpf("cannot open the rules of '" + std::string(outer_map) + "'", errno);
  const Result<MapShape> shape = shape_of(inner.get());
  if (!shape) return fail(shape.error());
  void* const at = ::mmap(nullptr, shape->value_size, PROT_READ, MAP_SHARED, inner.get(), 0);
  if (at == MAP_FAILED) return fail_bpf("cannot read the rules of '" + std::string(outer_map) + "'", errno);
  const Mapping mapping(std::span(static_cast<std::uint8_t*>(at), shape->value_size));
  read(mapping.bytes);
  return {};
}

BpfKernel::Mapping::~Mapping() { ::munmap(bytes.data(), bytes.size()); }

Result<std::span<std::uint8_t>> BpfKernel::memory(std::string_view map) {
  const auto found = mappings_.find(map);
  if (found != mappings_.end()) return found->second.bytes;
  const Result<Opened> opened = open(map);
  if (!opened) return fail(opened.error());
  const auto& [fd, shape] = *opened;
  const std::size_t length = (shape.value_size + std::size_t{7}) / 8 * 8 * shape.max_entries;
  void* const at = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return fail_bpf("cannot map the memory of '" + std::string(map) + "'", errno);
  return mappings_.try_emplace(std::string(map), std::span(static_cast<std::uint8_t*>(at), length)).first->second.bytes;
}

struct BpfKernel::Ring {
  ring_buffer* buffer = nullptr;
  const std::function<void(std::span<const std::uint8_t>)>* take = nullptr;
};
void BpfKernel::CloseRing::operator()(Ring* ring) const {
  ring_buffer__free(ring->buffer);
  delete ring;
}

Result<void> BpfKernel::consume(std::string_view name, int timeout_ms,
                                const std::function<void(std::span<const std::uint8_t>)>& take) {
  auto found = rings_.find(name);
  if (found == rings_.end()) {
    const Result<int> fd = descriptor(name);
    if (!fd) return fail(fd.error());
    std::unique_ptr<Ring, CloseRing> ring(new Ring);
    ring->buffer = ring_buffer__new(
        *fd,
        [](void* context, void* data, std::size_t size) {
          (*static_cast<Ring*>(context)->take)(std::span(static_cast<const std::uint8_t*>(data), size));
          return 0;
        },
        ring.get(), nullptr);
    if (ring->buffer == nullptr) return fail_bpf("cannot read the ring '" + std::string(name) + "'", errno);
    found = rings_.emplace(name, std::move(ring)).first;
  }
  found->second->take = &take;
  const int code = ring_buffer__poll(found->second->buffer, timeout_ms);
  if (code < 0 && code != -EINTR) return fail_bpf("cannot read the ring '" + std::string(name) + "'", -code);
  // What came in while the last ones were handed over.
  if (code > 0) ring_buffer__consume(found->second->buffer);
  return {};
}

void BpfKernel::wait_for_readers() {
  // Programs run under rcu_read_lock, and this waits for an RCU grace period.
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  // Refused where CPUs run without a tick. A change of a map of maps waits for programs as well.
  const FileDescriptor inner(bpf_map_create(BPF_MAP_TYPE_ARRAY, "p4bpf_wait", 4, 4, 1, nullptr));
  LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = static_cast<__u32>(inner.get()));
  const FileDescriptor outer(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "p4bpf_wait", 4, 4, 1, &options));
  const std::uint32_t slot = 0;
  const int fd = inner.get();
  if (inner && outer) bpf_map_update_elem(outer.get(), &slot, &fd, BPF_ANY);
}

Result<void> BpfKernel::write_global(std::string_view map, std::uint32_t offset, const Bytes& bytes) {
  // Through memory, so that nothing else in the section is touched: the program may be writing there.
  const Result<std::span<std::uint8_t>> section = memory(map);
  if (!section) return fail(section.error());
  if (offset > section->size() || bytes.size() > section->size() - offset) {
    return fail("global data of '" + std::string(map) + "' is too short", "", EINVAL);
  }
  std::memcpy(section->data() + offset, bytes.data(), bytes.size());
  return {};
}

Result<Bytes> BpfKernel::read_global(std::string_view map, std::uint32_t offset, std::uint32_t size) {
  const Result<std::span<std::uint8_t>> section = memory(map);
  if (!section) return fail(section.error());
  if (offset > section->size() || size > section->size() - offset) {
    return fail("global data of '" + std::string(map) + "' is too short", "", EINVAL);
  }
  return Bytes(section->data() + offset, section->data() + offset + size);
}

}  // namespace p4bpf::runtime
