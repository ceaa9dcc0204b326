#pragma once
#include <string>

#include "libbroker/base/result.h"
#include "libcli/commands/lab/options.h"
#include "libcli/lab/control.h"
#include "libcli/lab/places.h"

namespace kt::cli::lab {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

/// The lab that a call is about. Errors: there is none, or it cannot be read.
struct Chosen {
  kt::lab::Spec spec;
  kt::lab::Place place;
  net::OwnedDescriptor lock = net::OwnedDescriptor();  // of choose_to_change()
};
Result<Chosen> choose(const Options& options, Environment& environment);
/// For a verb that changes which nodes there are, or their files: no other one does while it lives. Errors:
/// as choose(), and that another one goes on.
Result<Chosen> choose_to_change(const Options& options, Environment& environment);
kt::lab::Labs labs_of(const Environment& environment, Disk& disk);
kt::lab::Labs labs_of(Environment& environment);

/// "1", "broker-1", or "controller" for the active one. Errors: there is none, or no broker can say.
Result<kt::lab::NodeSpec> node_of(const std::string& word, const kt::lab::Spec& spec,
                                  Environment& environment);

/// Tells of an error in one line, and says how the process ends.
Exit refuse(const Error& error, Streams& streams);

// The verbs, by the file they are in: up.cc,
Exit up(const Options& options, Environment& environment, Streams& streams);
// nodes.cc: those that ask a supervisor,
Exit down(const Options& options, Environment& environment, Streams& streams);
Exit act_on_node(const Options& options, Environment& environment, Streams& streams);
// faults.cc: those that have something go wrong,
Exit add_fault(const Options& options, Environment& environment, Streams& streams);
Exit heal(const Options& options, Environment& environment, Streams& streams);
Exit set_clock(const Options& options, Environment& environment, Streams& streams);
// tend.cc: those that have work done at once that has its time,
Exit tend(const Options& options, Environment& environment, Streams& streams);
Exit elect(const Options& options, Environment& environment, Streams& streams);
// corrupt.cc: breaks a file,
Exit corrupt(const Options& options, Environment& environment, Streams& streams);
// grow.cc: brokers that come and go,
Exit add(const Options& options, Environment& environment, Streams& streams);
Exit remove(const Options& options, Environment& environment, Streams& streams);
// snapshot.cc, bundle.cc, lint.cc,
Exit snapshot(const Options& options, Environment& environment, Streams& streams);
Exit restore(const Options& options, Environment& environment, Streams& streams);
Exit bundle(const Options& options, Environment& environment, Streams& streams);
Exit lint(const Options& options, Environment& environment, Streams& streams);
// show.cc and tell.cc: those that only tell.
Exit status(const Options& options, Environment& environment, Streams& streams);
Exit list(const Options& options, Environment& environment, Streams& streams);
Exit use(const Options& options, Environment& environment, Streams& streams);
Exit env(const Options& options, Environment& environment, Streams& streams);
Exit logs(const Options& options, Environment& environment, Streams& streams);
Exit events(const Options& options, Environment& environment, Streams& streams);
Exit gc(const Options& options, Environment& environment, Streams& streams);
// scaffold.cc: lays out kafka-training/.
Exit scaffold(const Options& options, Environment& environment, Streams& streams);
// run.cc: runs exercises.
Exit run_exercises(const Options& options, Environment& environment, Streams& streams);
// expect.cc: looks whether something is so.
Exit expect(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::lab
