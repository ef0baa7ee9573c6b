// The two tables of ports (ports.h): global data from interface to port, a map from port to interface.
#include "runtime/ports.h"

#include <linux/bpf.h>

#include <cstring>

namespace p4bpf::runtime {
namespace {

Bytes bytes_of(std::uint32_t number) {
  Bytes bytes(sizeof number);
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

}  // namespace

Result<void> set_port_of(Kernel& kernel, const manifest::Manifest& manifest, std::uint32_t ifindex,
                         std::uint32_t port) {
  if (manifest.port_of_ifindex_symbol.empty()) return {};
  const std::uint32_t slot = ifindex % manifest::kPortSlots;
  return kernel.write_global(manifest.port_of_ifindex_map,
                             manifest.port_of_ifindex_offset + slot * std::uint32_t{sizeof port}, bytes_of(port));
}

Result<void> bind_port(Kernel& kernel, const manifest::Manifest& manifest, std::uint32_t ifindex, std::uint32_t port) {
  if (Result<void> done = set_port_of(kernel, manifest, ifindex, port); !done) return done;
  if (manifest.ifindex_of_port_map.empty()) return {};
  const Result<MapShape> shape = kernel.shape(manifest.ifindex_of_port_map);
  if (!shape) return fail(shape.error());
  Bytes value = bytes_of(ifindex);
  value.resize(shape->value_size);  // a devmap's value may have room for a program
  return kernel.update(manifest.ifindex_of_port_map, bytes_of(port), value, BPF_ANY);
}

void release_port(Kernel& kernel, const manifest::Manifest& manifest, std::uint32_t ifindex, std::uint32_t port) {
  const std::string& map = manifest.ifindex_of_port_map;
  if (!map.empty() && !kernel.remove(map, bytes_of(port))) {
    // An array's elements stay; 0 is no interface.
    if (const Result<MapShape> shape = kernel.shape(map))
      (void)kernel.update(map, bytes_of(port), Bytes(shape->value_size), BPF_ANY);
  }
  if (ifindex != 0) (void)set_port_of(kernel, manifest, ifindex, 0);
}

}  // namespace p4bpf::runtime
