#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "libbroker/base/disk.h"
#include "libcli/commands/lab/expect.h"
#include "libcli/commands/lab/log_tail.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Sight;
using Counts = std::map<std::string, int64_t>;  // of lines

Result<Counts> lines_in(Looker& looker, const std::string& file) {
  const auto lines = LogReader(looker.environment().disk, file).next();
  if (!lines) return fail(lines.error());
  Counts counts;
  for (const std::string& line : *lines) ++counts[line];
  return counts;
}

/// How many of what was sent did not come, or came more than once.
struct Delivery {
  int64_t lost = 0, doubled = 0;
  std::string first;  // of those
};

Delivery compare(const Counts& sent, const Counts& got, bool wants_lost) {
  Delivery delivery;
  for (const auto& [line, times] : sent) {
    const auto found = got.find(line);
    const int64_t came = found == got.end() ? 0 : found->second;
    delivery.lost += std::max<int64_t>(0, times - came);
    delivery.doubled += std::max<int64_t>(0, came - times);
    if (delivery.first.empty() && (wants_lost ? came < times : came > times)) delivery.first = line;
  }
  return delivery;
}

}  // namespace

std::expected<Check, UsageError> delivery_check(const ExpectOptions& options) {
  const std::string& name = options.words[0];
  if (!options.sent || !options.got)
    return bad_check(fmt::format("expect {} needs --sent and --got, a file of lines each", name));
  kt::lab::Bound bound;  // none
  if (options.is) {
    const auto parsed = kt::lab::parse_bound(*options.is);
    if (!parsed) return bad_check("--is is a number to compare with, not " + *options.is);
    bound = *parsed;
  }
  const bool wants_lost = name == "lost";
  return Check{fmt::format("{}: {}", name, options.is.value_or("0")),
               [sent_file = *options.sent, got_file = *options.got, bound, wants_lost,
                name](Looker& looker) -> Result<Sight> {
                 const auto sent = lines_in(looker, sent_file), got = lines_in(looker, got_file);
                 if (!sent) return fail(sent.error());
                 if (!got) return fail(got.error());
                 const Delivery delivery = compare(*sent, *got, wants_lost);
                 const int64_t count = wants_lost ? delivery.lost : delivery.doubled;
                 return Sight{bound.holds(count),
                              fmt::format("{}: {}{}", name, count,
                                          delivery.first.empty() ? "" : ", the first is " + delivery.first)};
               }};
}

}  // namespace kt::cli::lab
