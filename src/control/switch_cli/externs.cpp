// Commands of the switch's command language for counters, registers and meters.
#include <fmt/format.h>

#include "control/switch_cli/values.h"
#include "runtime/meter_access.h"
#include "runtime/register_access.h"

namespace p4bpf::control::switch_cli {
namespace {

/// Where in a counter or meter: an index, or, of a direct one, the handle of an entry of its table.
template <class Array>
Result<std::uint64_t> place_of(Context& context, const Array& array, std::uint32_t number) {
  if (!array.table) return number;
  const Result<manifest::Entry> entry = context.state.entry(context.tables, context.manifest(), *array.table, number);
  if (!entry) return fail(entry.error());
  const Result<std::uint32_t> handle = context.tables.handle_of(*array.table, *entry);
  if (!handle) return fail(handle.error());
  return *handle;
}

// ---- counters ------------------------------------------------------------------------------------------------------

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
  const Result<std::uint64_t> place = place_of(context, counter, *number);
  if (!place) return fail(place.error());
  const Result<runtime::CounterValue> value = context.instance.tables().read_counter(*index, *place);
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

// ---- registers -----------------------------------------------------------------------------------------------------

Result<std::size_t> register_named(const Context& context, const std::string& name) {
  return manifest::find_by_name("register", name, names_of(context.manifest().registers));
}

runtime::RegisterAccess registers(Context& context) { return {context.kernel, context.manifest()}; }

Result<void> register_read(Context& context, const Words& words) {
  const Result<std::size_t> index = register_named(context, words[0]);
  if (!index) return fail(index.error());
  const std::string& name = context.manifest().registers[*index].name;
  if (words.size() == 1) {
    if (context.only_checks) return {};
    const Result<std::vector<BigInt>> values = registers(context).read_all(*index);
    if (!values) return fail(values.error());
    std::string all;
    for (const BigInt& value : *values) all += (all.empty() ? "" : ", ") + value.str();
    context.out += name + "= " + all + "\n";
    return {};
  }
  const Result<std::uint32_t> number = parse_number(words[1], "the index");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  const Result<BigInt> value = registers(context).read(*index, *number);
  if (!value) return fail(value.error());
  context.out += fmt::format("{}[{}]=  {}\n", name, *number, value->str());
  return {};
}

Result<void> register_write(Context& context, const Words& words) {
  const Result<std::size_t> index = register_named(context, words[0]);
  if (!index) return fail(index.error());
  const manifest::Register& cells = context.manifest().registers[*index];
  const Result<std::uint32_t> number = parse_number(words[1], "the index");
  if (!number) return fail(number.error());
  if (*number >= cells.size)
    return fail(fmt::format("register '{}' has no index {}", cells.name, *number),
                fmt::format("it has {} cells", cells.size));
  const Result<BigInt> value = parse_value(words[2], {cells.name, cells.kind, cells.bits, nullptr}, context.ports);
  if (!value) return fail(value.error());
  if (context.only_checks) return {};
  return registers(context).write(*index, *number, *value);
}

Result<void> register_reset(Context& context, const Words& words) {
  const Result<std::size_t> index = register_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  return registers(context).reset(*index);
}

// ---- meters --------------------------------------------------------------------------------------------------------

Result<std::size_t> meter_named(const Context& context, const std::string& name) {
  return manifest::find_by_name("meter", name, names_of(context.manifest().meters));
}

runtime::MeterAccess meters(Context& context) { return {context.kernel, context.manifest()}; }

constexpr double kMicroseconds = 1e6;  // in a second: the language counts rates by the microsecond

/// RATE:BURST.
Result<manifest::MeterRate> parse_rate(const std::string& word) {
  const std::size_t colon = word.find(':');
  manifest::MeterRate rate;
  char* end = nullptr;
  rate.per_second = std::strtod(word.c_str(), &end) * kMicroseconds;
  const std::optional<BigInt> burst = colon == std::string::npos ? std::nullopt : parse_big_int(word.substr(colon + 1));
  const bool is_rate = colon != 0 && end == word.c_str() + colon && rate.per_second >= 0 && rate.per_second <= 1e15;
  if (!is_rate || !burst || *burst > UINT32_MAX)
    return fail("'" + word + "' is no rate",
                "it is RATE:BURST, packets or bytes in a microsecond, and packets or bytes at once");
  rate.burst = static_cast<std::uint64_t>(*burst);
  return rate;
}

Result<manifest::MeterRates> parse_rates(const Words& words, std::size_t first) {
  const Result<manifest::MeterRate> committed = parse_rate(words[first]);
  if (!committed) return fail(committed.error());
  const Result<manifest::MeterRate> peak = parse_rate(words[first + 1]);
  if (!peak) return fail(peak.error());
  if (peak->per_second < committed->per_second)
    return fail("the second rate is lower than the first one", "the first is what is green, the second what is yellow");
  return manifest::MeterRates{*committed, *peak};
}

Result<void> meter_set(Context& context, const Words& words) {
  const Result<std::size_t> index = meter_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the index");
  if (!number) return fail(number.error());
  const Result<manifest::MeterRates> rates = parse_rates(words, 2);
  if (!rates) return fail(rates.error());
  if (context.only_checks) return {};
  const Result<std::uint64_t> place = place_of(context, context.manifest().meters[*index], *number);
  if (!place) return fail(place.error());
  return meters(context).set(*index, *place, *rates);
}

Result<void> meter_set_all(Context& context, const Words& words) {
  const Result<std::size_t> index = meter_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<manifest::MeterRates> rates = parse_rates(words, 1);
  if (!rates || context.only_checks) return rates ? Result<void>() : fail(rates.error());
  return meters(context).set_all(*index, *rates);
}

Result<void> meter_get(Context& context, const Words& words) {
  const Result<std::size_t> index = meter_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the index");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  const manifest::Meter& meter = context.manifest().meters[*index];
  const Result<std::uint64_t> place = place_of(context, meter, *number);
  if (!place) return fail(place.error());
  const auto rates = meters(context).get(*index, *place);
  if (!rates) return fail(rates.error());
  if (!*rates) {
    context.out += fmt::format("{}[{}] has no rates: all is green\n", meter.name, *number);
    return {};
  }
  int line = 0;
  for (const manifest::MeterRate& rate : {(*rates)->committed, (*rates)->peak}) {
    context.out +=
        fmt::format("{}: info rate = {}, burst size = {}\n", line++, rate.per_second / kMicroseconds, rate.burst);
  }
  return {};
}

}  // namespace

std::vector<Command> extern_commands() {
  return {
      {"counter_read", "COUNTER INDEX", "packets and bytes; of a direct counter the index is an entry's handle", 2, 2,
       counter_read},
      {"counter_reset", "COUNTER", "set all to 0", 1, 1, counter_reset},
      {"register_read", "REGISTER [INDEX]", "one value, or all", 1, 2, register_read},
      {"register_write", "REGISTER INDEX VALUE", "write a value", 3, 3, register_write},
      {"register_reset", "REGISTER", "set all to 0", 1, 1, register_reset},
      {"meter_set_rates", "METER INDEX RATE:BURST RATE:BURST", "rates by the microsecond", 4, 4, meter_set},
      {"meter_array_set_rates", "METER RATE:BURST RATE:BURST", "the same for all", 3, 3, meter_set_all},
      {"meter_get_rates", "METER INDEX", "the rates", 2, 2, meter_get},
  };
}

}  // namespace p4bpf::control::switch_cli
