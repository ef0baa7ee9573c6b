// Writes counters, registers, meters and messages as text and as JSON (show.h).
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "control/columns.h"
#include "control/entries.h"
#include "control/show.h"

namespace p4bpf::control {
namespace {

using Json = nlohmann::ordered_json;
using manifest::Counter;

std::string text_of(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// Of so many elements those that are 0 are shown too; of more, people want to see the others.
constexpr std::size_t kMostZeros = 16;

std::string note_zeros(std::size_t zeros) { return zeros == 0 ? "" : std::to_string(zeros) + " others are 0\n"; }

/// A count's parts that the counter has.
Json count_json(const Counter& counter, const runtime::CounterValue& value, Json json) {
  const bool is_plain = !counter.counts_packets && !counter.counts_bytes;
  if (is_plain || counter.counts_packets) json[is_plain ? "value" : "packets"] = value.packets;
  if (counter.counts_bytes) json["bytes"] = value.bytes;
  return json;
}

Json rate_json(const manifest::MeterRate& rate) { return {{"per_second", rate.per_second}, {"burst", rate.burst}}; }
std::string rate_text(const manifest::MeterRate& rate) { return fmt::format("{}:{}", rate.per_second, rate.burst); }

}  // namespace

std::string show_counter(const Counter& counter, const std::vector<runtime::CounterValue>& values, Format format) {
  const bool is_plain = !counter.counts_packets && !counter.counts_bytes;
  const bool with_packets = is_plain || counter.counts_packets;
  const char* const first = is_plain ? "value" : "packets";
  if (format == Format::kJson) {
    Json json = {{"counter", counter.name}, {"values", Json::array()}};
    for (const runtime::CounterValue& value : values) {
      json["values"].push_back(count_json(counter, value, {{"index", value.index}}));
    }
    return text_of(json);
  }
  std::vector<std::vector<std::string>> rows = {{"index"}};
  if (with_packets) rows[0].emplace_back(first);
  if (counter.counts_bytes) rows[0].emplace_back("bytes");
  std::size_t zeros = 0;
  for (const runtime::CounterValue& value : values) {
    if (values.size() > kMostZeros && value.packets == 0 && value.bytes == 0) {
      ++zeros;
      continue;
    }
    std::vector<std::string> row = {std::to_string(value.index)};
    if (with_packets) row.push_back(std::to_string(value.packets));
    if (counter.counts_bytes) row.push_back(std::to_string(value.bytes));
    rows.push_back(std::move(row));
  }
  return counter.name + "\n" + (rows.size() > 1 ? align_columns(rows) : "") + note_zeros(zeros);
}

std::string show_register(const manifest::Register& cells, const std::vector<BigInt>& values, std::uint64_t first,
                          Format format) {
  if (format == Format::kJson) {
    Json json = {{"register", cells.name}, {"bits", cells.bits}, {"values", Json::array()}};
    for (std::size_t i = 0; i < values.size(); ++i)
      json["values"].push_back({{"index", first + i}, {"value", values[i].str()}});
    return text_of(json);
  }
  std::vector<std::vector<std::string>> rows = {{"index", "value"}};
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values.size() > kMostZeros && values[i] == 0) {
      ++zeros;
      continue;
    }
    rows.push_back({std::to_string(first + i), values[i].str()});
  }
  return cells.name + "\n" + (rows.size() > 1 ? align_columns(rows) : "") + note_zeros(zeros);
}

std::string show_direct_counter(const Counter& counter, const manifest::Table& table,
                                const std::vector<runtime::Stored>& entries,
                                const std::vector<runtime::CounterValue>& values, Format format) {
  const auto count_of = [&](std::uint32_t handle) {
    return handle < values.size() ? values[handle] : runtime::CounterValue{handle, 0, 0};
  };
  if (format == Format::kJson) {
    Json json = {{"counter", counter.name}, {"table", table.name}, {"values", Json::array()}};
    for (const runtime::Stored& one : entries) {
      Json element = {{"key", Json::object()}};
      for (std::size_t i = 0; i < one.entry.keys.size(); ++i)
        element["key"][table.keys[i].name] = format_key(one.entry.keys[i], table.keys[i]);
      json["values"].push_back(count_json(counter, count_of(one.handle), std::move(element)));
    }
    json["default"] = count_json(counter, count_of(0), Json::object());
    return text_of(json);
  }
  std::vector<std::vector<std::string>> rows(1);
  if (counter.counts_packets) rows[0].emplace_back("packets");
  if (counter.counts_bytes) rows[0].emplace_back("bytes");
  rows[0].emplace_back("entry");
  const auto add = [&](const runtime::CounterValue& value, std::string entry) {
    std::vector<std::string> row;
    if (counter.counts_packets) row.push_back(std::to_string(value.packets));
    if (counter.counts_bytes) row.push_back(std::to_string(value.bytes));
    row.push_back(std::move(entry));
    rows.push_back(std::move(row));
  };
  for (const runtime::Stored& one : entries) add(count_of(one.handle), format_keys(table, one.entry));
  add(count_of(0), "(no entry)");
  return counter.name + "\n" + align_columns(rows);
}

std::string show_meter(const manifest::Meter& meter, const std::vector<ShownMeter>& elements, Format format) {
  if (format == Format::kJson) {
    Json json = {{"meter", meter.name}, {"unit", meter.counts_bytes ? "bytes" : "packets"}, {"values", Json::array()}};
    for (const ShownMeter& one : elements) {
      Json element = {{"element", one.element}};
      element["committed"] = one.rates ? rate_json(one.rates->committed) : Json(nullptr);
      element["peak"] = one.rates ? rate_json(one.rates->peak) : Json(nullptr);
      json["values"].push_back(std::move(element));
    }
    return text_of(json);
  }
  std::vector<std::vector<std::string>> rows = {{"element", "committed", "peak"}};
  std::size_t without = 0;
  for (const ShownMeter& one : elements) {
    if (!one.rates && elements.size() > kMostZeros) {
      ++without;
      continue;
    }
    rows.push_back(
        {one.element, one.rates ? rate_text(one.rates->committed) : "-", one.rates ? rate_text(one.rates->peak) : "-"});
  }
  return fmt::format("{}, in {} a second\n{}{}", meter.name, meter.counts_bytes ? "bytes" : "packets",
                     rows.size() > 1 ? align_columns(rows) : "",
                     without == 0 ? "" : fmt::format("{} others have no rates\n", without));
}

std::string show_digest(const manifest::Digest& digest, const runtime::DigestRecord& record, Format format) {
  if (format == Format::kJson) {
    Json json = {
        {"digest", digest.name}, {"receiver", record.receiver}, {"time_ns", record.time_ns}, {"data", Json::object()}};
    for (std::size_t i = 0; i < digest.fields.size() && i < record.values.size(); ++i)
      json["data"][digest.fields[i].name] = format_value(record.values[i], type_of(digest.fields[i]));
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  std::string text = digest.name;
  for (std::size_t i = 0; i < digest.fields.size() && i < record.values.size(); ++i)
    text += " " + digest.fields[i].name + "=" + format_value(record.values[i], type_of(digest.fields[i]));
  return text + "\n";
}

std::string show_digests(const manifest::Manifest& manifest, std::uint64_t lost, Format format) {
  if (format == Format::kJson) {
    Json json = {{"digests", Json::array()}, {"lost", lost}};
    for (const manifest::Digest& digest : manifest.digests) {
      Json one = {{"name", digest.name}, {"fields", Json::array()}};
      for (const manifest::ActionParam& field : digest.fields)
        one["fields"].push_back({{"name", field.name}, {"bits", field.bits}});
      json["digests"].push_back(std::move(one));
    }
    return text_of(json);
  }
  std::string text;
  for (const manifest::Digest& digest : manifest.digests) {
    text += digest.name + ":";
    for (const manifest::ActionParam& field : digest.fields) text += fmt::format(" {}({})", field.name, field.bits);
    text += "\n";
  }
  if (manifest.digests.empty()) return "the program sends no digests\n";
  return text + fmt::format("{} lost\n", lost);
}

}  // namespace p4bpf::control
