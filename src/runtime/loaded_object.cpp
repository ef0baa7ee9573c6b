// Loads through libbpf; asks a second time, with the whole log, where the verifier refuses (loaded_object.h).
#include "runtime/loaded_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <variant>

#include "base/files.h"
#include "runtime/calculation_access.h"
#include "runtime/table_access.h"
#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

/// The largest log that kernels before 5.2 take; newer ones keep the end of a longer log.
constexpr std::size_t kLogBytes = (std::size_t{1} << 24) - 1;
constexpr std::uint32_t kLogOfStats = 4;
constexpr std::uint32_t kLogOfRejection = 1;

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

/// What libbpf says goes here instead of to standard error; its callback has no context to carry it.
std::string& libbpf_said() {
  thread_local std::string said;
  return said;
}

int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  if (length > 0) libbpf_said() += line;
  return length;
}

bpf_prog_type type_of(manifest::Hook hook) {
  return hook == manifest::Hook::kXdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS;
}

/// The name that the map has for us. Those of global data are called "router.data" by libbpf, but bpffs takes no dots.
std::string map_name(const bpf_map* map) {
  const std::string name = bpf_map__name(map);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return name;
  std::string section = "global_" + name.substr(dot + 1);
  std::replace(section.begin(), section.end(), '.', '_');
  return section;
}

/// The first line of what libbpf said that tells more than that it failed.
std::string libbpf_reason() {
  std::string reason = libbpf_said();
  if (const std::size_t log = reason.find("-- BEGIN PROG LOAD LOG --"); log != std::string::npos) reason.resize(log);
  if (reason.starts_with("libbpf: ")) reason.erase(0, 8);
  return reason.substr(0, reason.find('\n'));
}

struct OpenedObject {
  Object object;
  std::map<std::string, std::string> logs;  // of each program, filled by the load
};

/// What is loaded, and how.
struct Source {
  const std::string& file;  // for messages
  const std::string& bytes;
  const manifest::Manifest& manifest;
  std::optional<std::uint32_t> program_type;
  const std::map<std::string, int>& there;  // maps that are used instead of new ones
};

void make_ready(bpf_program* program, bpf_prog_type type, std::string& log, std::uint32_t log_level) {
  bpf_program__set_autoload(program, true);
  bpf_program__set_type(program, type);
  bpf_program__set_expected_attach_type(program, type == BPF_PROG_TYPE_XDP ? BPF_XDP : bpf_attach_type{});
  log.resize(log_level == kLogOfStats ? 64 * 1024 : kLogBytes);
  bpf_program__set_log_level(program, log_level);
  bpf_program__set_log_buf(program, log.data(), log.size());
}

/// libbpf would copy a section of zeroes into its map, and need memory for as much again; a new map is full of them.
Result<void> make_empty_sections(bpf_object* object) {
  constexpr std::uint32_t kLarge = 1u << 20;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string name = bpf_map__name(map);
    const std::uint32_t size = bpf_map__value_size(map);
    if (!name.ends_with(".bss") || size < kLarge || bpf_map__fd(map) >= 0) continue;
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
    const FileDescriptor made(
        bpf_map_create(BPF_MAP_TYPE_ARRAY, name.c_str(), sizeof(std::uint32_t), size, 1, &options));
    if (!made) return fail_bpf("cannot make the memory of the tables", errno);
    if (const int code = -bpf_map__reuse_fd(map, made.get()); code != 0)
      return fail_bpf("cannot use the memory of the tables", code);
  }
  return {};
}

/// A test build that is loaded as LWT_XMIT is told so by a constant (codegen/runtime/p4bpf_tc.h).
void tell_type(bpf_object* object, std::optional<std::uint32_t> program_type) {
  if (program_type != BPF_PROG_TYPE_LWT_XMIT) return;
  const std::uint32_t is_xmit = 1;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (std::string_view(bpf_map__name(map)) == ".rodata.p4bpf_xmit")
      bpf_map__set_initial_value(map, &is_xmit, sizeof is_xmit);
  }
}

/// libbpf would take over a map of another size without a word.
Result<void> check_shape(const bpf_map* map, int there) {
  bpf_map_info info{};
  __u32 size = sizeof info;
  if (bpf_obj_get_info_by_fd(there, &info, &size) != 0) return fail_bpf("cannot ask the kernel about a map", errno);
  if (info.type == bpf_map__type(map) && info.key_size == bpf_map__key_size(map) &&
      info.value_size == bpf_map__value_size(map))
    return {};
  return fail(std::string("the map '") + bpf_map__name(map) + "' that is there is not the one that the program wants",
              "load the program again");
}

/// Opens the object and makes it ready for the kernel; all programs of the object must be the manifest's.
Result<OpenedObject> open_object(const Source& source, std::uint32_t log_level) {
  const auto& [file, bytes, manifest, program_type, there] = source;
  libbpf_set_print(keep_message);
  libbpf_said().clear();
  OpenedObject opened;
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = manifest.program.c_str());
  opened.object.reset(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (!opened.object) {
    const int code = errno;
    return fail(
        "cannot read the object '" + file + "': " + (libbpf_said().empty() ? std::strerror(code) : libbpf_reason()), "",
        0);
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, opened.object.get()) bpf_program__set_autoload(program, false);
  std::vector<manifest::KernelProgram> all = manifest.kernel_programs;
  for (const std::string& part : manifest.parts) all.push_back({part, all.front().hook});
  for (const manifest::KernelProgram& wanted : all) {
    program = bpf_object__find_program_by_name(opened.object.get(), wanted.function.c_str());
    if (program == nullptr) {
      return fail("the object '" + file + "' has no program '" + wanted.function + "' as its manifest says");
    }
    const bpf_prog_type type = program_type ? static_cast<bpf_prog_type>(*program_type) : type_of(wanted.hook);
    make_ready(program, type, opened.logs[wanted.function], log_level);
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, opened.object.get()) {
    const auto found = there.find(map_name(map));
    if (found == there.end()) continue;
    if (Result<void> same = check_shape(map, found->second); !same) return fail(same.error());
    if (const int code = -bpf_map__reuse_fd(map, found->second); code != 0)
      return fail_bpf("cannot use the map '" + found->first + "' again", code);
  }
  tell_type(opened.object.get(), program_type);
  if (Result<void> made = make_empty_sections(opened.object.get()); !made) return fail(made.error());
  return opened;
}

/// Reads what the verifier said when it refused the program; nothing if it was not the verifier who refused.
Result<std::optional<LoadOutcome>> ask_for_reason(const Source& source) {
  Result<OpenedObject> opened = open_object(source, kLogOfRejection);
  if (!opened) return fail(opened.error());
  if (bpf_object__load(opened->object.get()) == 0) return std::optional<LoadOutcome>{};
  for (const auto& [function, log] : opened->logs) {
    LoadOutcome outcome;
    outcome.verifier_log = log.c_str();
    if (outcome.verifier_log.find("processed ") == std::string::npos) continue;
    outcome.rejection = read_rejection(outcome.verifier_log);
    // A program that was accepted before the bad one has a log as well; a refusal has a reason.
    if (outcome.rejection->reason != kNoReason) return std::optional<LoadOutcome>(std::move(outcome));
  }
  return std::optional<LoadOutcome>{};
}

FileDescriptor duplicate(int fd) { return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

ProgramStats stats_of(const std::string& function, int fd, const std::string& log) {
  ProgramStats stats;
  stats.function = function;
  read_stats(log.c_str(), stats);
  bpf_prog_info info{};
  __u32 size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0) {
    stats.instructions = info.xlated_prog_len / static_cast<std::uint32_t>(sizeof(bpf_insn));
    stats.jited_bytes = info.jited_prog_len;
  }
  return stats;
}

}  // namespace

int LoadedObject::program(const std::string& function) const {
  const auto found = programs_.find(function);
  return found == programs_.end() ? -1 : found->second.get();
}

std::optional<LoadedObject::GlobalPlace> LoadedObject::global(const std::string& symbol) const {
  const auto found = globals_.find(symbol);
  if (found == globals_.end()) return std::nullopt;
  return found->second;
}

namespace {

/// Where each global variable lies, from BTF's description of the data sections.
std::map<std::string, LoadedObject::GlobalPlace> find_globals(const bpf_object* object) {
  std::map<std::string, LoadedObject::GlobalPlace> globals;
  const btf* types = bpf_object__btf(object);
  if (types == nullptr) return globals;
  for (__u32 id = 1; id < btf__type_cnt(types); ++id) {
    const btf_type* section = btf__type_by_id(types, id);
    if (!btf_is_datasec(section)) continue;
    std::string name = btf__name_by_offset(types, section->name_off);
    if (name.empty() || name[0] != '.') continue;  // ".maps" is a section too, but no map bears its name
    name = "global_" + name.substr(1);
    std::replace(name.begin(), name.end(), '.', '_');
    const btf_var_secinfo* variable = btf_var_secinfos(section);
    for (__u32 i = 0; i < btf_vlen(section); ++i, ++variable) {
      const btf_type* type = btf__type_by_id(types, variable->type);
      globals[btf__name_by_offset(types, type->name_off)] = {name, variable->offset, variable->size};
    }
  }
  return globals;
}

/// Loads what `source` says; the verifier's reason where it refuses.
Result<std::variant<OpenedObject, LoadOutcome>> load_source(const Source& source) {
  Result<OpenedObject> opened = open_object(source, kLogOfStats);
  if (!opened) return fail(opened.error());
  const int code = -bpf_object__load(opened->object.get());
  if (code == 0) return std::variant<OpenedObject, LoadOutcome>(std::move(*opened));
  const std::string reason = libbpf_reason();
  if (code == EPERM) return fail_bpf("cannot load '" + source.file + "'", code);
  Result<std::optional<LoadOutcome>> refused = ask_for_reason(source);
  if (!refused) return fail(refused.error());
  if (refused->has_value()) return std::variant<OpenedObject, LoadOutcome>(std::move(**refused));
  const int kind = code == EACCES || code == EINVAL ? 0 : code;  // EACCES would read as a missing privilege
  return fail("the kernel does not load '" + source.file + "': " + (reason.empty() ? std::strerror(code) : reason), "",
              kind);
}

}  // namespace

Result<LoadOutcome> LoadedObject::take(bpf_object* object, const std::map<std::string, std::string>& logs,
                                       manifest::Manifest manifest, const std::string& bytes) {
  LoadOutcome outcome;
  outcome.object.emplace();
  LoadedObject& loaded = *outcome.object;
  loaded.object_bytes_ = bytes;
  loaded.kernel_ = std::make_unique<BpfKernel>();
  loaded.globals_ = find_globals(object);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    loaded.map_names_.push_back(map_name(map));
    loaded.new_maps_.push_back(map_name(map));
    loaded.kernel_->add(map_name(map), duplicate(bpf_map__fd(map)));
  }
  for (const auto& [function, log] : logs) {
    const bpf_program* program = bpf_object__find_program_by_name(object, function.c_str());
    loaded.stats_.push_back(stats_of(function, bpf_program__fd(program), log));
    loaded.programs_[function] = duplicate(bpf_program__fd(program));
  }
  const auto place_of = [&](const std::string& symbol, std::uint64_t size, std::string& in_map, std::uint32_t& offset) {
    if (symbol.empty()) return true;
    const auto place = loaded.global(symbol);
    if (!place || place->size < size) return false;
    in_map = place->map;
    offset = place->offset;
    return true;
  };
  bool has_all = place_of(manifest.port_of_ifindex_symbol, manifest::kPortSlots * sizeof(std::uint32_t),
                          manifest.port_of_ifindex_map, manifest.port_of_ifindex_offset);
  for (manifest::Table& table : manifest.tables) {
    has_all = has_all && place_of(table.default_symbol, table.value_size, table.default_map, table.default_offset) &&
              place_of(table.map_symbol, size_of_memory(table), table.map, table.map_offset);
  }
  for (manifest::Calculation& one : manifest.calculations)
    has_all = has_all && place_of(one.symbol, kCalculationBytes, one.map, one.offset);
  if (!has_all) {
    return fail("the object of '" + manifest.program + "' has not the global data that its manifest names",
                "compile the program again");
  }
  loaded.manifest_ = std::make_unique<manifest::Manifest>(std::move(manifest));
  return outcome;
}

Result<LoadOutcome> LoadedObject::load(const std::string& object_file, manifest::Manifest manifest,
                                       std::optional<std::uint32_t> program_type,
                                       const std::map<std::string, int>& there) {
  const Result<std::string> bytes = read_file(object_file);
  if (!bytes) return fail(bytes.error());
  auto loaded = load_source({object_file, *bytes, manifest, program_type, there});
  if (!loaded) return fail(loaded.error());
  if (LoadOutcome* const refused = std::get_if<LoadOutcome>(&*loaded)) return std::move(*refused);
  const OpenedObject& opened = std::get<OpenedObject>(*loaded);
  Result<LoadOutcome> outcome = take(opened.object.get(), opened.logs, std::move(manifest), *bytes);
  if (!outcome) return outcome;
  if (Result<void> done = outcome->object->note_start(); !done) return fail(done.error());
  TableAccess access(outcome->object->kernel(), outcome->object->manifest());
  if (Result<void> done = access.initialise(); !done) return fail(done.error());
  return outcome;
}

/// Programs that ask for the time ask how long ago this was.
Result<void> LoadedObject::note_start() {
  const auto place = global("p4bpf_start_ns");
  if (!place) return {};
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // that of bpf_ktime_get_ns
  const std::uint64_t ns =
      static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
  Bytes bytes(sizeof ns);
  std::memcpy(bytes.data(), &ns, sizeof ns);
  return kernel_->write_global(place->map, place->offset, bytes);
}

Result<LoadOutcome> LoadedObject::load_again(const std::string& object_bytes, manifest::Manifest manifest,
                                             const std::map<std::string, int>& there) {
  const std::string name = manifest.program;
  auto loaded = load_source({name, object_bytes, manifest, std::nullopt, there});
  if (!loaded) return fail(loaded.error());
  if (LoadOutcome* const refused = std::get_if<LoadOutcome>(&*loaded)) return std::move(*refused);
  const OpenedObject& opened = std::get<OpenedObject>(*loaded);
  Result<LoadOutcome> outcome = take(opened.object.get(), opened.logs, std::move(manifest), object_bytes);
  if (outcome) std::erase_if(outcome->object->new_maps_, [&](const std::string& map) { return there.contains(map); });
  return outcome;
}

}  // namespace p4bpf::runtime
