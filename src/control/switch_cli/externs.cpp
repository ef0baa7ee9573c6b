// Commands of the switch's command language for counters, registers and meters.
#include <fmt/format.h>

#include "control/switch_cli/values.h"
#include "runtime/calculation_access.h"
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

Result<void> counter_write(Context& context, const Words& words) {
  const Result<std::size_t> index = counter_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the index");
  if (!number) return fail(number.error());
  const manifest::Counter& counter = context.manifest().counters[*index];
  std::uint64_t counts[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const Result<BigInt> count = parse_value(words[i + 2], {"count", manifest::ValueKind::kBits, 64, nullptr}, {});
    if (!count) return fail(count.error());
    counts[i] = static_cast<std::uint64_t>(*count);
  }
  if (context.only_checks) return {};
  const Result<std::uint64_t> place = place_of(context, counter, *number);
  if (!place) return fail(place.error());
  return context.instance.tables().write_counter(*index, {*place, counts[0], counts[1]});
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

// ---- calculations --------------------------------------------------------------------------------------------------

Result<bool> parse_truth(const std::string& word) {
  if (word == "true" || word == "True" || word == "1") return true;
  if (word == "false" || word == "False" || word == "0") return false;
  return fail("'" + word + "' is neither true nor false");
}

/// CALCULATION POLYNOMIAL INITIAL FINAL_XOR REFLECT_DATA REFLECT_REMAINDER
Result<void> set_parameters(Context& context, const Words& words, std::uint32_t width) {
  const std::vector<manifest::Calculation>& all = context.manifest().calculations;
  if (all.empty())
    return fail("the program has no calculation whose parameters can be set",
                "they are those of HashAlgorithm.crc16_custom and crc32_custom");
  const Result<std::size_t> index = manifest::find_by_name("calculation", words[0], names_of(all));
  if (!index) return fail(index.error());
  if (all[*index].width != width)
    return fail(fmt::format("calculation '{}' has {} bits", words[0], all[*index].width),
                fmt::format("it is set_crc{}_parameters", all[*index].width));
  CrcParameters parameters;
  constexpr const char* kWhat[] = {"the polynomial", "the initial remainder", "the final value"};
  std::uint32_t* const numbers[] = {&parameters.polynomial, &parameters.initial, &parameters.final_xor};
  for (std::size_t i = 0; i < std::size(numbers); ++i) {
    const Result<std::uint32_t> number = parse_number(words[i + 1], kWhat[i]);
    if (!number) return fail(number.error());
    if (width == 16 && *number > UINT16_MAX) return fail("'" + words[i + 1] + "' does not fit into 16 bits");
    *numbers[i] = *number;
  }
  bool* const truths[] = {&parameters.reflect_data, &parameters.reflect_remainder};
  for (std::size_t i = 0; i < std::size(truths); ++i) {
    const Result<bool> truth = parse_truth(words[i + 4]);
    if (!truth) return fail(truth.error());
    *truths[i] = *truth;
  }
  if (context.only_checks) return {};
  return runtime::CalculationAccess(context.kernel, context.manifest()).set(*index, parameters);
}

Result<void> set_crc16(Context& context, const Words& words) { return set_parameters(context, words, 16); }
Result<void> set_crc32(Context& context, const Words& words) { return set_parameters(context, words, 32); }

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
  constexpr const char* kCrcUsage = "CALCULATION POLYNOMIAL INITIAL FINAL_XOR REFLECT_DATA REFLECT_REMAINDER";
  return {
      {"counter_read", "COUNTER INDEX", "packets and bytes; of a direct counter the index is an entry's handle", 2, 2,
       counter_read},
      {"counter_write", "COUNTER INDEX PACKETS BYTES", "set both; what the counter does not count is not looked at", 4,
       4, counter_write},
      {"counter_reset", "COUNTER", "set all to 0", 1, 1, counter_reset},
      {"register_read", "REGISTER [INDEX]", "one value, or all", 1, 2, register_read},
      {"register_write", "REGISTER INDEX VALUE", "write a value", 3, 3, register_write},
      {"register_reset", "REGISTER", "set all to 0", 1, 1, register_reset},
      {"set_crc16_parameters", kCrcUsage, "parameters of a hash by crc16_custom", 6, 6, set_crc16},
      {"set_crc32_parameters", kCrcUsage, "the same by crc32_custom", 6, 6, set_crc32},
      {"meter_set_rates", "METER INDEX RATE:BURST RATE:BURST", "rates by the microsecond", 4, 4, meter_set},
      {"meter_array_set_rates", "METER RATE:BURST RATE:BURST", "the same for all", 3, 3, meter_set_all},
      {"meter_get_rates", "METER INDEX", "the rates", 2, 2, meter_get},
  };
}

}  // namespace p4bpf::control::switch_cli
