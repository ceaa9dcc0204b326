#include "libcli/commands/lab/expect.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "libbroker/base/clock.h"
#include "libcli/term/report.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Sight;
using kt::lab::Vigil;

constexpr int64_t look_again_ms = 50;
constexpr int64_t request_ms_max = 1'000;

struct Kind {
  std::string_view name;
  std::expected<Check, UsageError> (*make)(const ExpectOptions&);
};
constexpr Kind kinds[] = {{"isr", cluster_check},
                          {"leader", cluster_check},
                          {"no-leader", cluster_check},
                          {"brokers", cluster_check},
                          {"controller", cluster_check},
                          {"under-replicated", cluster_check},
                          {"end", offset_check},
                          {"start", offset_check},
                          {"committed", offset_check},
                          {"lag", offset_check},
                          {"group-state", offset_check},
                          {"table", command_check},
                          {"took", command_check},
                          {"error", command_check},
                          {"logs", command_check},
                          {"members", offset_check},
                          {"consumed", client_check},
                          {"union-once", client_check},
                          {"each", client_check},
                          {"exact-order", client_check},
                          {"differs-from-sent", client_check},
                          {"leader-moved", cluster_check},
                          {"leaders-balanced", cluster_check},
                          {"hw-lag", offset_check},
                          {"coordinator", offset_check},
                          {"assignment", offset_check},
                          {"lost", delivery_check},
                          {"dupes", delivery_check}};

std::string_view word_of(Vigil::Verdict verdict) {
  switch (verdict) {
    case Vigil::Verdict::holds:
      return "holds";
    case Vigil::Verdict::timed_out:
      return "timed-out";
    case Vigil::Verdict::undecided:
      return "undecided";
    default:
      return "fails";
  }
}

Exit exit_of(Vigil::Verdict verdict) {
  switch (verdict) {
    case Vigil::Verdict::holds:
      return Exit::done;
    case Vigil::Verdict::timed_out:
      return Exit::timed_out;
    case Vigil::Verdict::undecided:
      return Exit::unreachable;
    default:
      return Exit::failed;
  }
}

}  // namespace

Result<Session*> Looker::session() {
  if (session_) return session_.get();
  std::vector<std::string> addresses;
  for (const auto& node : lab_.spec.nodes) {
    if (!node.is_controller) addresses.push_back(fmt::format("127.0.0.1:{}", node.port));
  }
  std::ranges::rotate(addresses, addresses.begin() + static_cast<ptrdiff_t>(opened_++ % addresses.size()));
  Connection connection{.addresses = term::join(addresses, ","), .properties = {}};
  for (const char* key : {"request.timeout.ms", "socket.connection.setup.timeout.ms"})
    connection.properties[key] = std::to_string(request_ms_max);
  connection.properties["default.api.timeout.ms"] =
      "0";  // what is seen now counts; expect looks again itself
  auto opened = Session::open(connection, environment_, "kt-lab-expect");
  if (!opened) return fail(opened.error());
  session_ = std::move(*opened);
  return session_.get();
}

std::unexpected<UsageError> bad_check(std::string sentence) {
  return std::unexpected(UsageError{std::move(sentence), Show::message});
}

std::expected<std::set<int32_t>, UsageError> parse_ids(const std::string& text) {
  std::set<int32_t> ids;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    int32_t id = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + comma, id);
    if (parsed.ec != std::errc() || parsed.ptr != rest.data() + comma)
      return bad_check("ids are numbers with commas between them, not " + text);
    ids.insert(id);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return ids;
}

std::expected<kt::lab::Bound, UsageError> bound_of(const ExpectOptions& options, size_t index) {
  const auto text = options.is                     ? options.is
                    : index < options.words.size() ? std::optional(options.words[index])
                                                   : std::nullopt;
  if (!text) return bad_check(fmt::format("expect {} needs a number: --is 3, or '>=3'", options.words[0]));
  const auto bound = kt::lab::parse_bound(*text);
  if (!bound) return bad_check(*text + " is no number to compare with: 3, '>=3', '<3'");
  return *bound;
}

std::expected<Check, UsageError> check_of(const ExpectOptions& options) {
  const auto kind = std::ranges::find(kinds, options.words.at(0), &Kind::name);
  if (kind != std::end(kinds)) return kind->make(options);
  std::string names;
  for (const Kind& k : kinds) names += fmt::format("{}{}", names.empty() ? "" : ", ", k.name);
  return bad_check(fmt::format("there is no check {}: there are {}", options.words[0], names));
}

Exit expect(const Options& options, Environment& environment, Streams& streams) {
  const auto check = check_of(options.expect);
  if (!check) {
    streams.err << "error: " << check.error().message << '\n';
    return Exit::usage;
  }
  const auto lab = choose(options, environment);
  if (!lab) {  // 4 would say no more than that, and a script counts on these four
    refuse(lab.error(), streams);
    return Exit::unreachable;
  }
  Looker looker(*lab, environment);
  Vigil vigil(options.expect.patience, environment.clock.monotonic_ms());
  const int64_t begun_ms = environment.clock.monotonic_ms();
  Result<Sight> sight;
  Vigil::Verdict verdict;
  for (;;) {
    sight = check->look(looker);
    if (!sight) looker.forget();
    verdict = vigil.step(sight, environment.clock.monotonic_ms());
    if (verdict != Vigil::Verdict::look_again) break;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(look_again_ms));  // between two looks at what tells nobody
  }
  const std::string expected = (options.expect.patience.never ? "never " : "") + check->expected;
  const std::string actual = sight                           ? sight->actual
                             : sight.error().message.empty() ? std::string(text_of(sight.error().code))
                                                             : sight.error().message;
  if (options.setting.output == Output::json) {
    term::print_document(streams.out, "lab.expect",
                         {{{"check", options.expect.words[0]},
                           {"verdict", word_of(verdict)},
                           {"expected", expected},
                           {"actual", actual},
                           {"took_ms", environment.clock.monotonic_ms() - begun_ms}}},
                         {});
  } else if (verdict != Vigil::Verdict::holds) {
    streams.err << fmt::format("expected: {}\n{}: {}\n", expected, sight ? "  actual" : " unknown", actual);
    if (verdict == Vigil::Verdict::timed_out)
      streams.err << fmt::format("   after: {} ms\n", *options.expect.patience.within_ms);
  }
  return exit_of(verdict);
}

}  // namespace kt::cli::lab
