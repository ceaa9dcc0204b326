#include "libbroker/sim/history/history_json.h"

#include <fmt/core.h>

#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

namespace kt::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view type_names[] = {"invoke", "ok", "fail", "info"};
constexpr std::string_view kind_names[] = {"send",      "poll",  "txn",    "assign",
                                           "subscribe", "crash", "commit", "debug"};
constexpr std::string_view mop_names[] = {"send", "poll", "commit", "committed", "scan"};

template <class Enum, size_t count>
Enum parse_name(const std::string_view (&names)[count], const Json& json) {
  const auto& name = json.get_ref<const std::string&>();
  for (size_t i = 0; i < count; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  throw std::invalid_argument("unknown name " + name);
}

template <class Enum, size_t count>
std::string_view name_of(const std::string_view (&names)[count], Enum value) {
  return names[static_cast<size_t>(value)];
}

Json offset_json(int64_t offset) { return offset == no_offset ? Json(nullptr) : Json(offset); }
int64_t parse_offset(const Json& json) { return json.is_null() ? no_offset : json.get<int64_t>(); }

Key check_key(uint64_t key) {
  if (key >= keys_max) throw std::out_of_range(fmt::format("key {} is not below {}", key, keys_max));
  return static_cast<Key>(key);
}
Key parse_key(const Json& json) { return check_key(json.get<uint64_t>()); }

Json polled_json(const std::vector<Polled>& polled) {
  Json keys = Json::object();
  for (const auto& [key, reads] : polled) {
    Json& list = keys[std::to_string(key)] = Json::array();
    for (const Read& read : reads) list.push_back(Json::array({offset_json(read.offset), read.value}));
  }
  return keys;
}

std::vector<Polled> parse_polled(const Json& json) {
  std::vector<Polled> polled;
  for (const auto& [key, list] : json.items()) {
    Polled& added = polled.emplace_back(Polled{check_key(std::stoull(key)), {}});
    for (const Json& read : list) added.reads.push_back({parse_offset(read.at(0)), read.at(1).get<Value>()});
  }
  return polled;
}

Json mop_json(const Mop& mop, bool is_invoked) {
  Json json = Json::array({name_of(mop_names, mop.kind)});
  switch (mop.kind) {
    case MopKind::send:
      json.push_back(mop.key);
      json.push_back(is_invoked ? Json(mop.value) : Json::array({offset_json(mop.offset), mop.value}));
      if (mop.record_key != 0) json.push_back(mop.record_key);
      break;
    case MopKind::poll:
      if (!is_invoked) json.push_back(polled_json(mop.polled));
      break;
    case MopKind::scan:
      json.push_back(polled_json(mop.polled));
      break;
    case MopKind::commit:
    case MopKind::committed:
      for (const Json& part : {Json(mop.group), Json(mop.key), offset_json(mop.offset)}) json.push_back(part);
  }
  return json;
}

Mop parse_mop(const Json& json) {
  Mop mop{.kind = parse_name<MopKind>(mop_names, json.at(0))};
  switch (mop.kind) {
    case MopKind::send: {
      const Json& record = json.at(2);
      mop.key = parse_key(json.at(1));
      mop.offset = record.is_array() ? parse_offset(record.at(0)) : no_offset;
      mop.value = (record.is_array() ? record.at(1) : record).get<Value>();
      if (json.size() > 3) mop.record_key = json.at(3).get<uint32_t>();
      break;
    }
    case MopKind::poll:
    case MopKind::scan:
      if (json.size() > 1) mop.polled = parse_polled(json.at(1));
      break;
    case MopKind::commit:
    case MopKind::committed:
      mop.group = json.at(1).get<uint32_t>();
      mop.key = parse_key(json.at(2));
      mop.offset = parse_offset(json.at(3));
  }
  return mop;
}

Op parse_op(const Json& json) {
  Op op{.index = json.at("i").get<uint64_t>(),
        .time_ns = json.at("t").get<int64_t>(),
        .process = json.at("p").get<int32_t>(),
        .type = parse_name<OpType>(type_names, json.at("type")),
        .kind = parse_name<OpKind>(kind_names, json.at("f"))};
  if (const auto value = json.find("v"); value != json.end() && !value->is_null()) {
    for (const Json& part : *value) {
      if (part.is_array()) {
        op.mops.push_back(parse_mop(part));
      } else {
        op.keys.push_back(parse_key(part));
      }
    }
  }
  if (const auto code = json.find("err"); code != json.end())
    op.error = static_cast<ErrorCode>(code->get<int16_t>());
  if (const auto keys = json.find("rebalance"); keys != json.end()) {
    for (const Json& key : *keys) op.rebalanced.push_back(parse_key(key));
  }
  return op;
}

}  // namespace

std::string to_json(const Op& op) {
  Json json = {{"i", op.index}, {"t", op.time_ns}, {"p", op.process}};
  json["type"] = name_of(type_names, op.type);
  json["f"] = name_of(kind_names, op.kind);
  Json& value = json["v"] = Json::array();
  for (const Mop& mop : op.mops) value.push_back(mop_json(mop, op.type == OpType::invoke));
  for (const Key key : op.keys) value.push_back(key);
  if (op.error != ErrorCode::none) json["err"] = static_cast<int16_t>(op.error);
  if (!op.rebalanced.empty()) json["rebalance"] = op.rebalanced;
  return json.dump();
}

Result<Op> op_from_json(std::string_view line) {
  try {
    return parse_op(Json::parse(line));
  } catch (const std::exception& error) {
    return fail(ErrorCode::invalid_request, error.what());
  }
}

Result<History> read_history(std::istream& in) {
  History history;
  std::string line;
  for (uint64_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    auto op = op_from_json(line);
    if (!op) return fail(ErrorCode::invalid_request, fmt::format("line {}: {}", number, op.error().message));
    history.add(std::move(*op));
  }
  history.finish();
  return history;
}

}  // namespace kt::sim
