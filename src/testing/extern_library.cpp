// Marshalling of arguments and the call (extern_library.h).
#include "testing/extern_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <deque>
#include <set>

#include "base/files.h"
#include "testing/dataplane.h"
#include "testing/guard.h"

namespace p4bpf::testing {
namespace {

using Direction = ir::ExternArgument::Direction;
using arch::ExternValue;

constexpr const char* kExportPrefix = "p4bpf_user_extern_";
constexpr std::size_t kMaxArguments = 12;

std::uint32_t scalar_size(std::uint32_t bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8; }
std::size_t align(std::size_t offset, std::size_t to) { return (offset + to - 1) / to * to; }

void put_scalar(std::uint8_t* at, const BigInt& value, std::uint32_t size) {
  const auto number = static_cast<std::uint64_t>(wrap(value, 64, false));
  std::memcpy(at, &number, size);  // little-endian, as generated code insists on
}
BigInt get_scalar(const std::uint8_t* at, std::uint32_t size) {
  std::uint64_t number = 0;
  std::memcpy(&number, at, size);
  return number;
}
void put(std::uint8_t* at, const BigInt& value, std::uint32_t bits) {
  if (bits <= 64) return put_scalar(at, value, scalar_size(bits));
  const auto bytes = to_bytes(value, bits);
  std::copy(bytes.begin(), bytes.end(), at);
}
BigInt get(const std::uint8_t* at, std::uint32_t bits) {
  return bits <= 64 ? get_scalar(at, scalar_size(bits)) : from_bytes(at, (bits + 7) / 8);
}

/// Where the members of a header's struct lie.
struct HeaderLayout {
  std::vector<std::size_t> offsets;
  std::size_t valid = 0;
  std::size_t size = 0;

  explicit HeaderLayout(const ir::HeaderType& type) {
    for (const ir::HeaderField& field : type.fields) {
      const std::uint32_t bits = field.type.width;
      const std::size_t alignment = bits > 64 ? 1 : scalar_size(bits);
      size = align(size, alignment);
      offsets.push_back(size);
      size += bits > 64 ? (bits + 7) / 8 : scalar_size(bits);
    }
    valid = size++;
  }
};

/// One call: the words that go to the function and what they point to.
class Marshal {
 public:
  Marshal(const ir::Program& program, const ir::CallExtern& call, arch::ExternContext& context)
      : program_(program), call_(call), context_(context) {}

  Result<void> prepare() {
    for (std::size_t i = 0; i < call_.arguments.size(); ++i) add(call_.arguments[i], context_.arguments[i]);
    const auto& result = program_[call_.function].result;
    if (result && result->width > 64) {
      wide_result_ = memory((result->width + 7) / 8);
      words_.push_back(reinterpret_cast<std::uint64_t>(wide_result_));
    }
    if (words_.size() > kMaxArguments)
      return fail(fmt::format("extern '{}' has more than {} arguments", program_[call_.function].name, kMaxArguments));
    words_.resize(kMaxArguments);
    return {};
  }

  /// As the ABIs of Linux pass integers and pointers: a word each; a function leaves alone what it does not expect.
  std::string run(void* function) {
    using Function =
        std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                          std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
    const auto called = reinterpret_cast<Function>(function);
    const auto& w = words_;
    return run_guarded(
        [&] { result_ = called(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11]); });
  }

  void finish() {
    for (std::size_t i = 0; i < call_.arguments.size(); ++i) read_back(call_.arguments[i], context_.arguments[i]);
    const auto& result = program_[call_.function].result;
    if (!result || result->width == 0) return;
    context_.result = result->width > 64 ? from_bytes(wide_result_, (result->width + 7) / 8)
                                         : wrap(result_, result->width, result->is_signed);
  }

 private:
  std::uint8_t* memory(std::size_t size) {
    memory_.emplace_back((size + 7) / 8 + 1, 0);
    return reinterpret_cast<std::uint8_t*>(memory_.back().data());
  }

  void add(const ir::ExternArgument& argument, const ExternValue& value) {
    if (const auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
      for (std::size_t i = 0; i < all->fields.size(); ++i) add(all->fields[i], value.fields[i]);
      return;
    }
    if (const auto* ref = std::get_if<ir::HeaderRef>(&argument.value)) return add_header(type_of(*ref), value);
    const ir::Type& type = program_[std::get<ir::ExprId>(argument.value)].type;
    if (argument.direction == Direction::kIn && type.width <= 64) {
      words_.push_back(static_cast<std::uint64_t>(wrap(value.value, 64, false)));
      return;
    }
    std::uint8_t* const at = memory(type.width > 64 ? (type.width + 7) / 8 : 8);
    if (argument.direction != Direction::kOut) put(at, value.value, type.width);
    words_.push_back(reinterpret_cast<std::uint64_t>(at));
    pointers_.push_back(at);
  }

  void add_header(const ir::HeaderType& type, const ExternValue& value) {
    const HeaderLayout layout(type);
    std::uint8_t* const at = memory(layout.size);
    for (std::size_t i = 0; i < type.fields.size(); ++i)
      put(at + layout.offsets[i], value.fields[i].value, type.fields[i].type.width);
    at[layout.valid] = value.is_valid ? 1 : 0;
    words_.push_back(reinterpret_cast<std::uint64_t>(at));
    pointers_.push_back(at);
  }

  /// In the order of add(), so that the pointers come in turn.
  void read_back(const ir::ExternArgument& argument, ExternValue& value) {
    if (const auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
      for (std::size_t i = 0; i < all->fields.size(); ++i) read_back(all->fields[i], value.fields[i]);
      return;
    }
    if (const auto* ref = std::get_if<ir::HeaderRef>(&argument.value)) {
      const ir::HeaderType& type = type_of(*ref);
      const HeaderLayout layout(type);
      const std::uint8_t* const at = pointers_[next_pointer_++];
      for (std::size_t i = 0; i < type.fields.size(); ++i)
        value.fields[i].value = get(at + layout.offsets[i], type.fields[i].type.width);
      value.is_valid = at[layout.valid] != 0;
      return;
    }
    const ir::Type& type = program_[std::get<ir::ExprId>(argument.value)].type;
    if (argument.direction == Direction::kIn && type.width <= 64) return;
    const BigInt read = get(pointers_[next_pointer_++], type.width);
    if (argument.direction != Direction::kIn) value.value = wrap(read, type.width, type.is_signed);
  }

  const ir::HeaderType& type_of(const ir::HeaderRef& ref) const {
    return program_[ref.header ? program_[ref.header].type : program_[ref.stack].type];
  }

  const ir::Program& program_;
  const ir::CallExtern& call_;
  arch::ExternContext& context_;
  std::vector<std::uint64_t> words_;
  std::deque<std::vector<std::uint64_t>> memory_;
  std::vector<std::uint8_t*> pointers_;
  std::size_t next_pointer_ = 0;
  std::uint8_t* wide_result_ = nullptr;
  std::uint64_t result_ = 0;
};

}  // namespace

std::string ExternLibrary::exports(const ir::Program& program) {
  // Only a function that is called has a prototype; only one that has a body may be named.
  std::set<std::string> called;
  for (const ir::Block& block : program.blocks) {
    for (const ir::Stmt& stmt : block.statements) {
      const auto* call = std::get_if<ir::CallExtern>(&stmt.node);
      if (call != nullptr && program[call->function].is_user) called.insert(program[call->function].name);
    }
  }
  std::string text;
  for (const std::string& name : called) {
    text += fmt::format("\n__attribute__((visibility(\"default\"), used)) void *{}{} = (void *)&{};", kExportPrefix,
                        name, name);
  }
  return text + "\n";
}

Result<std::unique_ptr<ExternLibrary>> ExternLibrary::open(const std::string& native, const std::string& copy) {
  const auto bytes = read_file(native);
  if (!bytes) return fail(bytes.error());
  const auto written = write_file(copy, *bytes);
  if (!written) return fail(written.error());
  std::unique_ptr<ExternLibrary> result(new ExternLibrary);
  result->library_ = ::dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (result->library_ == nullptr) return fail("cannot load the native build of the externs");
  auto maps = NativeMaps::create(result->library_);
  if (!maps) return fail(maps.error());
  result->maps_ = std::move(*maps);
  return result;
}

ExternLibrary::~ExternLibrary() {
  maps_.reset();
  if (library_ != nullptr) ::dlclose(library_);
}

Result<void> ExternLibrary::call(const ir::Program& program, const ir::CallExtern& call, arch::ExternContext& context) {
  const std::string& name = program[call.function].name;
  void* const exported = ::dlsym(library_, (kExportPrefix + name).c_str());
  if (exported == nullptr) return fail_missing_extern(1, {name});
  void* function = nullptr;
  std::memcpy(&function, exported, sizeof function);
  Marshal marshal(program, call, context);
  const auto ready = marshal.prepare();
  if (!ready) return ready;
  const std::string crash = marshal.run(function);
  if (!crash.empty()) return fail(fmt::format("extern '{}' met {}", name, crash));
  marshal.finish();
  return {};
}

}  // namespace p4bpf::testing
