#include "libcli/commands/registry.h"

#include "libcli/commands/broker_api_versions/broker_api_versions.h"
#include "libcli/commands/completion/completion.h"
#include "libcli/commands/configs/configs.h"
#include "libcli/commands/consume/consume.h"
#include "libcli/commands/consumer_perf_test/consumer_perf_test.h"
#include "libcli/commands/delete_records/delete_records.h"
#include "libcli/commands/dump_log/dump_log.h"
#include "libcli/commands/get_offsets/get_offsets.h"
#include "libcli/commands/groups/groups.h"
#include "libcli/commands/help/help.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/log_dirs/log_dirs.h"
#include "libcli/commands/perf/perf.h"
#include "libcli/commands/produce/produce.h"
#include "libcli/commands/producer_perf_test/producer_perf_test.h"
#include "libcli/commands/ready/ready.h"
#include "libcli/commands/server/options.h"
#include "libcli/commands/sim/sim.h"
#include "libcli/commands/storage/storage.h"
#include "libcli/commands/topics/topics.h"
#include "libcli/commands/zookeeper/shell.h"
#include "libcli/commands/zookeeper/start.h"
#include "libcli/commands/zookeeper/stop.h"

namespace kt::cli {
namespace {

constexpr const Command* commands[] = {
    &server::command,
    &topics::command,
    &produce::command,
    &consume::command,
    &groups::command,
    &configs::command,
    &get_offsets::command,
    &delete_records::command,
    &log_dirs::command,
    &broker_api_versions::command,
    &ready::command,
    &producer_perf_test::command,
    &consumer_perf_test::command,
    &perf::command,
    &lab::command,
    &zookeeper::server_stop_command,
    &zookeeper::start_command,
    &zookeeper::stop_command,
    &zookeeper::shell_command,
    &storage::command,
    &dump_log::command,
    &sim::command,
    &completion::command,
    &completion::answering_command,
    &help::command,
};

}  // namespace

Commands all_commands() { return commands; }

}  // namespace kt::cli
