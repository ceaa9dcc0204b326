#include "libbroker/consuming/assignor.h"

#include <array>

#include "libbroker/consuming/plain_assignors.h"
#include "libbroker/consuming/sticky_assignors.h"

namespace kt::consuming {
namespace {

// "org.apache.kafka.clients.consumer.RangeAssignor" and "RangeAssignor" are "range".
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> java_names{{
    {"RangeAssignor", "range"},
    {"RoundRobinAssignor", "roundrobin"},
    {"StickyAssignor", "sticky"},
    {"CooperativeStickyAssignor", "cooperative-sticky"},
}};

}  // namespace

const Assignor* find_assignor(std::string_view name) {
  static const RangeAssignor range;
  static const RoundRobinAssignor round_robin;
  static const StickyAssignor sticky;
  static const CooperativeStickyAssignor cooperative_sticky;
  static const std::array<const Assignor*, 4> all{&range, &round_robin, &sticky, &cooperative_sticky};
  if (const size_t dot = name.rfind('.'); dot != std::string_view::npos) name = name.substr(dot + 1);
  for (const auto& [java_name, ours] : java_names) {
    if (name == java_name) name = ours;
  }
  for (const Assignor* assignor : all) {
    if (assignor->name() == name) return assignor;
  }
  return nullptr;
}

std::vector<const Assignor*> default_assignors() {
  return {find_assignor("range"), find_assignor("cooperative-sticky")};
}

}  // namespace kt::consuming
