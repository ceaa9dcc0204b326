#pragma once
#include <signal.h>

#include <map>
#include <memory>
#include <string>

#include "libbroker/base/clock.h"
#include "libbroker/base/result.h"
#include "libbroker/net/owned_descriptor.h"
#include "libcli/lab/control.h"
#include "libcli/lab/faults.h"
#include "libcli/lab/life.h"
#include "libcli/lab/places.h"
#include "libcli/lab/ports.h"

namespace kt::lab {

/// The process that a lab is: it starts the nodes, hears how they fare, and does what it is asked to. What it
/// decides is Life's; here are processes, sockets and signals. Nodes die with the thread that made them
/// (PR_SET_PDEATHSIG), so it runs in one thread from its first to its last.
class Supervisor {
 public:
  /// What it is given. `ports` are held for as long as it lives; when the other end of `leash` closes without
  /// having sent a byte, whoever made the lab is gone, and so it ends.
  struct Options {
    Spec spec;
    Place place;
    ReservedPorts ports;
    net::OwnedDescriptor leash;
    int64_t ttl_ms = 0;
  };
  Supervisor(Clock& clock, Options options);
  ~Supervisor();

  /// Takes the lab's lock and opens its control socket. Errors: one sentence; another supervisor is there.
  Result<void> open();
  /// Starts the nodes, and returns when none is left: after `down`, a SIGTERM, SIGINT or SIGHUP, or at the
  /// end of its time.
  void run();

 private:
  struct Child {
    pid_t pid = 0;
    net::OwnedDescriptor ready;    // gets a line when it serves
    net::OwnedDescriptor control;  // takes its orders
    std::string line;              // that it is telling on it
    std::string unsent;            // what it is to be told and the channel has no room for
    bool orders_are_due = false;   // they have changed, and go out once the channel has room
    int64_t heard = 0;             // the version of its last orders that it has carried out
  };
  struct Client {
    net::OwnedDescriptor socket;
    std::string line;
    std::optional<int32_t> asks = {};     // waits for this node to have done some work
    std::optional<int64_t> version = {};  // waits for the nodes to have heard of it
    std::optional<int32_t> fault = {};    // and is told of this one then
    std::string unsent = {};              // the rest of its answer
  };

  void decide(const Event& event);
  void carry_out(std::vector<Effect> effects);
  void carry_out(const Spawn& spawn);
  void carry_out(const Signal& signal);
  void carry_out(const Answer& answer);
  void carry_out(const Record& record);
  void carry_out(const Forget& forget);
  void carry_out(const Finish&) { is_finished_ = true; }

  void turn();
  int64_t deadline_ms() const;
  void read_leash();
  void accept_client();
  void read_client(uint64_t id);
  void obey(uint64_t client, const Request& request);
  void reply(uint64_t client, const Reply& reply);
  void send_answer(uint64_t client);
  // supervisor_orders.cc: what nodes are told.
  /// True when the request was one of these.
  bool change(uint64_t client, const Request& request);
  void give_orders();
  void give_orders(int32_t node);
  void tell(int32_t node, const std::string& line);
  void send_rest(int32_t node);
  void add_node(uint64_t client, const NodeSpec& node);
  void remove_node(uint64_t client, int32_t node);
  void forget(int32_t node);
  void relay(uint64_t client, const Request& request);
  void read_node(int32_t node);
  void hear(int32_t node, const std::string& line);
  /// Those whose change every node that serves has carried out are answered, and those whose node is gone.
  void answer_those_heard();
  void read_ready(int32_t node);
  void read_signals();
  void reap();

  Clock& clock_;
  Spec spec_;
  const Place place_;
  ReservedPorts ports_;
  Life life_;
  Faults faults_;
  net::OwnedDescriptor leash_, lock_, control_, signals_, events_;
  std::map<int32_t, Child> children_;
  std::map<uint64_t, Client> clients_;
  uint64_t last_client_ = 0;
  bool is_finished_ = false;
};

}  // namespace kt::lab
