// Copies of maps, and the switch to them (generation.h).
#include "runtime/generation.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "runtime/attach.h"
#include "runtime/bpffs.h"
#include "runtime/kernel_bpf.h"

namespace p4bpf::runtime {
namespace {

using manifest::Structure;
using manifest::Table;

// Folders in that of the instance. The first is renamed to the second when all is pinned: from then on the switch will
// be finished, whoever does it.
constexpr const char* kUnready = "/unready";
constexpr const char* kNext = "/next";
// The same of a twin: from the second name on attachments may have its program.
constexpr const char* kUnreadyTwin = "/unready_twin";
constexpr const char* kTwin = "/twin";
constexpr const char* kKinds[] = {"/programs", "/maps"};

/// The maps that hold the entries of these tables.
std::set<std::string> maps_of(const manifest::Manifest& manifest, const std::vector<std::size_t>& tables) {
  std::set<std::string> maps;
  for (const std::size_t index : tables) {
    const Table& table = manifest.tables.at(index);
    for (const std::string& map : {table.map, table.entry_map, table.handle_map}) {
      if (!map.empty()) maps.insert(map);
    }
  }
  return maps;
}

/// Pages of zeroes stay what they are: a table for a million entries may hold ten.
void copy_memory(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) {
  constexpr std::size_t kPage = 4096;
  for (std::size_t at = 0; at < from.size(); at += kPage) {
    const auto page = from.subspan(at, std::min(kPage, from.size() - at));
    if (page[0] == 0 && std::memcmp(page.data(), page.data() + 1, page.size() - 1) == 0) continue;
    std::memcpy(to.data() + at, page.data(), page.size());
  }
}

/// Of a table in global data the whole section is copied, other tables and all. Whatever holds the entries, the words
/// of their handles are memory.
Result<void> copy_map(const Table& table, const std::string& map, BpfKernel& from, Generation& next) {
  BpfKernel& to = next.object.kernel();
  if (table.structure == Structure::kPrefixTable || !table.map_symbol.empty() || map == table.handle_map) {
    const Result<std::span<std::uint8_t>> there = from.memory(map);
    if (!there) return fail(there.error());
    const Result<std::span<std::uint8_t>> copy = to.memory(map);
    if (!copy) return fail(copy.error());
    copy_memory(*there, *copy);
    return {};
  }
  switch (table.structure) {
    case Structure::kRuleList:
    case Structure::kRuleMatrix: {
      Result<void> copied;
      const Result<void> read = from.read_inner(map, [&](std::span<const std::uint8_t> rules) {
        copied = to.replace_inner(map, rules.size(), [&](std::span<std::uint8_t> copy) { copy_memory(rules, copy); });
      });
      return read ? copied : read;
    }
    default: {
      Result<EncodedEntries> entries = from.entries(map);
      if (!entries) return fail(entries.error());
      Result<void> written = to.write(map, *entries);
      if (table.structure == Structure::kHash) next.copied[map] = std::move(*entries);
      return written;
    }
  }
}

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  return fail_bpf("cannot make '" + path + "'", errno);
}

Result<void> pin(int fd, const std::string& path) {
  if (bpf_obj_pin(fd, path.c_str()) == 0) return {};
  return fail_bpf("cannot pin '" + path + "'", errno);
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

/// Each attachment takes the program out of that folder.
Result<void> replace_programs(const std::string& folder, const std::string& programs,
                              const manifest::Manifest& manifest) {
  const Result<std::vector<std::string>> links = list_folder(folder + "/links");
  if (!links) return fail(links.error());
  for (const std::string& link : *links) {
    Attachment attachment;
    if (!read_pin_name(link, attachment)) continue;
    for (const manifest::KernelProgram& wanted : manifest.kernel_programs) {
      if (wanted.hook != attachment.hook) continue;
      const FileDescriptor program(bpf_obj_get((programs + "/" + wanted.function).c_str()));
      if (!program) return fail_bpf("cannot open the program '" + wanted.function + "'", errno);
      if (Result<void> done = replace_program(program.get(), attachment, folder + "/links"); !done) return done;
    }
  }
  return {};
}

}  // namespace

Result<Generation> load_generation(const std::string& object_bytes, const manifest::Manifest& manifest, BpfKernel& now,
                                   const std::vector<std::string>& maps, const std::vector<std::size_t>& tables) {
  const std::set<std::string> copied = maps_of(manifest, tables);
  std::map<std::string, int> there;
  for (const std::string& map : maps) {
    const Result<int> fd = now.descriptor(map);
    const Result<MapShape> shape = now.shape(map);
    if (!fd || !shape) return fail(fd ? shape.error() : fd.error());
    // An array of programs leads to programs that use the old maps.
    if (!copied.contains(map) && shape->type != BPF_MAP_TYPE_PROG_ARRAY) there[map] = *fd;
  }
  Result<LoadOutcome> outcome = LoadedObject::load_again(object_bytes, manifest, there);
  if (!outcome) return fail(outcome.error());
  if (outcome->rejection)
    return fail("the verifier refuses the program, which it took before", outcome->rejection->reason);
  Generation next{std::move(*outcome->object), {}};
  std::set<std::string> done_already;
  for (const std::size_t index : tables) {
    for (const std::string& map : maps_of(manifest, {index})) {
      if (!done_already.insert(map).second) continue;
      if (Result<void> done = copy_map(manifest.tables[index], map, now, next); !done) return fail(done.error());
    }
  }
  return next;
}

Result<void> carry_over(const Generation& next, BpfKernel& now) {
  for (const auto& [map, before] : next.copied) {
    const Result<EncodedEntries> after = now.entries(map);
    if (!after) return fail(after.error());
    const Result<MapShape> shape = now.shape(map);
    if (!shape) return fail(shape.error());
    // Packets take nothing out, but of a table that evicts others go for those that come.
    if (after->count() == before.count() && shape->type != BPF_MAP_TYPE_LRU_HASH) continue;
    std::set<Bytes> known;
    for (std::size_t i = 0; i < before.count(); ++i) known.emplace(before.key(i).begin(), before.key(i).end());
    for (std::size_t i = 0; i < after->count(); ++i) {
      const Bytes key(after->key(i).begin(), after->key(i).end());
      if (known.contains(key)) continue;
      // Where the batch, or a packet that runs the new program, has added it too, that is the newer one.
      const Result<void> added =
          next.object.kernel().update(map, key, {after->value(i).begin(), after->value(i).end()}, BPF_NOEXIST);
      if (!added && added.error().code != EEXIST && added.error().code != E2BIG) return added;
    }
  }
  return {};
}

namespace {

/// Pins what is new in a folder of that name beside the instance's own, all of it or nothing.
Result<void> pin_beside(const std::string& folder, const std::string& unready_name, const std::string& name,
                        const LoadedObject& object) {
  const std::string unready = folder + unready_name;
  const auto prepare = [&]() -> Result<void> {
    if (Result<void> made = make_folder(unready); !made) return made;
    for (const char* kind : kKinds) {
      if (Result<void> made = make_folder(unready + kind); !made) return made;
    }
    for (const std::string& map : object.new_maps()) {
      const Result<int> fd = object.kernel().descriptor(map);
      if (!fd) return fail(fd.error());
      if (Result<void> done = pin(*fd, unready + "/maps/" + map); !done) return done;
    }
    for (const manifest::KernelProgram& program : object.manifest().kernel_programs) {
      Result<void> done = pin(object.program(program.function), unready + "/programs/" + program.function);
      if (!done) return done;
    }
    if (std::rename(unready.c_str(), (folder + name).c_str()) != 0) return fail_bpf("cannot rename a folder", errno);
    return {};
  };
  Result<void> done = prepare();
  if (!done) (void)remove_folder(unready);
  return done;
}

}  // namespace

Result<void> switch_generation(const std::string& folder, const LoadedObject& next) {
  if (Result<void> done = pin_beside(folder, kUnready, kNext, next); !done) return done;
  return finish_switch(folder, next.manifest());
}

Result<void> finish_switch(const std::string& folder, const manifest::Manifest& manifest) {
  const std::string next = folder + kNext;
  if (is_there(folder + kUnready)) {
    if (Result<void> done = remove_folder(folder + kUnready); !done) return done;
  }
  if (!is_there(next)) return {};
  const Result<std::vector<std::string>> programs = list_folder(next + "/programs");
  if (!programs) return fail(programs.error());
  // Where a program has been moved, each attachment has it.
  const bool is_first = programs->size() == manifest.kernel_programs.size();
  if (Result<void> done = is_first ? replace_programs(folder, next + "/programs", manifest) : Result<void>(); !done) {
    (void)replace_programs(folder, folder + "/programs", manifest);
    (void)remove_folder(next);
    return done;
  }
  // Nobody may run the old program when its maps lose their pins: with the last one the kernel empties an array of
  // programs, and what a packet in the middle of a split program calls next would be gone.
  BpfKernel().wait_for_readers();
  for (const char* kind : kKinds) {
    const Result<std::vector<std::string>> names = list_folder(next + kind);
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
      if (std::rename((next + kind + "/" + name).c_str(), (folder + kind + "/" + name).c_str()) != 0)
        return fail_bpf("cannot move the pin of '" + name + "'", errno);
    }
  }
  return remove_folder(next);
}

// ---- twins ----------------------------------------------------------------------------------------------------------

namespace {

/// What a process that dies lets go of; nothing if another one holds it.
Result<std::optional<FileDescriptor>> try_to_hold(const std::string& folder) {
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_bpf("cannot open '" + folder + "'", errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return std::optional(std::move(fd));
  if (errno == EWOULDBLOCK) return std::optional<FileDescriptor>();
  return fail_bpf("cannot lock '" + folder + "'", errno);
}

/// Where control planes find everything must not depend on which of the two is asked.
bool lie_alike(manifest::Manifest twin, const manifest::Manifest& manifest) {
  twin.kernel_programs = manifest.kernel_programs;
  twin.parts = manifest.parts;
  twin.program = manifest.program;
  twin.source = manifest.source;
  return manifest::to_json(twin) == manifest::to_json(manifest);
}

}  // namespace

Result<LoadOutcome> load_twin(const std::string& object_bytes, const manifest::Manifest& twin,
                              const manifest::Manifest& manifest, BpfKernel& now,
                              const std::vector<std::string>& maps) {
  std::map<std::string, int> there;
  for (const std::string& map : maps) {
    const Result<int> fd = now.descriptor(map);
    const Result<MapShape> shape = now.shape(map);
    if (!fd || !shape) return fail(fd ? shape.error() : fd.error());
    // What its code alone decides: its constants, the parts of a split program and their variables.
    const bool is_own =
        shape->type == BPF_MAP_TYPE_PROG_ARRAY || map.starts_with("global_rodata") || map == "p4bpf_scratch";
    if (!is_own) there[map] = *fd;
  }
  Result<LoadOutcome> outcome = LoadedObject::load_again(object_bytes, twin, there);
  if (outcome && outcome->object && !lie_alike(outcome->object->manifest(), manifest)) {
    return fail("the program was loaded by another version of p4bpf, whose tables lie otherwise", "load it again");
  }
  return outcome;
}

Result<FileDescriptor> put_twin_in(const std::string& folder, const LoadedObject& twin) {
  if (is_there(folder + kTwin))
    return fail("the instance is being traced already", "wait until the other trace has ended");
  if (Result<void> done = pin_beside(folder, kUnreadyTwin, kTwin, twin); !done) return fail(done.error());
  Result<std::optional<FileDescriptor>> held = try_to_hold(folder + kTwin);
  Result<void> done = held ? replace_programs(folder, folder + kTwin + kKinds[0], twin.manifest()) : fail(held.error());
  if (done) return std::move(**held);
  if (held) held->reset();
  (void)take_twin_out(folder, twin.manifest(), false);
  return fail(done.error());
}

bool has_twin(const std::string& folder) { return is_there(folder + kTwin); }

Result<void> take_twin_out(const std::string& folder, const manifest::Manifest& manifest, bool even_if_in_use) {
  if (is_there(folder + kUnreadyTwin)) {
    if (Result<void> done = remove_folder(folder + kUnreadyTwin); !done) return done;
  }
  if (!is_there(folder + kTwin)) return {};
  const Result<std::optional<FileDescriptor>> held = try_to_hold(folder + kTwin);
  if (!held) return fail(held.error());
  if (!*held && !even_if_in_use) return {};
  // Who died may have put it in without having noted it.
  (void)replace_programs(folder, folder + kTwin + kKinds[0], manifest);
  if (Result<void> done = replace_programs(folder, folder + kKinds[0], manifest); !done) return done;
  BpfKernel().wait_for_readers();
  return remove_folder(folder + kTwin);
}

}  // namespace p4bpf::runtime
