#include "libcli/lab/faults.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "libbroker/base/rng.h"
#include "libbroker/wire/api_keys.h"
#include "libcli/config/span.h"

namespace kt::lab {
namespace {

uint64_t mixed(uint64_t seed, int32_t node, int32_t starts) {
  const auto of = static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32 | static_cast<uint32_t>(starts);
  return SeededRng(seed ^ SeededRng(of).next()).next();
}

std::unexpected<Error> bad(std::string sentence) {
  return fail(ErrorCode::invalid_config, std::move(sentence));
}

Result<std::set<int32_t>> parse_side(std::string_view text, const Spec& spec) {
  std::set<int32_t> ids;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (word == "clients") {
      ids.insert(fault::clients);
      continue;
    }
    bool is_known = false;
    for (const NodeSpec& node : spec.nodes) {
      const bool is_meant = word == std::to_string(node.id) || word == node.name() ||
                            (word == "controller" && node.is_controller);
      if (is_meant) ids.insert(node.id);
      is_known = is_known || is_meant;
    }
    if (!is_known) return bad(fmt::format("{} is no node of the lab: a number, controller or clients", word));
  }
  if (ids.empty()) return bad("a side of the link is empty");
  return ids;
}

}  // namespace

int32_t Faults::add(fault::Fault fault, std::optional<int64_t> lasts_ms, int64_t now_ms) {
  fault.id = ++last_id_;
  ++version_;
  entries_.push_back({std::move(fault), lasts_ms ? std::optional(now_ms + *lasts_ms) : std::nullopt});
  return last_id_;
}

bool Faults::heal(std::optional<int32_t> id) {
  const auto healed =
      std::erase_if(entries_, [&](const Entry& entry) { return !id || entry.fault.id == *id; });
  if (healed > 0) ++version_;
  return healed > 0 || !id;
}

bool Faults::expire(int64_t now_ms) {
  const auto over =
      std::erase_if(entries_, [&](const Entry& entry) { return entry.ends_ms && *entry.ends_ms <= now_ms; });
  if (over > 0) ++version_;
  return over > 0;
}

std::optional<int64_t> Faults::deadline_ms() const {
  std::optional<int64_t> deadline_ms;
  for (const Entry& entry : entries_) {
    if (entry.ends_ms && (!deadline_ms || *entry.ends_ms < *deadline_ms)) deadline_ms = entry.ends_ms;
  }
  return deadline_ms;
}

void Faults::change_clock(const ClockChange& change, int64_t wall_ms) {
  const bool is_untouched = clock_ == fault::ClockSetting{};
  const int64_t lab_ms = is_untouched ? wall_ms : clock_.at(wall_ms);
  clock_ = {.real_ms = wall_ms, .lab_ms = lab_ms, .rate = is_untouched ? 1 : clock_.rate};
  switch (change.how) {
    case ClockChange::How::advance:
      clock_.lab_ms += change.by_ms;
      break;
    case ClockChange::How::freeze:
      clock_.rate = 0;
      break;
    case ClockChange::How::run:
      clock_.rate = change.rate;
      break;
  }
  ++version_;
}

fault::Orders Faults::orders_for(const Spec& spec, const NodeSpec& node, int32_t starts) const {
  fault::Orders orders{
      .version = version_, .node = node.id, .ports = {}, .faults = all(), .clock = clock_, .seed = {}};
  for (const NodeSpec& other : spec.nodes) orders.ports[other.port] = other.id;
  if (seed_) orders.seed = mixed(*seed_, node.id, starts);
  return orders;
}

std::vector<fault::Fault> Faults::all() const {
  std::vector<fault::Fault> faults;
  for (const Entry& entry : entries_) faults.push_back(entry.fault);
  return faults;
}

Result<Link> parse_link(const std::string& text, const Spec& spec) {
  const size_t mark = text.find_first_of("|:");
  auto a = parse_side(std::string_view(text).substr(0, mark), spec);
  if (!a) return fail(a.error());
  if (mark != text.npos) {
    auto b = parse_side(std::string_view(text).substr(mark + 1), spec);
    if (!b) return fail(b.error());
    return Link{std::move(*a), std::move(*b)};
  }
  Link link{std::move(*a), {}};
  for (const NodeSpec& node : spec.nodes) {
    if (!link.a.contains(node.id)) link.b.insert(node.id);
  }
  if (link.b.empty()) return bad(fmt::format("{}: nobody is on the other side", text));
  return link;
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  if (text.ends_with("/s")) text.remove_suffix(2);
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number <= 0) return std::nullopt;
  constexpr std::pair<std::string_view, int64_t> units[] = {
      {"", 1},          {"B", 1},         {"KB", 1000},    {"MB", 1000 * 1000}, {"GB", 1'000'000'000},
      {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  const std::string_view unit(parsed.ptr, static_cast<size_t>(text.data() + text.size() - parsed.ptr));
  const auto found = std::ranges::find(units, unit, &std::pair<std::string_view, int64_t>::first);
  if (found == std::end(units) || number > INT64_MAX / found->second) return std::nullopt;
  return number * found->second;
}

std::optional<Delay> parse_delay(std::string_view text) {
  std::string_view jitter;
  for (const std::string_view sign : {"±", "+-"}) {
    const size_t at = text.find(sign);
    if (at == text.npos) continue;
    jitter = text.substr(at + sign.size());
    text = text.substr(0, at);
    break;
  }
  const auto ms = config::parse_span_ms(text);
  const auto jitter_ms = jitter.empty() ? std::optional<int64_t>(0) : config::parse_span_ms(jitter);
  if (!ms || !jitter_ms || *ms <= 0 || *jitter_ms > *ms) return std::nullopt;
  return Delay{*ms, *jitter_ms};
}

Result<std::set<int16_t>> parse_apis(const std::vector<std::string>& names) {
  std::set<int16_t> keys;
  for (const std::string& name : names) {
    const auto apis = wire::apis();
    const auto found = std::ranges::find_if(apis, [&](const wire::Api& api) {
      return api.name == name || std::to_string(static_cast<int16_t>(api.key)) == name;
    });
    if (found == apis.end()) return bad(name + " is no API of Kafka's: Produce, Fetch, Metadata, ...");
    keys.insert(static_cast<int16_t>(found->key));
  }
  return keys;
}

}  // namespace kt::lab
