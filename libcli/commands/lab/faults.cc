#include "libcli/lab/faults.h"

#include <fmt/core.h>

#include <ostream>
#include <string>
#include <utility>

#include "libcli/commands/lab/lab.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

using fault::Fault;
using kt::lab::Spec;

constexpr int64_t heard_ms_max = 5'000;

std::string text_of(const std::set<int32_t>& ids) {
  std::vector<std::string> words;
  for (const int32_t id : ids) words.push_back(id == fault::clients ? "clients" : std::to_string(id));
  return term::join(words, ",");
}

/// "between 0 and 1,2", "from 2 to 0": as one reads it.
std::string text_of(const Fault& fault) {
  return fault.is_one_way ? fmt::format("from {} to {}", text_of(fault.a), text_of(fault.b))
                          : fmt::format("between {} and {}", text_of(fault.a), text_of(fault.b));
}

/// Whom the words name, for faults of links.
Result<void> read_link(const FaultOptions& options, std::string_view verb, const Spec& spec, Fault& fault) {
  auto link = kt::lab::parse_link(options.link, spec);
  if (!link) return fail(link.error());
  fault.a = std::move(link->a);
  fault.b = std::move(link->b);
  if (verb == "isolate") {
    if (options.link.find_first_of("|:") != std::string::npos)
      return fail(ErrorCode::invalid_config, "isolate takes nodes, which are cut off from all others");
    fault.b.insert(fault::clients);
  }
  auto apis = kt::lab::parse_apis(options.apis);
  if (!apis) return fail(apis.error());
  fault.apis = std::move(*apis);
  fault.client = options.client;
  fault.is_one_way = options.is_one_way;
  // From 2 to 0, Fetch: what 2 asks of 0, not how it answers what 0 asks.
  if (fault.is_one_way && !fault.apis.empty()) fault.frames = Fault::Frames::requests;
  return {};
}

std::string what_of(const Fault& fault) {
  std::vector<std::string> words;
  if (!fault.apis.empty()) {
    std::vector<std::string> keys;
    for (const int16_t api : fault.apis) keys.push_back(std::to_string(api));
    words.push_back("of API " + term::join(keys, ","));
  }
  if (!fault.client.empty()) words.push_back("of client " + fault.client);
  return words.empty() ? "" : " (" + term::join(words, ", ") + ")";
}

Result<Fault> cut_of(const Options& options, const Spec& spec) {
  Fault fault{.kind = Fault::Kind::cut};
  if (auto read = read_link(options.fault, options.verb, spec, fault); !read) return fail(read.error());
  fault.text = fmt::format("nothing gets through {}{}", text_of(fault), what_of(fault));
  return fault;
}

Result<Fault> slow_of(const Options& options, const Spec& spec) {
  Fault fault{.kind = Fault::Kind::slow};
  if (auto read = read_link(options.fault, options.verb, spec, fault); !read) return fail(read.error());
  const auto delay = kt::lab::parse_delay(options.fault.amount);
  if (!delay)
    return fail(ErrorCode::invalid_config,
                options.fault.amount + " is no delay such as 200ms or 200ms+-50ms");
  fault.delay_ms = delay->ms;
  fault.jitter_ms = delay->jitter_ms;
  fault.text = fmt::format("{} later {}{}", options.fault.amount, text_of(fault), what_of(fault));
  return fault;
}

Result<Fault> throttle_of(const Options& options, const Spec& spec) {
  Fault fault{.kind = Fault::Kind::throttle};
  if (auto read = read_link(options.fault, options.verb, spec, fault); !read) return fail(read.error());
  const auto rate = kt::lab::parse_bytes(options.fault.amount);
  if (!rate) return fail(ErrorCode::invalid_config, options.fault.amount + " is no rate such as 1MB/s");
  fault.bytes_per_second = *rate;
  fault.text = fmt::format("{} at most {}{}", options.fault.amount, text_of(fault), what_of(fault));
  return fault;
}

/// A: who asks, B: who is asked.
Result<Fault> lose_of(const Options& options, const Spec& spec) {
  Fault fault{.kind = Fault::Kind::lose};
  if (auto read = read_link(options.fault, options.verb, spec, fault); !read) return fail(read.error());
  const bool is_answer = options.fault.is_answer;
  fault.frames = is_answer ? Fault::Frames::answers : Fault::Frames::requests;
  fault.is_one_way = true;
  fault.count = options.fault.count;
  if (is_answer) std::swap(fault.a, fault.b);
  fault.text = fmt::format("{} {}{} {} {} lost{}", fault.count, is_answer ? "answer" : "request",
                           fault.count == 1 ? "" : "s", text_of(fault), fault.count == 1 ? "is" : "are",
                           what_of(fault));
  return fault;
}

Result<Fault> disk_of(const Options& options, const Spec& spec, Environment& environment) {
  const auto node = node_of(options.fault.link, spec, environment);
  if (!node) return fail(node.error());
  const bool is_full = options.verb == "disk-full";
  Fault fault{.kind = is_full ? Fault::Kind::disk_full : Fault::Kind::disk_error, .a = {node->id}};
  fault.count = options.fault.after_bytes;
  fault.text = !is_full ? fmt::format("the disk of {} fails", node->name())
               : fault.count == 0
                   ? fmt::format("the disk of {} is full", node->name())
                   : fmt::format("the disk of {} is full after {} bytes", node->name(), fault.count);
  return fault;
}

Result<Fault> fault_of(const Options& options, const Spec& spec, Environment& environment) {
  if (options.verb == "partition" || options.verb == "isolate") return cut_of(options, spec);
  if (options.verb == "slow") return slow_of(options, spec);
  if (options.verb == "throttle") return throttle_of(options, spec);
  if (options.verb == "lose") return lose_of(options, spec);
  return disk_of(options, spec, environment);
}

}  // namespace

Exit add_fault(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  auto fault = fault_of(options, lab->spec, environment);
  if (!fault) return refuse(fault.error(), streams);
  const std::string text = fault->text;
  const auto done = kt::lab::ask(
      lab->place, {.ask = "fault", .node = {}, .fault = std::move(*fault), .for_ms = options.fault.for_ms},
      heard_ms_max);
  if (!done) return refuse(done.error(), streams);
  streams.out << fmt::format("fault {}: {}\n", done->id.value_or(0), text);
  return Exit::done;
}

Exit heal(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto done =
      kt::lab::ask(lab->place, {.ask = "heal", .node = {}, .id = options.fault.id}, heard_ms_max);
  if (!done) return refuse(done.error(), streams);
  streams.out << (options.fault.id ? fmt::format("fault {} is healed\n", *options.fault.id)
                                   : std::string("all faults are healed\n"));
  return Exit::done;
}

Exit set_clock(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto done =
      kt::lab::ask(lab->place, {.ask = "clock", .node = {}, .clock = options.clock}, heard_ms_max);
  return done ? Exit::done : refuse(done.error(), streams);
}

}  // namespace kt::cli::lab
