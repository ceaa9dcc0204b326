#include "libcli/commands/lab/lab.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/server/daemon.h"
#include "libcli/term/colour.h"
#include "libcli/term/report.h"

namespace kt::cli::lab {
namespace {

using Run = Exit (*)(const Options&, Environment&, Streams&);
constexpr std::pair<std::string_view, Run> verbs[] = {{"up", up},
                                                      {"down", down},
                                                      {"status", status},
                                                      {"list", list},
                                                      {"use", use},
                                                      {"env", env},
                                                      {"kill", act_on_node},
                                                      {"stop", act_on_node},
                                                      {"start", act_on_node},
                                                      {"restart", act_on_node},
                                                      {"pause", act_on_node},
                                                      {"resume", act_on_node},
                                                      {"logs", logs},
                                                      {"events", events},
                                                      {"expect", expect},
                                                      {"run", run_exercises},
                                                      {"add", add},
                                                      {"remove", remove},
                                                      {"snapshot", snapshot},
                                                      {"restore", restore},
                                                      {"bundle", bundle},
                                                      {"lint", lint},
                                                      {"partition", add_fault},
                                                      {"isolate", add_fault},
                                                      {"slow", add_fault},
                                                      {"throttle", add_fault},
                                                      {"lose", add_fault},
                                                      {"disk-full", add_fault},
                                                      {"disk-error", add_fault},
                                                      {"heal", heal},
                                                      {"clock", set_clock},
                                                      {"roll", tend},
                                                      {"compact", tend},
                                                      {"retain", tend},
                                                      {"elect", elect},
                                                      {"corrupt", corrupt},
                                                      {"scaffold", scaffold},
                                                      {"gc", gc}};

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const auto verb = std::ranges::find(verbs, options.verb, &std::pair<std::string_view, Run>::first);
  return verb->second(options, environment, streams);
}

kt::lab::Labs labs_of(const Environment& environment, Disk& disk) {
  return kt::lab::Labs(disk, server::state_directory(environment) + "/labs");
}
kt::lab::Labs labs_of(Environment& environment) { return labs_of(environment, environment.disk); }

Result<Chosen> choose(const Options& options, Environment& environment) {
  const kt::lab::Labs labs = labs_of(environment);
  const auto name = labs.choose(options.lab);
  if (!name) return fail(name.error());
  auto spec = labs.read(*name);
  if (!spec) return fail(spec.error());
  return Chosen{std::move(*spec), labs.place(*name)};
}

Result<Chosen> choose_to_change(const Options& options, Environment& environment) {
  const kt::lab::Labs labs = labs_of(environment);
  const auto name = labs.choose(options.lab);
  if (!name) return fail(name.error());
  auto lock = labs.lock(*name, kt::lab::lock_wait_ms_max);
  if (!lock) return fail(lock.error());
  auto spec = labs.read(*name);  // only now: it was another one's to change
  if (!spec) return fail(spec.error());
  return Chosen{std::move(*spec), labs.place(*name), std::move(*lock)};
}

Exit refuse(const Error& error, Streams& streams) {
  term::print_failure(streams.err, {.message = error.message}, term::Paint(false));
  return exit_for(error.code);
}

}  // namespace kt::cli::lab
