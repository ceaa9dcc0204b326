#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "libcli/commands/lab/expect.h"
#include "libcli/commands/lab/log_tail.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Sight;
using Lines = std::vector<std::string>;
using Received = std::map<std::string, Lines>;  // by client

/// What the exercise's clients have printed so far.
Result<Received> received_by(Looker& looker, const Lines& clients) {
  Received received;
  for (const std::string& client : clients) {
    auto lines =
        LogReader(looker.environment().disk, looker.lab().place.directory + "/clients/" + client + ".out")
            .next();
    if (!lines) return fail(lines.error());
    received[client] = std::move(*lines);
  }
  return received;
}

std::string text_of(const Received& received) {
  std::string text;
  for (const auto& [client, lines] : received)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", client, term::join(lines, " "));
  return text;
}

Lines all_of(const Received& received) {
  Lines all;
  for (const auto& [client, lines] : received) all.insert(all.end(), lines.begin(), lines.end());
  return all;
}

Lines sorted(Lines lines) {
  std::ranges::sort(lines);
  return lines;
}

using Holds = bool (*)(const Received& received, const Lines& wanted);

bool consumed(const Received& received, const Lines& wanted) {
  const Lines all = all_of(received);
  return std::ranges::all_of(
      wanted, [&](const std::string& value) { return std::ranges::find(all, value) != all.end(); });
}
bool union_once(const Received& received, const Lines& wanted) {
  const Lines all = all_of(received);
  return std::ranges::all_of(wanted,
                             [&](const std::string& value) { return std::ranges::count(all, value) == 1; });
}
bool each(const Received& received, const Lines&) {
  return std::ranges::all_of(received, [](const auto& of) { return !of.second.empty(); });
}
bool exact_order(const Received& received, const Lines& wanted) { return all_of(received) == wanted; }
bool differs_from_sent(const Received& received, const Lines& wanted) {
  const Lines all = all_of(received);
  return all != wanted && sorted(all) == sorted(wanted);
}

struct Kind {
  std::string_view name, says;
  Holds holds;
};
constexpr Kind kinds[] = {{"consumed", "got", consumed},
                          {"union-once", "got, each once in all,", union_once},
                          {"each", "got something, each of them", each},
                          {"exact-order", "got exactly, in this order,", exact_order},
                          {"differs-from-sent", "got, in another order,", differs_from_sent}};

}  // namespace

std::expected<Check, UsageError> client_check(const ExpectOptions& options) {
  const auto kind = std::ranges::find(kinds, options.words[0], &Kind::name);
  if (options.by.empty())
    return bad_check(fmt::format("expect {} needs --by and a client's name", kind->name));
  const Lines wanted(options.words.begin() + 1, options.words.end());
  if (wanted.empty() != (kind->name == "each"))
    return bad_check(fmt::format("expect {} {} values", kind->name, wanted.empty() ? "needs" : "takes no"));
  return Check{fmt::format("{} {} {}", term::join(options.by, ","), kind->says, term::join(wanted, " ")),
               [by = options.by, wanted, holds = kind->holds](Looker& looker) -> Result<Sight> {
                 const auto received = received_by(looker, by);
                 if (!received) return fail(received.error());
                 return Sight{holds(*received, wanted), text_of(*received)};
               }};
}

}  // namespace kt::cli::lab
