// Hashes: the data as bytes on the stack, in the packet's order, and a function of p4bpf_hash.h over them. clang keeps
// the bytes in registers, since it knows how many there are.
#include "arch/hash.h"

#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

/// Bytes are read by so many; behind the last one stand zeros (p4bpf_hash.h), which a new array is full of.
constexpr std::uint32_t kPadding = 4;

}  // namespace

void Lowering::add_hashed(const ir::ExternArgument& data, std::vector<ir::ExprId>& scalars) {
  if (const auto* all = std::get_if<ir::ExternStruct>(&data.value)) {
    for (const ir::ExternArgument& field : all->fields) add_hashed(field, scalars);
  } else if (const auto* scalar = std::get_if<ir::ExprId>(&data.value)) {
    if (program_[*scalar].type.width != 0) scalars.push_back(*scalar);
  } else {
    unsupported(span_, "a whole header cannot be hashed yet, expected its fields");
  }
}

/// The fields from `first` on that lie one behind the other in the packet, from a byte's border to one. Less than two
/// are no run.
Lowering::FieldRun Lowering::fields_in_packet(const std::vector<ir::ExprId>& scalars, std::size_t first) {
  const auto field_of = [&](std::size_t i) { return std::get_if<ir::FieldRef>(&program_[scalars[i]].node); };
  FieldRun run;
  const ir::FieldRef* const start = field_of(first);
  if (!start || !lies_in_packet(start->header)) return run;
  const auto& type = type_of(start->header.header);
  const std::uint32_t begin = type.fields[start->field].bit_offset;
  if (begin % 8 != 0) return run;
  std::uint32_t end = begin;
  for (std::size_t i = first; i < scalars.size(); ++i) {
    const ir::FieldRef* const field = field_of(i);
    if (!field || field->header.header != start->header.header || type.fields[field->field].bit_offset != end) break;
    end += program_[scalars[i]].type.width;
    if (end % 8 == 0) run = {i - first + 1, {}, (end - begin) / 8};
  }
  if (run.count < 2) return {};
  run.at = header_address(start->header.header);
  run.at.byte += begin / 8;
  return run;
}

/// Stores the scalars one behind the other; how many bytes there are.
std::uint32_t Lowering::store_hashed(const std::string& bytes, const std::vector<ir::ExprId>& scalars) {
  std::uint32_t end = 0;
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    if (const FieldRun run = fields_in_packet(scalars, i); run.count != 0) {
      // No piece crosses a border of four bytes, which are read at once.
      for (std::uint32_t done = 0; done < run.bytes;) {
        const std::uint32_t left = run.bytes - done;
        const std::uint32_t size = end % 4 == 0 && left >= 4 ? 4 : end % 2 == 0 && left >= 2 ? 2 : 1;
        store_raw({bytes, end}, size, load_raw({run.at.base, run.at.byte + done}, size));
        done += size, end += size;
      }
      i += run.count - 1;
      continue;
    }
    const ir::Type& first = program_[scalars[i]].type;
    const Address to{bytes, end};
    if (first.width > 64 && first.width % 8 == 0) {
      call("p4bpf_wide_store_bytes",
           {address(to), num(first.width / 8), name(wide(scalars[i])), num(limbs(first.width)), num(1)});
      end += first.width / 8;
      continue;
    }
    if (has_order(first)) {
      store_raw(to, first.width / 8, net(scalars[i]));
      end += first.width / 8;
      continue;
    }
    // Together with those behind it as far as the next border between bytes.
    std::uint32_t width = 0;
    c::ExprId all;
    for (;; ++i) {
      const std::uint32_t more = program_[scalars[i]].type.width;
      width += more;
      if (width > 64) {
        unsupported(program_[scalars[i]].span, "values that are hashed must end with a byte every 64 bits at least");
        return end;
      }
      const c::ExprId part = as_type(64, host(scalars[i]));
      all = all ? tree_.binary("|", tree_.binary("<<", all, num(more)), part) : part;
      if (width % 8 == 0 || i + 1 == scalars.size()) break;
    }
    const std::uint32_t whole = round_up(width, 8);
    if (whole != width) all = tree_.binary("<<", all, num(whole - width));
    store_raw(to, whole / 8, swap(all, whole));
    end += whole / 8;
  }
  return end;
}

/// Of the data and the packet from where the parser ended, given that of the data, whose bytes may be odd in number.
c::ExprId Lowering::with_payload(const std::string& function, c::ExprId before, c::ExprId is_odd) {
  // "p4bpf_hash_crc32" -> "crc32"; lookup3 takes no pieces, and no architecture asks it of a payload.
  const std::string suffix = function.substr(std::string_view("p4bpf_hash_").size());
  if (payload_hashes_.insert(suffix).second)
    declarations_.push_back(c::MapDefinition{"P4BPF_PAYLOAD", {suffix, std::string(hook_->kind)}});
  return tree_.call("p4bpf_payload_" + suffix,
                    {name("context"), before, is_odd, tree_.binary(">>", name(parsed_bits_), num(3))});
}

/// hash(result, algorithm, data)
void Lowering::call_hash(const ir::CallExtern& s, bool goes_on) {
  const ir::Expr& named = program_[std::get<ir::ExprId>(s.arguments[1].value)];
  const auto* constant = std::get_if<ir::Const>(&named.node);
  if (!constant) return unsupported(named.span, "the algorithm of a hash must be a constant");
  const std::string& algorithm = program_[named.type.enum_type].members.at(static_cast<std::size_t>(constant->value));
  const arch::HashAlgorithm* known = arch::find_hash(algorithm);
  P4BPF_CHECK(known != nullptr, "each algorithm of the architecture has a function");
  const auto* const calculation =
      s.instance ? std::get_if<arch::CalculationShape>(&instances_.at(s.instance).shape) : nullptr;
  if (calculation != nullptr && goes_on) {
    return unsupported(
        span_, fmt::format("{} cannot go on over the payload yet, expected crc16, crc32, csum16 or xor16", algorithm));
  }
  std::vector<ir::ExprId> scalars;
  add_hashed(s.arguments[2], scalars);
  const auto is_varbit = [&](ir::ExprId one) { return program_[one].type.kind == ir::Type::Kind::kVarbit; };
  if (std::any_of(scalars.begin(), scalars.end(), is_varbit)) {
    return hash_with_varbits(s, std::string(known->function), scalars, goes_on);
  }
  std::uint32_t bits = 0;
  for (const ir::ExprId scalar : scalars) bits += program_[scalar].type.width;
  const std::string bytes = names_.make("hashed");
  const std::uint32_t room = std::max(round_up(bits, 8 * kPadding) / 8, kPadding);
  emit(c::Declare{"u8 __attribute__((aligned(8)))", bytes, room, {}});
  const std::uint32_t size = store_hashed(bytes, scalars);
  std::string function(known->function);
  std::vector<c::ExprId> arguments{name(bytes), num(size)};
  if (calculation != nullptr) {
    function = "p4bpf_hash_custom";
    arguments.push_back(tree_.address(name(instances_.at(s.instance).map)));
    arguments.push_back(num(calculation->width));
  }
  c::ExprId result = temp("u32", tree_.call(function, arguments), "hash");
  if (goes_on) result = temp("u32", with_payload(std::string(known->function), result, num(size % 2)), "hash");
  assign_host(std::get<ir::ExprId>(s.arguments[0].value), result);
}

}  // namespace p4bpf::codegen
