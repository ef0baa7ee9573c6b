// Applying a table: the key on the stack and nothing else there, one lookup, the action inlined behind a switch.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"

namespace p4bpf::codegen {

void Lowering::set_hit(const ir::ApplyTable& s, c::ExprId value) {
  if (s.hit) assign(name(var_name(s.hit)), value);
}

/// The value into the member `target` (an lvalue) of a key or an entry's value, which are aligned to `step` bytes.
void Lowering::store_member(const Member& member, ir::ExprId expr, const std::string& target, std::uint32_t step) {
  const std::uint32_t bits = member.bits;
  const ir::Type& type = program_[expr].type;
  if (bits > 64) {
    const std::uint32_t spare = member.slot.size * 8 - bits;
    const auto* ref = std::get_if<ir::FieldRef>(&program_[expr].node);
    const bool in_packet = ref && ref->header.header && !is_local(ref->header.header) && spare == 0 &&
                           status_of(worlds_, ref->header.header) == HeaderState::kValid &&
                           type_of(ref->header.header).fields[ref->field].bit_offset % 8 == 0;
    if (!in_packet) {
      call("p4bpf_wide_store_bytes", {name(target), num(member.slot.size), name(wide(expr)), num(limbs(bits)),
                                      num(member.slot.size % 4 == 0 ? 4 : 1)});
      return;
    }
    // Bytes to bytes, never through a register in host order.
    const Address from = header_address(ref->header.header);
    const std::uint32_t first = from.byte + type_of(ref->header.header).fields[ref->field].bit_offset / 8;
    for (std::uint32_t done = 0; done < member.slot.size;) {
      const std::uint32_t rest = member.slot.size - done;
      const std::uint32_t size = rest >= step ? step : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
      store_raw({target, done}, size, load_raw({from.base, first + done}, size));
      done += size;
    }
    return;
  }
  if (bits == 0) return assign(name(target), num(0));
  if (member.is_bytes) {
    // A width that has no network order of its own stands right-aligned in its bytes.
    const c::ExprId bytes =
        has_order(type) ? net(expr)
                        : swap(type.is_signed ? sign_extended(host(expr), bits) : host(expr), member.slot.size * 8);
    return store_raw({target, 0}, member.slot.size, bytes);
  }
  c::ExprId value = member.is_net && has_order(type) ? net(expr) : host(expr);
  if (member.is_net && !has_order(type)) {
    // A trie's field of a width that has no network order of its own: right-aligned in its bytes.
    if (type.is_signed && bits % 8 != 0) value = sign_extended(value, bits);
    value = swap(value, member.slot.size * 8);
  } else if (type.is_signed) {
    value = sign_extended(value, bits);
  }
  assign(name(target), value);
}

/// Fills every byte of the struct `key` (an lvalue), gaps included: the kernel compares them too.
void Lowering::fill_key(const TablePlan& plan, const ir::ApplyTable& s, const std::string& key) {
  const bool trie = plan.structure == manifest::Structure::kLpmTrie;
  const ir::Table& table = program_[s.table];
  if (trie) {
    const auto lpm = std::find_if(table.keys.begin(), table.keys.end(),
                                  [](const ir::TableKey& one) { return one.match == ir::MatchKind::kLpm; });
    const Member& last = plan.keys[static_cast<std::size_t>(lpm - table.keys.begin())];
    assign(name(key + ".prefix_length_"), num((last.slot.offset + last.slot.size) * 8));
  }
  for (std::size_t k = 0; k < plan.keys.size(); ++k)
    store_member(plan.keys[k], s.keys[k], key + "." + plan.keys[k].name, trie ? 4 : 8);
  for (const Pad& pad : plan.key_pads) {
    for (std::uint32_t i = 0; i < pad.size; ++i) assign(tree_.index(name(key + "." + pad.name), num(i)), num(0));
  }
}

/// Whether the header is valid and stands in the packet, with all of its fields at known places.
bool Lowering::lies_in_packet(const ir::HeaderRef& header) {
  return header.header && !is_local(header.header) && status_of(worlds_, header.header) == HeaderState::kValid &&
         !type_of(header.header).varbit_field && (!uses_scratch() || header_place(header.header).base == "data");
}

/// Where the packet has the bytes of a key's member as the table wants them.
std::optional<Address> Lowering::bytes_in_packet(const Member& member, ir::ExprId expr) {
  const auto* ref = std::get_if<ir::FieldRef>(&program_[expr].node);
  if (!ref || !lies_in_packet(ref->header) || program_[expr].type.width != member.slot.size * 8) return std::nullopt;
  const std::uint32_t bit = type_of(ref->header.header).fields[ref->field].bit_offset;
  if (bit % 8 != 0 || (member.slot.size > 1 && !member.is_net && !member.is_bytes)) return std::nullopt;
  Address at = header_place(ref->header.header);
  at.byte += bit / 8;
  return at;
}

/// Where the key lies in the packet as the map wants it, byte for byte: then it need not be copied.
std::optional<Address> Lowering::key_in_packet(const TablePlan& plan, const ir::ApplyTable& s) {
  if (plan.structure != manifest::Structure::kHash || !plan.key_pads.empty()) return std::nullopt;
  // An action may change the packet before it adds an entry for the key.
  if (program_[s.table].add_on_miss) return std::nullopt;
  std::optional<Address> start;
  std::uint32_t end = 0;
  for (std::size_t k = 0; k < plan.keys.size(); ++k) {
    const Member& member = plan.keys[k];
    std::optional<Address> at = bytes_in_packet(member, s.keys[k]);
    if (!at || at->byte < member.slot.offset) return std::nullopt;
    at->byte -= member.slot.offset;
    if (start && (start->base != at->base || start->byte != at->byte)) return std::nullopt;
    start = at;
    end = std::max(end, member.slot.offset + member.slot.size);
  }
  if (end != plan.key_size) return std::nullopt;
  // Every header that it is part of.
  for (std::size_t k = 0; k < plan.keys.size(); ++k)
    (void)header_address(std::get<ir::FieldRef>(program_[s.keys[k]].node).header.header);
  return start;
}

/// The name of a pointer to the value of the entry that matched, null if none did.
std::string Lowering::look_up(const TablePlan& plan, const ir::ApplyTable& s) {
  using Structure = manifest::Structure;
  const std::string value = names_.make("entry");
  const std::string value_type = "const struct " + plan.value_struct + " *";
  const c::ExprId map = tree_.address(name(plan.map));
  if (plan.structure == Structure::kArray) {
    const std::string index = names_.make("index");
    emit(c::Declare{"u32", index, {}, host(s.keys[0])});
    // The mask is for the verifier, which does not know that the key is so short. The compiler does, and must keep it.
    if (plan.is_variable) call("P4BPF_OPAQUE", {name(index)});
    const c::ExprId short_index =
        tree_.binary("&", name(index), num((1ull << program_[s.table].keys[0].type.width) - 1));
    const c::ExprId element = plan.is_variable ? tree_.address(tree_.index(name(plan.map), short_index))
                                               : tree_.call("p4bpf_map_lookup", {map, tree_.address(name(index))});
    emit(c::Declare{value_type, value, {}, element});
    c::ExprId is_free = tree_.binary("==", tree_.member(name(value), "action", true), num(manifest::kNoEntry));
    if (!plan.is_variable) is_free = tree_.binary("&&", name(value), is_free);
    emit(c::If{is_free, in_block([&] { assign(name(value), num(0)); }), {}});
    return value;
  }
  if (plan.structure == Structure::kPrefixTable || plan.structure == Structure::kRuleMatrix) {
    emit(c::Declare{value_type, value, {}, num(0)});
    if (plan.structure == Structure::kPrefixTable) {
      look_up_prefix(plan, s, value);
    } else {
      look_up_rule(plan, s, value);
    }
    return value;
  }
  if (const std::optional<Address> at = key_in_packet(plan, s)) {
    emit(c::Declare{value_type, value, {}, tree_.call("p4bpf_map_lookup", {map, address(*at)})});
    return value;
  }
  if (plan.structure != Structure::kRuleList) {
    const std::string key = names_.make("key");
    emit(c::Declare{
        "struct " + plan.key_struct + (plan.aligned_key ? " __attribute__((aligned(8)))" : ""), key, {}, {}});
    fill_key(plan, s, key);
    applied_keys_[s.table] = key;
    emit(c::Declare{value_type, value, {}, tree_.call("p4bpf_map_lookup", {map, tree_.address(name(key))})});
    return value;
  }
  emit(c::Declare{value_type, value, {}, num(0)});
  with_rules(plan, [&](const std::string& rules) {
    const std::string scan = names_.make("scan");
    emit(c::Declare{"struct " + plan.map + "_scan", scan, {}, {}});
    fill_key(plan, s, scan + ".key");
    assign(name(scan + ".rules"), name(rules));
    assign(name(scan + ".found"), num(~0u));
    call("p4bpf_loop", {num(plan.capacity), name(plan.step_function), tree_.address(name(scan)), num(0)});
    const std::string found = names_.make("found");
    emit(c::Declare{"u64", found, {}, name(scan + ".found")});
    call("P4BPF_OPAQUE", {name(found)});
    emit(c::If{tree_.binary("<", name(found), num(plan.capacity)),
               in_block([&] {
                 assign(name(value),
                        tree_.address(tree_.member(tree_.index(tree_.member(name(rules), "rules", true), name(found)),
                                                   "value", false)));
               }),
               {}});
  });
  return value;
}

void Lowering::set_constant(ir::VarId var, const BigInt& value) {
  const ir::Type& type = program_[var].type;
  if (type.width == 0) return;
  const std::string target = var_name(var);
  if (!is_wide(type)) {
    assign(name(target), orders_->is_net(var) ? net_constant(value, type.width) : constant(value, type.width));
    return;
  }
  BigInt rest = wrap(value, type.width, false);
  for (std::uint32_t i = 0; i < limbs(type.width); ++i, rest >>= 64) {
    assign(tree_.index(name(target), num(i)), num(static_cast<std::uint64_t>(BigInt(rest & ~std::uint64_t{0})), true));
  }
}

void Lowering::run_body(const ir::ApplyTable& s, std::size_t action) {
  if (s.action_run) assign(name(var_name(s.action_run)), num(action));
  const Worlds before = worlds_;
  const auto* rest = rest_;
  const std::size_t at = rest_at_;
  const Span span = span_;
  block(s.bodies[action].body);
  span_ = span;
  rest_ = rest;
  rest_at_ = at;
  worlds_ = before;
}

void Lowering::run_constant(const ir::ApplyTable& s, std::size_t action, const std::vector<BigInt>& arguments) {
  if (action >= s.bodies.size()) return;
  for (std::size_t p = 0; p < arguments.size() && p < s.bodies[action].params.size(); ++p) {
    set_constant(s.bodies[action].params[p], arguments[p]);
  }
  run_body(s, action);
}

void Lowering::load_params(const TablePlan& plan, const ir::ApplyTable& s, std::size_t action,
                           const std::string& value) {
  for (std::size_t p = 0; p < s.bodies[action].params.size(); ++p) {
    const ir::VarId var = s.bodies[action].params[p];
    const Member& member = plan.params[action][p];
    const std::string target = var_name(var);
    const std::string source = value + "->" + plan.groups[action] + "." + member.name;
    if (member.bits == 0) continue;
    if (member.bits > 64) {
      const std::uint32_t spare = member.slot.size * 8 - member.bits;
      call("p4bpf_wide_load", {name(target), num(limbs(member.bits)), name(source), num(spare), num(member.bits)});
      continue;
    }
    c::ExprId loaded = member.is_bytes ? load_raw({source, 0}, member.slot.size) : name(source);
    if (member.is_net != orders_->is_net(var)) loaded = swap(loaded, member.bits);
    if (program_[var].type.is_signed) loaded = mask(loaded, member.bits);
    assign(name(target), loaded);
  }
}

/// The action of the value that `value` points to. Entries carry actions of the table only, so a single one needs no
/// switch.
void Lowering::run_entry(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value, bool with_default) {
  if (!plan.profile) return run_action(plan, s, value, with_default);
  run_named(plan, s, value, [&](const std::string& named) { run_action(plan, s, named, with_default); });
}

void Lowering::run_action(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value,
                          bool with_default) {
  const ir::Table& table = program_[s.table];
  std::vector<std::size_t> possible;
  for (std::size_t a = 0; a < s.bodies.size(); ++a) {
    if (with_default || !table.actions[a].default_only) possible.push_back(a);
  }
  const auto one = [&](std::size_t action) {
    load_params(plan, s, action, value);
    run_body(s, action);
  };
  if (possible.size() == 1) {
    one(possible[0]);
    return;
  }
  c::Switch made{tree_.member(name(value), "action", true), {}};
  for (const std::size_t action : possible) {
    const c::BlockId body = in_block([&] { one(action); });
    if (tree_.blocks[body].statements.empty()) continue;
    made.cases.push_back({{num(action)}, body});
  }
  if (made.cases.empty()) return;
  // One of them it is: the last need not be asked for.
  if (made.cases.size() == possible.size()) made.cases.back().values.clear();
  emit(std::move(made));
}

/// Const entries: a chain of comparisons in the order of falling priority sets the action's number and parameters.
void Lowering::apply_code(const TablePlan& plan, const ir::ApplyTable& s) {
  const ir::Table& table = program_[s.table];
  std::vector<const ir::TableEntry*> order;
  for (const ir::TableEntry& entry : table.entries) order.push_back(&entry);
  const auto prefix = [](const ir::TableEntry* entry) {
    std::uint32_t bits = 0;
    for (const KeyMatch& one : entry->keys) bits += one.kind == KeyMatch::Kind::kPrefix ? one.prefix_length : 0;
    return bits;
  };
  const auto lpm_count = std::count_if(table.keys.begin(), table.keys.end(),
                                       [](const ir::TableKey& key) { return key.match == ir::MatchKind::kLpm; });
  const bool by_prefix =
      lpm_count == 1 && std::all_of(table.keys.begin(), table.keys.end(), [](const ir::TableKey& key) {
        return key.match == ir::MatchKind::kLpm || key.match == ir::MatchKind::kExact;
      });
  std::stable_sort(order.begin(), order.end(), [&](const ir::TableEntry* a, const ir::TableEntry* b) {
    return by_prefix ? prefix(a) > prefix(b) : a->priority > b->priority;
  });
  // Keys are evaluated once.
  const std::string action = names_.make("action");
  const std::uint32_t miss = manifest::kNoEntry;
  emit(c::Declare{"u32", action, {}, num(miss)});
  std::string handle;
  if (plan.has_handles) emit(c::Declare{"u32", handle = names_.make("handle"), {}, num(0)});
  c::BlockId otherwise = tree_.blocks.add({});
  for (std::size_t i = order.size(); i-- > 0;) {
    const ir::TableEntry& entry = *order[i];
    const c::BlockId next = otherwise;
    otherwise = in_block([&] {
      c::ExprId all;
      for (std::size_t k = 0; k < entry.keys.size(); ++k) {
        if (entry.keys[k].kind == KeyMatch::Kind::kAny) continue;
        const c::ExprId one = match(s.keys[k], entry.keys[k]);
        all = all ? tree_.binary("&&", all, one) : one;
      }
      const c::BlockId chosen = in_block([&] {
        assign(name(action), num(entry.action));
        // They are numbered as the program has them.
        if (plan.has_handles) assign(name(handle), num(static_cast<std::uint64_t>(&entry - table.entries.data()) + 1));
        for (std::size_t p = 0; p < entry.arguments.size(); ++p)
          set_constant(s.bodies[entry.action].params[p], entry.arguments[p]);
      });
      emit(c::If{all ? all : num(1), chosen, next});
    });
  }
  emit(c::Scope{otherwise});
  if (plan.has_handles) note_hit(s, name(handle));
  set_hit(s, tree_.binary("!=", name(action), num(miss)));
  c::Switch made{name(action), {}};
  for (std::size_t a = 0; a < s.bodies.size(); ++a) {
    if (std::none_of(order.begin(), order.end(), [&](const ir::TableEntry* entry) { return entry->action == a; }))
      continue;
    made.cases.push_back({{num(a)}, in_block([&] { run_body(s, a); })});
  }
  made.cases.push_back({{num(miss)}, in_block([&] { run_default(plan, s); })});
  emit(std::move(made));
}

/// Nothing matched: the default action, inlined if it is const, else as global data says.
void Lowering::run_default(const TablePlan& plan, const ir::ApplyTable& s) {
  const ir::Table& table = program_[s.table];
  if (table.is_value_set) return;
  if (plan.default_symbol.empty()) {
    run_constant(s, table.default_action, table.default_arguments);
    return;
  }
  const std::string value = names_.make("fallback");
  emit(c::Declare{"const struct " + plan.value_struct + " *", value, {}, tree_.address(name(plan.default_symbol))});
  run_entry(plan, s, value, true);
}

void Lowering::lower(const ir::ApplyTable& s) {
  using Structure = manifest::Structure;
  const TablePlan& plan = tables_[s.table.index()];
  emit(c::Scope{in_block([&] {
    if (plan.structure == Structure::kNone) {
      note_hit(s, num(0));
      set_hit(s, num(0));
      run_default(plan, s);
      return;
    }
    if (plan.structure == Structure::kCode) {
      apply_code(plan, s);
      return;
    }
    const std::string value = look_up(plan, s);
    note_hit(s, handle_of_entry(plan, value));
    set_hit(s, tree_.binary("!=", name(value), num(0)));
    if (program_[s.table].is_value_set || s.bodies.empty()) return;
    if (!plan.default_symbol.empty()) {
      // One switch for both: the default lies in global data laid out like an entry.
      emit(c::If{tree_.unary("!", name(value)),
                 in_block([&] { assign(name(value), tree_.address(name(plan.default_symbol))); }),
                 {}});
      run_entry(plan, s, value, true);
      return;
    }
    const c::BlockId hit = in_block([&] { run_entry(plan, s, value, false); });
    const c::BlockId miss = in_block([&] { run_default(plan, s); });
    if (tree_.blocks[hit].statements.empty() && tree_.blocks[miss].statements.empty()) return;
    emit(c::If{name(value), hit, miss});
  })});
}

}  // namespace p4bpf::codegen
