// Ports and entries of the two programs (fill.h).
#include "bench/fill.h"

#include <fmt/format.h>

#include <set>
#include <sstream>

#include "runtime/ports.h"
#include "testing/network.h"
#include "testing/stf_names.h"
#include "testing/stf_profiles.h"
#include "testing/table_dataplane.h"

namespace p4bpf::bench {
namespace {

namespace stf = testing::stf;
using testing::bytes_of;

constexpr int kMtu = 1500;

/// Hex digits, and IFn: the interface of port n, 4 bytes in host order.
Result<Bytes> read_bytes(const std::string& word, const Ports& ports) {
  Bytes bytes;
  std::size_t at = 0;
  while (at < word.size()) {
    if (word.compare(at, 2, "IF") == 0) {
      const auto port = ports.find(static_cast<std::uint32_t>(std::strtoul(word.c_str() + at + 2, nullptr, 10)));
      if (port == ports.end()) return fail("the test has no port for '" + word + "'");
      const Bytes index = bytes_of(static_cast<std::uint32_t>(port->second.a));
      bytes.insert(bytes.end(), index.begin(), index.end());
      at = std::min(word.find_first_not_of("0123456789", at + 2), word.size());
      continue;
    }
    unsigned byte = 0;
    if (at + 2 > word.size() || std::sscanf(word.c_str() + at, "%2x", &byte) != 1)
      return fail("'" + word + "' is not made of bytes in hex");
    bytes.push_back(static_cast<std::uint8_t>(byte));
    at += 2;
  }
  return bytes;
}

}  // namespace

Result<Ports> make_ports(const std::vector<stf::Command>& commands) {
  std::set<std::uint32_t> wanted;
  for (const stf::Command& command : commands) {
    if (const auto* packet = std::get_if<stf::Packet>(&command.node)) wanted.insert(packet->port);
    if (const auto* expect = std::get_if<stf::Expect>(&command.node)) wanted.insert(expect->port);
  }
  Ports ports;
  for (const std::uint32_t port : wanted) {
    const auto pair = testing::create_veth(fmt::format("v{}", port), fmt::format("p{}", port), kMtu);
    if (!pair) return fail(pair.error());
    ports[port] = *pair;
  }
  return ports;
}

Result<void> fill_twin(Side& twin, const std::string& text, const Ports& ports) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slashes, entry, map, key, equals, value;
    words >> slashes >> entry >> map >> key >> equals >> value;
    if (slashes != "//" || entry != "entry" || equals != "=") continue;
    const Result<Bytes> key_bytes = read_bytes(key, ports);
    Result<Bytes> value_bytes = read_bytes(value, ports);
    const auto shape = twin.kernel().shape(map);
    if (!key_bytes) return fail(key_bytes.error());
    if (!value_bytes) return fail(value_bytes.error());
    if (!shape) return fail(shape.error());
    value_bytes->resize(shape->value_size);
    const Result<void> written = twin.kernel().update(map, *key_bytes, *value_bytes, 0);
    if (!written) return fail(fmt::format("the twin's entry '{}': {}", line, written.error().message));
  }
  return {};
}

Result<void> bind_ports(Side& generated, const Ports& ports) {
  for (const auto& [port, pair] : ports) {
    const Result<void> bound =
        runtime::bind_port(generated.kernel(), generated.manifest(), static_cast<std::uint32_t>(pair.a), port);
    if (!bound) return bound;
  }
  return {};
}

Result<bool> fill_generated(Side& generated, const std::vector<stf::Command>& commands, Diagnostics& diagnostics) {
  runtime::TableAccess tables = generated.tables();
  const manifest::Manifest& manifest = generated.manifest();
  if (!stf::check_names(commands, manifest, diagnostics)) return false;
  for (const stf::Command& command : commands) {
    Result<void> done;
    if (const auto* add = std::get_if<stf::Add>(&command.node)) {
      const auto table = stf::resolve("table", add->table, manifest.tables, diagnostics);
      const auto entry = stf::resolve_entry(*add, command.span, manifest.tables[*table], diagnostics);
      if (!entry) return false;
      done = tables.insert(*table, *entry);
    } else if (const auto* set = std::get_if<stf::SetDefault>(&command.node)) {
      const auto table = stf::resolve("table", set->table, manifest.tables, diagnostics);
      const auto what = stf::resolve_target(set->action, manifest.tables[*table], diagnostics);
      if (!what) return false;
      done = tables.set_default(*table, *what);
    }
    if (!done) return fail(done.error());
  }
  return true;
}

}  // namespace p4bpf::bench
