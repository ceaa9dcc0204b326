#include "libcli/commands/dump_log/dump_log.h"

#include <ostream>

#include "libcli/commands/dump_log/files.h"
#include "libcli/commands/framework/report_failure.h"

namespace kt::cli::dump_log {
namespace {

Result<void> dump_file(const Dump& dump, const std::string& path) {
  const std::string name = file_name_of(path);
  const std::string suffix = name.substr(std::min(name.rfind('.'), name.size()));
  if (suffix == ".log" || suffix == ".checkpoint") return dump_log_file(dump, path);
  if (suffix == ".index") return dump_offset_index(dump, path);
  if (suffix == ".timeindex") return dump_time_index(dump, path);
  if (suffix == ".snapshot") return dump_producer_snapshot(dump, path);
  if (suffix == ".txnindex") return dump_txn_index(dump, path);
  dump.streams.err << "Ignoring unknown file " << path << '\n';
  return {};
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  Complaints complaints;
  const Dump dump{environment.disk, options, streams, complaints};
  for (const std::string& path : options.files) {
    streams.out << "Dumping " << path << '\n';
    if (auto done = dump_file(dump, path); !done) return report_failure(done.error(), {options.setting, "dump-log"}, streams);
  }
  complaints.print(streams.err);
  return Exit::done;
}

}  // namespace kt::cli::dump_log
