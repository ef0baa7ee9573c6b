// The manifest as JSON. Each struct is described once, by a describe() template that both the writer and the reader
// walk, so that the two directions cannot drift apart. The reader is strict: a member that is missing, unknown, of the
// wrong type or out of range is a failure that names its path ("tables[0].keys[1].bits").
#include <nlohmann/json.hpp>

#include "manifest/check.h"
#include "manifest/manifest.h"

namespace p4bpf::manifest {
namespace {

using Json = nlohmann::ordered_json;

template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
};

constexpr EnumName<MatchKind> enum_names(MatchKind, std::size_t i) {
  constexpr EnumName<MatchKind> names[] = {{MatchKind::kExact, "exact"},
                                           {MatchKind::kLpm, "lpm"},
                                           {MatchKind::kTernary, "ternary"},
                                           {MatchKind::kRange, "range"},
                                           {MatchKind::kOptional, "optional"}};
  return i < std::size(names) ? names[i] : EnumName<MatchKind>{{}, nullptr};
}
constexpr EnumName<ValueKind> enum_names(ValueKind, std::size_t i) {
  constexpr EnumName<ValueKind> names[] = {{ValueKind::kBits, "bits"},
                                           {ValueKind::kSigned, "signed"},
                                           {ValueKind::kBool, "bool"},
                                           {ValueKind::kEnum, "enum"},
                                           {ValueKind::kError, "error"}};
  return i < std::size(names) ? names[i] : EnumName<ValueKind>{{}, nullptr};
}
constexpr EnumName<ByteOrder> enum_names(ByteOrder, std::size_t i) {
  constexpr EnumName<ByteOrder> names[] = {{ByteOrder::kHost, "host"}, {ByteOrder::kNetwork, "network"}};
  return i < std::size(names) ? names[i] : EnumName<ByteOrder>{{}, nullptr};
}
constexpr EnumName<Structure> enum_names(Structure, std::size_t i) {
  constexpr EnumName<Structure> names[] = {{Structure::kNone, "none"},        {Structure::kCode, "code"},
                                           {Structure::kHash, "hash"},        {Structure::kArray, "array"},
                                           {Structure::kLpmTrie, "lpm_trie"}, {Structure::kPrefixTable, "prefix_table"},
                                           {Structure::kRuleList, "rule_list"}, {Structure::kRuleMatrix, "rule_matrix"}};
  return i < std::size(names) ? names[i] : EnumName<Structure>{{}, nullptr};
}
constexpr EnumName<Hook> enum_names(Hook, std::size_t i) {
  constexpr EnumName<Hook> names[] = {
      {Hook::kXdp, "xdp"}, {Hook::kTcIngress, "tc_ingress"}, {Hook::kTcEgress, "tc_egress"}};
  return i < std::size(names) ? names[i] : EnumName<Hook>{{}, nullptr};
}
constexpr EnumName<KeyMatch::Kind> enum_names(KeyMatch::Kind, std::size_t i) {
  using Kind = KeyMatch::Kind;
  constexpr EnumName<Kind> names[] = {{Kind::kAny, "any"},
                                      {Kind::kExact, "exact"},
                                      {Kind::kMask, "mask"},
                                      {Kind::kRange, "range"},
                                      {Kind::kPrefix, "prefix"}};
  return i < std::size(names) ? names[i] : EnumName<Kind>{{}, nullptr};
}

constexpr EnumName<NamedType::Kind> enum_names(NamedType::Kind, std::size_t i) {
  using Kind = NamedType::Kind;
  constexpr EnumName<Kind> names[] = {
      {Kind::kNew, "new"}, {Kind::kSerializableEnum, "serializable_enum"}, {Kind::kEnum, "enum"}};
  return i < std::size(names) ? names[i] : EnumName<Kind>{{}, nullptr};
}

constexpr EnumName<EntryTarget> enum_names(EntryTarget, std::size_t i) {
  constexpr EnumName<EntryTarget> names[] = {
      {EntryTarget::kAction, "action"}, {EntryTarget::kMember, "member"}, {EntryTarget::kGroup, "group"}};
  return i < std::size(names) ? names[i] : EnumName<EntryTarget>{{}, nullptr};
}

template <class A>
void describe(A& a, Slot& s) {
  a("offset", s.offset);
  a("size", s.size);
  a("order", s.order);
}

template <class A>
void describe(A& a, KeyField& k) {
  a("name", k.name);
  a("match", k.match);
  a("kind", k.kind);
  a("bits", k.bits);
  a("enum_members", k.enum_members);
  a("annotations", k.annotations);
  a("type_name", k.type_name);
  a("place", k.place);
  a("slot", k.slot);
}

template <class A>
void describe(A& a, ActionParam& p) {
  a("name", p.name);
  a("kind", p.kind);
  a("bits", p.bits);
  a("enum_members", p.enum_members);
  a("annotations", p.annotations);
  a("type_name", p.type_name);
  a("slot", p.slot);
}

template <class A>
void describe(A& a, Action& x) {
  a("name", x.name);
  a("params", x.params);
  a("default_only", x.default_only);
  a("table_only", x.table_only);
  a("annotations", x.annotations);
  a("ref_annotations", x.ref_annotations);
}

template <class A>
void describe(A& a, KeyMatch& m) {
  a("kind", m.kind);
  a("value", m.value);
  a("mask", m.mask);
  a("high", m.high);
  a("prefix_length", m.prefix_length);
}

template <class A>
void describe(A& a, Entry& e) {
  a("keys", e.keys);
  a("action", e.action);
  a("arguments", e.arguments);
  a("target", e.target);
  a("number", e.number);
  a("priority", e.priority);
  a("is_const", e.is_const);
}

template <class A>
void describe(A& a, Table& t) {
  a("name", t.name);
  a("keys", t.keys);
  a("actions", t.actions);
  a("default_action", t.default_action);
  a("default_arguments", t.default_arguments);
  a("default_is_const", t.default_is_const);
  a("entries_are_const", t.entries_are_const);
  a("entries", t.entries);
  a("size", t.size);
  a("evicts", t.evicts);
  a("is_value_set", t.is_value_set);
  a("profile", t.profile);
  a("support_timeout", t.support_timeout);
  a("annotations", t.annotations);
  a("structure", t.structure);
  a("map", t.map);
  a("map_symbol", t.map_symbol);
  a("map_offset", t.map_offset);
  a("entry_map", t.entry_map);
  a("key_size", t.key_size);
  a("value_size", t.value_size);
  a("root_bits", t.root_bits);
  a("lines", t.lines);
  a("matrix_cells", t.matrix_cells);
  a("default_symbol", t.default_symbol);
  a("default_map", t.default_map);
  a("default_offset", t.default_offset);
  a("handle_offset", t.handle_offset);
  a("handle_map", t.handle_map);
  a("last_hit_map", t.last_hit_map);
}

template <class A>
void describe(A& a, Counter& c) {
  a("name", c.name);
  a("size", c.size);
  a("sparse", c.sparse);
  a("counts_packets", c.counts_packets);
  a("counts_bytes", c.counts_bytes);
  a("bits", c.bits);
  a("table", c.table);
  a("annotations", c.annotations);
  a("map", c.map);
  a("index_type_name", c.index_type_name);
}

template <class A>
void describe(A& a, Meter& m) {
  a("name", m.name);
  a("size", m.size);
  a("counts_bytes", m.counts_bytes);
  a("table", m.table);
  a("annotations", m.annotations);
  a("map", m.map);
  a("index_type_name", m.index_type_name);
}

template <class A>
void describe(A& a, Register& r) {
  a("name", r.name);
  a("size", r.size);
  a("kind", r.kind);
  a("bits", r.bits);
  a("type_name", r.type_name);
  a("annotations", r.annotations);
  a("map", r.map);
  a("value_size", r.value_size);
  a("slot", r.slot);
  a("index_type_name", r.index_type_name);
}

template <class A>
void describe(A& a, Calculation& c) {
  a("name", c.name);
  a("width", c.width);
  a("symbol", c.symbol);
  a("map", c.map);
  a("offset", c.offset);
}

template <class A>
void describe(A& a, Digest& d) {
  a("name", d.name);
  a("fields", d.fields);
  a("annotations", d.annotations);
}

template <class A>
void describe(A& a, Profile& p) {
  a("name", p.name);
  a("size", p.size);
  a("is_selector", p.is_selector);
  a("max_group_size", p.max_group_size);
  a("actions", p.actions);
  a("annotations", p.annotations);
  a("member_map", p.member_map);
  a("value_size", p.value_size);
  a("group_map", p.group_map);
}

template <class A>
void describe(A& a, ControllerHeader& h) {
  a("name", h.name);
  a("type_name", h.type_name);
  a("fields", h.fields);
  a("annotations", h.annotations);
}

template <class A>
void describe(A& a, NamedType& t) {
  a("name", t.name);
  a("kind", t.kind);
  a("value_kind", t.value_kind);
  a("bits", t.bits);
  a("members", t.members);
  a("values", t.values);
  a("annotations", t.annotations);
}

template <class A>
void describe(A& a, Passes& p) {
  a("multicast_map", p.multicast_map);
  a("clone_map", p.clone_map);
  a("slot_map", p.slot_map);
  a("slot_size", p.slot_size);
  a("test_copies_map", p.test_copies_map);
}

template <class A>
void describe(A& a, KernelProgram& p) {
  a("function", p.function);
  a("hook", p.hook);
}

template <class A>
void describe(A& a, Manifest& m) {
  a("version", m.version);
  a("program", m.program);
  a("source", m.source);
  a("architecture", m.architecture);
  a("kernel_programs", m.kernel_programs);
  a("parts", m.parts);
  a("tables", m.tables);
  a("counters", m.counters);
  a("meters", m.meters);
  a("registers", m.registers);
  a("calculations", m.calculations);
  a("digests", m.digests);
  a("digest_map", m.digest_map);
  a("digests_lost_map", m.digests_lost_map);
  a("profiles", m.profiles);
  a("controller_headers", m.controller_headers);
  a("named_types", m.named_types);
  a("annotations", m.annotations);
  a("passes", m.passes);
  a("port_of_ifindex_symbol", m.port_of_ifindex_symbol);
  a("port_of_ifindex_map", m.port_of_ifindex_map);
  a("port_of_ifindex_offset", m.port_of_ifindex_offset);
  a("ifindex_of_port_map", m.ifindex_of_port_map);
  a("test_port_symbol", m.test_port_symbol);
}

/// Turns a struct into a JSON object, member by member.
class Writer {
 public:
  template <class T>
  void operator()(const char* name, T& value) {
    object_[name] = write(value);
  }
  template <class T>
  static Json write(T& value) {
    if constexpr (std::is_enum_v<T>) {
      for (std::size_t i = 0; enum_names(value, i).name != nullptr; ++i) {
        if (enum_names(value, i).value == value) return enum_names(value, i).name;
      }
      return nullptr;
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      return value;
    } else if constexpr (std::is_same_v<T, BigInt>) {
      return value.str();  // JSON numbers of any size do not survive most readers
    } else {
      Writer writer;
      describe(writer, value);
      return std::move(writer.object_);
    }
  }
  template <class T>
  static Json write(std::vector<T>& values) {
    Json array = Json::array();
    for (T& value : values) array.push_back(write(value));
    return array;
  }
  template <class T>
  static Json write(std::optional<T>& value) {
    return value ? write(*value) : Json(nullptr);
  }

 private:
  Json object_ = Json::object();
};

/// Fills a struct from a JSON object; remembers the first thing that is wrong.
class Reader {
 public:
  Reader(const Json& object, std::string path, std::string& fault)
      : object_(object), path_(std::move(path)), fault_(fault) {}

  template <class T>
  void operator()(const char* name, T& value) {
    known_.emplace_back(name);
    if (!fault_.empty()) return;
    const auto found = object_.find(name);
    if (found == object_.end()) {
      fault_ = "'" + inside(name) + "' is missing";
      return;
    }
    read(*found, inside(name), value, fault_);
  }

  /// After describe(): whether the object has members that nobody asked for.
  void refuse_unknown() {
    for (const auto& [name, unused] : object_.items()) {
      if (!fault_.empty()) return;
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) fault_ = "'" + inside(name) + "' is unknown";
    }
  }

  template <class T>
  static void read(const Json& json, const std::string& path, T& value, std::string& fault) {
    if (!fault.empty()) return;
    if constexpr (std::is_enum_v<T>) {
      if (!json.is_string()) return refuse(fault, path, "a string");
      const std::string& name = json.get_ref<const std::string&>();
      for (std::size_t i = 0; enum_names(value, i).name != nullptr; ++i) {
        if (name != enum_names(value, i).name) continue;
        value = enum_names(value, i).value;
        return;
      }
      fault = "'" + path + "' is '" + name + "', which is none of its values";
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) return refuse(fault, path, "true or false");
      value = json.get<bool>();
    } else if constexpr (std::is_integral_v<T>) {
      read_integer(json, path, value, fault);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!json.is_string()) return refuse(fault, path, "a string");
      value = json.get<std::string>();
    } else if constexpr (std::is_same_v<T, BigInt>) {
      read_big_int(json, path, value, fault);
    } else {
      if (!json.is_object()) return refuse(fault, path, "an object");
      Reader reader(json, path, fault);
      describe(reader, value);
      reader.refuse_unknown();
    }
  }
  template <class T>
  static void read(const Json& json, const std::string& path, std::vector<T>& values, std::string& fault) {
    if (!fault.empty()) return;
    if (!json.is_array()) return refuse(fault, path, "an array");
    values.resize(json.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      read(json[i], path + "[" + std::to_string(i) + "]", values[i], fault);
  }
  template <class T>
  static void read(const Json& json, const std::string& path, std::optional<T>& value, std::string& fault) {
    value.reset();
    if (!json.is_null()) read(json, path, value.emplace(), fault);
  }

 private:
  std::string inside(std::string_view name) const { return (path_.empty() ? "" : path_ + ".") + std::string(name); }
  static void refuse(std::string& fault, const std::string& path, std::string_view expected) {
    fault = "'" + path + "' is not " + std::string(expected);
  }
  template <class T>
  static void read_integer(const Json& json, const std::string& path, T& value, std::string& fault) {
    if (json.is_number_unsigned() && std::in_range<T>(json.get<std::uint64_t>())) {
      value = static_cast<T>(json.get<std::uint64_t>());
    } else if (json.is_number_integer() && !json.is_number_unsigned() && std::in_range<T>(json.get<std::int64_t>())) {
      value = static_cast<T>(json.get<std::int64_t>());
    } else {
      refuse(fault, path, "an integer in range");
    }
  }
  static void read_big_int(const Json& json, const std::string& path, BigInt& value, std::string& fault) {
    // A value of 2048 bits has 617 decimal digits.
    constexpr std::size_t kMostDigits = 620;
    if (!json.is_string()) return refuse(fault, path, "a string of decimal digits");
    const std::string& text = json.get_ref<const std::string&>();
    const bool negative = text.starts_with('-');
    const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
    const bool decimal = digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits.empty() || !decimal || digits.size() > kMostDigits)
      return refuse(fault, path, "a string of decimal digits");
    value = *parse_big_int(digits);
    if (negative) value = -value;
  }

  const Json& object_;
  std::string path_;
  std::string& fault_;
  std::vector<std::string> known_;
};

}  // namespace

std::string to_json(const Manifest& manifest) {
  Manifest copy = manifest;  // describe() takes what it fills by reference
  return Writer::write(copy).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> from_json(std::string_view text) {
  const auto damaged = [](const std::string& why) {
    return fail("the manifest is damaged: " + why, "compile the program again with this p4bpf");
  };
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& e) {
    return damaged("it is not JSON (" + std::string(e.what()) + ")");
  }
  if (json.is_object() && json.contains("version") && json["version"] != Manifest{}.version) {
    return fail("the manifest is of version " + json["version"].dump() + ", this p4bpf reads version " +
                    std::to_string(Manifest{}.version),
                "compile the program again with this p4bpf");
  }
  Manifest manifest;
  std::string fault;
  Reader::read(json, "", manifest, fault);
  if (!fault.empty()) return damaged(fault);
  fault = find_fault(manifest);
  if (!fault.empty()) return damaged(fault);
  return manifest;
}

}  // namespace p4bpf::manifest
