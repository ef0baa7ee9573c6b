// Loading through libbpf, and runtime::Kernel over the maps of what was loaded (bpf_object.h).
#include "testing/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "testing/dataplane.h"

namespace p4bpf::testing {
namespace {

using runtime::Bytes;

int quiet(libbpf_print_level, const char*, va_list) { return 0; }

bool is_per_cpu(const bpf_map* map) {
  const auto type = bpf_map__type(map);
  return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH;
}

/// Maps of one object, found by their names in the object.
class ObjectKernel : public runtime::Kernel {
 public:
  explicit ObjectKernel(bpf_object* object) : object_(object) {}

  Result<runtime::MapShape> shape(std::string_view map) override {
    const auto found = find(map);
    if (!found) return fail(found.error());
    return runtime::MapShape{static_cast<std::uint32_t>(bpf_map__type(*found)), bpf_map__key_size(*found),
                             bpf_map__value_size(*found), bpf_map__max_entries(*found)};
  }

  Result<void> update(std::string_view map, const Bytes& key, const Bytes& value, std::uint64_t flags) override {
    const auto found = find(map);
    if (!found) return fail(found.error());
    P4BPF_CHECK(key.size() == bpf_map__key_size(*found) && value.size() >= size_of_value(*found), "sizes as the map's");
    if (bpf_map_update_elem(bpf_map__fd(*found), key.data(), value.data(), flags) != 0) {
      return fail_errno(fmt::format("cannot update map '{}'", map), errno);
    }
    return {};
  }

  Result<Bytes> lookup(std::string_view map, const Bytes& key) override {
    const auto found = find(map);
    if (!found) return fail(found.error());
    Bytes value(size_of_value(*found));
    if (bpf_map_lookup_elem(bpf_map__fd(*found), key.data(), value.data()) != 0) {
      return fail_errno(fmt::format("no such key in map '{}'", map), errno);
    }
    return value;
  }

  Result<void> remove(std::string_view map, const Bytes& key) override {
    const auto found = find(map);
    if (!found) return fail(found.error());
    if (bpf_map_delete_elem(bpf_map__fd(*found), key.data()) != 0) {
      return fail_errno(fmt::format("cannot remove from map '{}'", map), errno);
    }
    return {};
  }

  Result<std::vector<Bytes>> keys(std::string_view map) override {
    const auto found = find(map);
    if (!found) return fail(found.error());
    std::vector<Bytes> result;
    Bytes next(bpf_map__key_size(*found));
    const std::uint8_t* last = nullptr;
    while (bpf_map_get_next_key(bpf_map__fd(*found), last, next.data()) == 0) {
      result.push_back(next);
      last = result.back().data();
    }
    return result;
  }

  Result<void> replace_inner(std::string_view outer_map, const Bytes& value) override {
    const auto found = find(outer_map);
    if (!found) return fail(found.error());
    const int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "rules", sizeof(std::uint32_t),
                                     static_cast<std::uint32_t>(value.size()), 1, nullptr);
    if (inner < 0) return fail_errno(fmt::format("cannot make the rules of map '{}'", outer_map), -inner);
    const std::uint32_t zero = 0;
    int code = bpf_map_update_elem(inner, &zero, value.data(), BPF_ANY);
    if (code == 0) code = bpf_map_update_elem(bpf_map__fd(*found), &zero, &inner, BPF_ANY);
    const int error = errno;
    ::close(inner);
    if (code != 0) return fail_errno(fmt::format("cannot replace the rules of map '{}'", outer_map), error);
    return {};
  }

  Result<Bytes> read_inner(std::string_view outer_map) override {
    const auto found = find(outer_map);
    if (!found) return fail(found.error());
    const std::uint32_t zero = 0;
    std::uint32_t id = 0;
    if (bpf_map_lookup_elem(bpf_map__fd(*found), &zero, &id) != 0) return Bytes{};
    const int inner = bpf_map_get_fd_by_id(id);
    if (inner < 0) return fail_errno(fmt::format("cannot open the rules of map '{}'", outer_map), -inner);
    bpf_map_info info{};
    std::uint32_t size = sizeof info;
    bpf_obj_get_info_by_fd(inner, &info, &size);
    Bytes value(info.value_size);
    const int code = bpf_map_lookup_elem(inner, &zero, value.data());
    const int error = errno;
    ::close(inner);
    if (code != 0) return fail_errno(fmt::format("cannot read the rules of map '{}'", outer_map), error);
    return value;
  }

  Result<void> write_global(std::string_view map, std::uint32_t offset, const Bytes& bytes) override {
    const Bytes zero(sizeof(std::uint32_t), 0);
    auto all = lookup(map, zero);
    if (!all) return fail(all.error());
    P4BPF_CHECK(offset + bytes.size() <= all->size(), "a variable inside its section");
    std::copy(bytes.begin(), bytes.end(), all->begin() + offset);
    return update(map, zero, *all, BPF_ANY);
  }

  Result<Bytes> read_global(std::string_view map, std::uint32_t offset, std::uint32_t size) override {
    const auto all = lookup(map, Bytes(sizeof(std::uint32_t), 0));
    if (!all) return fail(all.error());
    P4BPF_CHECK(offset + size <= all->size(), "a variable inside its section");
    return Bytes(all->begin() + offset, all->begin() + offset + size);
  }

 private:
  Result<bpf_map*> find(std::string_view name) {
    bpf_map* const map = bpf_object__find_map_by_name(object_, std::string(name).c_str());
    if (map == nullptr) return fail(fmt::format("there is no map '{}' in the object", name), {}, ENOENT);
    return map;
  }
  static std::size_t size_of_value(const bpf_map* map) {
    const std::size_t size = bpf_map__value_size(map);
    return is_per_cpu(map) ? (size + 7) / 8 * 8 * static_cast<std::size_t>(libbpf_num_possible_cpus()) : size;
  }

  bpf_object* object_;
};

/// "stack depth 48+8": the sum over a program and what it calls.
std::uint32_t stack_of(const std::string& log) {
  const std::size_t at = log.rfind("stack depth ");
  if (at == std::string::npos) return 0;
  std::uint32_t total = 0;
  std::uint32_t number = 0;
  for (std::size_t i = at + 12; i < log.size() && (log[i] == '+' || (log[i] >= '0' && log[i] <= '9')); ++i) {
    if (log[i] == '+') {
      total += std::exchange(number, 0);
    } else {
      number = number * 10 + static_cast<std::uint32_t>(log[i] - '0');
    }
  }
  return total + number;
}

Error load_error(int code, const std::string& log) {
  // The verifier says EACCES too, but has something in its log then.
  if ((code == EPERM || code == EACCES || code == ENOSYS) && log.empty()) {
    return {fmt::format("cannot load BPF programs here: {}", std::strerror(code)),
            "this needs root, or CAP_BPF and CAP_NET_ADMIN", kUnavailable};
  }
  return {fmt::format("the kernel refuses the program: {}", std::strerror(code)), {}, code};
}

}  // namespace

Result<BpfObject> BpfObject::load(const std::string& path, const manifest::Manifest& manifest, int type,
                                  std::string* verifier_log) {
  libbpf_set_print(quiet);
  if (manifest.kernel_programs.empty()) return fail("the program has nothing to load");
  bpf_object* const opened = bpf_object__open_file(path.c_str(), nullptr);
  if (opened == nullptr) return fail_errno(fmt::format("cannot read the object '{}'", path), errno);
  BpfObject object(opened);
  bpf_program* const program =
      bpf_object__find_program_by_name(opened, manifest.kernel_programs.front().function.c_str());
  if (program == nullptr)
    return fail(fmt::format("there is no program '{}' in the object", manifest.kernel_programs.front().function));
  if (type != 0) {
    bpf_program__set_type(program, static_cast<bpf_prog_type>(type));
    bpf_program__set_expected_attach_type(program, static_cast<bpf_attach_type>(0));
  }
  constexpr std::uint32_t kStatistics = 4;  // BPF_LOG_STATS: the last lines only
  std::vector<char> log(1 << 16, '\0');
  bpf_program__set_log_buf(program, log.data(), log.size());
  bpf_program__set_log_level(program, kStatistics);
  int code = bpf_object__load(opened);
  if (code != 0 && code != -EPERM) {
    // Again for the whole log, into an object that has not been tried yet.
    bpf_object* const again = bpf_object__open_file(path.c_str(), nullptr);
    bpf_program* const same =
        again == nullptr ? nullptr
                         : bpf_object__find_program_by_name(again, manifest.kernel_programs.front().function.c_str());
    if (same != nullptr) {
      log.assign(16 << 20, '\0');
      if (type != 0) bpf_program__set_type(same, static_cast<bpf_prog_type>(type));
      if (type != 0) bpf_program__set_expected_attach_type(same, static_cast<bpf_attach_type>(0));
      bpf_program__set_log_buf(same, log.data(), log.size());
      bpf_program__set_log_level(same, 1);
      code = bpf_object__load(again);
    }
    bpf_object__close(again);
  }
  std::string text = log.data();
  if (verifier_log != nullptr) *verifier_log = text;
  if (code != 0) return fail(load_error(-code, text));
  bpf_program__set_log_buf(program, nullptr, 0);
  object.program_ = bpf_program__fd(program);
  object.stack_ = stack_of(text);
  return object;
}

BpfObject::BpfObject(BpfObject&& other) noexcept
    : object_(std::exchange(other.object_, nullptr)), program_(other.program_), stack_(other.stack_) {}

BpfObject::~BpfObject() {
  if (object_ != nullptr) bpf_object__close(object_);
}

ProgramFigures BpfObject::figures() const {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program_, &info, &size) != 0) return {};
  return {info.xlated_prog_len / 8, info.verified_insns, stack_, info.jited_prog_len};
}

std::unique_ptr<runtime::Kernel> BpfObject::kernel() const { return std::make_unique<ObjectKernel>(object_); }

Result<BpfObject::Global> BpfObject::global(const std::string& symbol) const {
  const btf* const types = bpf_object__btf(object_);
  const std::uint32_t count = types == nullptr ? 0 : btf__type_cnt(types);
  for (std::uint32_t id = 1; id < count; ++id) {
    const btf_type* const section = btf__type_by_id(types, id);
    if (btf_kind(section) != BTF_KIND_DATASEC) continue;
    const btf_var_secinfo* const variables = btf_var_secinfos(section);
    for (std::uint32_t i = 0; i < btf_vlen(section); ++i) {
      const btf_type* const variable = btf__type_by_id(types, variables[i].type);
      if (symbol != btf__name_by_offset(types, variable->name_off)) continue;
      const std::string name = btf__name_by_offset(types, section->name_off);
      bpf_map* map = nullptr;
      bpf_object__for_each_map(map, object_) {
        // libbpf names the map of ".data" as "OBJECT.data", that of ".data.x" as ".data.x".
        const std::string map_name = bpf_map__name(map);
        if (map_name.ends_with(name)) return Global{map_name, variables[i].offset};
      }
    }
  }
  return fail(fmt::format("there is no variable '{}' in the object", symbol), {}, ENOENT);
}

Result<manifest::Manifest> BpfObject::locate(const manifest::Manifest& manifest) const {
  manifest::Manifest result = manifest;
  for (manifest::Table& table : result.tables) {
    if (table.default_symbol.empty()) continue;
    const auto place = global(table.default_symbol);
    if (!place) return fail(place.error());
    table.default_map = place->map;
    table.default_offset = place->offset;
  }
  return result;
}

}  // namespace p4bpf::testing
