#include "libcli/commands/framework/client_options.h"
#include "libcli/commands/lab/options.h"

namespace kt::cli::lab {
namespace {

constexpr OptionSpec lab_option{.name = "lab",
                                .value = Value::text,
                                .value_name = "name",
                                .help = "Which lab; the current one if not given"};
constexpr OptionSpec name_option{
    .name = "name", .value = Value::text, .value_name = "name", .positional = true, .help = "The lab's name"};
constexpr OptionSpec node_option{.name = "node",
                                 .value = Value::text,
                                 .value_name = "node",
                                 .positional = true,
                                 .help = "A broker's id, or controller for the active one"};

constexpr OptionSpec up_options[] = {
    name_option,
    {.name = "brokers",
     .value = Value::integer,
     .value_name = "number",
     .default_value = "3",
     .help = "How many brokers"},
    {.name = "controllers",
     .value = Value::integer,
     .value_name = "number",
     .default_value = "1",
     .help = "How many controllers, each a process of its own"},
    {.name = "fast", .help = "Short timers: a dead broker is missed after 1 s, a lagging one after 1 s"},
    {.name = "port-base",
     .value = Value::text,
     .value_name = "port",
     .help = "The first broker's port, or auto for any that is free; 9092, or the next that is free, if not "
             "given"},
    {.name = "set",
     .value = Value::text,
     .value_name = "key=value",
     .many = Many::occurrences,
     .help = "A property of every node"},
    {.name = "dir",
     .value = Value::text,
     .value_name = "directory",
     .complete = Complete::directory,
     .help = "Keep the lab there; in kt's state directory if not given"},
    {.name = "seed",
     .value = Value::text,
     .value_name = "number",
     .help = "What chance decides, it decides so: ids of topics, where replicas go"},
    {.name = "keep", .help = "Go on with the data of last time, instead of beginning anew"},
    {.name = "foreground", .help = "Stay, and take the lab down on Ctrl-C"},
    {.name = "detach",
     .help = "Return when the lab is ready, which then runs until kt lab down; so it is if nothing is said"},
    {.name = "timeout",
     .value = Value::text,
     .value_name = "time",
     .default_value = "30s",
     .help = "How long the lab may take to be ready"},
    {.name = "ttl",
     .value = Value::text,
     .value_name = "time",
     .default_value = "12h",
     .group = Group::advanced,
     .help = "When the lab ends by itself"},
};
constexpr OneOf up_one_of[] = {{"foreground detach"}};

constexpr OptionSpec down_options[] = {
    name_option,
    {.name = "all", .help = "All labs"},
    {.name = "wipe", .help = "Remove the lab's files too"},
};
constexpr OptionSpec names_options[] = {name_option};
constexpr OptionSpec use_options[] = {required(name_option)};
constexpr OptionSpec env_options[] = {
    name_option,
    {.name = "shell",
     .value = Value::text,
     .value_name = "shell",
     .default_value = "bash",
     .choices = "bash zsh fish",
     .complete = Complete::choice,
     .help = "Whose syntax to print"},
};
constexpr OptionSpec kill_options[] = {
    required(node_option),
    {.name = "signal",
     .value = Value::text,
     .value_name = "signal",
     .default_value = "KILL",
     .help = "Which signal to send"},
};
constexpr OptionSpec node_options[] = {required(node_option)};
constexpr OptionSpec add_options[] = {
    {.name = "rack", .value = Value::text, .value_name = "rack", .help = "The new broker's broker.rack"}};
constexpr OptionSpec remove_options[] = {
    required(node_option), {.name = "drain", .help = "Move its replicas to other brokers first"}};
constexpr OptionSpec snapshot_options[] = {{.name = "snapshot",
                                            .value = Value::text,
                                            .value_name = "name",
                                            .required = true,
                                            .positional = true,
                                            .help = "The snapshot's name"}};
constexpr OptionSpec bundle_options[] = {{.name = "file",
                                          .value = Value::text,
                                          .value_name = "file.tar.gz",
                                          .required = true,
                                          .positional = true,
                                          .complete = Complete::file,
                                          .help = "Where to write it"}};
constexpr OptionSpec lint_options[] = {{.name = "files",
                                        .value = Value::text,
                                        .value_name = "file",
                                        .many = Many::occurrences,
                                        .required = true,
                                        .positional = true,
                                        .complete = Complete::file,
                                        .help = "Exercises, or server.properties files"}};
constexpr OptionSpec link_option{
    .name = "link",
    .value = Value::text,
    .value_name = "link",
    .required = true,
    .positional = true,
    .help = "Between whom: 0:1,2, or 0 for all other nodes; controller and clients are names too"};
constexpr OptionSpec amount_option(std::string_view value_name, std::string_view help) {
  return {.name = "amount",
          .value = Value::text,
          .value_name = value_name,
          .required = true,
          .positional = true,
          .help = help};
}
constexpr OptionSpec one_way_option{.name = "one-way", .help = "Only from the first to the second"};
constexpr OptionSpec api_option{.name = "api",
                                .value = Value::text,
                                .value_name = "api",
                                .many = Many::commas,
                                .help = "Only requests of these APIs, such as Fetch, and their answers"};
constexpr OptionSpec client_option{.name = "client",
                                   .value = Value::text,
                                   .value_name = "id",
                                   .help = "Only of the client with this client.id"};
constexpr OptionSpec for_option{
    .name = "for", .value = Value::text, .value_name = "time", .help = "It heals by itself after that"};

constexpr OptionSpec cut_options[] = {link_option, one_way_option, api_option, client_option, for_option};
constexpr OptionSpec isolate_options[] = {required(node_option), for_option};
constexpr OptionSpec slow_options[] = {
    link_option,    amount_option("delay", "How much later: 200ms, or 200ms+-50ms"),
    one_way_option, api_option,
    client_option,  for_option};
constexpr OptionSpec throttle_options[] = {
    link_option,    amount_option("rate", "How fast at most, each way: 1MB/s"),
    one_way_option, api_option,
    client_option,  for_option};
constexpr OptionSpec lose_options[] = {
    link_option,
    api_option,
    client_option,
    {.name = "answer",
     .help = "The answer is lost, and not the request: it was done, and nobody hears of it"},
    {.name = "count",
     .value = Value::integer,
     .value_name = "number",
     .default_value = "1",
     .help = "How many are lost"},
    for_option};
constexpr OptionSpec disk_full_options[] = {required(node_option),
                                            {.name = "after",
                                             .value = Value::text,
                                             .value_name = "bytes",
                                             .help = "How much still fits, such as 1MB"},
                                            for_option};
constexpr OptionSpec disk_error_options[] = {required(node_option), for_option};
constexpr OptionSpec heal_options[] = {
    {.name = "fault",
     .value = Value::text,
     .value_name = "fault",
     .positional = true,
     .help = "A fault's number, as kt lab status shows it; all if not given"}};
constexpr OptionSpec clock_options[] = {
    {.name = "how",
     .value = Value::text,
     .value_name = "how",
     .required = true,
     .positional = true,
     .choices = "advance freeze run rate",
     .complete = Complete::choice,
     .help = "advance 25h: later by that; freeze: stand still; rate x60: run faster; run: as ever"},
    {.name = "by", .value = Value::text, .value_name = "by", .positional = true, .help = "By how much"}};
constexpr OptionSpec partition_option{.name = "partition",
                                      .value = Value::text,
                                      .value_name = "partition",
                                      .required = true,
                                      .positional = true,
                                      .complete = Complete::topic,
                                      .help = "A topic, or orders:0 for one partition"};
constexpr OptionSpec tend_options[] = {partition_option};
constexpr OptionSpec elect_options[] = {
    partition_option,
    {.name = "unclean", .help = "One that is not in the ISR may lead, and what it does not have is lost"}};
constexpr OptionSpec corrupt_options[] = {
    required(node_option),
    {.name = "spot",
     .value = Value::text,
     .value_name = "topic:partition@offset",
     .required = true,
     .positional = true,
     .help = "Which batch: the one with this offset"},
    {.name = "bit", .help = "Flip a bit of its records; so it is if nothing is said"},
    {.name = "truncate", .help = "Cut the file before it"},
    {.name = "torn", .help = "Cut the file in its middle, as a crash while it was written"},
};
constexpr OneOf corrupt_one_of[] = {{"bit truncate torn"}};
constexpr OptionSpec restart_options[] = {
    node_option,
    {.name = "rolling", .help = "Every broker, one after the other"},
};
constexpr OneOf restart_one_of[] = {{"node rolling", true}};
constexpr OptionSpec logs_options[] = {
    required(node_option),
    {.name = "follow", .letter = 'f', .help = "Go on with what is logged from now on"},
    {.name = "grep", .value = Value::text, .value_name = "regex", .help = "Only lines that match"},
};
constexpr OptionSpec events_options[] = {
    {.name = "follow", .letter = 'f', .help = "Go on with what happens from now on"},
};

constexpr OptionSpec expect_options[] = {
    {.name = "check",
     .value = Value::text,
     .value_name = "check",
     .many = Many::occurrences,
     .required = true,
     .positional = true,
     .help = "isr, leader, no-leader, leader-moved, leaders-balanced, brokers, controller, "
             "under-replicated, end, start, hw-lag, committed, lag, members, assignment, coordinator, "
             "group-state, logs, lost, dupes; in an exercise consumed, union-once, each, exact-order, "
             "differs-from-sent; with a command after --, table, took, error"},
    {.name = "topic",
     .value = Value::text,
     .value_name = "topic",
     .complete = Complete::topic,
     .help = "Of which topic"},
    {.name = "partition",
     .value = Value::integer,
     .value_name = "partition",
     .help = "Of which partition; of every one if not given"},
    {.name = "is",
     .value = Value::text,
     .value_name = "value",
     .help = "What it should be: ids, a number, or '>=3'"},
    {.name = "full", .help = "Every replica is in the ISR"},
    {.name = "without", .value = Value::integer, .value_name = "broker", .help = "Who is not in the ISR"},
    {.name = "size",
     .value = Value::text,
     .value_name = "number",
     .help = "How many are in the ISR: 2, or '>=2'"},
    {.name = "file",
     .value = Value::text,
     .value_name = "file",
     .complete = Complete::file,
     .help = "What the command should print; a * in it is any word"},
    {.name = "match",
     .value = Value::text,
     .value_name = "regex",
     .help = "What a line of the log looks like"},
    {.name = "from",
     .value = Value::integer,
     .value_name = "broker",
     .help = "Whose partitions: of leader-moved"},
    {.name = "to",
     .value = Value::text,
     .value_name = "brokers",
     .help = "Who leads them now: of leader-moved"},
    {.name = "only",
     .value = Value::text,
     .value_name = "partitions",
     .help = "Which have moved, and no others: of leader-moved"},
    {.name = "max-skew",
     .value = Value::integer,
     .value_name = "number",
     .help =
         "How many more partitions one broker may lead than another: of leaders-balanced, 1 if not given"},
    {.name = "sizes",
     .value = Value::text,
     .value_name = "numbers",
     .help = "How many partitions members have, as 5,4,4: of assignment"},
    {.name = "sent",
     .value = Value::text,
     .value_name = "file",
     .complete = Complete::file,
     .help = "What was sent, a line each: of lost, dupes"},
    {.name = "got",
     .value = Value::text,
     .value_name = "file",
     .complete = Complete::file,
     .help = "What came, a line each: of lost, dupes"},
    {.name = "by",
     .value = Value::text,
     .value_name = "client",
     .many = Many::commas,
     .help = "Which clients of an exercise: of consumed, union-once, each, exact-order, differs-from-sent"},
    {.name = "within",
     .value = Value::text,
     .value_name = "time",
     .help = "Look until it is so, this long at most"},
    {.name = "for", .value = Value::text, .value_name = "time", .help = "It must stay so for this long"},
    {.name = "never", .help = "The opposite is expected"},
};

constexpr OptionSpec run_options[] = {
    {.name = "exercise",
     .value = Value::text,
     .value_name = "file",
     .positional = true,
     .complete = Complete::file,
     .help = "A file, or the number of one of kt's own"},
    {.name = "all", .help = "All of kt's own, one after the other"},
    {.name = "mode",
     .value = Value::text,
     .value_name = "mode",
     .choices = "narrate do ci",
     .complete = Complete::choice,
     .help =
         "narrate tells and asks, do lets you type the commands elsewhere and watches, ci checks and prints "
         "TAP; by whether a terminal is there if not given"},
    {.name = "tap", .help = "As --mode ci"},
    {.name = "junit",
     .value = Value::text,
     .value_name = "file",
     .complete = Complete::file,
     .help = "Write the results as JUnit's XML too"},
    {.name = "ndjson",
     .value = Value::text,
     .value_name = "file",
     .complete = Complete::file,
     .help = "Write each result as a line of JSON too; - in the place of TAP"},
    {.name = "jobs",
     .value = Value::integer,
     .value_name = "number",
     .default_value = "1",
     .help = "How many exercises run at a time, in ci mode"},
    {.name = "repeat",
     .value = Value::integer,
     .value_name = "number",
     .default_value = "1",
     .help = "How often each runs, in ci mode"},
    {.name = "keep-on-failure", .help = "Leave the lab of an exercise that failed running"},
};
constexpr OneOf run_one_of[] = {{"exercise all", true}, {"mode tap"}};

constexpr OptionSpec scaffold_options[] = {
    {.name = "directory",
     .value = Value::text,
     .value_name = "directory",
     .positional = true,
     .complete = Complete::directory,
     .help =
         "Where kafka-training is to be, if it is not called that itself; the home directory if not given"},
};

constexpr Subcommand subcommands[] = {
    {.name = "up",
     .help = "Start a cluster of brokers and controllers on this machine",
     .options = up_options,
     .one_of = up_one_of},
    {.name = "down", .help = "Stop it", .options = down_options},
    {.name = "status", .help = "Show its nodes", .options = names_options},
    {.name = "list", .help = "Show all labs"},
    {.name = "use", .help = "Make a lab the one that is meant when none is named", .options = use_options},
    {.name = "env", .help = "Print variables for the shell: eval \"$(kt lab env)\"", .options = env_options},
    {.name = "kill", .help = "End a node at once", .options = kill_options},
    {.name = "stop", .help = "Stop a node as a clean shutdown does", .options = node_options},
    {.name = "start", .help = "Start a node that is down", .options = node_options},
    {.name = "restart",
     .help = "Stop a node and start it",
     .options = restart_options,
     .one_of = restart_one_of},
    {.name = "pause", .help = "Freeze a node (SIGSTOP)", .options = node_options},
    {.name = "resume", .help = "Let a frozen node go on (SIGCONT)", .options = node_options},
    {.name = "add", .help = "Start another broker", .options = add_options},
    {.name = "remove", .help = "Take a broker out of the lab", .options = remove_options},
    {.name = "snapshot", .help = "Keep a copy of all data", .options = snapshot_options},
    {.name = "restore", .help = "Bring the data of a snapshot back", .options = snapshot_options},
    {.name = "bundle", .help = "Pack logs, events and metadata into one file", .options = bundle_options},
    {.name = "lint",
     .help = "Look for what is wrong in an exercise or a property file",
     .options = lint_options},
    {.name = "partition",
     .help = "Cut the link between nodes, as if the cable were pulled",
     .options = cut_options},
    {.name = "isolate",
     .help = "Cut a node off from all others and from clients",
     .options = isolate_options},
    {.name = "slow", .help = "What nodes send each other arrives later", .options = slow_options},
    {.name = "throttle",
     .help = "What nodes send each other arrives at this rate at most",
     .options = throttle_options},
    {.name = "lose", .help = "A request, or an answer, is lost with its connection", .options = lose_options},
    {.name = "disk-full", .help = "A node's disk takes no more", .options = disk_full_options},
    {.name = "disk-error", .help = "A node's disk fails", .options = disk_error_options},
    {.name = "heal", .help = "End a fault, or all of them", .options = heal_options},
    {.name = "corrupt",
     .help = "Break a batch in the files of a node that is down",
     .options = corrupt_options,
     .one_of = corrupt_one_of},
    {.name = "clock", .help = "Set the time of day that the nodes go by", .options = clock_options},
    {.name = "roll", .help = "Begin a new segment, on every replica", .options = tend_options},
    {.name = "compact",
     .help = "Compact what is sealed, on every replica, due or not",
     .options = tend_options},
    {.name = "retain",
     .help = "Remove segments that are past retention, on every replica",
     .options = tend_options},
    {.name = "elect", .help = "Give partitions their preferred leader back", .options = elect_options},
    {.name = "logs", .help = "Show what a node logged", .options = logs_options},
    {.name = "events", .help = "Show what happened to the nodes", .options = events_options},
    {.name = "expect",
     .help = "Look whether the cluster is as it should be, for scripts",
     .options = expect_options},
    {.name = "run",
     .help = "Run an exercise, in a lab of its own",
     .options = run_options,
     .one_of = run_one_of},
    {.name = "scaffold",
     .help = "Lay out the folder that scripts of 2017 expect: kafka-training/kafka/bin and config",
     .options = scaffold_options},
    {.name = "gc", .help = "Remove the files of labs that do not run"},
};

constexpr OptionSpec options[] = {lab_option};
constexpr Example examples[] = {
    {"kt lab up --fast", "Three brokers and a controller, from localhost:9092 on"},
    {"kt lab kill 0", "End broker 0 as a power cut would"},
    {"kt lab status", "Which nodes run, and where"},
    {"kt lab expect isr --topic orders --without 0 --within 5s", "Wait until broker 0 has left the ISR"},
    {"kt lab down --wipe", "Stop all nodes and remove their files"},
};

}  // namespace

constinit const Syntax syntax{.name = "lab",
                              .family = Family::argparse,
                              .summary = "Run a cluster on this machine, and break it on purpose",
                              .grammar = {.options = options, .subcommands = subcommands},
                              .examples = examples,
                              .outputs = "table json"};

}  // namespace kt::cli::lab
