// The words of trace.h.
#include "interp/trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "interp/interpreter.h"

namespace p4bpf::interp {
namespace {

using Kind = TraceEvent::Kind;
using Point = ir::TracePoint;
using Values = std::vector<std::pair<std::string, std::string>>;

std::string hex(const Bytes& bytes) { return fmt::format("{:02x}", fmt::join(bytes, "")); }

class Reader {
 public:
  Reader(const ir::Program& program, const std::vector<Point>& points, const FindReplicas& find_replicas)
      : program_(program), points_(points), find_replicas_(find_replicas) {}

  std::vector<TraceEvent> read(const std::vector<TraceRecord>& records) {
    for (const TraceRecord& record : records) {
      if (record.point == kAborted) {
        say({}, Kind::kVerdict, "verdict: aborted", {{"verdict", "aborted"}});
      } else if (record.point < points_.size() && record.values.size() == points_[record.point].values.size()) {
        one(points_[record.point], record);
        before_ = &points_[record.point];
      }
    }
    return std::move(events_);
  }

 private:
  void say(Span span, Kind kind, std::string text, Values values = {}) {
    events_.push_back({span, kind, std::move(text), std::move(values)});
  }

  void one(const Point& point, const TraceRecord& record) {
    switch (point.kind) {
      case Point::Kind::kPass:
        if (++passes_ > 1) say({}, Kind::kPass, fmt::format("pass {}", passes_), {{"bytes", hex(record.bytes)}});
        return;
      case Point::Kind::kState:
        return say(point.span, Kind::kState, "state " + point.subject, {{"state", point.subject}});
      case Point::Kind::kError:
        return error(point.span, record.values[0]);
      case Point::Kind::kParsed:
        return parsed(point, record);
      case Point::Kind::kRead:
        return;
      case Point::Kind::kExtract:
        return extract(point, record);
      case Point::Kind::kKeys:
        keys_ = record.values;
        return;
      case Point::Kind::kAction:
        return table(point, record);
      case Point::Kind::kAssign:
        return assign(point, record);
      case Point::Kind::kValid:
      case Point::Kind::kInvalid: {
        const bool is_valid = point.kind == Point::Kind::kValid;
        const std::string name = subject(point, record);
        return say(point.span, Kind::kChange, fmt::format("{} becomes {}", name, is_valid ? "valid" : "invalid"),
                   {{"header", name}, {"valid", is_valid ? "true" : "false"}});
      }
      case Point::Kind::kCopyHeader: {
        std::size_t used = 0;
        const std::string target = named(point.subject, record, used), source = named(point.source, record, used);
        return say(point.span, Kind::kChange, fmt::format("{} = {}", target, source),
                   {{"header", target}, {"from", source}});
      }
      case Point::Kind::kAddEntry: {
        const bool is_full = !record.values.empty() && record.values[0] == 0;
        const std::string& action = program_[point.table].actions[point.action].name;
        return say(point.span, Kind::kOther,
                   fmt::format("table {}: {}", point.subject,
                               is_full ? "full, no entry added" : "entry added, action " + action));
      }
      case Point::Kind::kNewPass:
        return say(point.span, Kind::kCopy,
                   fmt::format("another pass with {} bytes",
                               record.values.empty() ? BigInt(record.length).str() : record.values[0].str()));
      case Point::Kind::kReplication:
        return replication(point, record);
      case Point::Kind::kVerdict:
        return verdict(point, record);
      case Point::Kind::kOther:
        return other(point, record);
    }
  }

  /// The name with the indices that run time knows, of which `used` have been used up.
  static std::string named(std::string name, const TraceRecord& record, std::size_t& used) {
    const std::size_t at = name.find(ir::kIndex);
    if (at == std::string::npos || used >= record.values.size()) return name;
    return name.replace(at, ir::kIndex.size(), "[" + record.values[used++].str() + "]");
  }
  static std::string subject(const Point& point, const TraceRecord& record) {
    std::size_t used = 0;
    return named(point.subject, record, used);
  }

  static std::string show(const BigInt& value, std::uint32_t width) { return to_hex(wrap(value, width, false)); }

  void error(Span span, const BigInt& error) {
    const std::string name = error < program_.errors.size() ? program_.errors[static_cast<std::size_t>(error)] : "?";
    say(span, Kind::kState, "error." + name, {{"error", name}});
  }

  /// It ends behind its last record: with an error that no statement of the program raised, or with the state's
  /// transition.
  void parsed(const Point& point, const TraceRecord& record) {
    const bool accepts = record.values[0] != 0;
    const BigInt& code = record.values[1];
    Span at = before_ != nullptr && before_->next_select ? before_->next_select : point.span;
    if (before_ != nullptr && before_->kind == Point::Kind::kError) {
      at = before_->span;
    } else if (!accepts && code != 0) {
      const bool is_select = code == ir::error_index(program_, "NoMatch");
      if (!is_select && before_ != nullptr && before_->next_read) at = before_->next_read;
      error(at, code);
    }
    say(at, Kind::kState, fmt::format("parser {} {}", point.subject, accepts ? "accepts" : "rejects"),
        {{"parser", point.subject}, {"accepts", accepts ? "true" : "false"}});
  }

  void extract(const Point& point, const TraceRecord& record) {
    std::size_t used = 0;
    const std::string name = named(point.subject, record, used);
    Values values = {{"header", name}};
    std::string fields;
    for (std::size_t i = used; i < record.values.size(); ++i) {
      const Point::Value& what = point.values[i];
      std::uint32_t width = what.type.width;
      const bool is_length = i + 1 < point.values.size() && point.values[i + 1].type.kind == ir::Type::Kind::kVarbit;
      if (is_length) continue;
      if (what.type.kind == ir::Type::Kind::kVarbit) width = static_cast<std::uint32_t>(record.values[i - 1]);
      values.emplace_back("field " + what.name, show(record.values[i], width));
      fields += fmt::format("{}{}={}", fields.empty() ? "" : ", ", what.name, values.back().second);
    }
    say(point.span, Kind::kExtract, fmt::format("extract {}: {}", name, fields), std::move(values));
  }

  void table(const Point& point, const TraceRecord& record) {
    const ir::Table& table = program_[point.table];
    const bool hit = record.values[0] != 0;
    std::string text = fmt::format("{} {}", table.is_value_set ? "value set" : "table", table.name);
    Values values = {{"table", table.name}, {"hit", hit ? "true" : "false"}};
    for (std::size_t i = 0; i < table.keys.size() && i < keys_.size(); ++i) {
      const std::string key = show(keys_[i], table.keys[i].type.width);
      text += fmt::format("{}{}={}", i == 0 ? " with " : ", ", table.keys[i].name, key);
      values.emplace_back("key " + table.keys[i].name, key);
    }
    keys_.clear();
    text += hit ? ": hit" : ": miss";
    if (point.action < table.actions.size()) {
      const ir::Action& ran = table.actions[point.action];
      values.emplace_back("action", ran.name);
      std::string list;
      for (std::size_t i = 1; i < record.values.size(); ++i) {
        const std::string argument = show(record.values[i], point.values[i].type.width);
        list += fmt::format("{}{}={}", i == 1 ? "" : ", ", point.values[i].name, argument);
        values.emplace_back("argument " + point.values[i].name, argument);
      }
      text += fmt::format(", {}action {}({})", hit ? "" : "default ", ran.name, list);
    }
    say(point.span, Kind::kTable, std::move(text), std::move(values));
  }

  void assign(const Point& point, const TraceRecord& record) {
    if (record.values.size() != 2)  // a varbit, which is not told
      return say(point.span, point.is_change ? Kind::kChange : Kind::kOther, point.subject + " is assigned",
                 {{"field", point.subject}});
    const BigInt &old = record.values[0], &made = record.values[1];
    if (!point.is_change || old == made)
      return say(point.span, Kind::kOther, fmt::format("{} = {}", point.subject, made.str()));
    const std::uint32_t width = point.values[0].type.width;
    say(point.span, Kind::kChange, fmt::format("{}: {} -> {}", point.subject, show(old, width), show(made, width)),
        {{"field", point.subject}, {"old", show(old, width)}, {"new", show(made, width)}});
  }

  void replication(const Point& point, const TraceRecord& record) {
    const bool is_clone = point.replication == ir::Replication::Kind::kClone;
    const auto id = static_cast<std::uint32_t>(record.values[0]);
    const std::string name = fmt::format("{} {}", is_clone ? "clone session" : "multicast group", id);
    const auto list = find_replicas_(
        is_clone ? manifest::ReplicationKind::kCloneSession : manifest::ReplicationKind::kMulticastGroup, id);
    if (!list) return say(point.span, Kind::kCopy, name + " is not configured: no copy");
    for (const manifest::Replica& replica : list->replicas) {
      say(point.span, Kind::kCopy,
          fmt::format("{}: a copy to port {}, instance {}", name, replica.port, replica.instance),
          {{"port", std::to_string(replica.port)}, {"instance", std::to_string(replica.instance)}});
    }
  }

  void verdict(const Point& point, const TraceRecord& record) {
    const std::string name(verdict_name(point.verdict));
    Values values = {{"verdict", name}};
    std::string text = "verdict: " + name;
    if (point.verdict == ir::VerdictKind::kRedirect) {
      values.emplace_back("port", record.values[0].str());
      text += " to port " + record.values[0].str();
    }
    if (point.packet == Point::Packet::kBytes) values.emplace_back("bytes", hex(record.bytes));
    say(point.span, Kind::kVerdict, std::move(text), std::move(values));
  }

  /// "advance by bits", 16: "advance by 16 bits".
  void other(const Point& point, const TraceRecord& record) {
    std::size_t used = 0;
    std::string text = named(point.subject, record, used);
    if (used < record.values.size()) {
      const std::string& what = point.values[used].name;
      const std::string value = record.values[used].str();
      if (what == "valid" && record.values[used] == 0) return;
      if (what == "result") text += " = " + value;
      if (what == "bits" || what == "bytes") text.replace(text.rfind(what), 0, value + " ");
    }
    say(point.span, point.is_change ? Kind::kChange : Kind::kOther, std::move(text));
  }

  const ir::Program& program_;
  const std::vector<Point>& points_;
  const FindReplicas& find_replicas_;
  std::vector<TraceEvent> events_;
  std::vector<BigInt> keys_;  // of the table that is about to be applied
  const Point* before_ = nullptr;
  std::size_t passes_ = 0;
};

}  // namespace

std::vector<TraceEvent> read_trace(const ir::Program& program, const std::vector<ir::TracePoint>& points,
                                   const std::vector<TraceRecord>& records, const FindReplicas& find_replicas) {
  return Reader(program, points, find_replicas).read(records);
}

}  // namespace p4bpf::interp
