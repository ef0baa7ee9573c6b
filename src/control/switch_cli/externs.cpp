// Commands of the switch's command language for counters.
#include <fmt/format.h>

#include "control/switch_cli/values.h"

namespace p4bpf::control::switch_cli {
namespace {

Result<std::size_t> counter_named(const Context& context, const std::string& name) {
  return manifest::find_by_name("counter", name, names_of(context.manifest().counters));
}

Result<void> counter_read(Context& context, const Words& words) {
  const Result<std::size_t> index = counter_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the index");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  const manifest::Counter& counter = context.manifest().counters[*index];
  const Result<runtime::CounterValue> value = context.instance.tables().read_counter(*index, *number);
  if (!value) return fail(value.error());
  context.out += fmt::format("{}[{}]=  BmCounterValue(packets={}, bytes={})\n", counter.name, *number, value->packets,
                             value->bytes);
  return {};
}

Result<void> counter_reset(Context& context, const Words& words) {
  const Result<std::size_t> index = counter_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  return context.instance.tables().reset_counters(*index);
}

}  // namespace

std::vector<Command> extern_commands() {
  return {
      {"counter_read", "COUNTER INDEX", "packets and bytes", 2, 2, counter_read},
      {"counter_reset", "COUNTER", "set all to 0", 1, 1, counter_reset},
  };
}

}  // namespace p4bpf::control::switch_cli
