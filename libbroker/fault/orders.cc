#include "libbroker/fault/orders.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kt::fault {
namespace {

using nlohmann::json;

constexpr std::string_view kind_names[] = {"cut", "slow", "throttle", "lose", "disk-full", "disk-error"};

json json_of(const Fault& fault) {
  return {{"id", fault.id},
          {"kind", name_of(fault.kind)},
          {"a", fault.a},
          {"b", fault.b},
          {"one_way", fault.is_one_way},
          {"frames", static_cast<int>(fault.frames)},
          {"apis", fault.apis},
          {"client", fault.client},
          {"delay_ms", fault.delay_ms},
          {"jitter_ms", fault.jitter_ms},
          {"bytes_per_second", fault.bytes_per_second},
          {"count", fault.count},
          {"text", fault.text}};
}

/// Throws what nlohmann throws, and out_of_range for a kind that there is not.
Fault fault_of(const json& from) {
  const auto kind = std::ranges::find(kind_names, from.at("kind").get<std::string>());
  if (kind == std::end(kind_names)) throw std::out_of_range("no such kind of fault");
  const int frames = from.at("frames");
  if (frames < 0 || frames > static_cast<int>(Fault::Frames::answers))
    throw std::out_of_range("no such kind of frames");
  return {.id = from.at("id"),
          .kind = static_cast<Fault::Kind>(kind - std::begin(kind_names)),
          .a = from.at("a").get<std::set<int32_t>>(),
          .b = from.at("b").get<std::set<int32_t>>(),
          .is_one_way = from.at("one_way"),
          .frames = static_cast<Fault::Frames>(frames),
          .apis = from.at("apis").get<std::set<int16_t>>(),
          .client = from.at("client"),
          .delay_ms = from.at("delay_ms"),
          .jitter_ms = from.at("jitter_ms"),
          .bytes_per_second = from.at("bytes_per_second"),
          .count = from.at("count"),
          .text = from.at("text")};
}

std::unexpected<Error> not_understood(const std::exception& error) {
  return fail(ErrorCode::invalid_request, fmt::format("a lab's orders are not understood: {}", error.what()));
}

}  // namespace

std::string_view name_of(Fault::Kind kind) { return kind_names[static_cast<size_t>(kind)]; }

bool Fault::joins(int32_t from, int32_t to) const {
  if (is_of_disk()) return false;
  return (a.contains(from) && b.contains(to)) || (!is_one_way && b.contains(from) && a.contains(to));
}

std::string to_json(const Fault& fault) { return json_of(fault).dump(); }

Result<Fault> parse_fault(std::string_view text) {
  try {
    return fault_of(json::parse(text));
  } catch (const std::exception& error) {
    return not_understood(error);
  }
}

std::string to_line(const Orders& orders) {
  json ports = json::array(), faults = json::array();
  for (const auto& [port, node] : orders.ports) ports.push_back({port, node});
  for (const Fault& fault : orders.faults) faults.push_back(json_of(fault));
  json line = {
      {"version", orders.version},
      {"node", orders.node},
      {"ports", std::move(ports)},
      {"faults", std::move(faults)},
      {"clock",
       {{"real_ms", orders.clock.real_ms}, {"lab_ms", orders.clock.lab_ms}, {"rate", orders.clock.rate}}}};
  if (orders.seed) line["seed"] = *orders.seed;
  return line.dump() + "\n";
}

Result<Orders> parse_orders(std::string_view line) {
  try {
    const json from = json::parse(line);
    const json& clock = from.at("clock");
    Orders orders{.version = from.at("version"),
                  .node = from.at("node"),
                  .ports = {},
                  .faults = {},
                  .clock = {clock.at("real_ms"), clock.at("lab_ms"), clock.at("rate")},
                  .seed = {}};
    for (const json& port : from.at("ports")) orders.ports[port.at(0).get<uint16_t>()] = port.at(1);
    for (const json& fault : from.at("faults")) orders.faults.push_back(fault_of(fault));
    if (from.contains("seed")) orders.seed = from.at("seed").get<uint64_t>();
    return orders;
  } catch (const std::exception& error) {
    return not_understood(error);
  }
}

}  // namespace kt::fault
