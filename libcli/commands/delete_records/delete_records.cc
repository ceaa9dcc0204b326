#include "libcli/commands/delete_records/delete_records.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/wire/21_delete_records.h"
#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/partitions.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/term/report.h"

namespace kt::cli::delete_records {
namespace {

using nlohmann::ordered_json;
using wire::DeleteRecordsRequest;
using wire::DeleteRecordsResponse;

constexpr int32_t operation_timeout_ms = 30'000;

/// Where each partition begins now, or why it was left as it was.
Result<PartitionOffsets> carry_out(Session& session, const std::vector<Deletion>& deletions) {
  std::map<TopicPartition, int64_t> before;
  std::vector<TopicPartition> partitions;
  for (const Deletion& d : deletions) {
    partitions.push_back({d.topic, d.partition});
    before[partitions.back()] = d.offset;
  }
  return ask_leaders(session, partitions, [&](int32_t node, const auto& led) -> Result<PartitionOffsets> {
    DeleteRecordsRequest request;
    request.timeout_ms = operation_timeout_ms;
    for (const auto& [topic, indexes] : led) {
      auto& asked = request.topics.emplace_back();
      asked.name = topic;
      for (const int32_t index : indexes) asked.partitions.push_back({index, before.at({topic, index})});
    }
    auto response = session.ask<DeleteRecordsResponse>(client::Target::node(node), std::move(request));
    if (!response) return fail(std::move(response.error()));
    PartitionOffsets low_watermarks;
    for (const auto& topic : response->topics) {
      for (const auto& p : topic.partitions) {
        Result<int64_t> one = p.low_watermark;
        if (p.error_code != ErrorCode::none) one = fail(p.error_code);
        low_watermarks[{topic.name, p.partition_index}] = std::move(one);
      }
    }
    return low_watermarks;
  });
}

Exit print(const PartitionOffsets& outcome, const Options& options, std::ostream& out) {
  const bool as_json = options.setting.output == Output::json;
  ordered_json items = ordered_json::array();
  std::vector<term::Failure> failures;
  if (!as_json) out << "Records delete operation completed:\n";
  for (const auto& [at, low_watermark] : outcome) {
    if (low_watermark) {
      items.push_back({{"topic", at.topic}, {"partition", at.partition}, {"low_watermark", *low_watermark}});
    } else {
      const Error& error = low_watermark.error();
      failures.push_back({at.text() + ": " + java_message(error), error.code});
    }
    if (as_json) continue;
    out << "partition: " << at.text() << '\t';
    if (low_watermark)
      out << "low_watermark: " << *low_watermark << '\n';
    else
      out << "error: " << java_exception(low_watermark.error()) << '\n';
  }
  if (as_json) term::print_document(out, "delete-records", items, failures);
  const bool is_script =
      options.setting.mode == Mode::script;  // which ends well whatever became of partitions
  return failures.empty() || is_script ? Exit::done : Exit::failed;
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "delete-records"};
  auto session = Session::open(options.connection, environment, "kt-delete-records");
  if (!session) return report_failure(session.error(), style, streams);
  if (options.setting.output != Output::json) streams.out << "Executing records delete operation\n";
  const auto outcome = carry_out(**session, options.deletions);
  if (!outcome) return report_failure(outcome.error(), style, streams);
  return print(*outcome, options, streams.out);
}

}  // namespace kt::cli::delete_records
