// The walk over the commands of a test and the comparison at its end (stf_runner.h).
#include "testing/stf_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "testing/stf_names.h"
#include "testing/stf_profiles.h"
#include "testing/stf_replication.h"

namespace p4bpf::testing::stf {
namespace {

char nibble(const Bytes& bytes, std::size_t i) {
  return "0123456789abcdef"[i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15];
}

bool holds(CheckCounter::Relation relation, const BigInt& left, const BigInt& right) {
  using Relation = CheckCounter::Relation;
  switch (relation) {
    case Relation::kEq:
      return left == right;
    case Relation::kNe:
      return left != right;
    case Relation::kLt:
      return left < right;
    case Relation::kLe:
      return left <= right;
    case Relation::kGt:
      return left > right;
    case Relation::kGe:
      return left >= right;
  }
  return false;
}

const char* spelling(CheckCounter::Relation relation) {
  constexpr const char* kSpellings[] = {"==", "!=", "<", "<=", ">", ">="};
  return kSpellings[static_cast<std::size_t>(relation)];
}

class Runner {
 public:
  Runner(Dataplane& dataplane, Diagnostics& diagnostics) : dataplane_(dataplane), diagnostics_(diagnostics), replication_(dataplane) {}

  Outcome run(const std::vector<Command>& commands) {
    if (!check_names(commands, dataplane_.manifest(), diagnostics_)) return std::move(outcome_);
    for (const Command& command : commands) {
      span_ = command.span;
      const bool fine = std::visit([&](const auto& node) { return execute(node); }, command.node);
      // What follows a command that failed would be measured against tables that the test did not mean.
      if (!fine) return std::move(outcome_);
    }
    compare_all();
    return std::move(outcome_);
  }

 private:
  struct Received {
    Bytes bytes;
    Span sent_by;
  };
  struct Expected {
    const Expect* expect;
    Span span;
  };

  void log(const std::string& what) {
    outcome_.log.push_back(fmt::format("{}: {}", diagnostics_.sources().position(span_.begin).line, what));
  }

  bool failed(const Error& error, DiagnosticKind kind = DiagnosticKind::kTestFailed) {
    if (error.code == kUnavailable) {
      outcome_.unavailable = error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint);
      return false;
    }
    Diagnostic& diagnostic = diagnostics_.report(kind, span_, error.message);
    if (!error.hint.empty()) diagnostic.notes.push_back({{}, error.hint});
    return false;
  }

  bool execute(const Add& add) {
    const auto index = resolve("table", add.table, dataplane_.manifest().tables, diagnostics_);
    if (!index) return false;
    const manifest::Table& table = dataplane_.manifest().tables[*index];
    auto entry = resolve_entry(add, span_, table, diagnostics_);
    if (!entry) return false;
    const auto inserted = dataplane_.insert(*index, *entry);
    if (add.label) labels_.insert_or_assign(add.label->text, Labelled{*index, *entry});
    log(fmt::format("add to {}", table.name));
    return inserted ? true : failed(inserted.error());
  }

  bool execute(const SetDefault& command) {
    const auto index = resolve("table", command.table, dataplane_.manifest().tables, diagnostics_);
    if (!index) return false;
    const auto what = resolve_target(command.action, dataplane_.manifest().tables[*index], diagnostics_);
    if (!what) return false;
    const auto set = dataplane_.set_default(*index, *what);
    log(fmt::format("default of {}", dataplane_.manifest().tables[*index].name));
    return set ? true : failed(set.error());
  }

  bool execute(const SetMember& command) {
    const auto profile = resolve("profile", command.profile, dataplane_.manifest().profiles, diagnostics_);
    const auto member = resolve_member(command, dataplane_.manifest(), diagnostics_);
    if (!profile || !member) return false;
    const auto set = dataplane_.set_member(*profile, *member);
    return set ? true : failed(set.error());
  }

  bool execute(const SetGroup& command) {
    const auto profile = resolve("profile", command.profile, dataplane_.manifest().profiles, diagnostics_);
    const auto group = resolve_group(command, dataplane_.manifest(), diagnostics_);
    if (!profile || !group) return false;
    const auto set = dataplane_.set_group(*profile, *group);
    return set ? true : failed(set.error());
  }

  bool execute(const RemoveAll&) {
    const std::vector<manifest::Table>& tables = dataplane_.manifest().tables;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      if (tables[i].entries_are_const || tables[i].keys.empty()) continue;
      const auto cleared = dataplane_.clear(i);
      if (!cleared) return failed(cleared.error());
    }
    return true;
  }

  bool execute(const Packet& packet) {
    auto outputs = dataplane_.inject(packet.port, packet.bytes);
    if (!outputs) return failed(outputs.error());
    ++outcome_.packets;
    outcome_.outputs += outputs->size();
    last_outputs_ = outputs->size();
    log(fmt::format("packet of {} bytes on port {}{}", packet.bytes.size(), packet.port,
                    outputs->empty() ? ": nothing left" : ""));
    for (Output& output : *outputs) {
      log(fmt::format("  left on port {}: {}", output.port, hex(output.bytes)));
      received_[output.port].push_back({std::move(output.bytes), span_});
    }
    return true;
  }

  bool execute(const Expect& expect) {
    ++outcome_.checks;
    expected_[expect.port].push_back({&expect, span_});
    return true;
  }

  bool execute(const NoPacket&) {
    ++outcome_.checks;
    if (last_outputs_ == 0) return true;
    diagnostics_.report(DiagnosticKind::kTestFailed, span_,
                        fmt::format("expected no packet, but the last one sent made {} leave", last_outputs_));
    return true;
  }

  /// Packets are through when inject() returns, so there is nothing to wait for.
  bool execute(const Wait&) { return true; }

  bool execute(const CheckCounter& check) {
    ++outcome_.checks;
    const auto index = resolve("counter", check.counter, dataplane_.manifest().counters, diagnostics_);
    if (!index) return false;
    const auto element = element_of(check.index);
    if (!element) return false;
    const auto value = read(*index, *element);
    if (!value) return false;
    if (check.what == CheckCounter::What::kExists) return true;
    const bool bytes = check.what == CheckCounter::What::kBytes;
    const manifest::Counter& counter = dataplane_.manifest().counters[*index];
    if (bytes && !counter.counts_bytes) {
      diagnostics_.report(DiagnosticKind::kStfUnsupported, span_,
                          fmt::format("counter '{}' does not count bytes", counter.name));
      return true;
    }
    const BigInt& actual = bytes ? value->bytes : value->packets;
    if (holds(check.relation, actual, check.value.value())) return true;
    diagnostics_.report(DiagnosticKind::kTestFailed, span_,
                        fmt::format("expected {} {}, but counter '{}' has {}", spelling(check.relation),
                                    check.value.value().str(), counter.name, actual.str()));
    return true;
  }

  bool execute(const CounterRead& command) {
    const auto index = resolve("counter", command.counter, dataplane_.manifest().counters, diagnostics_);
    return index && read(*index, static_cast<std::uint64_t>(command.index.value()));
  }

  bool execute(const MeterCommand& command) {
    const auto index = resolve("meter", command.meter, dataplane_.manifest().meters, diagnostics_);
    if (!index) return false;
    if (command.what == MeterCommand::What::kGet) return true;  // for people to look at
    const auto rate = [&](std::size_t i) {
      return manifest::MeterRate{1e6 * command.rates[i].per_microsecond,
                                 static_cast<std::uint64_t>(command.rates[i].burst.value())};
    };
    const manifest::MeterRates rates{rate(0), rate(1)};
    if (command.what == MeterCommand::What::kSet) {
      const auto element = element_of(command.index);
      if (!element) return false;
      const auto set = dataplane_.set_meter(*index, *element, rates);
      return set ? true : failed(set.error());
    }
    for (std::uint64_t i = 0; i < dataplane_.manifest().meters[*index].size; ++i) {
      const auto set = dataplane_.set_meter(*index, i, rates);
      if (!set) return failed(set.error());
    }
    return true;
  }

  bool execute(const RegisterCommand& command) {
    const auto cells = resolve("register", command.cells, dataplane_.manifest().registers, diagnostics_);
    if (!cells) return false;
    const manifest::Register& shape = dataplane_.manifest().registers[*cells];
    const auto index = static_cast<std::uint64_t>(command.index.value());
    if (command.what == RegisterCommand::What::kRead) {
      const auto value = dataplane_.read_register(*cells, index);
      if (!value) return failed(value.error());
      log(fmt::format("register {}({}): {}", shape.name, index, value->str()));
      return true;
    }
    const bool is_reset = command.what == RegisterCommand::What::kReset;
    for (std::uint64_t i = is_reset ? 0 : index; i < (is_reset ? shape.size : index + 1); ++i) {
      const auto written = dataplane_.write_register(*cells, i, is_reset ? BigInt(0) : command.value.value());
      if (!written) return failed(written.error());
    }
    return true;
  }

  bool execute(const CrcCommand& command) {
    const auto calculation =
        resolve("calculation", command.calculation, dataplane_.manifest().calculations, diagnostics_);
    if (!calculation) return false;
    const auto word = [](const Number& number) { return static_cast<std::uint32_t>(number.value()); };
    const auto done =
        dataplane_.set_calculation(*calculation, {word(command.polynomial), word(command.initial),
                                                  word(command.final_xor), command.reflect_data,
                                                  command.reflect_remainder});
    return done ? true : failed(done.error());
  }

  /// check_names() refuses all others.
  bool execute(const Other& command) {
    const auto done = replication_.execute(command);
    return done ? true : failed(done.error());
  }

  /// What an index or a label stands for: of an entry its handle.
  std::optional<std::uint64_t> element_of(const std::variant<Name, Number>& index) {
    if (const auto* number = std::get_if<Number>(&index)) return static_cast<std::uint64_t>(number->value());
    const Labelled& entry = labels_.at(std::get<Name>(index).text);
    const auto handle = dataplane_.handle_of(entry.table, entry.entry);
    if (handle) return *handle;
    failed(handle.error());
    return std::nullopt;
  }

  std::optional<CounterValue> read(std::size_t counter, std::uint64_t index) {
    auto value = dataplane_.read_counter(counter, index);
    if (!value) {
      failed(value.error());
      return std::nullopt;
    }
    log(fmt::format("counter {}({}): {} packets or counts, {} bytes", dataplane_.manifest().counters[counter].name,
                    index, value->packets.str(), value->bytes.str()));
    return std::move(*value);
  }

  void compare_all() {
    std::set<std::uint32_t> ports;
    for (const auto& [port, list] : received_) ports.insert(port);
    for (const auto& [port, list] : expected_) ports.insert(port);
    for (const std::uint32_t port : ports) compare_port(port, expected_[port], received_[port]);
  }

  void compare_port(std::uint32_t port, const std::vector<Expected>& expected, const std::vector<Received>& received) {
    for (std::size_t i = 0; i < std::min(expected.size(), received.size()); ++i) {
      const auto difference = compare(*expected[i].expect, received[i].bytes);
      if (!difference) continue;
      Diagnostic& diagnostic =
          diagnostics_.report(DiagnosticKind::kTestFailed, expected[i].span,
                              fmt::format("packet {} on port {}: {}", i + 1, port, difference->reason));
      diagnostic.notes.push_back({received[i].sent_by, "it left when this packet was sent"});
      diagnostic.notes.push_back({{}, "expected and received:\n" + hex_diff(*expected[i].expect, received[i].bytes)});
    }
    for (std::size_t i = received.size(); i < expected.size(); ++i) {
      diagnostics_.report(DiagnosticKind::kTestFailed, expected[i].span,
                          fmt::format("packet {} on port {} is missing: {} left there", i + 1, port, received.size()));
    }
    for (std::size_t i = expected.size(); i < received.size(); ++i) {
      diagnostics_.report(
          DiagnosticKind::kTestFailed, received[i].sent_by,
          fmt::format("a packet left on port {} that is not expected: {}", port, hex(received[i].bytes)));
    }
  }

  Dataplane& dataplane_;
  Diagnostics& diagnostics_;
  ReplicationCommands replication_;
  Outcome outcome_;
  Span span_;
  std::size_t last_outputs_ = 0;
  struct Labelled {
    std::size_t table = 0;
    manifest::Entry entry;
  };
  std::map<std::string, Labelled> labels_;
  std::map<std::uint32_t, std::vector<Expected>> expected_;
  std::map<std::uint32_t, std::vector<Received>> received_;
};

}  // namespace

Outcome run(const std::vector<Command>& commands, Dataplane& dataplane, Diagnostics& diagnostics) {
  return Runner(dataplane, diagnostics).run(commands);
}

std::optional<Difference> compare(const Expect& expected, const Bytes& received) {
  if (expected.any) return std::nullopt;
  const std::string& wanted = expected.nibbles;
  for (std::size_t i = 0; i < std::min(wanted.size(), 2 * received.size()); ++i) {
    if (wanted[i] == '*' || wanted[i] == nibble(received, i)) continue;
    return Difference{i / 2, fmt::format("differs from what is expected first at byte {}", i / 2)};
  }
  if (wanted.size() > 2 * received.size()) {
    return Difference{received.size(),
                      fmt::format("has {} bytes, but {} are expected", received.size(), wanted.size() / 2)};
  }
  if (expected.exact && wanted.size() != 2 * received.size()) {
    return Difference{wanted.size() / 2,
                      fmt::format("has {} bytes, but {} and no more are expected", received.size(), wanted.size() / 2)};
  }
  return std::nullopt;
}

std::string hex_diff(const Expect& expected, const Bytes& received) {
  constexpr std::size_t kRow = 16;
  const std::size_t count = std::max(expected.nibbles.size() / 2, received.size());
  std::string out;
  for (std::size_t row = 0; row < count; row += kRow) {
    std::string wanted;
    std::string got;
    std::string marks;
    for (std::size_t i = row; i < std::min(row + kRow, count); ++i) {
      const bool has_wanted = 2 * i < expected.nibbles.size();
      const std::string byte = has_wanted ? expected.nibbles.substr(2 * i, 2) : expected.exact ? "--" : "  ";
      const bool has_got = i < received.size();
      bool differs = has_wanted ? !has_got : expected.exact && has_got;
      for (std::size_t n = 2 * i; has_wanted && has_got && n < 2 * i + 2; ++n) {
        differs = differs || (expected.nibbles[n] != '*' && expected.nibbles[n] != nibble(received, n));
      }
      wanted += " " + byte;
      got += has_got ? fmt::format(" {:02x}", received[i]) : " --";
      marks += differs ? " ^^" : "   ";
    }
    const bool same = marks.find('^') == std::string::npos;
    if (same) {
      out += fmt::format("    {:04x} {}\n", row, got);
      continue;
    }
    marks.erase(marks.find_last_of('^') + 1);
    out += fmt::format("  - {:04x} {}\n  + {:04x} {}\n         {}\n", row, wanted, row, got, marks);
  }
  if (!out.empty()) out.pop_back();
  return out;
}

std::string hex(const Bytes& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out.empty() ? "(empty)" : out;
}

}  // namespace p4bpf::testing::stf
