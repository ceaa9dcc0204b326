#include "libcli/commands/framework/consumer_settings.h"

#include <algorithm>

#include "libcli/commands/framework/property_reader.h"

namespace kt::cli {
namespace {

void read_isolation(PropertyReader& reader, bool& reads_committed) {
  const auto text = reader.text("isolation.level");
  if (!text) return;
  if (*text != "read_committed" && *text != "read_uncommitted") {
    return reader.refuse("isolation.level", *text, "String must be one of: read_committed, read_uncommitted");
  }
  reads_committed = *text == "read_committed";
}

void read_reset(PropertyReader& reader, consuming::Reset& reset) {
  const auto text = reader.text("auto.offset.reset");
  if (!text) return;
  if (*text == "earliest") {
    reset = consuming::Reset::earliest;
  } else if (*text == "latest") {
    reset = consuming::Reset::latest;
  } else if (*text == "none") {
    reset = consuming::Reset::none;
  } else {
    reader.refuse("auto.offset.reset", *text, "this build of kt knows earliest, latest and none");
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

void read_assignors(PropertyReader& reader, std::vector<const consuming::Assignor*>& assignors) {
  constexpr std::string_view key = "partition.assignment.strategy";
  const auto text = reader.text(key);
  if (!text) return;
  assignors.clear();
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string_view name = trimmed(rest.substr(0, comma));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    if (name.empty()) continue;
    const consuming::Assignor* assignor = consuming::find_assignor(name);
    if (!assignor) {
      return reader.refuse(key, name,
                           "no such assignor; there are range, roundrobin, sticky and cooperative-sticky");
    }
    if (std::ranges::find(assignors, assignor) != assignors.end()) {
      return reader.refuse(key, *text, "an assignor is named twice");
    }
    assignors.push_back(assignor);
  }
  if (assignors.empty()) reader.refuse(key, *text, "an assignor must be named");
}

void read_protocol(PropertyReader& reader) {
  const auto text = reader.text("group.protocol");
  if (text && *text != "classic") {
    reader.refuse("group.protocol", *text, "this build of kt joins groups by the classic protocol alone");
  }
}

}  // namespace

Result<client::ConsumerOptions> consumer_options(const config::Properties& properties) {
  client::ConsumerOptions options;
  PropertyReader reader(properties);
  read_isolation(reader, options.fetching.reads_committed);
  read_reset(reader, options.reset);
  read_assignors(reader, options.assignors);
  read_protocol(reader);
  options.group_id = reader.text("group.id");
  options.instance_id = reader.text("group.instance.id");
  options.fetching.rack = reader.text("client.rack").value_or("");
  reader.flag("enable.auto.commit", options.auto_commits);
  reader.flag("allow.auto.create.topics", options.allows_auto_creation);
  reader.flag("exclude.internal.topics", options.excludes_internal_topics);
  reader.flag("check.crcs", options.fetching.checks_crcs);
  reader.number("auto.commit.interval.ms", options.auto_commit_interval_ms, int64_t{0});
  auto records_max = static_cast<int32_t>(options.records_max);
  reader.number("max.poll.records", records_max, 1);
  options.records_max = static_cast<size_t>(records_max);
  reader.number("default.api.timeout.ms", options.api_timeout_ms, int64_t{0});
  reader.number("metadata.max.age.ms", options.metadata_max_age_ms);
  reader.number("session.timeout.ms", options.session_timeout_ms);
  reader.number("heartbeat.interval.ms", options.heartbeat_interval_ms);
  reader.number("max.poll.interval.ms", options.poll_interval_ms_max, 1);
  reader.number("fetch.min.bytes", options.fetching.bytes_min, 0);
  reader.number("fetch.max.bytes", options.fetching.bytes_max, 0);
  reader.number("max.partition.fetch.bytes", options.fetching.partition_bytes_max, 0);
  reader.number("fetch.max.wait.ms", options.fetching.wait_ms_max, 0);
  if (auto done = reader.outcome(); !done) return fail(done.error());
  return options;
}

}  // namespace kt::cli
