// p4bpf meter set|get|reset: the rates of a running program's meters.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "control/entries.h"
#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"
#include "runtime/meter_access.h"

namespace p4bpf::driver {
namespace {

struct MeterOptions {
  std::string target;
  std::vector<std::string> words;
  bool all = false;
  bool json = false;
};

/// RATE:BURST; a rate may end in k, M or G.
Result<manifest::MeterRate> parse_rate(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto wrong = [&] {
    return fail("'" + text + "' is no rate and burst, expected RATE:BURST, as 1000:50 or 2.5M:1500");
  };
  if (colon == std::string::npos) return wrong();
  std::string number = text.substr(0, colon);
  double factor = 1;
  if (!number.empty()) {
    const char last = number.back();
    factor = last == 'k' ? 1e3 : last == 'M' ? 1e6 : last == 'G' ? 1e9 : 1;
    if (factor != 1) number.pop_back();
  }
  try {
    std::size_t end = 0;
    manifest::MeterRate rate;
    rate.per_second = factor * std::stod(number, &end);
    const std::string burst = text.substr(colon + 1);
    if (end != number.size() || !std::isfinite(rate.per_second) || rate.per_second < 0) return wrong();
    if (burst.empty() || burst.find_first_not_of("0123456789") != std::string::npos) return wrong();
    rate.burst = std::stoull(burst);
    return rate;
  } catch (const std::exception&) {
    return wrong();
  }
}

/// The words name an element: an index, or for a table's own meter the keys of an entry.
Result<std::uint64_t> element_of(control::Target& target, const std::vector<std::string>& words) {
  const manifest::Manifest& manifest = target.instance.manifest();
  const manifest::Meter& meter = manifest.meters[target.index];
  if (!meter.table) {
    if (words.size() == 1 && !words[0].empty() && words[0].find_first_not_of("0123456789") == std::string::npos) {
      const Result<BigInt> index = control::parse_value(words[0], {"index", manifest::ValueKind::kBits, 64, nullptr});
      if (!index) return fail(index.error());
      return static_cast<std::uint64_t>(*index);
    }
    return fail("expected the index of an element of meter '" + meter.name + "', a number");
  }
  const Result<manifest::Entry> entry = control::parse_entry_key(manifest.tables[*meter.table], {words, std::nullopt},
                                                                 control::ports_of(target.instance));
  if (!entry) return fail(entry.error());
  const Result<std::uint32_t> handle = target.instance.tables().handle_of(*meter.table, *entry);
  if (!handle) return fail(handle.error());
  return *handle;
}

int set(MeterOptions options) {
  Result<control::Target> target = control::find_meter(options.target);
  if (!target) return report(target.error());
  if (options.words.size() < 2) return report(Error{"expected two rates, CIR:CBS and PIR:PBS", "", 0});
  manifest::MeterRates rates;
  for (manifest::MeterRate* const rate : {&rates.peak, &rates.committed}) {
    const Result<manifest::MeterRate> parsed = parse_rate(options.words.back());
    if (!parsed) return report(parsed.error());
    *rate = *parsed;
    options.words.pop_back();
  }
  runtime::MeterAccess access(target->instance.kernel(), target->instance.manifest());
  if (options.words.empty() && !target->instance.manifest().meters[target->index].table) {
    const Result<void> done = access.set_all(target->index, rates);
    return done ? static_cast<int>(kFine) : report(done.error());
  }
  const Result<std::uint64_t> element = element_of(*target, options.words);
  if (!element) return report(element.error());
  const Result<void> done = access.set(target->index, *element, rates);
  return done ? static_cast<int>(kFine) : report(done.error());
}

int get(const MeterOptions& options) {
  Result<control::Target> target = control::find_meter(options.target);
  if (!target) return report(target.error());
  const manifest::Manifest& manifest = target->instance.manifest();
  const manifest::Meter& meter = manifest.meters[target->index];
  runtime::MeterAccess access(target->instance.kernel(), manifest);
  std::vector<control::ShownMeter> shown;
  const auto add = [&](std::string element, std::uint64_t index) -> Result<void> {
    const auto rates = access.get(target->index, index);
    if (!rates) return fail(rates.error());
    shown.push_back({std::move(element), *rates});
    return {};
  };
  Result<void> done;
  if (!options.words.empty()) {
    const Result<std::uint64_t> element = element_of(*target, options.words);
    if (!element) return report(element.error());
    std::string text;
    for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
    done = add(text, *element);
  } else if (meter.table) {
    const auto entries = target->instance.tables().dump_stored(*meter.table);
    if (!entries) return report(entries.error());
    for (const runtime::Stored& one : *entries) {
      if (done) done = add(control::format_keys(manifest.tables[*meter.table], one.entry), one.handle);
    }
  } else {
    for (std::uint64_t i = 0; i < meter.size && done; ++i) done = add(std::to_string(i), i);
  }
  if (!done) return report(done.error());
  std::fputs(control::show_meter(meter, shown, options.json ? control::Format::kJson : control::Format::kText).c_str(),
             stdout);
  return kFine;
}

int reset(const MeterOptions& options) {
  Result<control::Target> target = control::find_meter(options.target);
  if (!target) return report(target.error());
  runtime::MeterAccess access(target->instance.kernel(), target->instance.manifest());
  if (options.words.empty()) {
    const Result<void> done = access.reset_all(target->index);
    return done ? static_cast<int>(kFine) : report(done.error());
  }
  const Result<std::uint64_t> element = element_of(*target, options.words);
  if (!element) return report(element.error());
  const Result<void> done = access.reset(target->index, *element);
  return done ? static_cast<int>(kFine) : report(done.error());
}

std::shared_ptr<MeterOptions> add_options(CLI::App& verb, const char* words) {
  auto options = std::make_shared<MeterOptions>();
  verb.add_option("METER", options->target, "the meter, as NAME:METER or METER")->required();
  verb.add_option("WORDS", options->words, words);
  return options;
}

}  // namespace

void add_meter_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const all =
      add_verb(app, "meter", "set and show the rates of a running program's meters",
               "meter set r1:policer 3 1000:10 2000:20\nmeter get r1:policer\nmeter reset r1:policer 3");
  all->require_subcommand(1);
  {
    CLI::App* const verb =
        add_verb(*all, "set", "set committed and peak rate, in packets or bytes a second, and bursts",
                 "meter set r1:policer 3 1000:10 2000:20\nmeter set r1:by_host src=10.0.0.1 1M:1500 2M:3000");
    const auto options =
        add_options(*verb, "an index, or the keys of an entry (by default all elements), then CIR:CBS and PIR:PBS");
    on_chosen(*verb, chosen, [=] { return set(*options); });
  }
  {
    CLI::App* const verb = add_verb(*all, "get", "show the rates", "meter get r1:policer 3\nmeter get policer --json");
    const auto options = add_options(*verb, "an index, or the keys of an entry; by default all");
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return get(*options); });
  }
  {
    CLI::App* const verb = add_verb(*all, "reset", "take rates away: everything is green then",
                                    "meter reset r1:policer 3\nmeter reset policer");
    const auto options = add_options(*verb, "an index, or the keys of an entry; by default all");
    on_chosen(*verb, chosen, [=] { return reset(*options); });
  }
}

}  // namespace p4bpf::driver
