// Makes P4Info of a manifest (p4info.h).
#include "control/p4info/p4info.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <p4info.pb.h>

#include <charconv>
#include <filesystem>
#include <memory>
#include <set>

#include "control/p4info/annotations.h"
#include "control/p4info/symbols.h"
#include "control/p4info/type_info.h"

namespace p4bpf::control {
namespace {

namespace proto = p4::config::v1;
using manifest::Annotations;
using manifest::Manifest;

constexpr std::int64_t kDefaultTableSize = 1024;

bool is_hidden(const Annotations& annotations) { return find_annotation(annotations, "hidden").has_value(); }

void add_value(const AnnotationValue& value, proto::Expression& out) {
  std::int64_t number = 0;
  const char* const end = value.text.data() + value.text.size();
  if (value.is_string) {
    out.set_string_value(value.text);
  } else if (value.text == "true" || value.text == "false") {
    out.set_bool_value(value.text == "true");
  } else if (std::from_chars(value.text.data(), end, number).ptr == end) {
    out.set_int64_value(number);
  } else {
    out.set_string_value(value.text);
  }
}

void add_structured(const AnnotationText& text, proto::StructuredAnnotation& out) {
  out.set_name(std::string(text.name));
  for (const AnnotationValue& value : annotation_values(text.body)) {
    if (value.key.empty()) {
      add_value(value, *out.mutable_expression_list()->add_expressions());
    } else {
      proto::KeyValuePair& pair = *out.mutable_kv_pair_list()->add_kv_pairs();
      pair.set_key(value.key);
      add_value(value, *pair.mutable_value());
    }
  }
}

/// Of anything that has annotations of both forms.
template <class Message>
void add_annotations(const Annotations& annotations, Message& out,
                     std::initializer_list<std::string_view> except = {}) {
  for (const std::string& text : shown_annotations(annotations, except)) out.add_annotations(text);
  for (const std::string& text : annotations) {
    const AnnotationText one = split_annotation(text);
    if (one.is_structured && std::find(except.begin(), except.end(), one.name) == except.end())
      add_structured(one, *out.add_structured_annotations());
  }
}

template <class Message>
void add_doc(const Annotations& annotations, Message& out) {
  if (const std::string text = annotation_string(annotations, "brief"); !text.empty())
    out.mutable_doc()->set_brief(text);
  if (const std::string text = annotation_string(annotations, "description"); !text.empty())
    out.mutable_doc()->set_description(text);
}

/// The ids of keys, parameters and fields: those that the program gives, and for the others the lowest that are free,
/// counted from the place of the first one.
template <class Part>
Result<std::vector<std::uint32_t>> part_ids(const std::vector<Part>& parts) {
  std::vector<std::uint32_t> ids;
  std::set<std::uint32_t> taken;
  for (const Part& part : parts) {
    const Result<std::optional<std::uint32_t>> given = id_annotation(part.annotations);
    if (!given) return fail("'" + part.name + "': " + given.error().message, given.error().hint);
    ids.push_back(given->value_or(0));
    if (*given && !taken.insert(**given).second)
      return fail("the @id of '" + part.name + "' is that of another one beside it, too");
  }
  std::uint32_t next = 1;
  for (std::uint32_t& id : ids) {
    if (id != 0) {
      ++next;
      continue;
    }
    while (taken.contains(next)) ++next;
    id = next;
    taken.insert(id);
  }
  return ids;
}

proto::MatchField::MatchType match_type(manifest::MatchKind kind) {
  switch (kind) {
    case manifest::MatchKind::kLpm:
      return proto::MatchField::LPM;
    case manifest::MatchKind::kTernary:
      return proto::MatchField::TERNARY;
    case manifest::MatchKind::kRange:
      return proto::MatchField::RANGE;
    case manifest::MatchKind::kOptional:
      return proto::MatchField::OPTIONAL;
    case manifest::MatchKind::kExact:
      break;
  }
  return proto::MatchField::EXACT;
}

/// Adds one object after the other; the first thing that makes no sense is kept and ends it.
class Builder {
 public:
  Builder(const Manifest& manifest, const Symbols& symbols) : manifest_(manifest), symbols_(symbols) {}
  Result<proto::P4Info> build();

 private:
  void set_preamble(SymbolKind kind, const std::string& name, const Annotations& annotations, proto::Preamble& out,
                    std::initializer_list<std::string_view> except = {});
  /// Width and type of a key, a parameter or a field.
  template <class Part, class Message>
  void set_type(const Part& part, Message& out);
  template <class Part, class Message>
  void add_params(const std::vector<Part>& params, Message&& add);
  void add_package();
  void add_table(const manifest::Table& table);
  void add_key(const manifest::KeyField& key, std::uint32_t id, proto::MatchField& out);
  void set_initial_default(const manifest::Table& table, proto::Table& out);
  void add_action_ref(const manifest::Action& action, proto::Table& out);
  void add_action(const manifest::Action& action);
  void add_profile(std::size_t index);
  void add_counter(const manifest::Counter& counter);
  void add_meter(const manifest::Meter& meter);
  void add_value_set(const manifest::Table& table);
  void add_register(const manifest::Register& one);
  void add_digest(const manifest::Digest& digest);
  void add_controller_header(const manifest::ControllerHeader& header);

  template <class T>
  T take(Result<T> result) {
    if (result) return std::move(*result);
    if (done_) done_ = fail(result.error());
    return T{};
  }

  const Manifest& manifest_;
  const Symbols& symbols_;
  proto::P4Info info_;
  std::set<std::string> actions_;  // added already
  Result<void> done_;
};

void Builder::set_preamble(SymbolKind kind, const std::string& name, const Annotations& annotations,
                           proto::Preamble& out, std::initializer_list<std::string_view> except) {
  out.set_id(symbols_.id(kind, name));
  out.set_name(name);
  out.set_alias(symbols_.alias(name));
  add_annotations(annotations, out, except);
  add_doc(annotations, out);
}

template <class Part, class Message>
void Builder::set_type(const Part& part, Message& out) {
  const std::uint32_t width = take(controller_width(manifest_, part.kind, part.bits, part.type_name));
  out.set_bitwidth(static_cast<std::int32_t>(width));
  if (const std::string name = shown_type_name(manifest_, part.type_name); !name.empty())
    out.mutable_type_name()->set_name(name);
}

/// `add` makes the message for one more.
template <class Part, class Message>
void Builder::add_params(const std::vector<Part>& params, Message&& add) {
  const std::vector<std::uint32_t> ids = take(part_ids(params));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (is_hidden(params[i].annotations)) continue;
    auto& out = *add();
    out.set_id(ids[i]);
    out.set_name(params[i].name);
    add_annotations(params[i].annotations, out);
    set_type(params[i], out);
  }
}

void Builder::add_package() {
  proto::PkgInfo& out = *info_.mutable_pkg_info();
  out.set_arch(manifest_.architecture);
  if (const auto given = find_annotation(manifest_.annotations, "pkginfo")) {
    for (const AnnotationValue& value : annotation_values(given->body)) {
      if (value.key == "name") out.set_name(value.text);
      if (value.key == "version") out.set_version(value.text);
      if (value.key == "organization") out.set_organization(value.text);
      if (value.key == "contact") out.set_contact(value.text);
      if (value.key == "url") out.set_url(value.text);
    }
  }
  add_annotations(manifest_.annotations, out, {"pkginfo"});
  add_doc(manifest_.annotations, out);
}

void Builder::add_key(const manifest::KeyField& key, std::uint32_t id, proto::MatchField& out) {
  out.set_id(id);
  out.set_name(key.name);
  add_annotations(key.annotations, out, {"match"});
  add_doc(key.annotations, out);
  set_type(key, out);
  out.set_match_type(match_type(key.match));
}

void Builder::add_action_ref(const manifest::Action& action, proto::Table& out) {
  proto::ActionRef& ref = *out.add_action_refs();
  ref.set_id(symbols_.id(SymbolKind::kAction, action.name));
  add_annotations(action.ref_annotations, ref);
  if (action.default_only) {
    ref.set_scope(proto::ActionRef::DEFAULT_ONLY);
  } else if (action.table_only) {
    ref.set_scope(proto::ActionRef::TABLE_ONLY);
  }
}

/// Values have as many bytes as the parameter's width asks for.
void Builder::set_initial_default(const manifest::Table& table, proto::Table& out) {
  const manifest::Action& action = table.actions.at(table.default_action);
  proto::TableActionCall& call = *out.mutable_initial_default_action();
  call.set_action_id(symbols_.id(SymbolKind::kAction, action.name));
  const std::vector<std::uint32_t> ids = take(part_ids(action.params));
  for (std::size_t i = 0; i < ids.size() && i < table.default_arguments.size(); ++i) {
    if (is_hidden(action.params[i].annotations)) continue;
    proto::TableActionCall::Argument& argument = *call.add_arguments();
    argument.set_param_id(ids[i]);
    const manifest::ActionParam& param = action.params[i];
    const std::uint32_t width = take(controller_width(manifest_, param.kind, param.bits, param.type_name));
    const std::vector<std::uint8_t> bytes = to_bytes(table.default_arguments[i], width == 0 ? param.bits : width);
    argument.set_value(std::string(bytes.begin(), bytes.end()));
  }
}

void Builder::add_table(const manifest::Table& table) {
  proto::Table& out = *info_.add_tables();
  set_preamble(SymbolKind::kTable, table.name, table.annotations, *out.mutable_preamble());
  // Keys for selectors are no match fields, but ids are counted over them.
  std::vector<manifest::KeyField> places;
  for (const manifest::KeyField& key : table.keys) {
    places.resize(std::max<std::size_t>(places.size(), key.place));
    places.push_back(key);
  }
  if (const std::vector<std::uint32_t> ids = take(part_ids(places)); !ids.empty()) {
    for (const manifest::KeyField& key : table.keys) add_key(key, ids[key.place], *out.add_match_fields());
  }
  for (const manifest::Action& action : table.actions) add_action_ref(action, out);
  set_initial_default(table, out);
  if (table.default_is_const)
    out.set_const_default_action_id(symbols_.id(SymbolKind::kAction, table.actions.at(table.default_action).name));
  if (table.profile)
    out.set_implementation_id(symbols_.id(SymbolKind::kActionProfile, manifest_.profiles.at(*table.profile).name));
  const auto index = static_cast<std::size_t>(&table - manifest_.tables.data());
  for (const manifest::Counter& counter : manifest_.counters) {
    if (counter.table == index) out.add_direct_resource_ids(symbols_.id(SymbolKind::kDirectCounter, counter.name));
  }
  for (const manifest::Meter& meter : manifest_.meters) {
    if (meter.table == index) out.add_direct_resource_ids(symbols_.id(SymbolKind::kDirectMeter, meter.name));
  }
  out.set_size(table.size == 0 ? kDefaultTableSize : static_cast<std::int64_t>(table.size));
  if (table.support_timeout) out.set_idle_timeout_behavior(proto::Table::NOTIFY_CONTROL);
  out.set_is_const_table(table.entries_are_const);
  out.set_has_initial_entries(!table.entries.empty());
}

void Builder::add_action(const manifest::Action& action) {
  if (is_hidden(action.annotations) || !actions_.insert(action.name).second) return;
  proto::Action& out = *info_.add_actions();
  set_preamble(SymbolKind::kAction, action.name, action.annotations, *out.mutable_preamble());
  add_params(action.params, [&] { return out.add_params(); });
  for (int i = 0; i < out.params_size(); ++i)
    add_doc(action.params[static_cast<std::size_t>(i)].annotations, *out.mutable_params(i));
}

void Builder::add_profile(std::size_t index) {
  const manifest::Profile& profile = manifest_.profiles[index];
  proto::ActionProfile& out = *info_.add_action_profiles();
  set_preamble(SymbolKind::kActionProfile, profile.name, profile.annotations, *out.mutable_preamble(),
               {"max_group_size", "selector_size_semantics", "max_member_weight"});
  for (const manifest::Table& table : manifest_.tables) {
    if (table.profile == index) out.add_table_ids(symbols_.id(SymbolKind::kTable, table.name));
  }
  out.set_with_selector(profile.is_selector);
  out.set_size(static_cast<std::int64_t>(profile.size));
  if (!profile.is_selector) return;
  if (const auto size = take(annotation_number(profile.annotations, "max_group_size")))
    out.set_max_group_size(static_cast<std::int32_t>(*size));
  const std::string semantics = annotation_string(profile.annotations, "selector_size_semantics");
  if (semantics == "sum_of_weights") out.mutable_sum_of_weights();
  if (semantics == "sum_of_members") {
    out.mutable_sum_of_members();
    if (const auto weight = take(annotation_number(profile.annotations, "max_member_weight")))
      out.mutable_sum_of_members()->set_max_member_weight(static_cast<std::int32_t>(*weight));
  }
}

template <class Array, class Message>
void set_index_type(const Array& array, Message& out) {
  if (!array.index_type_name.empty()) out.mutable_index_type_name()->set_name(array.index_type_name);
}

void Builder::add_counter(const manifest::Counter& counter) {
  const proto::CounterSpec::Unit unit = counter.counts_packets && counter.counts_bytes ? proto::CounterSpec::BOTH
                                        : counter.counts_packets                       ? proto::CounterSpec::PACKETS
                                        : counter.counts_bytes                         ? proto::CounterSpec::BYTES
                                                               : proto::CounterSpec::UNSPECIFIED;
  if (counter.table) {
    proto::DirectCounter& out = *info_.add_direct_counters();
    set_preamble(SymbolKind::kDirectCounter, counter.name, counter.annotations, *out.mutable_preamble());
    out.mutable_spec()->set_unit(unit);
    out.set_direct_table_id(symbols_.id(SymbolKind::kTable, manifest_.tables.at(*counter.table).name));
    return;
  }
  proto::Counter& out = *info_.add_counters();
  set_preamble(SymbolKind::kCounter, counter.name, counter.annotations, *out.mutable_preamble());
  out.mutable_spec()->set_unit(unit);
  out.set_size(static_cast<std::int64_t>(counter.size));
  set_index_type(counter, out);
}

void Builder::add_meter(const manifest::Meter& meter) {
  const proto::MeterSpec::Unit unit = meter.counts_bytes ? proto::MeterSpec::BYTES : proto::MeterSpec::PACKETS;
  if (meter.table) {
    proto::DirectMeter& out = *info_.add_direct_meters();
    set_preamble(SymbolKind::kDirectMeter, meter.name, meter.annotations, *out.mutable_preamble());
    out.mutable_spec()->set_unit(unit);
    out.set_direct_table_id(symbols_.id(SymbolKind::kTable, manifest_.tables.at(*meter.table).name));
    return;
  }
  proto::Meter& out = *info_.add_meters();
  set_preamble(SymbolKind::kMeter, meter.name, meter.annotations, *out.mutable_preamble());
  out.mutable_spec()->set_unit(unit);
  out.set_size(static_cast<std::int64_t>(meter.size));
  set_index_type(meter, out);
}

void Builder::add_value_set(const manifest::Table& table) {
  proto::ValueSet& out = *info_.add_value_sets();
  set_preamble(SymbolKind::kValueSet, table.name, table.annotations, *out.mutable_preamble());
  const std::vector<std::uint32_t> ids = take(part_ids(table.keys));
  for (std::size_t i = 0; i < ids.size(); ++i) add_key(table.keys[i], ids[i], *out.add_match());
  // A set of plain values has one field without a name; we call it as the set.
  const std::string last_part = table.name.substr(table.name.rfind('.') + 1);
  if (out.match_size() == 1 && out.match(0).name() == last_part) out.mutable_match(0)->clear_name();
  out.set_size(static_cast<std::int32_t>(table.size));
}

void Builder::add_register(const manifest::Register& one) {
  proto::Register& out = *info_.add_registers();
  set_preamble(SymbolKind::kRegister, one.name, one.annotations, *out.mutable_preamble());
  *out.mutable_type_spec() = data_type(manifest_, one.kind, one.bits, one.type_name);
  out.set_size(static_cast<std::int32_t>(one.size));
  set_index_type(one, out);
}

void Builder::add_digest(const manifest::Digest& digest) {
  proto::Digest& out = *info_.add_digests();
  set_preamble(SymbolKind::kDigest, digest.name, digest.annotations, *out.mutable_preamble());
  out.mutable_type_spec()->mutable_struct_()->set_name(digest.name);
}

void Builder::add_controller_header(const manifest::ControllerHeader& header) {
  proto::ControllerPacketMetadata& out = *info_.add_controller_packet_metadata();
  set_preamble(SymbolKind::kControllerHeader, header.type_name, header.annotations, *out.mutable_preamble());
  out.mutable_preamble()->set_name(header.name);
  out.mutable_preamble()->set_alias(header.name);
  add_params(header.fields, [&] { return out.add_metadata(); });
}

Result<proto::P4Info> Builder::build() {
  add_package();
  for (const manifest::Table& table : manifest_.tables) {
    if (is_hidden(table.annotations)) continue;
    if (table.is_value_set) {
      add_value_set(table);
    } else {
      add_table(table);
    }
  }
  for (const manifest::Table& table : manifest_.tables) {
    for (const manifest::Action& action : table.actions) add_action(action);
  }
  for (std::size_t i = 0; i < manifest_.profiles.size(); ++i) add_profile(i);
  for (const manifest::Counter& counter : manifest_.counters) add_counter(counter);
  for (const manifest::Meter& meter : manifest_.meters) add_meter(meter);
  for (const manifest::Register& one : manifest_.registers) add_register(one);
  std::set<std::string> digests;
  for (const manifest::Digest& digest : manifest_.digests) {
    if (digests.insert(digest.name).second) add_digest(digest);
  }
  for (const manifest::ControllerHeader& header : manifest_.controller_headers) {
    if (!is_hidden(header.annotations)) add_controller_header(header);
  }
  const Result<void> types = add_type_info(manifest_, *info_.mutable_type_info());
  if (!types) return fail(types.error());
  if (!done_) return fail(done_.error());
  return std::move(info_);
}

/// With the entries of maps in the order of their keys, so that one program gives one text.
std::string bytes_of(const proto::P4Info& info) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    info.SerializeToCodedStream(&coded);
  }  // writes the rest
  return bytes;
}

/// From the bytes, whose order is fixed.
Result<std::string> json_of(const proto::P4Info& info) {
  namespace util = google::protobuf::util;
  constexpr const char* kTypes = "type.googleapis.com";
  const std::unique_ptr<util::TypeResolver> types(
      util::NewTypeResolverForDescriptorPool(kTypes, google::protobuf::DescriptorPool::generated_pool()));
  util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  const auto done =
      util::BinaryToJsonString(types.get(), kTypes + ("/" + info.GetTypeName()), bytes_of(info), &json, options);
  if (!done.ok()) return fail("the P4Info cannot be written as JSON", "a name or an annotation is no UTF-8");
  return json;
}

std::string text_of(const proto::P4Info& info) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(info, &text);
  return "# proto-file: p4/config/v1/p4info.proto\n# proto-message: p4.config.v1.P4Info\n\n" + text;
}

}  // namespace

Result<P4InfoFormat> p4info_format_of(std::string_view file) {
  const std::string suffix = std::filesystem::path(file).extension().string();
  if (suffix == ".txtpb" || suffix == ".txt" || suffix == ".p4info") return P4InfoFormat::kText;
  if (suffix == ".json") return P4InfoFormat::kJson;
  if (suffix == ".bin" || suffix == ".binpb") return P4InfoFormat::kBinary;
  return fail("'" + std::string(file) + "' does not say by its suffix what P4Info to write",
              "it is .txtpb for text, .json for JSON, .bin for the bytes");
}

Result<std::string> p4info(const Manifest& manifest, P4InfoFormat format) {
  const Result<Symbols> symbols = Symbols::of(manifest);
  if (!symbols) return fail(symbols.error());
  const Result<proto::P4Info> info = Builder(manifest, *symbols).build();
  if (!info) return fail(info.error());
  switch (format) {
    case P4InfoFormat::kText:
      return text_of(*info);
    case P4InfoFormat::kJson:
      return json_of(*info);
    case P4InfoFormat::kBinary:
      break;
  }
  return bytes_of(*info);
}

}  // namespace p4bpf::control
