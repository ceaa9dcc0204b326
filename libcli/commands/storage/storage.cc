#include "libcli/commands/storage/storage.h"

#include <ostream>

#include "libbroker/base/rng.h"
#include "libbroker/base/uuid.h"

namespace kt::cli::storage {
namespace {

constexpr Subcommand subcommands[] = {
    {.name = "random-uuid", .help = "Print a random id, for a new cluster or directory"},
};
constexpr Example examples[] = {
    {"kt storage random-uuid", "Make an id for a new cluster"},
    {"kafka-storage.sh random-uuid", "The same, under the script's name"},
};
constexpr Syntax syntax{.name = "storage",
                        .script = "kafka-storage",
                        .program = "kafka-storage",
                        .family = Family::argparse,
                        .summary = "Prepare the directories of a server",
                        .purpose = "The Kafka storage tool.",
                        .grammar = {.options = {}, .subcommands = subcommands},
                        .examples = examples,
                        .argument_files = true};

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

std::expected<Options, UsageError> parse(const Call&) { return Options{.verb = Verb::random_uuid}; }

Exit run(const Options&, Environment& environment, Streams& streams) {
  streams.out << Uuid::random(environment.rng).text() << '\n';
  return Exit::done;
}

}  // namespace kt::cli::storage
